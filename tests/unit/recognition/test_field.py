"""What stands in a field, decided by several pictures of its line."""

from __future__ import annotations

import numpy as np

from emissions import line, seen
from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.field import FieldLine, constraint, decide
from whaleline.recognition.line import Evidence


def test_a_picture_in_which_digits_are_lost_does_not_shorten_the_field() -> None:
    first = line("1196")
    pictures = [seen("1196", 0.7), seen("1", 0.9), seen("1", 0.9)]
    evidence = Evidence(np.full((20, 120), 255, np.uint8), (0, 0), first, pictures)
    read = decide(FieldLine(Rectangle(0, 0, 120, 20), evidence, None, ("1196", 80.0)), constraint("", "0123456789"))
    assert read.text == "1196"
    assert read.fits
