"""What stands in a field, decided by several pictures of its line."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from drawing import font
from emissions import line, seen
from whaleline.imaging.sight import Sight
from whaleline.recognition import line_reader
from whaleline.recognition.chooser import legible
from whaleline.recognition.field import constraint, decide
from whaleline.recognition.field_lines import FieldLine, look, rows
from whaleline.recognition.languages import find
from whaleline.recognition.line import Evidence

NAMES = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"
DATES = "L898902C36UTO7408122F1204159ZE184226B<<<<<10"


def test_a_picture_in_which_digits_are_lost_does_not_shorten_the_field() -> None:
    first = line("1196")
    pictures = [seen("1196", 0.7), seen("1", 0.9), seen("1", 0.9)]
    evidence = Evidence(Sight(np.full((20, 120), 255, np.uint8)), (0, 0), first, pictures)
    line_ = FieldLine(evidence, legible(pictures), None, ("1196", 80.0))
    read = decide(line_, constraint("", "0123456789"))
    assert read.text == "1196"
    assert read.fits


def test_lines_that_lean_are_read_level() -> None:
    face = font("truetype/dejavu/DejaVuSansMono.ttf", 16)
    upright = Image.new("L", (460, 64), 255)
    for top, text in ((8, NAMES), (34, DATES)):
        ImageDraw.Draw(upright).text((16, top), text, 20, font=face)
    turned = cv2.warpAffine(np.asarray(upright), cv2.getRotationMatrix2D((230, 32), 2.5, 1), (460, 64), borderValue=255)
    language = find("English")
    assert language is not None
    read = look(np.asarray(turned, np.uint8), line_reader(language))
    assert [each.plain[0][:3] for each in read] == [NAMES[:3], DATES[:3]]


def test_a_comma_is_told_from_a_point_by_many_pictures() -> None:
    amount = constraint(r"\d+[.,]\d\d")
    pictures = [seen("7.10", 0.8, {1: ","})]
    evidence = Evidence(Sight(np.full((20, 80), 255, np.uint8)), (0, 0), None, pictures)
    plain, raised = (
        decide(FieldLine(evidence, shown, None, ("", 0.0)), amount)
        for shown in (pictures, [one.likelier(",", ".", 20) for one in pictures])
    )
    assert (plain.text, raised.text) == ("7.10", "7,10")


def test_two_lines_are_told_in_noise() -> None:
    page = np.full((52, 300), 200.0)
    for top in (10, 30):
        for left in range(12, 288, 9):
            page[top : top + 9, left : left + 2] = page[top : top + 2, left : left + 6] = 120
    noisy = (page + np.random.default_rng(1).normal(0, 26, page.shape)).clip(0, 255).astype(np.uint8)
    (_, first), (second, _) = rows(noisy)
    assert 19 <= first == second <= 30
