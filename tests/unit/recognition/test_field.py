"""What stands in a field, decided by several pictures of its line."""

from __future__ import annotations

import numpy as np

from emissions import line, seen
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.sight import Sight
from whaleline.recognition.field import FieldLine, constraint, decide, rows
from whaleline.recognition.line import Evidence


def test_a_picture_in_which_digits_are_lost_does_not_shorten_the_field() -> None:
    first = line("1196")
    pictures = [seen("1196", 0.7), seen("1", 0.9), seen("1", 0.9)]
    evidence = Evidence(Sight(np.full((20, 120), 255, np.uint8)), (0, 0), first, pictures)
    read = decide(FieldLine(Rectangle(0, 0, 120, 20), evidence, None, ("1196", 80.0)), constraint("", "0123456789"))
    assert read.text == "1196"
    assert read.fits


def test_of_texts_that_fit_alike_the_one_that_both_engines_made_of_it_is_taken() -> None:
    pictures = [seen("15", 0.6, {0: "7"})]
    evidence = Evidence(Sight(np.full((20, 60), 255, np.uint8)), (0, 0), line("75"), pictures)
    box, digits = Rectangle(0, 0, 60, 20), constraint(r"\d+")
    doubted, told = (decide(FieldLine(box, evidence, None, plain), digits) for plain in (("", 0.0), ("75", 90.0)))
    assert (doubted.text, told.text) == ("15", "75")


def test_two_lines_are_told_in_noise() -> None:
    page = np.full((52, 300), 200.0)
    for top in (10, 30):
        for left in range(12, 288, 9):
            page[top : top + 9, left : left + 2] = page[top : top + 2, left : left + 6] = 120
    noisy = (page + np.random.default_rng(1).normal(0, 26, page.shape)).clip(0, 255).astype(np.uint8)
    (_, first), (second, _) = rows(noisy)
    assert 19 <= first == second <= 30
