"""Pages of DjVu files as pictures."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import corpus
from whaleline.documents import Document
from whaleline.errors import UnreadableImage


def mask(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(4).integers(0, 2, (height, width), np.uint8) * 255)


def test_a_page_has_its_own_pixels_and_resolution() -> None:
    image = mask(160, 90)
    document = Document(corpus.djvu(image, dpi=400))
    assert len(document) == 1
    page = document.page(1)
    assert np.array_equal(page.picture, np.asarray(image))
    assert page.dpi == 400
    assert not page.drawn


def test_each_page_is_given() -> None:
    images = [mask(160, 90), mask(32, 48)]
    document = Document(corpus.djvu(*images))
    assert len(document) == 2
    for number in (2, 1):
        assert np.array_equal(document.page(number).picture, np.asarray(images[number - 1]))


def test_a_page_past_the_limit_is_refused_before_it_is_drawn() -> None:
    with pytest.raises(UnreadableImage, match="The DjVu image is 160 x 90 = 14400 pixels; at most 14399"):
        corpus.first_page(corpus.djvu(mask(160, 90)), max_pixels=14_399)
