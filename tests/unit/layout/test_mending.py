"""Words of a table, read again where their boxes do not fit their ink."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from drawing import LATIN, font
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.layout.mending import mended
from whaleline.layout.ruling import Ruling
from whaleline.recognition.page import Line, Word


def test_letters_left_over_beside_a_short_box_are_no_word_of_their_own() -> None:
    image = Image.new("L", (600, 100), 255)
    face = font(LATIN, 32)
    ImageDraw.Draw(image).text((40, 30), "compounds 7", 0, face)
    ends = [40 + round(face.getlength(text)) for text in ("compound", "compounds", "compounds ", "compounds 7")]
    read = [Word("compounds", Rectangle(40, 34, ends[0], 68), 95.0)]

    def again(piece: Picture) -> Sequence[Line]:
        """As an engine reads the two pieces that are left: the one that is narrow and low is the letter s."""
        text = "s" if piece.shape[0] < 42 else "7"
        return (Line((Word(text, Rectangle(10, 10, piece.shape[1] - 10, piece.shape[0] - 10), 90.0),)),)

    found = mended(np.asarray(image), read, Ruling(), again)
    assert [word.text for word in found] == ["compounds", "7"]


def test_ink_that_was_read_twice_is_one_word() -> None:
    """A second reading of a part of a word, and one of the dots above its letters."""
    image = Image.new("L", (600, 100), 255)
    ImageDraw.Draw(image).text((40, 30), "1.6% population", 0, font(LATIN, 32))
    read = [
        Word("1.6%", Rectangle(40, 34, 116, 62), 95.0),
        Word("5%", Rectangle(90, 34, 116, 60), 90.0),
        Word("population", Rectangle(126, 34, 290, 70), 95.0),
        Word("ponulation", Rectangle(126, 30, 292, 33), 72.0),
    ]
    found = mended(np.asarray(image), read, Ruling(), lambda _: ())
    assert [word.text for word in found] == ["1.6%", "population"]
