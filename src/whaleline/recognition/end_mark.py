"""The full stop, comma or colon that ends a line: PP-OCRv6 passes over small ones, and the ink tells of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.recognition.page import Line, Word

_MARKS = frozenset(".,:;")
_LARGEST = 0.3  # of the line's height, either side of a mark
_SURE = 85.0  # Tesseract's confidence in the word before it: it takes stains for marks, too


def is_printed(print_: Picture) -> bool:
    """Whether the last piece of a line's ink is as small as a mark.

    Args:
        print_: the line's ink.
    """
    last = _last(print_)
    if last is None:
        return False
    most = _LARGEST * float(np.ptp(np.flatnonzero(print_.any(axis=1))))
    return last.width - 1 < most and last.height - 1 < most


def is_raised(print_: Picture) -> bool:
    """Whether the last piece of a line's ink lies in its upper half, as a quote does.

    Args:
        print_: the line's ink.
    """
    last = _last(print_)
    if last is None:
        return False
    rows = np.flatnonzero(print_.any(axis=1))
    return 2 * last.bottom < int(rows[0]) + int(rows[-1]) + 1


def _last(print_: Picture) -> Rectangle | None:
    """Bounds of what stands behind the last gap of a line's ink; None where there is no gap."""
    columns = np.flatnonzero(print_.any(axis=0))
    gaps = np.flatnonzero(np.diff(columns) > 1)
    if not gaps.size:
        return None
    left, right = int(columns[gaps[-1] + 1]), int(columns[-1]) + 1
    rows = np.flatnonzero(print_[:, left:right].any(axis=1))
    return Rectangle(left, int(rows[0]), right, int(rows[-1]) + 1)


def kept(words: tuple[Word, ...], first: Line | None, print_: Picture) -> tuple[Word, ...]:
    """The words of a line, the last one with the mark that Tesseract read behind it where there is one.

    Args:
        words: the line as it was chosen.
        first: as Tesseract read it.
        print_: the line's ink.
    """
    if not words or first is None:
        return words
    last, own = words[-1], first.words[-1]
    if own.text[-1] not in _MARKS or own.text[:-1] != last.text or own.confidence < _SURE or not is_printed(print_):
        return words
    return (*words[:-1], replace(last, text=own.text, box=own.box, alternative=last.text))
