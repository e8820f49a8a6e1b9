"""Pictures turned level, by strips that are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from whaleline.imaging.deskewing import deskew, tilt
from whaleline.imaging.geometry import Affine
from whaleline.imaging.picture import Picture
from whaleline.imaging.strip import Strip

WIDTH, HEIGHT = 600, 400
MIDDLE = (WIDTH / 2, HEIGHT / 2)


def leaning(degrees: float, left: float = 150, right: float = 450) -> tuple[Picture, list[Strip]]:
    """Three black bars on white, turned clockwise about the picture's middle, and their strips."""
    picture = np.full((HEIGHT, WIDTH), 255, np.uint8)
    turn = Affine.rotation(degrees, MIDDLE)
    strips = []
    for y in (160.0, 200.0, 240.0):
        ends = np.array([turn((left, y)), turn((right, y))])
        (x1, y1), (x2, y2) = np.round(ends).astype(int).tolist()
        cv2.line(picture, (x1, y1), (x2, y2), 0, 9)
        strips.append(Strip(ends, 8))
    return picture, strips


def rows_of_ink(picture: Picture) -> int:
    return int((picture < 128).any(axis=1).sum())


@pytest.mark.parametrize("degrees", [-15, -6, -0.8, 3, 11, 15])
def test_lines_that_lean_run_level_and_the_size_is_kept(degrees: float) -> None:
    picture, strips = leaning(degrees)
    level = deskew(picture, strips)
    assert level.shape == picture.shape
    assert 24 <= rows_of_ink(level) <= 42  # three bars of 9 pixels


def test_colours_stay_and_the_corners_are_paper() -> None:
    picture, strips = leaning(10)
    coloured = np.where(picture[..., None] < 128, (200, 0, 0), (250, 240, 230)).astype(np.uint8)
    level = deskew(coloured, strips)
    assert level[0, 0].tolist() == [250, 240, 230]
    assert level[200, 300].tolist() == [200, 0, 0]


def test_what_would_be_cut_makes_the_picture_grow() -> None:
    # Turned clockwise about the middle, what stands in the upper right corner leaves the frame.
    ends = np.array([[430.0, 60.0], [580.0, 20.0]])
    picture = np.full((HEIGHT, WIDTH), 255, np.uint8)
    cv2.line(picture, (430, 60), (580, 20), 0, 9)
    level = deskew(picture, [Strip(ends, 8)])
    assert level.shape[0] > HEIGHT
    assert level.shape[1] > WIDTH
    assert (level < 128).sum() == pytest.approx((picture < 128).sum(), rel=0.05)


@pytest.mark.parametrize("degrees", [0, 0.1, 25, -40])
def test_what_is_level_or_leans_more_than_fifteen_degrees_is_left_alone(degrees: float) -> None:
    picture, strips = leaning(degrees)
    assert deskew(picture, strips) is picture


def test_a_picture_without_lines_is_left_alone() -> None:
    picture, _ = leaning(5)
    assert deskew(picture, []) is picture


def test_most_of_the_text_says_how_it_leans() -> None:
    _, few = leaning(-9, left=280, right=320)
    _, many = leaning(4)
    assert tilt([*few, *many]) == pytest.approx(4)


def test_lines_that_run_down_the_picture_lean_from_upright() -> None:
    _, strips = leaning(93)
    assert tilt(strips) == pytest.approx(3)
