"""What a form is recognised by in its scans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.forms.edges import Edges, edges
from whaleline.forms.interest import Attempt, Interest, interest
from whaleline.forms.labels import Label, labels
from whaleline.forms.lettering import lettering
from whaleline.forms.naming import naming
from whaleline.forms.rules import within_rules
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, grey, resized

_SIDE = 1400  # pixels of the longer side in the second pass
_MOST_CORNERS = 900
_BLOCK = 7  # pixels to a side that a corner is looked for in
_PAPER = 0.25  # of a page at least, however dense its print
_ABOVE_NOISE = 48  # times the sharpness of this paper, that a corner has at least
_RIM = 3  # pixels: a field's frame belongs to the form


@dataclass(frozen=True, eq=False)
class FormPicture:
    """What a form is recognised by.

    Attributes:
        width: of the form, in pixels.
        height: likewise.
        points: of the first pass, for an attempt; found when first asked for, since few scans need the second.
        print_: the picture of the second pass.
        scale: its pixels for one of the form's.
        mask: 0 in its fields, in the pixels of `print_`; 255 elsewhere.
        corners: of its print, outside the fields, in its own pixels.
        edges: of its print, likewise.
        labels: its printed words, likewise.
        named: for each field, in the form's pixels, the numbers of the labels that name it.
    """

    width: int
    height: int
    points: Callable[[Attempt], Interest]
    print_: Picture
    scale: float
    mask: Picture
    corners: npt.NDArray[np.float32]
    edges: Edges
    labels: tuple[Label, ...]
    named: Mapping[Rectangle, Sequence[int]]


def form_picture(picture: Picture, fields: Sequence[Rectangle]) -> FormPicture:
    """Take up what a form is recognised by; worth keeping for its next scan.

    Args:
        picture: of the form, empty or filled in.
        fields: where something is filled in, in the picture's pixels.
    """
    flat = grey(picture)
    height, width = flat.shape
    scale = min(2.0, _SIDE / max(width, height))
    print_ = even(resized(flat, scale))
    mask = np.full(print_.shape, 255, np.uint8)
    places = [field.scaled(scale) for field in fields]
    for inner in places:
        mask[inner.top + _RIM : max(0, inner.bottom - _RIM), inner.left + _RIM : max(0, inner.right - _RIM)] = 0
    # Where the form's picture is itself a scan, its paper has corners of noise: they are nowhere else.
    sharpness = cv2.cornerMinEigenVal(print_, _BLOCK)
    grain = within_rules(print_, mask)
    is_print = (sharpness > _ABOVE_NOISE * np.quantile(sharpness, _PAPER)) & ~grain
    mask_of_print = np.where(is_print, mask, 0).astype(np.uint8)
    corners = cv2.goodFeaturesToTrack(print_, _MOST_CORNERS, 0.01, 9, mask=mask_of_print, blockSize=_BLOCK)
    points = cache(lambda attempt: interest(flat, attempt).outside(() if attempt.everywhere else fields))
    found = np.zeros((0, 2), np.float32) if corners is None else corners.reshape(-1, 2).astype(np.float32)
    words = labels(print_, lettering(print_, mask, places) & ~grain)
    names = naming(print_, words, places)
    return FormPicture(
        width,
        height,
        points,
        print_,
        scale,
        mask,
        found,
        edges(print_, mask),
        words,
        {field: names[place] for field, place in zip(fields, places, strict=True)},
    )


def even(flat: Picture) -> Picture:
    """Print on even paper, whatever the light; a little blurred, so that bilevel scans compare with grey ones."""
    small = resized(flat, 0.125)
    paper = cv2.GaussianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), (0, 0), 3)
    paper = cv2.resize(paper, (flat.shape[1], flat.shape[0]))
    even = cv2.divide(flat, np.maximum(paper, 1), scale=255)
    return np.asarray(cv2.GaussianBlur(even, (0, 0), 1.2), np.uint8)
