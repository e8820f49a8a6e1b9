"""The window of a display in its case."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import DEJAVU, font
from whaleline.imaging.panel import panel
from whaleline.imaging.picture import Picture
from whaleline.imaging.sight import Sight


def scene(window: tuple[int, int, int, int] | None = (150, 150, 650, 300)) -> Picture:
    image = Image.new("L", (800, 600), 235)
    pen = ImageDraw.Draw(image)
    if window:
        pen.rectangle(window, fill=80)
        pen.text((window[0] + 80, window[1] + 20), "49.00", 20, font=font(DEJAVU, 90))
    pen.text((300, 400), "LITRES", 15, font=font(DEJAVU, 60))
    return np.asarray(image, np.uint8)


def test_the_window_is_cut_out_level_where_the_display_leans() -> None:
    turned = cv2.getRotationMatrix2D((400, 300), -4, 1)
    leaning = np.asarray(cv2.warpAffine(scene(), turned, (800, 600), borderValue=235), np.uint8)
    for picture in (scene(), leaning, np.dstack([leaning] * 3), 255 - leaning):
        window = panel(Sight(picture))
        assert window is not None
        height, width = window.shape[:2]
        assert abs(width - 500) < 30
        assert abs(height - 150) < 40
        # Nothing of the case, all of the digits.
        levels = 255 - window if picture[0, 0].max() < 100 else window
        assert levels.max() < 150
        assert levels.min() < 40


@pytest.mark.parametrize(
    "window",
    [
        None,
        (150, 150, 650, 210),  # as low as a line of print
        (200, 150, 300, 350),  # higher than wide
        (0, 0, 799, 300),  # a shadow
    ],
)
def test_what_is_no_window_is_left(window: tuple[int, int, int, int] | None) -> None:
    assert panel(Sight(scene(window))) is None
    framed = scene(None).copy()
    cv2.rectangle(framed, (100, 350), (700, 500), 20, 4)
    assert panel(Sight(framed)) is None
