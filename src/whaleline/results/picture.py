"""Pictures in the smallest form that loses nothing."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]


def plain(picture: Pixels) -> Image.Image:
    """The same picture in the least Pillow mode: "1" where all is black or white, "L" where grey, "RGB".

    Args:
        picture: uint8 of shape (height, width) or (height, width, 3) as RGB.
    """
    if picture.ndim == 3:  # noqa: PLR2004  (rows, columns, channels)
        red = picture[..., 0]
        if not (np.array_equal(red, picture[..., 1]) and np.array_equal(red, picture[..., 2])):
            return Image.fromarray(np.ascontiguousarray(picture))
        picture = red
    grey = Image.fromarray(np.ascontiguousarray(picture))
    # 255 + 1 is 0 in eight bits, so black and white are what lies below 2: one pass instead of two
    # comparisons.
    is_bilevel = picture.size > 0 and int((picture + np.uint8(1)).max()) < 2  # noqa: PLR2004
    return grey.convert("1", dither=Image.Dither.NONE) if is_bilevel else grey
