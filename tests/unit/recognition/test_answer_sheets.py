"""Sheets of bubbles: what is printed beside them is read, at a fair price, and the bubbles are told as not read."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import DEJAVU, LATIN, font, wanted
from whaleline import read_regions
from whaleline.imaging.bubbles import bubbles, without
from whaleline.imaging.picture import Picture, ink
from whaleline.imaging.sight import Sight
from whaleline.recognition import line_reader, read
from whaleline.recognition.allowance import Allowance
from whaleline.recognition.line import LineReader

QUESTIONS, CHOICES = 60, "ABCDE"


def sheet(face: str = LATIN, radius: int = 14, *, boxes: bool = False) -> tuple[Picture, set[str]]:
    """An answer sheet and the words on it but for its bubbles, or boxes in their place; each seventh is filled."""
    image = Image.new("L", (1200, 1500), 255)
    draw = ImageDraw.Draw(image)
    large, small = font(face, 30), font(face, round(1.1 * radius))
    captions = ["COURSE ROOM", "FILL CIRCLES COMPLETELY", "SIGNATURE"]
    for place, text in enumerate(captions):
        draw.text((60, 60 + 60 * place), text, font=large, fill=0, anchor="lm")
    words = set(" ".join(captions).split())
    for question in range(QUESTIONS):
        column, row = divmod(question, 20)
        x, y = 100 + 370 * column, 320 + 56 * row
        draw.text((x, y), f"{question + 1}.", font=large, fill=0, anchor="rm")
        words.add(f"{question + 1}.")
        for place, letter in enumerate(CHOICES):
            middle = x + 50 + 50 * place
            around = (middle - radius, y - radius, middle + radius, y + radius)
            filled = (question + place) % 7 == 0
            (draw.rectangle if boxes else draw.ellipse)(around, outline=0, width=2, fill=0 if filled else 255)
            draw.text((middle, y), letter, font=small, fill=0, anchor="mm")
    return np.asarray(image), words


@pytest.mark.parametrize(("face", "radius"), [(LATIN, 14), (DEJAVU, 18)])
def test_all_bubbles_are_found_and_no_letter(face: str, radius: int) -> None:
    picture, _ = sheet(face, radius)
    found = bubbles(ink(picture))
    assert len(found) == QUESTIONS * len(CHOICES)
    beside = ink(picture)
    for box in found:
        beside[box.top : box.bottom, box.left : box.right] = 0
    left = ink(without(picture, ink(picture), found))
    assert np.count_nonzero(left != beside) < 0.03 * np.count_nonzero(beside)  # rims of letters at most


def test_those_of_a_large_scan_are_found_as_well() -> None:
    small = ink(sheet()[0])
    large = np.kron(small, np.ones((2, 2), np.uint8))
    assert [box.scaled(0.5) for box in bubbles(large)] == bubbles(small)


def test_boxes_in_which_somebody_writes_are_no_bubbles() -> None:
    assert bubbles(ink(sheet(boxes=True)[0])) == []


def test_a_half_tone_is_not_looked_through_for_bubbles() -> None:
    """Telling which of its dots lie in each other takes time by the square of their number."""
    beside = np.pad(ink(sheet()[0]), ((0, 0), (0, 900)))
    coarse, fine = beside.copy(), beside.copy()
    coarse[::6, 1200::6] = fine[::3, 1200::3] = 255
    assert len(bubbles(coarse)) == QUESTIONS * len(CHOICES)
    assert bubbles(fine) == []


def test_prose_has_no_bubbles() -> None:
    image = Image.new("L", (1200, 1600), 255)
    draw = ImageDraw.Draw(image)
    for row in range(40):
        draw.text(
            (40, 20 + 38 * row), "8 good books on oo 00 O 0 o about @ odd OO boats Q", font=font(LATIN, 30), fill=0
        )
    assert bubbles(ink(np.asarray(image))) == []


def test_what_stands_beside_bubbles_is_read_and_they_are_told() -> None:
    picture, words = sheet()
    page = read(picture, wanted("English"))
    found = {word.text for word in page.words}
    assert len(words & found) >= 0.95 * len(words), words - found
    assert len(found - words) <= 0.05 * len(words), found - words  # no bubble passes for a word
    for box in bubbles(ink(picture)):
        assert any(box.intersection(area) == box for area in page.unread)


def test_an_answer_sheet_on_its_head_is_turned() -> None:
    """Numbers upside down are numbers, too; its poor first reading leads to a look at which way is up."""
    picture, words = sheet()
    (reading,) = read_regions(np.ascontiguousarray(picture[::-1, ::-1]))
    assert reading.turned == 180
    assert len(words & {word.text for word in reading.page.words}) >= 0.95 * len(words)


class _Counted(Allowance):
    """An allowance that keeps what was shown."""

    def __init__(self, columns: float) -> None:
        super().__init__(columns)
        self.shown = 0

    def spend(self, picture: Picture) -> None:
        super().spend(picture)
        self.shown += 1


def test_an_allowance_bounds_what_is_shown_and_loses_nothing() -> None:
    """Without one left, Tesseract's reading stands."""
    image = Image.new("L", (500, 60), 255)
    ImageDraw.Draw(image).text((20, 10), "Xq7 zzkv 88B1", font=font(LATIN, 30), fill=0)
    whole = line_reader(wanted("English"))
    counted = _Counted(300)
    reader = LineReader(whole.first, whole.latin, whole.tag, allowance=counted)
    texts = [read_ and read_.text for read_ in (reader.read(Sight(np.asarray(image))) for _ in range(4))]
    assert counted.is_spent
    assert counted.shown <= 2
    assert all(texts)
