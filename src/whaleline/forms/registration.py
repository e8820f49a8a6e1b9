"""How a scan lies against the picture of its form.

Two passes. The first lays the form's points of interest (SIFT) against the scan's, and takes the homography that most
of them agree on (MAGSAC++). That takes any shift, turn, scale and perspective. The second follows corners of the
form's print from there to where they lie exactly (Lucas and Kanade's method), and bends a mesh through them, so that a
curled sheet is followed, too. Straight edges are followed across themselves, and where the sheet itself ends is
evidence, too. What is written into the fields is left out.

How sure it is comes from the second pass. The share of the form's print that was found where it ought to be tells
whether the page is one of this form. How far the mesh might be off at a field, as least squares have it, tells whether
enough of it was found near the field.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.forms.drift import Drift, Grid
from whaleline.forms.edges import followed, rim
from whaleline.forms.evidence import Evidence, together
from whaleline.forms.form_picture import FormPicture, even
from whaleline.forms.interest import ATTEMPTS, FEWEST, Matrix, interest, maps
from whaleline.forms.labels import Compared, compared
from whaleline.forms.likeness import alike_around, missing
from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.mesh import Mesh, Points
from whaleline.imaging.picture import Picture, grey, resized
from whaleline.imaging.pictures import is_faint, stretched
from whaleline.imaging.region import MAX_SIDE

_STEPS = (
    (31, 3, 0),
    (31, 3, 14),
    (21, 1, 8),
    (15, 0, 4),
)  # windows of Lucas and Kanade's method, halvings before, and reach for edges: each from where the last led
_MARGIN = 60  # pixels within which the sheet's edge is looked for
_SAME_END = 2.5  # pixels by which it may end elsewhere than the form's picture
_HOPELESS = 0.1  # of the corners, less of which after the first step is another page; right maps find 0.24 and more
_SOFTNESS = 0.5  # pixels by which a scan is blurred
_FOUND = 2.0  # pixels by which print may be off where it is found
_PLENTY = 75.0  # certainty at which no further map is tried; of rules alone, a wrong map can have 64
_MISSING = 3.3  # times the share of places that lack their print: with a tenth of them a page is no longer sure
_OTHER = 1.5  # times the share of the labels that have other words there; own forms have less than 0.1
_WORDS = 1.6  # times the share of the labels that are there: with less than 42 % a page is no longer sure
_ASTRAY = 8.0  # times the share of edges found elsewhere: with 4 % a page is not sure; right ones have up to 3
_FEW_EDGES = 40  # one of fewer says little
_VISIBLE = 0.6  # of a form at least, that the share of print is taken of
_ENDS = 0.0005, 0.995  # of a scan's pixels, beyond which their levels are chance; some forms have little print
_STRAY = 4.0  # pixels of the second pass by which a field may be off, or
_STRAY_SHARE = 0.2  # of its shorter side


@dataclass(frozen=True, eq=False)
class Registration:
    """How a scan lies.

    Attributes:
        placement: the map from the form's pixels to the scan's.
        certainty: that the page is one of this form, 0 to 100: the share of its print that was found.
    """

    placement: Mesh
    certainty: float
    _grid: Grid
    _drift: Drift
    _scale: float
    _labels: Compared
    _form: FormPicture

    def certainty_of(self, field: Rectangle) -> float:
        """That a field lies where the placement has it, 0 to 100."""
        shares = self._grid.shares(np.array(field.corners, np.float64))
        stray = self._scale * float(self._drift.strays(shares).max())
        allowed = max(_STRAY, _STRAY_SHARE * self._scale * min(field.width, field.height))
        return self.certainty * min(1.0, allowed / max(stray, 1e-6)) ** 2

    def is_other_at(self, field: Rectangle) -> bool:
        """Whether the scan has other words where those are that name a field, as another version of the form may."""
        return bool(self._labels.other[self._form.named[field]].any())


class ScanPicture:
    """A scan, stretched where it is faint, and its points of interest once they are asked for.

    It can be laid against many forms.
    """

    def __init__(self, picture: Picture) -> None:
        """Args: picture: uint8 of shape (height, width) or (height, width, 3)."""
        flat = grey(picture)
        self.flat = stretched(flat, _ENDS) if is_faint(flat, _ENDS) else flat
        self.points = cache(lambda attempt: interest(self.flat, attempt))


def register(form: FormPicture, scan: ScanPicture) -> Registration | None:
    """How a scan lies against a form; None where nothing of the form was found in it."""
    height, width = scan.flat.shape
    best: Registration | None = None
    size = (form.width, form.height)
    for attempt in ATTEMPTS:
        for matrix in maps(form.points(attempt), size, scan.points(attempt), (height, width), attempt.ratio):
            found = _follow(form, scan.flat, matrix)
            if found is not None and (best is None or found.certainty > best.certainty):
                best = found
            if best is not None and best.certainty >= _PLENTY:
                return best
    return best


def _follow(form: FormPicture, flat: Picture, matrix: Matrix) -> Registration | None:
    """Where the form's corners and edges lie exactly, and a mesh through them."""
    scale, corners = form.scale, form.corners
    if len(corners) < FEWEST:
        return None
    grid = Grid(form.width, form.height)
    at, on_edges = (corners.astype(np.float64) + 0.5) / scale, (form.edges.at + 0.5) / scale
    shares, edge_shares = grid.shares(at), grid.shares(on_edges)
    across = np.eye(2)[form.edges.across]
    drift = grid.still
    # No finer than the form's picture, or what lies between its pixels would be lost.
    enlargement = _enlargement(matrix, form.width, form.height) / scale
    reduced = min(1.0, 1.3 / enlargement, MAX_SIDE / max(flat.shape))
    # Nor is the form's picture sharper than the scan, or neither corners nor likeness would be found.
    blurred = cv2.GaussianBlur(form.print_, (0, 0), _SOFTNESS / enlargement) if enlargement < 1 else form.print_
    print_ = np.asarray(blurred, np.uint8)
    small, smaller = resized(flat, reduced), Affine.scale(reduced, reduced)
    coarse = max(1.0, 1 / enlargement)
    wider = min(2.0, max(1.0, 0.5 / enlargement))
    for narrow, halvings, reach in _STEPS:
        window = 2 * round(narrow * wider / 2) + 1
        matrix, drift = grid.straightened(matrix, drift)
        mesh = grid.mesh(matrix, drift)
        seen = even(_cut(small, smaller @ mesh, form.print_.shape, scale))
        there, good = _tracked(print_, seen, corners, window, halvings)
        inside = _is_inside(mesh.points(at), flat.shape)
        good &= inside
        if good.sum() < max(FEWEST, _HOPELESS * len(good)):
            return None
        moved = drift.at(shares) + (there - corners) / scale
        # Rules look alike, so they are not followed before what looks like nothing else has had its say.
        shifts, clear = followed(print_, seen, form.edges, reach)
        edges_moved = drift.at(edge_shares) + across * shifts[:, None] / scale
        evidence = together(
            Evidence(at[good], moved[good], np.ones((int(good.sum()), 2))),
            Evidence(on_edges[clear], edges_moved[clear], across[clear]),
        )
        drift = grid.fit(evidence, 1 / scale, matrix, coarse)
        end = _sheets_end(form, small, smaller @ grid.mesh(matrix, drift), grid, drift)
        if end is not None:
            drift = grid.fit(together(evidence, end), 1 / scale, matrix, coarse)
    off = np.hypot(*(moved - drift.at(shares)).T) * scale
    right = good & (off < _FOUND) & (alike_around(print_, seen, corners, there) > 0.6)  # noqa: PLR2004 - of 1
    off_edges = np.abs((edges_moved - drift.at(edge_shares)) * across).sum(axis=1) * scale
    on_page = _is_inside(mesh.points(on_edges), flat.shape)
    clear &= on_page
    found_edges = clear & (off_edges < _FOUND)
    astray = max(_astray(found_edges[each], clear[each]) for each in (across[:, 0] > 0, across[:, 1] > 0))
    of_corners = float(right.sum()) / max(float(inside.sum()), _VISIBLE * len(inside))
    # Rules of another form may lie where this one's do, so edges can only take certainty away.
    of_all = float(right.sum() + found_edges.sum()) / max(1.0, float(inside.sum() + on_page.sum()))
    is_shown = _shown(form, mesh, flat.shape)
    # A form with the same rules, such as a table, has other words.
    labels = compared(seen, form.labels, ~is_shown)
    lacking = missing(print_, seen, np.where(is_shown, form.mask, 0).astype(np.uint8))
    nothing_else = 1 - _MISSING * lacking - _OTHER * labels.others
    in_place = 1 - _ASTRAY * astray
    certainty = 100 * max(0.0, min(of_corners, of_all, in_place, nothing_else, _WORDS * labels.share))
    return Registration(grid.mesh(matrix, drift), certainty, grid, drift, scale, labels, form)


