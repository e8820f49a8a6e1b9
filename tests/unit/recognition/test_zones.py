"""Lines of a machine readable zone: letters, digits and fillers told by the rules of the zone."""

from __future__ import annotations

import pytest
from PIL import ImageFont

from drawing import font
from emissions import line
from kinds import line as drawn
from whaleline.recognition import read, zones
from whaleline.recognition.languages import find
from whaleline.recognition.page import Block

NAMES = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
DATES = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"
GERMAN = "IDD<<T220001293<<<<<<<<<<<<<<<"


@pytest.mark.parametrize(
    "right", [NAMES, DATES, GERMAN, "6408125<2010315D<<<<<<<<<<<<<4", "MUSTERMANN<<ERIKA<<<<<<<<<<<<<"]
)
def test_what_is_right_stays(right: str) -> None:
    assert zones.spelled(right) == right


@pytest.mark.parametrize(
    ("read_as", "right"),
    [
        ("P<UT0ERIKSS0N<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", NAMES),  # no digits among names
        ("L898902C36UTO74O8I22F1204159ZE184226B<<<<<10", DATES),  # no letters in a date
        ("L8989O2C36UTO7408122F1204159ZE184226B<<<<<10", DATES),  # either in a number: by its check digit
        ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<", NAMES),  # fillers that nobody counts
        ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<<<<", NAMES),
        ("IDO<<T220001293<<<<<<<<<<<<<<<", GERMAN),  # of one letter there is one state
    ],
)
def test_what_looks_alike_is_told(read_as: str, right: str) -> None:
    assert zones.spelled(read_as) == right


@pytest.mark.parametrize(
    "text", ["P<UT0ERIKSS0N<<ANNA< MARIA<<<<<<<<<<<<<<<<<<<", "P<UTOERIKSSON<<ANNA<MARIA<<<.<<<<<<<<<<<<<<."]
)
def test_a_line_is_one_word(text: str) -> None:
    (block,) = zones.repaired((Block((line(text),)),))
    assert [word.text for word in block.lines[0].words] == [NAMES]


@pytest.mark.parametrize(
    "text",
    [
        "the books she",
        "SEE<PAGE<0F<THE<B00K<AND<G0<0N",  # of no document's pattern
        "<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<",
        "123456789012345678901234567890<",
    ],
)
def test_what_is_no_zone_stays(text: str) -> None:
    blocks = (Block((line(text),)),)
    assert zones.repaired(blocks) == blocks


@pytest.mark.parametrize("size", [18, 24, 32])
def test_a_printed_zone(size: int) -> None:
    language = find("English")
    assert language is not None
    face: ImageFont.FreeTypeFont = font("truetype/dejavu/DejaVuSansMono.ttf", size)
    for right in (NAMES, DATES, GERMAN):
        assert read(drawn(right, face).picture, language).text == right


def test_of_what_is_seen_for_certain_a_check_digit_changes_only_letters_of_the_same_form() -> None:
    doubtful, same_form = DATES.replace("8902C", "89D2C"), DATES.replace("8902C", "89O2C")
    assert zones.spelled(doubtful) == zones.spelled(same_form) == zones.spelled(same_form, sure=True) == DATES
    assert zones.spelled(doubtful, sure=True) == doubtful
