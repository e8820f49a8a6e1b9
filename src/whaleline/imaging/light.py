"""Pictures as they would be in even light."""

from __future__ import annotations

import cv2
import numpy as np

from whaleline.imaging.picture import Picture, resized


def paper(flat: Picture, scale: float, reach: int) -> Picture:
    """The level of the paper at each pixel of a grey picture, in light and shadow alike.

    Args:
        flat: the picture.
        scale: at which it is looked at.
        reach: pixels at that scale, odd; print is thinner, and light changes over more than that.
    """
    closed = cv2.morphologyEx(resized(flat, scale), cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    return np.asarray(
        cv2.resize(cv2.medianBlur(closed, reach), flat.shape[::-1], interpolation=cv2.INTER_LINEAR), np.uint8
    )
