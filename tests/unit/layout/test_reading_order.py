"""The order of boxes that are only boxes."""

from __future__ import annotations

import time

import pytest

from whaleline.imaging.geometry import Rectangle
from whaleline.layout.reading_order import ordered

HEIGHT = 20.0
"""Of a letter; a box with one row is 30 high, as it has a rim, and those of one text overlap by 4."""


@pytest.mark.parametrize(
    "boxes",
    [
        pytest.param([(0, 0, 900, 30), (0, 60, 400, 400), (0, 396, 400, 700), (500, 60, 900, 300)], id="columns"),
        pytest.param(
            [(0, 0, 400, 300), (0, 330, 400, 600), (500, 0, 900, 300), (500, 330, 900, 600)],
            id="columns whose paragraphs end at one height",
        ),
        pytest.param(
            [(0, 0, 100, 30), (250, 0, 900, 104), (0, 100, 90, 130), (250, 100, 900, 204)], id="labels beside texts"
        ),
        pytest.param([(0, 0, 50, 30), (300, 2, 350, 28), (0, 56, 50, 86), (300, 60, 350, 86)], id="level pairs"),
        pytest.param([(600, 0, 900, 60), (0, 80, 300, 300)], id="a signature above what is enclosed"),
        pytest.param(
            [(0, 0, 200, 50), (700, 30, 900, 60), (0, 150, 300, 200), (500, 180, 900, 240), (0, 260, 300, 330)],
            id="scattered on the head of a letter",
        ),
        pytest.param(
            [(600, 0, 900, 90), (0, 60, 300, 90), (0, 150, 900, 400)], id="the higher one of two that overlap a little"
        ),
        pytest.param([(0, 0, 900, 104), (100, 100, 150, 130), (300, 98, 350, 128)], id="rims that overlap"),
    ],
)
def test_boxes_are_read_in_the_order_that_they_are_listed_in(boxes: list[tuple[int, int, int, int]]) -> None:
    given = [Rectangle(*box) for box in reversed(boxes)]
    prose = [index for index, box in enumerate(given) if box.width > 240 and box.height > 120]
    assert [given[index] for index in ordered(given, HEIGHT, prose)] == given[::-1]


def test_thousands_of_boxes_take_no_minutes() -> None:
    # Labels and values: each cut takes off one row, and looks whether the rest are rows.
    boxes = [Rectangle(400 * (i % 2), 40 * (i // 2), 400 * (i % 2) + 200, 40 * (i // 2) + 30) for i in range(4000)]
    start = time.process_time()
    assert ordered(boxes, HEIGHT, ()) == list(range(4000))
    assert time.process_time() - start < 5
