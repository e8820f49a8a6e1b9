from __future__ import annotations

import io

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.recognition.page import Page
from whaleline.results import Reading, png


def reading_of(picture: np.ndarray) -> Reading:
    height, width = picture.shape[:2]
    return Reading(Rectangle(0, 0, width, height), picture, Page(width, height, ()), Affine())


GREY = np.arange(200, dtype=np.uint8).reshape(10, 20)
BLACK_AND_WHITE = np.where(GREY % 3 == 0, 0, 255).astype(np.uint8)
COLOUR = np.stack([GREY, GREY[::-1], GREY[:, ::-1]], axis=-1)


@pytest.mark.parametrize(
    ("picture", "mode"),
    [
        (GREY, "L"),
        (BLACK_AND_WHITE, "1"),
        (COLOUR, "RGB"),
        (np.repeat(GREY[..., None], 3, axis=-1), "L"),
        (np.repeat(BLACK_AND_WHITE[..., None], 3, axis=-1), "1"),
        (np.where(GREY % 3 == 0, 0, 1).astype(np.uint8), "L"),
        (np.where(GREY % 3 == 0, 254, 255).astype(np.uint8), "L"),
        (np.full((5, 9), 255, np.uint8), "1"),
        (GREY[::2, ::2], "L"),
        (COLOUR[:, ::-1], "RGB"),
    ],
)
def test_every_pixel_is_kept_in_the_least_mode_that_holds_it(picture: npt.NDArray[np.uint8], mode: str) -> None:
    data = png.write(reading_of(picture))
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    assert image.mode == mode
    shown = np.array(image.convert("RGB" if picture.ndim == 3 else "L"))
    assert np.array_equal(shown, picture)
