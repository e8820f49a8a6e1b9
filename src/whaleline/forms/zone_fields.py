"""Fields with a machine readable zone of two or three lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from typing import Final

import numpy as np

from whaleline.forms.field_value import FieldValue
from whaleline.forms.text_reading import LOWER
from whaleline.forms.zone_search import ZoneText, search
from whaleline.imaging.sight import Sight
from whaleline.recognition.calibration import logistic
from whaleline.recognition.cells import Cells, cells
from whaleline.recognition.field_lines import FieldLine
from whaleline.values import mrz
from whaleline.wording import counted

_LEAST: Final = -1.2  # how much speaks for each sign, a natural logarithm, of what is a zone at all
_BIAS, _OF_SHARE = 2.8, 2.0  # of the logarithm of odds that a zone is right; benchmarks/fields.py
_DOUBTFUL: Final = 50.0  # confidence, under which a zone is guessed: its check digits were chosen to fit
_IN_PART: Final = 20.0  # confidence at most, of a zone of which a part was not seen
_FULL: Final = 0.2  # of the usual row's ink, that a row of a line has at least

_FLAT: Final = 0.3  # of how much grey usually varies within a sign's place, less of which shows none

CUT: Final = "a line of it is cut off at the edge"
COVERED: Final = "a part of it is covered"
PART: Final = frozenset((CUT, COVERED))
"""The reasons why a zone is not valid, however it is read, of which the picture lacks a part."""


def read_zone(seen: Sequence[FieldLine]) -> FieldValue:
    """A machine readable zone: the lines at the field's bottom, in the layout that they fit best."""

    @cache
    def parted(place: int, width: int) -> Cells | None:
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
    part = replace(found, confidence=min(found.confidence, _IN_PART))
    sights = [line.evidence.sight for line in seen[-len(read.lines) :]]
    if _is_cut(sights):
        return part.fault(CUT)
    fault = mrz.faults(layout, read.lines)
    if _is_covered(sights, layout.width):
        # With a wrong check digit, or among other print, it may be that these are not the zone's lines.
        return part.fault(f"{COVERED}, or it stands elsewhere" if fault or len(seen) > len(sights) else COVERED)
    if read.unseen:
        return part.fault(f"{counted(read.unseen, 'character')} of it could not be seen: it may be cut off or covered")
    if fault:
        return found.fault(fault)
    return found.fault("too many of its characters are uncertain") if found.confidence < _DOUBTFUL else found


def _is_cut(lines: Sequence[Sight]) -> bool:
    """Whether the field's edge cuts through the first line or the last: it ends there, and is lower than the others."""
    spans = [_span(line) for line in lines]
    least = LOWER * max(bottom - top for top, bottom in spans)
    (first, under), (over, last) = spans[0], spans[-1]
    at_top = first == 0 and under - first < least
    return at_top or (last == lines[-1].ink.shape[0] and last - over < least)


def _span(line: Sight) -> tuple[int, int]:
    """The first row of a line's letters, and the one behind their last."""
    rows = np.count_nonzero(line.ink, axis=1)
    full = np.flatnonzero(rows > _FULL * np.quantile(rows[rows > 0], 0.9)) if rows.any() else np.arange(len(rows))
    return int(full[0]), int(full[-1]) + 1


def _is_covered(lines: Sequence[Sight], width: int) -> bool:
    """Whether a line, of so many signs, has a place as wide as a sign where nothing is seen: a blot, or white paint."""
    spans = [_span(line) for line in lines]
    columns = [np.flatnonzero(line.ink[top:under].any(axis=0)) for line, (top, under) in zip(lines, spans, strict=True)]
    if not all(each.size for each in columns):
        return False
    # All lines are of one length; stains beside one of them are not.
    first, end = max(int(each[0]) for each in columns), min(int(each[-1]) for each in columns) + 1
    wide = round((end - first) / width)
    for line, (top, under) in zip(lines, spans, strict=True):
        band = line.grey[top:under, first:end].astype(np.float32)
        if not 1 < wide < band.shape[1]:
            return False
        varied = np.lib.stride_tricks.sliding_window_view(band, wide, axis=1).std(axis=(0, 2))
        if varied.min() < _FLAT * np.median(varied):
            return True
    return False
