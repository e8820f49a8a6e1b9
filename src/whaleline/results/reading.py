"""What the result formats are made from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.recognition.page import Page


@dataclass(frozen=True, eq=False)
class Reading:
    """One region, read.

    Two readings are equal only if they are the same object: comparing pictures pixel by pixel is never wanted
    here.

    Attributes:
        rectangle: what of the region lies inside the image, in the submitted image's pixels.
        picture: the region's picture after the filters, uint8 of shape (height, width) or (height, width, 3)
        as RGB.
        page: what was read, in the picture's pixels.
        placement: the map from the picture's pixels to the submitted image's.
    """

    rectangle: Rectangle
    picture: npt.NDArray[np.uint8]
    page: Page
    placement: Affine
