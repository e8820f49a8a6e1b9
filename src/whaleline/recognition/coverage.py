"""How much of a line's print its words account for: a letter out of a whole line is a guess, however clear it is."""

from __future__ import annotations

import cv2
import numpy as np

from whaleline.imaging.picture import letters
from whaleline.imaging.sight import Sight
from whaleline.recognition.page import Line
from whaleline.recognition.verdict import KEPT

_HALF = 0.5  # of a line's letters, from which on it is read; of 1,600 lines of documents and receipts none has less
_LEAST_LETTERS = 4  # of a line; fewer are a sign and its specks
_SMALLEST, _LARGEST = 0.5, 2.0  # times the usual letter's height; others are specks and pictures


def as_far_as_read(line: Line, sight: Sight) -> Line:
    """The line, as sure as its share of the print is large where it leaves out more than half of it.

    Args:
        line: boxes in the picture's pixels.
        sight: of the line's picture.
    """
    share = _share(line, sight)
    return line if share >= _HALF else line.at_most(max(KEPT, 100 * share))


def _share(line: Line, sight: Sight) -> float:
    """Of what may be letters in a picture, the share by width that lies in the columns of words."""
    parts = letters(np.where(sight.rules > 0, np.uint8(0), sight.ink)) if sight.rules.any() else sight.letters
    height = parts[:, cv2.CC_STAT_HEIGHT]
    parts = parts[(height >= _SMALLEST * sight.height) & (height <= _LARGEST * sight.height)]
    if len(parts) < _LEAST_LETTERS:
        return 1.0
    left, width = parts[:, cv2.CC_STAT_LEFT], parts[:, cv2.CC_STAT_WIDTH]
    middle = left + width / 2
    within = np.zeros(len(parts), bool)
    for word in line.words:
        within |= (middle >= word.box.left) & (middle <= word.box.right)
    return float(width[within].sum() / width.sum())
