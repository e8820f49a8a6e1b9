"""Fields with a machine readable zone of two or three lines."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from whaleline.forms.field_value import FieldValue
from whaleline.forms.zone_search import ZoneText, search
from whaleline.recognition.calibration import logistic
from whaleline.recognition.cells import cells
from whaleline.recognition.field import FieldLine
from whaleline.values import mrz

_LEAST: Final = -1.2  # how much speaks for each sign, a natural logarithm, of what is a zone at all
_BIAS, _OF_SHARE = 2.8, 2.0  # of the logarithm of odds that a zone is right; benchmarks/fields.py
_DOUBTFUL: Final = 50.0  # confidence


def read_zone(seen: Sequence[FieldLine]) -> FieldValue:
    """A machine readable zone: the lines at the field's bottom, in the layout that they fit best."""

    @cache
    def parted(place: int, width: int) -> npt.NDArray[np.float64] | None:
        return cells(seen[place].shown, width)

    best: tuple[mrz.Layout, ZoneText] | None = None
    for layout in mrz.LAYOUTS:
        places = range(len(seen) - len(layout.lines), len(seen))
        lines = [line for place in places if place >= 0 and (line := parted(place, layout.width)) is not None]
        read = search(layout, lines) if len(lines) == len(layout.lines) else None
        if read is not None and (best is None or read.score > best[1].score):
            best = layout, read
    if best is None or best[1].score < _LEAST * sum(map(len, best[1].lines)):
        whole = "\n".join(line.plain[0] for line in seen)
        return FieldValue(whole, None, 0.0).fault("it is not a machine readable zone")
    layout, read = best
    text = "\n".join(read.lines)
    found = FieldValue(text, text, 100 * logistic(_BIAS + _OF_SHARE * read.share))
    fault = mrz.faults(layout, read.lines)
    if fault:
        return found.fault(fault)
    return found.doubt("some of its characters are uncertain") if found.confidence < _DOUBTFUL else found
