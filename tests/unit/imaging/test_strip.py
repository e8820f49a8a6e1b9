"""Strips of text at any angle and along curves, made level and straight."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest

from whaleline.imaging.picture import Picture
from whaleline.imaging.strip import Points, Strip, curved, straight


def outline(mask: Picture) -> Points:
    (found,), _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return found.reshape(-1, 2).astype(np.float64)


def bar(degrees: float, length: int = 300, height: int = 30) -> Points:
    mask = np.zeros((500, 500), np.uint8)
    box = cv2.boxPoints(((250, 250), (length, height), degrees))
    cv2.fillPoly(mask, [box.astype(np.int32)], 255)
    return outline(mask)


@pytest.mark.parametrize("degrees", [0, 10, -10, 40, -40, 75, 90])
def test_a_bar(degrees: float) -> None:
    strip = straight(bar(degrees), 0)
    assert strip.angle == pytest.approx(degrees, abs=1)
    assert strip.size == pytest.approx((300, 30), abs=4)


def test_a_line_that_runs_down_is_read_from_its_top() -> None:
    strip = straight(bar(-88), 0)
    assert strip.angle == pytest.approx(92, abs=1)
    assert strip.path[0][1] < strip.path[-1][1]


def test_a_tall_letter_is_level() -> None:
    strip = straight(bar(90, 40, 30), 0)
    assert strip.angle == pytest.approx(0, abs=1)


def test_growth_by_area_over_perimeter() -> None:
    plain, grown = straight(bar(0), 0), straight(bar(0), 1.6)
    more = 1.6 * 300 * 30 / 660
    assert grown.half - plain.half == pytest.approx(more, abs=0.5)
    assert grown.size[0] - plain.size[0] == pytest.approx(2 * more, abs=2)


def test_what_is_cut_is_level_and_straight() -> None:
    picture = np.full((500, 500), 255, np.uint8)
    cv2.fillPoly(picture, [cv2.boxPoints(((250, 250), (300, 20), 30)).astype(np.int32)], 0)
    mask = np.where(picture < 128, 255, 0).astype(np.uint8)
    cut = straight(outline(mask), 1.6).cut(picture)
    rows = np.flatnonzero((cut < 128).mean(axis=1) > 0.5)
    assert len(rows) == pytest.approx(20, abs=3)
    assert (rows[0] + rows[-1]) / 2 == pytest.approx(cut.shape[0] / 2, abs=2)


def arc(height: int = 24) -> Points:
    mask = np.zeros((400, 700), np.uint8)
    cv2.ellipse(mask, (350, 500), (400, 400), 0, -125, -55, 255, height)
    return outline(mask)


def test_a_curve_is_followed() -> None:
    strip = curved(arc(), 0)
    assert len(strip.path) > 2
    assert np.hypot(*(strip.path[1:-1] - (350, 500)).T) == pytest.approx(np.full(len(strip.path) - 2, 400), abs=4)
    assert strip.size[0] == pytest.approx(math.radians(70) * 400, rel=0.08)
    assert 2 * strip.half == pytest.approx(24, abs=8)


def test_a_curve_of_what_is_straight_is_straight() -> None:
    assert len(curved(bar(10), 0).path) == 2


def test_bounds_of_a_part() -> None:
    strip = Strip(np.array([[100.0, 50.0], [100.0, 250.0]]), 10)  # runs down
    box = strip.bounds(20, 60)
    assert (box.left, box.top, box.right, box.bottom) == (90, 70, 110, 110)
    assert strip.holds((105, 60))
    assert not strip.holds((115, 60))
    assert not strip.holds((100, 300))


def test_reversed() -> None:
    strip = Strip(np.array([[0.0, 10.0], [100.0, 10.0]]), 5)
    picture = np.tile(np.arange(100, dtype=np.uint8), (20, 1))
    assert np.array_equal(strip.reversed().cut(picture), strip.cut(picture)[::-1, ::-1])
