"""What is printed in unusual ways: rules to write on, lone signs, quotes, ligatures, capitals, light on dark."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import DEJAVU, LATIN, font
from whaleline.imaging.picture import Picture
from whaleline.recognition import read
from whaleline.recognition.languages import Language, find

SANS = "truetype/noto/NotoSans-Regular.ttf"
FACES = pytest.mark.parametrize("face", [LATIN, DEJAVU, SANS])


def english() -> Language:
    language = find("English")
    assert language is not None
    return language


def printed(text: str, face: str, *, light: bool = False, rule: bool = False) -> Picture:
    """Lines of text; with `rule`, each goes on as a rule, a little below the letters."""
    image = Image.new("L", (1200, 60 + 70 * len(text.splitlines())), 0 if light else 255)
    draw, own = ImageDraw.Draw(image), font(face, 36)
    for place, line in enumerate(text.splitlines()):
        base = 70 + 70 * place
        draw.text((40, base), line, font=own, fill=255 if light else 0, anchor="ls")
        if rule:
            start = 50 + own.getlength(line)
            draw.line((start, base + 4, start + 500, base + 4), fill=0, width=2)
    return np.asarray(image)


@FACES
@pytest.mark.parametrize("text", ["Name:", "Name:\nHome port:\nDate:"])
def test_the_rule_of_a_field_spoils_no_word(face: str, text: str) -> None:
    assert read(printed(text, face, rule=True), english()).text == text


@FACES
def test_underscores_of_fields_spoil_no_word(face: str) -> None:
    text = read(printed("Name: Ahab ________ Date: ______", face), english()).text
    assert re.sub("[_ ]+", " ", text).strip() == "Name: Ahab Date:"


@FACES
def test_what_is_written_on_a_rule_is_read(face: str) -> None:
    picture = printed("Captain Ahab", face).copy()
    picture[76:78, 30:700] = 0
    assert read(picture, english()).text == "Captain Ahab"


@FACES
@pytest.mark.parametrize("sign", list("7A2X%B80R"))
def test_a_sign_by_itself(face: str, sign: str) -> None:
    assert read(printed(sign, face), english()).text == sign


@FACES
@pytest.mark.parametrize("sign", list("1Il"))
def test_a_stroke_by_itself_is_some_stroke(face: str, sign: str) -> None:
    assert read(printed(sign, face), english()).text in set("1Il|")


@FACES
@pytest.mark.parametrize(
    "text",
    [
        "cc: Starbuck, Stubb",
        "Total 13,500.00 and 2.750,50",
        "555-0123 12/31/2024 10:45",
        "Vol. II, No. 1, of 11",
        "ALL HANDS ABOARD THE PEQUOD",
        "\u201cCall me Ishmael\u201d",
        '"Call me" - it\'s a whale',
    ],
)
@pytest.mark.parametrize("light", [False, True])
def test_a_line_is_read_as_it_is_printed(face: str, text: str, light: bool) -> None:
    assert read(printed(text, face, light=light), english()).text == text


@FACES
def test_ligatures_are_read_as_their_letters(face: str) -> None:
    drawn = printed("\ufb01rst \ufb02oor e\ufb03cient o\ufb00er", face)
    assert read(drawn, english()).text == "first floor efficient offer"


@pytest.mark.parametrize(("size", "cell"), [(28, 2), (34, 3)])
def test_light_letters_on_a_half_tone(size: int, cell: int) -> None:
    own = font("truetype/dejavu/DejaVuSans-Bold.ttf", size)
    letters = Image.new("L", (round(own.getlength("Biotechnology")) + 20, round(1.3 * size)), 0)
    ImageDraw.Draw(letters).text((10, letters.height // 2), "Biotechnology", font=own, fill=255, anchor="lm")
    rows, columns = np.indices((letters.height, letters.width)) // cell
    picture = np.where(np.asarray(letters) > 127, 255, (rows + columns) % 2 * 255).astype(np.uint8)
    assert read(picture, english()).text == "Biotechnology"
