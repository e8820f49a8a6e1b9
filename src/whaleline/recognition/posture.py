"""A photographed sheet found in a picture, by the lines of text on it, and made flat before it is read."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from whaleline.imaging.deskewing import deskew
from whaleline.imaging.flattening import Flattening, flatten
from whaleline.imaging.picture import Picture, grey
from whaleline.imaging.sheet import is_uneven
from whaleline.imaging.sight import Sight
from whaleline.imaging.skew import skew
from whaleline.recognition import orientation
from whaleline.recognition.detector import detector
from whaleline.recognition.page import Word

_LEAST_SIDE = 400  # pixels; what is smaller is a line or a field, not a sheet
_BANDS = 3  # of a picture, from left to right
_LEAST_LEAN = 1.5  # degrees between the bands of a picture that is worth a look; of 120 scans none has more
_LEAST_BEND = 1.5  # degrees between the lines of a sheet that is worth flattening
_LEAST_TILT = 0.5  # degrees; the same of one that lies askew on something else


def deskewed(picture: Picture) -> Picture:
    """The picture turned so that its lines run level, where they lean by up to 15 degrees; else as it is.

    Args:
        picture: uint8 of shape (height, width) or (height, width, 3) as RGB.
    """
    return deskew(picture, detector().find(grey(picture)))


def flattened(sight: Sight, read: Callable[[Picture], tuple[Word, ...]], *, wanted: bool = False) -> Flattening | None:
    """The sheet in a picture, level, flat and the right way up; None where there is none, or it is level and flat.

    An ordinary scan costs a look at its ground and its slant, a fiftieth of the time to read it.

    Args:
        sight: of the picture.
        read: the words of a level line, to tell which way is up.
        wanted: whether it is said that there is a sheet which is not flat, so that no look has to tell.
    """
    flat = grey(sight.picture)
    if not wanted and (min(flat.shape) < _LEAST_SIDE or not (is_uneven(flat) or _is_bent(sight))):
        return None
    strips = detector().find(flat, along_curves=True)
    if not strips:
        return None
    turn = orientation.turn(flat, strips, read) or 0
    found = flatten(sight.picture, strips, turn=turn)
    if found is None:
        return None
    askew = found.sheet and (turn != 0 or abs(found.tilt) >= _LEAST_TILT)
    return found if askew or found.bend >= _LEAST_BEND else None


def _is_bent(sight: Sight) -> bool:
    """Whether the text leans another way at one side of a picture than at the other."""
    bands = np.array_split(sight.small.grey, _BANDS, axis=1)
    return float(np.ptp([skew(Sight(np.ascontiguousarray(band))) for band in bands])) > _LEAST_LEAN
