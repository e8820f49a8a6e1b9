"""One reading from two: which text each piece gets, where its words lie, and how sure they are."""

from __future__ import annotations

from statistics import fmean

import pytest

from emissions import STEP, doubting, line, seen
from whaleline.recognition.chooser import best, choose, legible
from whaleline.recognition.emission import Emission
from whaleline.recognition.frequency import rarest

WORDS = {"the": 0.05, "books": 1e-4, "items": 1e-5, "in": 0.02, "on": 0.01, "a": 0.02, "i": 0.02, "she": 0.01}


def usual(text: str) -> float:
    return rarest(text, WORDS)


def chosen(first: str, second: Emission, confidence: float = 80) -> str:
    return " ".join(word.text for word in choose(line(first, confidence), [second], usual, 20))


@pytest.mark.parametrize(
    ("first", "second", "doubts", "wanted"),
    [
        ("the bcoks she", "the books she", {}, "the books she"),  # the more usual word
        ("the books she", "the bcoks she", {5: "o"}, "the books she"),
        ("on the books", "onthe books", {}, "on the books"),  # a lost space
        ("the i tems", "the items", {}, "the items"),  # a word spaced wide
        ("axis , to", "axis, to", {}, "axis, to"),
        ("at ll.0 to", "at 11.0 to", {}, "at 11.0 to"),  # ones among digits
        ("at 11.0 to", "at ll.0 to", {3: "1", 4: "1"}, "at 11.0 to"),
        ("cc: the", "CC: the", {}, "cc: the"),  # told by height, which Tesseract looks at
        ("\u201cthe books\u201d", '"the books"', {0: "\u201c", 10: "\u201d"}, "\u201cthe books\u201d"),  # as printed
        ("a ..... 5", "a ... 5", {}, "a ..... 5"),  # PP-OCRv6 sees a few of a row of leaders
    ],
)
def test_the_better_text_is_taken(first: str, second: str, doubts: dict[int, str], wanted: str) -> None:
    assert chosen(first, seen(second, doubts=doubts)) == wanted


def test_what_pp_ocr_sees_for_certain_outweighs_a_doubtful_word() -> None:
    assert chosen("qx7 the", seen("qx8 the", 0.99), 50) == "qx8 the"
    assert chosen("qx7 the", seen("qx8 the", 0.5, {2: "7"}), 96) == "qx7 the"


def test_pp_ocr_alone() -> None:
    words = choose(None, [seen("the books", 0.95)], usual, 33)
    assert [word.text for word in words] == ["the", "books"]
    for word, (first, last) in zip(words, ((0, 2), (4, 8)), strict=True):
        assert (word.box.top, word.box.bottom) == (0, 33)
        assert word.box.left <= STEP * (2 * first + 1) < STEP * (2 * last + 2) <= word.box.right


@pytest.mark.parametrize("emissions", [[], [seen("  ")]])
def test_tesseract_alone(emissions: list[Emission]) -> None:
    first = line("the books", 95)
    words = choose(first, emissions, usual, 20)
    assert [(word.text, word.box) for word in words] == [(word.text, word.box) for word in first.words]
    assert all(0 < word.confidence < 100 for word in words)


def test_nothing_read() -> None:
    assert choose(None, [], usual, 20) == ()
    assert choose(None, [seen(" ")], usual, 20) == ()


def test_agreement_is_surer_than_pp_ocr_alone_and_than_disagreement() -> None:
    agreed, alone, parted = (
        fmean(word.confidence for word in choose(reading, emissions, usual, 20))
        for reading, emissions in (
            (line("books", 95), [seen("books")]),
            (None, [seen("books")]),
            (line("bcoks", 95), [seen("books")]),
        )
    )
    assert agreed > max(alone, parted)


def test_what_neither_read_is_taken_where_much_speaks_for_it() -> None:
    words = choose(line("RMC.47"), [doubting("RMO.47", 2, "0")], usual, 20)
    assert [word.text for word in words] == ["RM0.47"]
    words = choose(line("RMO.47", 20), [doubting("RMO.47", 2, "0")], usual, 20)  # though both read the other text
    assert [(word.text, word.alternative) for word in words] == [("RM0.47", "RMO.47")]


def test_a_doubt_is_no_disagreement_where_both_read_the_same() -> None:
    (word,) = choose(line("books"), [doubting("books", 2, "c")], usual, 20)
    assert (word.text, word.alternative) == ("books", "")


@pytest.mark.parametrize("way", ["both", "first", "second"])
def test_surer_engines_make_surer_words(way: str) -> None:
    found = [
        choose(
            line("books", sure) if way != "second" else None,
            [seen("books", sure / 100)] if way != "first" else [],
            usual,
            20,
        )[0].confidence
        for sure in (60, 75, 90, 99)
    ]
    assert found == sorted(found)
    assert found[-1] > found[0] + 5


@pytest.mark.parametrize(("first", "second"), [("the bcoks on", "the books on"), ("the books on", "the bcoks on")])
def test_a_word_remembers_what_the_other_engine_read(first: str, second: str) -> None:
    words = choose(line(first), [seen(second, doubts={5: "o"})], usual, 20)
    assert [word.text for word in words] == ["the", "books", "on"]
    assert [word.alternative for word in words] == ["", "bcoks", ""]


def test_words_keep_tesseracts_boxes() -> None:
    first = line("the bcoks she")
    words = choose(first, [seen("the books she")], usual, 20)
    assert [word.box for word in words] == [word.box for word in first.words]


def test_words_that_tesseract_joined_lie_in_their_own_columns() -> None:
    the, books, _ = choose(line("thebooks she"), [seen("the books she")], usual, 20)
    assert the.box.right <= books.box.left
    assert 0 < the.box.width < books.box.width
    assert (the.box.top, the.box.bottom) == (0, 20)


def test_of_several_pictures_the_one_counts_in_which_most_text_is_certain() -> None:
    once, twice = seen("the bcoks", 0.6, {5: "o"}), seen("the books", 0.9)
    found = best([once, twice])
    assert found is twice


def test_a_picture_in_which_letters_are_lost_does_not_outvote_the_plain_one() -> None:
    plain, poor = seen("little by little", 0.95), seen("l b l", 0.7)
    assert best([plain, poor]) is plain
    assert best([poor, seen("b", 0.99), doubtful := seen("little by little", 0.7)]) is doubtful
    assert best([]) is None


def test_a_picture_in_which_letters_are_lost_does_not_speak_against_them() -> None:
    plain, poor = seen("little by little", 0.8), seen("little", 0.8)
    assert legible([plain, poor]) == [plain]
    words = choose(line('little "=', 60), [plain, poor, poor], usual, 20)
    assert " ".join(word.text for word in words) == "little by little"
