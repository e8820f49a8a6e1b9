"""O and 0 in codes of letters and digits, told by their look."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import DEJAVU, font
from emissions import seen
from whaleline.imaging.picture import Picture
from whaleline.imaging.sight import Sight
from whaleline.recognition.field import constraint, decide
from whaleline.recognition.field_lines import FieldLine
from whaleline.recognition.line import Evidence
from whaleline.recognition.round_signs import is_among_its_kind, is_mixed, is_same, told

SERIF, MONO = "truetype/noto/NotoSerif-Regular.ttf", "truetype/dejavu/DejaVuSansMono.ttf"


def printed(text: str, face: str, size: int = 40) -> Picture:
    chosen = font(face, size)
    picture = Image.new("L", (int(chosen.getlength(text)) + 40, 2 * size), 250)
    ImageDraw.Draw(picture).text((20, size // 3), text, 20, font=chosen)
    return np.asarray(picture, np.uint8)


@pytest.mark.parametrize("face", [DEJAVU, SERIF, MONO])
@pytest.mark.parametrize("text", ["W5O0B2I", "90OIX4", "P0 73 OO"])
def test_the_width_of_digits_or_a_mark_in_it_tells_a_0_from_an_o(text: str, face: str) -> None:
    print_ = Sight(printed(text, face)).ink
    for read in (text, text.replace("O", "0"), text.replace("0", "O")):
        assert told(read, print_) == text


@pytest.mark.parametrize(
    ("text", "face", "size"),
    [("RSOB", DEJAVU, 40), ("R5O0B2", MONO, 14)],
    ids=["no digits", "too small for the dot in a 0"],
)
def test_what_the_look_does_not_tell_is_left_open(text: str, face: str, size: int) -> None:
    assert told(text, Sight(printed(text, face, size)).ink) == text.replace("O", "?").replace("0", "?")


def test_signs_that_touch_are_told_by_their_middles() -> None:
    print_ = Sight(printed("AV5O2", DEJAVU)).ink.copy()
    middles = [35.0, 60.0, 86.0, 114.0, 143.0]
    print_[50:52, 36:60] = 255  # joins the first two
    assert told("AV502", print_) == "AV5?2"
    assert told("AV502", print_, middles) == "AV5O2"


def test_words_and_numbers_are_no_codes() -> None:
    assert [is_mixed(text) for text in ("HARBOUR", "4700", "A12", "B0", "2O")] == [False, False, False, True, True]
    assert is_same("A0 1", "AO1")
    assert not is_same("A01", "A02")


def test_a_0_stands_among_digits_as_a_rule_and_an_o_among_letters() -> None:
    among = {"RE-2010": 4, "RE-2O10": 4, "PO-445": 1, "B00K7": 2, "A7 00": 4, "SOS1": 1}
    assert [is_among_its_kind(text, place) for text, place in among.items()] == [True, False, False, False, True, True]


def test_a_code_has_what_its_print_looks_like_if_its_pattern_has_it() -> None:
    picture = printed("R5O0B2", DEJAVU)
    line = FieldLine(Evidence(Sight(picture), (0, 0), None, []), [seen("R500B2", 0.95)], None, ("R500B2", 95.0))
    assert decide(line, constraint("[A-Z0-9]+")).text == "R5O0B2"
    assert decide(line, constraint(r"[A-Z]\d+[A-Z]\d")).text == "R500B2"


def test_a_code_is_less_sure_where_the_look_does_not_tell() -> None:
    picture = printed("R5O0B2", MONO, 14)  # its O and 0 stand between a digit and a letter
    line = FieldLine(Evidence(Sight(picture), (0, 0), None, []), [seen("R500B2", 0.99)], None, ("R500B2", 99.0))
    assert decide(line, constraint("[A-Z0-9]+")).confidence == 70
    assert decide(line, constraint(r"[A-Z]\d+[A-Z]\d")).confidence > 70
