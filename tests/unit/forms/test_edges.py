"""Straight edges of print, and of a sheet, and how far they moved across themselves."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from whaleline.forms.edges import DOWN, edges, followed, rim
from whaleline.imaging.picture import Picture


def ruled() -> Picture:
    """A rule across and one down."""
    page = np.full((300, 400), 255, np.uint8)
    page[100:103, 40:360] = page[120:280, 300:303] = 0
    return np.asarray(cv2.GaussianBlur(page, (0, 0), 1.2), np.uint8)


def test_rules_are_edges() -> None:
    found = edges(ruled(), np.full((300, 400), 255, np.uint8))
    level, upright = found.at[found.across == DOWN], found.at[found.across != DOWN]
    assert len(level) > 5
    assert np.abs(level[:, 1] - 101).max() <= 3
    assert len(upright) > 5
    assert np.abs(upright[:, 0] - 301).max() <= 3


def test_of_finely_squared_paper_so_many_edges_are_taken_as_can_be_followed_soon() -> None:
    page = np.full((1400, 1000), 255, np.uint8)
    page[::8] = page[:, ::8] = 0
    found = edges(page, np.full(page.shape, 255, np.uint8))
    assert len(found.at) <= 4000
    low, high = found.at.min(axis=0), found.at.max(axis=0)
    assert (low < 100).all()
    assert (high > (900, 1300)).all()


def test_what_the_mask_covers_is_left_out() -> None:
    mask = np.full((300, 400), 255, np.uint8)
    mask[90:110] = 0
    found = edges(ruled(), mask)
    assert (found.across != DOWN).all()


@pytest.mark.parametrize(("right", "down"), [(0.0, 0.0), (2.4, -5.7), (-3.0, 6.5)])
def test_an_edge_is_followed_across_itself(right: float, down: float) -> None:
    page = ruled()
    shift = np.array([[1, 0, right], [0, 1, down]], np.float64)
    seen = np.asarray(cv2.warpAffine(page, shift, (400, 300), borderValue=(255,)), np.uint8)
    found = edges(page, np.full((300, 400), 255, np.uint8))
    moved, good = followed(page, seen, found, 8)
    assert good.mean() > 0.8
    assert moved[good & (found.across == DOWN)] == pytest.approx(down, abs=0.3)
    assert moved[good & (found.across != DOWN)] == pytest.approx(right, abs=0.3)


def test_an_edge_out_of_reach_is_not_found() -> None:
    page = ruled()
    seen = np.roll(page, 20, axis=0)
    found = edges(page, np.full((300, 400), 255, np.uint8))
    _, good = followed(page, seen, found, 8)
    assert not good[found.across == DOWN].any()


def test_an_edge_that_two_places_look_like_is_not_found() -> None:
    page = ruled()
    seen = page.copy()
    seen[:, 12:] = np.minimum(page[:, 12:], page[:, :-12])
    found = edges(page, np.full((300, 400), 255, np.uint8))
    upright = found.across != DOWN
    assert not followed(page, seen, found, 14)[1][upright].any()
    assert followed(page, seen, found, 4)[1][upright].all()


def test_the_end_of_a_sheet_is_seen_near_the_rim_of_its_form() -> None:
    margin, page = 40, np.full((300, 400), 220, np.uint8)
    table = np.full((380, 480), 90, np.uint8)
    table[margin - 6 : margin + 300, margin : margin + 412] = 220  # 6 pixels more above, 12 more on the right
    at, across, off = rim(table, margin, page)
    for axis, far, wanted in ((DOWN, 0, -6), (DOWN, 300, 0), (1 - DOWN, 0, 0), (1 - DOWN, 400, 12)):
        side = off[(across == axis) & (at[:, axis] == far)]
        assert len(side) > 10
        assert side == pytest.approx(wanted, abs=0.3)


def test_a_sheet_whose_end_does_not_show_has_none() -> None:
    noise = np.random.default_rng(1).normal(220, 3, (380, 480)).astype(np.uint8)
    assert len(rim(noise, 40, np.full((300, 400), 220, np.uint8))[0]) == 0
