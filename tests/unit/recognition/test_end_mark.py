"""The mark that ends a line, told by its ink."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import DEJAVU, LATIN, font
from emissions import line
from whaleline.imaging.picture import Picture, ink
from whaleline.recognition.end_mark import is_printed, is_raised, kept

FACES = pytest.mark.parametrize("face", [LATIN, DEJAVU])


def ink_of(text: str, face: str = LATIN) -> Picture:
    own = font(face, 32)
    image = Image.new("L", (round(own.getlength(text)) + 40, 60), 255)
    ImageDraw.Draw(image).text((20, 44), text, font=own, fill=0, anchor="ls")
    return ink(np.asarray(image))


@FACES
@pytest.mark.parametrize("mark", [".", ","])
def test_a_mark_is_the_last_piece_of_ink(face: str, mark: str) -> None:
    assert is_printed(ink_of(f"sire thou art{mark}", face))


@FACES
@pytest.mark.parametrize("text", ["sire thou art", "page 7", "Ahab!", "i", ""])
def test_letters_digits_and_higher_signs_are_none(face: str, text: str) -> None:
    assert not is_printed(ink_of(text, face))


@FACES
def test_a_quote_at_the_end_is_raised_and_other_signs_are_not(face: str) -> None:
    assert is_raised(ink_of("sire thou art\u2019", face))
    assert not any(is_raised(ink_of(f"sire thou art{sign}", face)) for sign in (".", ",", "-", "!", ")", ""))


def texts(chosen: str, first: str, printed: str, confidence: float = 95) -> list[str]:
    return [word.text for word in kept(line(chosen).words, line(first, confidence), ink_of(printed))]


def test_the_mark_that_only_tesseract_read_stays_where_its_ink_is() -> None:
    assert texts("thou art", "thou art.", "thou art.") == ["thou", "art."]
    assert texts("thou art", "thou art.", "thou art") == ["thou", "art"]


def test_it_stays_out_where_tesseract_is_unsure_or_read_another_word() -> None:
    assert texts("thou art", "thou art.", "thou art.", 80) == ["thou", "art"]
    assert texts("thou art", "thou ant.", "thou art.") == ["thou", "art"]


def test_a_line_that_one_engine_did_not_read_is_as_it_was() -> None:
    assert kept((), line("art."), ink_of("art.")) == ()
    assert kept(line("art").words, None, ink_of("art.")) == line("art").words
