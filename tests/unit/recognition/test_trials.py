"""Which of several readings of a line is taken, with engines whose slips depend on the size of the letters."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import cv2
import numpy as np

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.recognition import trials
from whaleline.recognition.engine import Engine, Shape
from whaleline.recognition.page import Block, Line, Word

HEIGHT = 40
LINE = np.full((HEIGHT, 400), 255, np.uint8)
for left in range(10, 380, 20):
    cv2.rectangle(LINE, (left, 10), (left + 11, 29), 0, -1)
SIZES = (None, 10, 30, 15, 40)  # to which its letters of 20 pixels are brought
SURE, UNSURE = 95.0, 70.0


class Sized(Engine):
    """Reads a text by the height of the picture, and counts."""

    name = "sized"
    shapes = frozenset({Shape.LINE})

    def __init__(self, texts: Mapping[int, str], confidence: float = UNSURE) -> None:
        self.texts, self.confidence = texts, confidence
        self.seen: list[int] = []

    def read(self, picture: Picture, shape: Shape) -> tuple[Block, ...]:
        assert shape is Shape.LINE
        height, width = picture.shape
        self.seen.append(height)
        text = self.texts.get(height, "")
        return (Block((Line((Word(text, Rectangle(0, 0, width, height), self.confidence),)),)),) if text else ()


def texts_of(*engines: Sized) -> str:
    readers = [partial(_same, engine) for engine in engines]
    return "".join(block.text for block in trials.agreed(LINE, readers, SIZES))


def _same(engine: Engine) -> Engine:
    return engine


def test_a_sure_reading_is_the_only_one() -> None:
    engine, other = Sized({40: "whole"}, SURE), Sized({})
    assert texts_of(engine, other) == "whole"
    assert (engine.seen, other.seen) == ([40], [])


def test_slips_that_change_with_the_size_are_outvoted() -> None:
    engine = Sized({40: "sl1ps change", 20: "slips chonge", 60: "slips chang", 30: "slips change", 80: "s1ips change"})
    assert texts_of(engine) == "slips change"
    assert sorted(engine.seen) == [20, 30, 40, 60, 80]


def test_nothing_more_is_read_once_a_text_has_come_up_three_times() -> None:
    engine, other = Sized(dict.fromkeys((40, 20, 60, 30, 80), "same")), Sized({40: "other", 20: "some", 60: "same"})
    assert texts_of(engine, other) == "same"
    assert engine.seen == [40, 20, 60]
    assert other.seen == [40, 20]


def test_readers_have_equal_votes() -> None:
    former, further = Sized({40: "vote"}), Sized({40: "wote", 20: "vote", 60: "vote"})
    assert texts_of(former, further) == "vote"


def test_a_reading_that_sees_nothing_does_not_empty_the_line() -> None:
    engine = Sized({40: "seen", 30: "seen"})
    assert texts_of(engine) == "seen"


def test_boxes_are_of_the_picture_that_was_given() -> None:
    engine = Sized({20: "small", 30: "small", 60: "small"})
    [block] = trials.agreed(LINE, [lambda: engine], SIZES)
    assert block.box == Rectangle(0, 0, 400, HEIGHT)
