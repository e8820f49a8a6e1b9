"""Drawings as pictures, and that nothing outside their file is read."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import corpus
from corpus import first_page, svg
from whaleline.documents.svg import _plain_font
from whaleline.errors import UnreadableImage

RED = (255, 0, 0)


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ('width="96" height="48"', (150, 300)),
        ('width="1in" height="36pt"', (150, 300)),
        ('width="25.4mm" height="1.27cm"', (150, 300)),
        ('viewBox="0 0 96 48"', (150, 300)),
        ('width="100%" height="100%" viewBox="-5 -5 96 48"', (150, 300)),
        ('width="192" height="96" viewBox="0 0 96 48"', (300, 600)),
    ],
)
def test_a_drawing_is_given_at_300_dpi(size: str, shape: tuple[int, int]) -> None:
    page = first_page(svg('<rect x="-9" y="-9" width="500" height="500" fill="#f00"/>', size))
    assert page.picture.shape == (*shape, 3)
    assert page.drawn
    assert page.dpi == 300
    assert page.picture[shape[0] // 2, shape[1] // 2].tolist() == list(RED)


def test_a_large_drawing_is_drawn_more_coarsely_and_says_so() -> None:
    page = first_page(svg("", 'width="960" height="960"'), max_pixels=1_000_000)
    assert page.dpi == pytest.approx(100, abs=1)
    assert "the page was drawn at 100 dpi rather than 300" in page.notes[0]


def test_light_print_on_nothing_lies_on_black() -> None:
    picture = first_page(svg('<rect x="20" y="20" width="40" height="9" fill="white"/>')).picture
    assert picture[0, 0].tolist() == [0, 0, 0]


@pytest.mark.skipif(_plain_font() is None, reason="no font is installed: make packs")
def test_text_is_drawn_in_a_font_that_is_there() -> None:
    picture = first_page(
        svg('<rect width="96" height="48" fill="white"/><text y="40" font-family="No Such">Ahab</text>')
    )
    assert picture.picture.min() < 50
    assert picture.notes == ()


def test_a_picture_in_the_file_is_drawn() -> None:
    picture = first_page(corpus.svg_picture(corpus.saved(Image.new("RGB", (8, 4), RED), "PNG"))).picture
    assert picture[75, 150].tolist() == list(RED)


WAYS = [
    '<image width="96" height="48" xlink:href="{0}"/>',
    '<image width="96" height="48" href="{0}"/>',
    '<image width="96" height="48" href="file://{0}"/>',
    '<image width="96" height="48" href=" {0}"/>',
    '<image width="96" height="48" xlink:href="data:image/svg+xml;base64,{1}"/>',
    '<filter id="f"><feImage href="{0}"/></filter><rect width="96" height="48" filter="url(#f)"/>',
    '<style>rect {{ fill: url({0}) }}</style><rect width="96" height="48"/>',
    '<rect width="96" height="48" style="fill: url(\'{0}\')"/>',
    '<use href="{0}"/>',
]


@pytest.mark.parametrize("way", WAYS)
def test_no_file_is_read(way: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    secret.write_bytes(corpus.saved(Image.new("RGB", (96, 48), RED), "PNG"))
    inner = base64.b64encode(svg(f'<image width="96" height="48" href="{secret}"/>')).decode()
    picture = first_page(svg(way.format(secret, inner))).picture
    assert not np.any((picture[..., 0] > 200) & (picture[..., 1] < 100))


def test_a_filter_costs_nothing_and_hides_nothing() -> None:
    slow = '<filter id="f"><feTurbulence numOctaves="100000"/></filter><rect width="96" height="48" fill="red" {}/>'
    for way in ('filter="url(#f)"', 'style="filter: url(#f); stroke: red"'):
        assert first_page(svg(slow.format(way))).picture[75, 150].tolist() == list(RED)


def test_an_entity_outside_the_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    head = f'<!DOCTYPE svg [<!ENTITY e SYSTEM "{tmp_path / "secret"}">]>'
    with pytest.raises(UnreadableImage, match="undefined entity"):
        first_page(svg("<text>&e;</text>", head=head))
