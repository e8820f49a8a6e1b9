"""Regions as a bomb: few bytes of rectangles that ask for any number of pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import corpus
import whaleline
from whaleline.errors import UnreadableImage
from whaleline.imaging import region
from whaleline.imaging.geometry import Rectangle
from whaleline.recognition import layout

PAGE = corpus.saved(corpus.grey(1000, 100), "PNG")
WHOLE = (0, 0, 1000, 100)


def read(image: bytes, *regions: tuple[int, int, int, int], **options: Any) -> int:
    return len(whaleline.read_regions(image, regions, recognize=False, skew_correction=False, **options))


def test_overlapping_regions_count_each() -> None:
    assert read(PAGE, *[WHOLE] * 3, max_region_pixels=300_000) == 3
    with pytest.raises(UnreadableImage, match="The 4 regions have 400000 pixels together; at most 300000 are allowed"):
        read(PAGE, *[WHOLE] * 4, max_region_pixels=300_000)


def test_what_lies_outside_the_image_does_not_count() -> None:
    far = (-(2**31), -(2**31), 2**31 - 1, 2**31 - 1)
    assert read(PAGE, far, (5000, 0, 6000, 9), max_region_pixels=100_000) == 2


def test_a_turned_region_counts_with_all_that_it_grows_to() -> None:
    """1000 x 100 turned by 45 degrees fills 778 x 778."""
    assert read(PAGE, WHOLE, rotate=45, max_region_pixels=778 * 778) == 1
    with pytest.raises(UnreadableImage, match="turned by 45 degrees, makes a picture of 778 x 778 = 605284 pixels"):
        read(PAGE, WHOLE, rotate=45, max_region_pixels=778 * 778 - 1)


def test_a_long_strip_is_not_turned_into_gigapixels() -> None:
    """A strip of 65,000 pixels would fill 1.8 thousand million when turned by 30 degrees."""
    strip = corpus.saved(corpus.grey(65_000, 1), "PNG")
    with pytest.raises(UnreadableImage, match=r"56293 x 32501 = \d+ pixels"):
        read(strip, rotate=30)
    assert read(strip, (0, 0, 30_000, 1), (64_000, 0, 65_000, 1)) == 2


def test_a_region_too_long_for_the_engine_is_refused_rather_than_read_as_blank() -> None:
    strip = corpus.saved(corpus.grey(region.MAX_SIDE + 1, 2), "PNG")
    with pytest.raises(UnreadableImage, match="32001 x 2 = 64002 pixels; at most 32000 to a side"):
        read(strip)
    assert read(strip, (0, 0, region.MAX_SIDE, 2)) == 1


def test_upsampling_that_does_not_fit_is_left_out() -> None:
    image = np.full((40, 60), 255, np.uint8)
    image[10:18, 5:55:10] = 0  # letters of 8 pixels
    plain, double = (60, 40), (120, 80)
    for most, size in ((60 * 40 * 4, double), (60 * 40 * 4 - 1, plain)):
        made = region.prepare(image, Rectangle(0, 0, *plain), upsample=True, max_pixels=most)
        assert made.shown.shape == made.plain.shape == size[::-1]


@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 2), (3, 3), (9_000, 1), (1, 9_000)])
def test_slivers_are_read(size: tuple[int, int]) -> None:
    """All filters on; nothing may shrink to a side of 0."""
    paper = corpus.grey(*size)
    paper.putpixel((0, 0), 0)
    image = corpus.saved(paper, "PNG")
    (reading,) = whaleline.read_regions(image, binarization=True, upsampling=True)
    assert not reading.is_outside
    (reading,) = whaleline.read_regions(image, [(0, 0, 50, 50)], rotate=7, upsampling=True)
    assert not reading.is_outside


def test_small_letters_in_a_long_region_do_not_grow_past_what_the_engine_reads() -> None:
    picture = corpus.first_page(corpus.saved(corpus.grey(31_000, 40), "PNG"), max_pixels=10**7).picture
    framed, _ = layout.fit(picture, height=5)
    assert max(framed.shape) <= 32_767