def _sheets_end(form: FormPicture, small: Picture, placement: Mesh, grid: Grid, drift: Drift) -> Evidence | None:
    """What the sheet's edge tells of the drift; None where it does not show, or the form's picture ends elsewhere.

    The picture may show a part of the sheet only, or more than it. So the edge is trusted if most of it lies where the
    picture ends.
    """
    height, width = form.print_.shape
    wide = (height + 2 * _MARGIN, width + 2 * _MARGIN)
    begin = Affine.shift(-_MARGIN / form.scale, -_MARGIN / form.scale)
    at, across, off = rim(_cut(small, placement @ begin, wide, form.scale), _MARGIN, form.print_)
    if len(at) < FEWEST or float(np.median(np.abs(off))) > _SAME_END:
        return None
    told = np.eye(2)[across]
    moved = drift.at(grid.shares(at / form.scale)) + told * off[:, None] / form.scale
    return Evidence(at / form.scale, moved, told)


def _tracked(
    print_: Picture, seen: Picture, corners: npt.NDArray[np.float32], window: int, halvings: int
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Where corners of one picture lie in another, and which of them lead back to where they came from."""
    size, back_within = (window, window), 1.5
    there, ok, _ = cv2.calcOpticalFlowPyrLK(
        print_, seen, corners[:, None], np.empty_like(corners[:, None]), winSize=size, maxLevel=halvings
    )
    back, ok_back, _ = cv2.calcOpticalFlowPyrLK(
        seen, print_, there, np.empty_like(there), winSize=size, maxLevel=halvings
    )
    returns = np.hypot(*(back[:, 0] - corners).T) < back_within
    return np.asarray(there[:, 0], np.float32), np.asarray((ok[:, 0] > 0) & (ok_back[:, 0] > 0) & returns)


def _astray(found: npt.NDArray[np.bool_], clear: npt.NDArray[np.bool_]) -> float:
    """The share of edges of one direction that show clearly, but not where they ought to lie."""
    return float((clear & ~found).sum()) / max(_FEW_EDGES, int(clear.sum()))


def _is_inside(points: Points, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Which points lie in a picture and not at its very rim."""
    margin = 0.004 * max(shape)
    x, y = points[:, 0], points[:, 1]
    return np.asarray((x > margin) & (y > margin) & (x < shape[1] - margin) & (y < shape[0] - margin))


def _shown(form: FormPicture, placement: Mesh, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """What of the form a scan of such a shape shows."""
    height, width = form.mask.shape
    block = 8  # pixels to a side
    across, down = ((np.arange(math.ceil(side / block)) + 0.5) * block / form.scale for side in (width, height))
    inside = _is_inside(placement.points(np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)), shape)
    every = np.kron(inside.reshape(len(down), len(across)), np.ones((block, block), bool))
    return np.asarray(every[:height, :width])


def _enlargement(matrix: Matrix, width: int, height: int) -> float:
    """The scan's pixels for one of the form's, to a side, in the middle of the page."""
    x, y, w = matrix @ [width / 2, height / 2, 1]
    slope = (matrix[:2, :2] * w - np.outer([x, y], matrix[2, :2])) / w**2
    return math.sqrt(abs(float(np.linalg.det(slope))))


def _cut(flat: Picture, placement: Mesh, shape: tuple[int, ...], scale: float) -> Picture:
    """What lies in the scan where the form's page does, at `scale` of the form's pixels."""
    block = 8  # pixels to a side, between which the mesh is as good as straight
    height, width = shape[:2]
    across, down = ((np.arange(math.ceil(side / block)) + 0.5) * block / scale for side in (width, height))
    points = placement.points(np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)) - 0.5
    size = (len(across) * block, len(down) * block)
    x, y = (
        cv2.resize(points[:, axis].reshape(len(down), len(across)).astype(np.float32), size)[:height, :width]
        for axis in (0, 1)
    )
    return np.asarray(cv2.remap(flat, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.uint8)
