"""What no writer does and engines read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from emissions import line
from whaleline.recognition.orthography import repaired
from whaleline.recognition.page import Block


@pytest.mark.parametrize(
    ("read", "written"),
    [
        ("batallas , parlamentos , academias", "batallas, parlamentos, academias"),
        ("M. LE PR\u00c9sIDENT. La parole", "M. LE PR\u00c9SIDENT. La parole"),
        ("PR\u00c9s\u0131DENT", "PR\u00c9s\u0131DENT"),  # two at once may be anything
        ("the PCs, DVDs and McDonald", "the PCs, DVDs and McDonald"),
        ("Messieurs ; 1 234 , 50", "Messieurs ; 1 234, 50"),
        (", alone", ", alone"),
        ("er sagte ,,Hallo", "er sagte ,,Hallo"),  # a low quote
        ("p ,05 to ,10", "p ,05 to ,10"),
        ("PPPoE, FCoE, DDoS, HBsAg/HBcAb", "PPPoE, FCoE, DDoS, HBsAg/HBcAb"),
        ("part ABCDEFoGH12", "part ABCDEFoGH12"),
        ("Dr. 0konkwo, 0berg-0lsen", "Dr. Okonkwo, Oberg-Olsen"),
        ("0x1fabde 0cdfeab 0day 0KONKWO B0ston", "0x1fabde 0cdfeab 0day 0KONKWO B0ston"),
        ('"Do Not Ship\u201d List', "\u201cDo Not Ship\u201d List"),
        ('("Wood\u201d), 5" and (\u201cSteel")', '(\u201cWood\u201d), 5" and (\u201cSteel\u201d)'),
        ('a "plain" line', 'a "plain" line'),
        ('\u201eWort" und \u201eWort\u201c', '\u201eWort" und \u201eWort\u201c'),
    ],
)
def test_a_line_is_written_as_writers_do(read: str, written: str) -> None:
    (block,) = repaired((Block((line(read),)),))
    assert block.text == written


def test_a_comma_far_from_a_word_stays_alone() -> None:
    word, comma = line("total ,").words
    far = replace(comma, box=comma.box.moved(100, 0))
    (block,) = repaired((Block((replace(line("x"), words=(word, far)),)),))
    assert block.text == "total ,"


def test_the_box_of_a_word_holds_its_comma() -> None:
    word, comma = line("total ,").words
    ((closed,),) = ((block.lines[0].words) for block in repaired((Block((line("total ,"),)),)))
    assert (closed.box.left, closed.box.right) == (word.box.left, comma.box.right)
