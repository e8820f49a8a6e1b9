"""Simple properties of pictures: parts of ink, and smaller pictures of the same."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from whaleline.imaging.picture import Picture, letters, most_parts, shrunk


def specks(share: float, size: tuple[int, int] = (200, 300)) -> Picture:
    """Ink in such a share of its pixels."""
    return np.where(np.random.default_rng(5).random(size) < share, np.uint8(255), np.uint8(0))


@pytest.mark.parametrize("share", [0.001, 0.01, 0.2, 0.6])
def test_letters_are_where_they_stand_whatever_white_is_between_them(share: float) -> None:
    print_ = specks(share)
    print_[40:90] = print_[120:122] = 0
    print_[100:110, 20:24] = print_[199, 50:55] = print_[0, 60:65] = 255
    _, _, statistics, _ = cv2.connectedComponentsWithStats(print_, connectivity=8)
    wide, high = statistics[1:, 2], statistics[1:, 3]
    wanted = statistics[1:][(np.maximum(wide, high) >= 3) & (wide < 12 * high) & (high < 12 * wide)]
    assert {*map(tuple, letters(print_).tolist())} == {*map(tuple, wanted.tolist())}


def test_paper_has_no_letters() -> None:
    assert letters(np.zeros((50, 60), np.uint8)).shape == (0, 5)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.2, 0.6, 1.0])
@pytest.mark.parametrize("size", [(200, 300), (1, 30), (30, 1)])
def test_there_are_no_more_parts_than_told_at_a_glance(share: float, size: tuple[int, int]) -> None:
    print_ = specks(share, size)
    assert cv2.connectedComponents(print_, connectivity=8)[0] - 1 <= most_parts(print_)


def test_as_many_parts_as_fit_are_all_found() -> None:
    print_ = np.zeros((1400, 1400), np.uint8)  # 490,000 of them, more than a short label can tell
    print_[::2, ::2] = 255
    assert most_parts(print_) >= 490_000
    print_[0:3, 0] = 255
    assert len(letters(print_)) == 1


@pytest.mark.parametrize("shape", [(1200, 900), (1201, 903), (1200, 900, 3)])
def test_a_smaller_picture_shows_the_same_at_the_same_place(shape: tuple[int, ...]) -> None:
    picture = np.full(shape, 200, np.uint8)
    picture[600:900, 300:600] = 40
    small = shrunk(picture, (90, 120))
    assert small.shape == (120, 90, *shape[2:])
    assert (small[62:88, 32:58] == 40).all()
    assert (small[:58] == 200).all()
    assert (small[:, 62:] == 200).all()
