"""Printed words of a form, and those that a scan has other words for.

Another version of a form shares most of its print, and a field that was moved or renamed is then cut from a wrong place
or taken for another. Its words tell. They are compared by how grey levels change from left to right: what all lines of
text and all rules have in common, their upper and lower edges, says nothing there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress, pairwise
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture

_STEEP = 36  # of a letter's side: Sobel's sum at least, on paper without grain
_GRAIN = 9  # times the sum that paper with grain has, that it is more there
_PAPER = 0.25  # of a page at least
_BESIDE = np.ones((5, 17), np.uint8)  # pixels within which letters are one label
_WIDE, _LOW, _HIGH, _LEAST = 24, 5, 120, 150  # pixels: width of a label at least, its height, and its area at least
_PIECE = 80  # pixels of a line of text that count as one label
_REACH = 2  # pixels by which a label may be off
_OTHER = 0.7  # times as strong and as much alike as the page's usual label, less of which is another one
_FAINT = 0.1  # of the label's power, that what is there has at least
_ALIKE = 0.5  # correlation of a label that is there: most have 0.9, and those of other forms 0.1 to 0.4
_COVERED = 1.25  # times as dark as the usual label, more of which is covered: other words have up to 1, stamps from 1.5


@dataclass(frozen=True, eq=False)
class Label:
    """Some printed words.

    Attributes:
        at: where they are, in the pixels of the form's print.
        look: how grey levels change from left to right there, and 0 where it does not count.
        ink: how dark it is there.
        phrase: the number of the words in a row that it is a part of.
    """

    at: Rectangle
    look: npt.NDArray[np.float32]
    ink: npt.NDArray[np.float32]
    phrase: int


def labels(print_: Picture, counts: npt.NDArray[np.bool_]) -> tuple[Label, ...]:
    """Those of a form.

    Args:
        print_: the form's.
        counts: where words are looked for.
    """
    change = _changes(print_)
    look = change * counts
    # Where the form's picture is itself a scan, its paper has grain, and a grey ground has even more.
    steep = _STEEP + _GRAIN * float(np.quantile(np.abs(change), _PAPER))
    words = cv2.morphologyEx((np.abs(look) > steep).astype(np.uint8), cv2.MORPH_CLOSE, _BESIDE)
    _, _, found, _ = cv2.connectedComponentsWithStats(words)
    every: list[Label] = []
    for phrase, (left, top, width, height, area) in enumerate(found[1:].tolist()):
        if width < _WIDE or not _LOW <= height <= _HIGH or area < _LEAST:
            continue
        for start, end in pairwise(
            np.linspace(left, left + width, max(1, round(width / _PIECE)) + 1).astype(int).tolist()
        ):
            at = Rectangle(start, top, end, top + height)
            every.append(Label(at, _part(look, at), 255 - _part(print_, at), phrase))
    return tuple(every)


@dataclass(frozen=True, eq=False)
class Compared:
    """What a scan has for a form's labels.

    Attributes:
        other: of each label, whether there is something else; False where the scan shows nothing of it.
        share: of all that are shown and not covered, those that are there; 1 where there is none.
        others: of these, those that have something else there; 0 where there is none.
    """

    other: npt.NDArray[np.bool_]
    share: float
    others: float


def compared(seen: Picture, these: Sequence[Label], hidden: npt.NDArray[np.bool_]) -> Compared:
    """Compare.

    Args:
        seen: what the scan shows where the form lies.
        these: of the form.
        hidden: where it shows nothing.
    """
    is_shown = np.array([not _part(hidden, each.at).any() for each in these], bool)
    shown = list(compress(these, is_shown))
    change = np.pad(_changes(seen), _REACH)
    strength, back, alike = np.array([_likeness(change, each) for each in shown]).reshape(-1, 3).T
    dark = np.array([(each.ink * (255 - _part(seen, each.at))).sum() / (each.ink**2).sum() for each in shown])
    bare = dark < _COVERED * _middle(dark)
    # Where the form's picture has writing across a label, the scan has a part of what is there, and nothing else.
    other = np.zeros(len(these), bool)
    less = [each < _OTHER * _middle(each) for each in (strength, back, alike)]
    other[is_shown] = np.logical_and.reduce(less) & bare
    share = float((bare & (alike > _ALIKE)).sum() / bare.sum()) if bare.any() else 1.0
    # Half of one less, for one of very few may be lost.
    others = max(0.0, int(other.sum()) - 0.5) / max(1, int(bare.sum()))
    return Compared(other, share, others)


def _likeness(change: npt.NDArray[np.float32], label: Label) -> tuple[float, float, float]:
    """How much of a label's look is there; how much of what is there is the label's; and the correlation.

    What is written across the label takes nothing from the first of them.
    """
    at = label.at
    there = change[at.top : at.bottom + 2 * _REACH, at.left : at.right + 2 * _REACH]
    power = max(1.0, float((label.look * label.look).sum()))
    product = cv2.matchTemplate(there, label.look, cv2.TM_CCORR)
    powers = cv2.matchTemplate(there * there, (label.look != 0).astype(np.float32), cv2.TM_CCORR)
    own = float(product.max()) / power
    back = float((product / np.maximum(powers, _FAINT * power)).max())
    return own, back, float((product / np.sqrt(np.maximum(powers, 1) * power)).max())


def _changes(picture: Picture) -> npt.NDArray[np.float32]:
    return np.asarray(cv2.Sobel(picture, cv2.CV_32F, 1, 0), np.float32)


def _part(values: npt.NDArray[Any], at: Rectangle) -> npt.NDArray[np.float32]:
    return values[at.top : at.bottom, at.left : at.right].astype(np.float32)


def _middle(values: npt.NDArray[np.float64]) -> float:
    return float(np.median(values)) if len(values) else 0.0
