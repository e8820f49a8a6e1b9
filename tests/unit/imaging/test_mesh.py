"""Bent placements answer what affine ones answer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.mesh import Mesh

ACROSS, DOWN = 100, 60
GRID = Affine.scale(4 / ACROSS, 3 / DOWN)
coordinates = st.floats(-50, 150)
boxes = st.tuples(*[st.integers(-40, 120)] * 2, *[st.integers(1, 60)] * 2)


def mesh(bend: float = 0.0, there: Affine | None = None) -> Mesh:
    """A grid of 5 x 4 nodes over 100 x 60 pixels, that sags in its middle, and then goes through an affine map."""
    x, y = np.meshgrid(np.linspace(0, ACROSS, 5), np.linspace(0, DOWN, 4))
    sagging = y + bend * (1 - (x / 50 - 1) ** 2)
    placed = [(there or Affine())(point) for point in zip(x.ravel(), sagging.ravel(), strict=True)]
    return Mesh(np.array(placed).reshape(4, 5, 2), GRID)


@given(coordinates, coordinates, st.floats(-180, 180), st.floats(0.5, 3))
def test_a_mesh_that_does_not_bend_is_the_affine_map(x: float, y: float, degrees: float, scale: float) -> None:
    affine = Affine.rotation(degrees, (30, 20)) @ Affine.scale(scale, scale)
    bent = mesh(there=affine)
    assert bent((x, y)) == pytest.approx(affine((x, y)), abs=1e-6)
    assert bent.enlargement == pytest.approx(affine.enlargement)
    assert (bent.angle - affine.angle + 180) % 360 - 180 == pytest.approx(0, abs=1e-6)


@given(boxes, st.floats(-30, 30))
def test_bounds_hold_the_corners(box: tuple[int, int, int, int], degrees: float) -> None:
    rectangle = Rectangle(box[0], box[1], box[0] + box[2], box[1] + box[3])
    bent = mesh(12, Affine.rotation(degrees, (0, 0)))
    found = bent.bounds(rectangle)
    for x, y in bent.corners(rectangle):
        assert found.left - 1e-3 <= x <= found.right + 1e-3
        assert found.top - 1e-3 <= y <= found.bottom + 1e-3


def test_bounds_hold_what_sags_between_the_corners() -> None:
    assert mesh(12).bounds(Rectangle(0, 0, ACROSS, 10)) == Rectangle(0, 0, ACROSS, 22)


@given(coordinates, coordinates, st.floats(0.5, 3))
def test_a_map_before_it(x: float, y: float, scale: float) -> None:
    first = Affine.scale(scale, scale)
    assert (mesh(12) @ first)((x, y)) == pytest.approx(mesh(12)(first((x, y))))


def test_a_map_after_it() -> None:
    then = Affine.rotation(30, (5, 5)) @ Affine.scale(2, 3)
    assert (then @ mesh(12))((40, 20)) == pytest.approx(then(mesh(12)((40, 20))))


def test_beyond_its_edge_it_goes_on_straight() -> None:
    inside, edge, beyond = (mesh(12)((x, 30)) for x in (90, 100, 110))
    assert beyond[1] - edge[1] == pytest.approx(edge[1] - inside[1])
