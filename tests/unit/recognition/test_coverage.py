"""A confidence is no larger than the share of the print that was read."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import LATIN, font
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, ink
from whaleline.imaging.sight import Sight
from whaleline.recognition.coverage import as_far_as_read
from whaleline.recognition.page import Line, Word

TEXT = "Captain Ahab of Nantucket"


def printed() -> Picture:
    own = font(LATIN, 32)
    image = Image.new("L", (round(own.getlength(TEXT)) + 40, 60), 255)
    ImageDraw.Draw(image).text((20, 44), TEXT, font=own, fill=0, anchor="ls")
    return np.asarray(image)


def confidence(picture: Picture, width: float) -> float:
    """Of a word of 95 that takes up so much of the print's width."""
    columns = np.flatnonzero(ink(picture).any(axis=0))
    first, last = int(columns[0]), int(columns[0] + width * np.ptp(columns)) + 1
    return as_far_as_read(Line((Word("d", Rectangle(first, 0, last, 60), 95.0),)), Sight(picture)).confidence


def test_a_letter_of_a_long_line_is_a_guess() -> None:
    assert confidence(printed(), 0.05) == 36


def test_a_third_of_a_line_is_as_sure_as_that() -> None:
    assert 36 < confidence(printed(), 0.42) < 50


@pytest.mark.parametrize("width", [0.7, 1])
def test_most_of_a_line_is_as_sure_as_it_was(width: float) -> None:
    assert confidence(printed(), width) == 95


def test_rules_pictures_and_specks_are_not_counted() -> None:
    """A word beside a long rule, a black box and dust."""
    picture = np.hstack([printed(), np.full((60, 1500), 255, np.uint8)])
    picture[40:42, 450:1200] = 0
    picture[:, 1300:1500] = 0
    picture[20, 460:1300:40] = 0
    assert confidence(picture, (len(TEXT) * 18) / 1900) == 95
