"""Print that Tesseract passes over when it looks for lines."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import LATIN, font, wanted
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, ink
from whaleline.imaging.sight import Sight
from whaleline.recognition import read
from whaleline.recognition.page import Block, Line, Word
from whaleline.recognition.unread import left, lines, lone, rest

TITLES = {"English": ["EMPHASIS IN THE", "WHALE FISHERY"], "Russian": ["О КИТОВОМ", "ПРОМЫСЛЕ"]}
NOTES = {"English": "Report 0217-0067 of 11/11/87", "Russian": "Отчет 0217-0067 за 1987 год"}


def title_page(wire: str, size: int = 26) -> tuple[Picture, Rectangle]:
    """A title in large letters, and far below it a note in small ones; and where the note is."""
    image = Image.new("L", (2400, 1800), 255)
    draw = ImageDraw.Draw(image)
    for place, text in enumerate(TITLES[wire]):
        draw.text((1200, 600 + 150 * place), text, font=font(LATIN, 110), fill=0, anchor="mm")
    at: dict[str, Any] = {"xy": (2300, 1700), "text": NOTES[wire], "font": font(LATIN, size), "anchor": "rb"}
    draw.text(fill=0, **at)
    return np.asarray(image), Rectangle(*map(round, draw.textbbox(**at)))


@pytest.mark.parametrize("wire", TITLES)
@pytest.mark.parametrize("size", [26, 34])
def test_a_small_note_on_a_title_page_is_read(wire: str, size: int) -> None:
    language = wanted(wire)
    picture, note = title_page(wire, size)
    assert read(picture, language).text == "\n".join([*TITLES[wire], NOTES[wire]])
    assert NOTES[wire] not in read(picture, language, both=False).text
    box = read(picture, language).blocks[-1].box
    assert (box.left, box.right) == pytest.approx((note.left, note.right), abs=6)
    assert note.top - 6 <= box.top < box.bottom <= note.bottom + 6


def test_stains_and_scribbles_are_not_read_as_words() -> None:
    picture, note = title_page("English")
    stained = picture.copy()
    stained[note.top - 10 : note.bottom + 10, note.left - 10 : note.right + 10] = 255
    scribble = np.random.default_rng(4)
    for _ in range(40):
        left, top = int(scribble.integers(1500, 2200)), int(scribble.integers(1500, 1700))
        stained[top : top + int(scribble.integers(4, 40)), left : left + int(scribble.integers(4, 40))] = 0
    title, note_ = (read(stained, wanted("English")).text.splitlines()[place] for place in (slice(2), slice(2, None)))
    assert title == TITLES["English"]
    assert not re.search(r"\w{3}", " ".join(note_)), note_  # a stroke may pass for a letter, but no stains for a word


def test_a_mark_of_fewer_letters_than_a_line_has_is_left_alone() -> None:
    image = Image.new("L", (1000, 300), 255)
    ImageDraw.Draw(image).text((100, 100), "abc", font=font(LATIN, 40), fill=0)
    assert lines(rest(ink(np.asarray(image)), ())) == []


def test_what_is_read_already_is_not_looked_for() -> None:
    picture, note = title_page("English")
    print_ = ink(picture)
    title = [box for box in lines(rest(print_, ())) if box.bottom < note.top]
    blocks = [Block((Line((Word("title", Rectangle(0, 0, 2400, note.top - 10), 90.0),)),))]
    assert title
    (found,) = lines(rest(print_, blocks))
    assert note.top <= found.top < found.bottom <= note.bottom


@pytest.mark.parametrize(("row", "found"), [(1, True), (2, False)])
def test_a_short_amount_in_the_last_column_of_a_table_is_looked_for(row: int, found: bool) -> None:
    """In a column it has words above and below; what stands below the last row may be a stain."""
    face = font(LATIN, 40)
    image = Image.new("L", (900, 400), 255)
    draw = ImageDraw.Draw(image)
    words = []
    for place in range(3):
        for start, text in ((40, "Fund"), (400, "1,500"), (700, "0.0" if place == row else "4,000")):
            draw.text((start, 60 + 80 * place), text, font=face, fill=0)
            if text != "0.0":
                words.append(
                    Word(text, Rectangle(*map(round, draw.textbbox((start, 60 + 80 * place), text, face))), 95.0)
                )
    blocks = [Block((Line(tuple(words)),))]
    boxes = lone(rest(ink(np.asarray(image)), blocks), blocks, within_rows=True)
    assert [box.left >= 690 for box in boxes] == [True] * found


@pytest.mark.parametrize(("height", "told"), [(60, True), (150, False)])
def test_of_what_was_not_sure_enough_print_is_told_and_no_signature(height: int, told: bool) -> None:
    image = Image.new("L", (1000, 600), 255)
    ImageDraw.Draw(image).text((60, 60), "having little or no money in my purse", font=font(LATIN, 44), fill=0)
    answered = Block((Line((Word("having", Rectangle(60, 60, 200, 110), 96),)),))
    box = Rectangle(100, 300, 600, 300 + height)
    unsure = Line((Word("Gerney", box, 30),))
    assert left(Sight(np.asarray(image)), [answered], [unsure]) == ((box,) if told else ())


def test_of_what_was_not_sure_enough_a_high_heading_is_told() -> None:
    image = Image.new("L", (1400, 700), 255)
    draw = ImageDraw.Draw(image)
    draw.text((60, 60), "having little or no money in my purse", font=font(LATIN, 30), fill=0)
    draw.text((60, 300), "Grand Opening", font=font(LATIN, 180), fill=0)
    answered = Block((Line((Word("having", Rectangle(60, 60, 160, 100), 96),)),))
    box = Rectangle(*map(round, draw.textbbox((60, 300), "Grand Opening", font(LATIN, 180))))
    unsure = Line((Word("Granb", box, 30),))
    assert left(Sight(np.asarray(image)), [answered], [unsure]) == (box,)


def test_a_place_that_was_read_another_time_is_not_told() -> None:
    image = Image.new("L", (1000, 300), 255)
    ImageDraw.Draw(image).text((60, 60), "having little or no money", font=font(LATIN, 44), fill=0)
    box = Rectangle(60, 60, 560, 110)
    answered = Block(
        (Line((Word("having", Rectangle(60, 64, 200, 108), 96), Word("little", Rectangle(210, 64, 540, 108), 96))),)
    )
    unsure = Line((Word("hauirg", box, 30),))
    assert left(Sight(np.asarray(image)), [answered], [unsure]) == ()
    assert left(Sight(np.asarray(image)), [], [unsure]) == (box,)
