"""Ruled lines: which ink is one, and that print stays whole where they are painted over."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageDraw
from rapidfuzz.distance import Levenshtein

from drawing import DEJAVU, LATIN, font
from whaleline.imaging.picture import Picture, ink, text_height
from whaleline.imaging.rules import rules, without
from whaleline.imaging.sight import Sight
from whaleline.recognition.ppocr import ppocr

FACES = pytest.mark.parametrize("face", [LATIN, DEJAVU])
TEXT = "Captain Ahab 1851"


def printed(face: str, text: str = TEXT, size: int = 36) -> Picture:
    """A line of text in a margin of 20 pixels, its baseline 60 pixels from the top."""
    own = font(face, size)
    image = Image.new("L", (round(own.getlength(text)) + 40, 90), 255)
    ImageDraw.Draw(image).text((20, 60), text, font=own, fill=0, anchor="ls")
    return np.array(image)


def mask_of(picture: Picture) -> Picture:
    print_ = ink(picture)
    return rules(print_, text_height(print_))


def ruled(picture: Picture, kind: str) -> tuple[Picture, npt.NDArray[np.bool_]]:
    """The picture with rules, and where these are (True)."""
    height, width = picture.shape
    lines = np.zeros((height, width), np.uint8)
    if kind == "underline":
        cv2.line(lines, (5, 74), (width - 6, 74), 255, 2)
    elif kind == "frame":
        cv2.rectangle(lines, (3, 3), (width - 4, height - 4), 255, 2)
    elif kind == "grid":
        for top in (4, height - 6):
            cv2.line(lines, (0, top), (width, top), 255, 2)
        for left in (4, width - 6):
            cv2.line(lines, (left, 0), (left, height), 255, 2)
    elif kind == "leaning":  # a pixel over its length
        cv2.line(lines, (5, 73), (width - 6, 74), 255, 2)
    return np.asarray(np.where(lines > 0, np.uint8(0), picture), np.uint8), lines > 0


@FACES
@pytest.mark.parametrize("kind", ["underline", "frame", "grid", "leaning"])
def test_rules_are_found_and_nothing_else(face: str, kind: str) -> None:
    plain = printed(face)
    picture, lines = ruled(plain, kind)
    found = mask_of(picture) > 0
    assert np.mean(found[lines]) > 0.9
    assert not found[(plain < 128) & ~lines].any()


@FACES
def test_the_sides_of_a_low_box_on_a_page_are_rules_and_tall_letters_in_it_are_not(face: str) -> None:
    image = Image.new("L", (1200, 900), 255)
    draw = ImageDraw.Draw(image)
    for top in range(60, 800, 120):
        draw.text((40, top + 32), "Given names", font=font(face, 24), fill=0, anchor="lm")
        draw.text((440, top + 32), "Illinois (|) 1851", font=font(face, 34), fill=0, anchor="lm")
    plain = np.array(image)
    for top in range(60, 800, 120):
        draw.rectangle((420, top, 1000, top + 64), outline=0, width=2)
    framed = np.array(image)
    lines = (plain > 128) & (framed < 128)
    found = Sight(framed).frames > 0
    assert np.mean(found[lines]) > 0.95
    assert not found[(plain < 128)].any()


@FACES
@pytest.mark.parametrize("text", ["Captain Ahab 1851", "--- MMMM ---", "TELEFT", "ILLITERATE", "E", "1", "H-I"])
def test_letters_are_no_rules(face: str, text: str) -> None:
    assert not mask_of(printed(face, text)).any()


@FACES
@pytest.mark.parametrize("text", ["E", "I", "T", "L", "11", "Ill", "FEE"])
def test_letters_that_touch_the_rim_are_no_rules(face: str, text: str) -> None:
    """As in a rectangle that is drawn tight about them: a stroke runs from rim to rim."""
    picture = printed(face, text)
    rows, columns = np.nonzero(picture < 128)
    tight = picture[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert not mask_of(np.ascontiguousarray(tight)).any()


@FACES
@pytest.mark.parametrize("kind", ["underline", "frame", "grid", "leaning"])
def test_without_rules_only_the_print_is_left(face: str, kind: str) -> None:
    plain = printed(face)
    picture, _ = ruled(plain, kind)
    clean = without(picture, mask_of(picture))
    assert np.mean((clean < 128) != (plain < 128)) < 0.002


@FACES
@pytest.mark.parametrize("row", [58, 60, 62])
def test_print_that_touches_a_rule_can_be_read_without_it(face: str, row: int) -> None:
    """The rule goes through the feet of the letters, and takes a pixel or two of each with it."""
    picture = printed(face)
    picture[row : row + 2, 5:-5] = 0
    clean = without(picture, mask_of(picture))
    assert Levenshtein.distance(ppocr(latin=True).look(clean).text, TEXT) <= 1


@pytest.mark.parametrize("light", [False, True])
def test_the_place_of_a_rule_takes_the_colour_of_its_paper(light: bool) -> None:
    paper, print_ = ((30, 60, 120), (250, 250, 200)) if light else ((250, 240, 200), (30, 20, 90))
    flat = ruled(printed(DEJAVU), "underline")[0]
    picture = np.where((flat < 128)[..., None], np.array(print_, np.uint8), np.array(paper, np.uint8))
    clean = without(picture, mask_of(picture))
    assert np.unique(clean[73:77].reshape(-1, 3), axis=0).tolist() == [list(paper)]


def test_without_a_mask_the_picture_is_as_it_was() -> None:
    picture = printed(DEJAVU)
    assert without(picture, np.zeros_like(picture)) is picture


def test_a_bar_is_no_rule() -> None:
    picture = printed(DEJAVU)
    picture[70:85, 5:-5] = 0
    assert not mask_of(picture).any()
