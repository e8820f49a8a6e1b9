"""A line whose doubtful words alone are looked at again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from whaleline.imaging.picture import Picture, ink
from whaleline.imaging.sight import Sight
from whaleline.recognition import line_reader
from whaleline.recognition.engine import Engine, Shape
from whaleline.recognition.languages import find
from whaleline.recognition.line import LineReader
from whaleline.recognition.page import Block
from whaleline.recognition.parts import Part, parts
from whaleline.recognition.ppocr import ppocr

TEXT = "The extraordinary captain paid 12 dollars for it"


def drawn(text: str = TEXT) -> Picture:
    image = Image.new("L", (900, 60), 255)
    ImageDraw.Draw(image).text((20, 12), text, font=ImageFont.load_default(size=34), fill=0)
    return np.asarray(image)


def stretches(*doubtful: str) -> list[Part]:
    picture = drawn()
    return parts(ppocr(latin=True).look(picture), [word in doubtful for word in TEXT.split()], ink(picture))


def told(found: Sequence[Part]) -> list[tuple[str, bool]]:
    return [(part.seen.text, part.is_doubtful) for part in found]


def test_a_line_is_parted_about_its_doubtful_words() -> None:
    found = stretches("extraordinary")
    assert told(found) == [("The", False), ("extraordinary", True), ("captain paid 12 dollars for it", False)]
    print_ = ink(drawn())
    assert [part.left for part in found] == [0, *(part.right for part in found[:-1])]
    assert found[-1].right == print_.shape[1]
    assert not any(print_[:, part.left].any() for part in found[1:])


def test_places_within_a_part_are_told_by_its_own_columns() -> None:
    (_, part, _) = stretches("extraordinary")
    print_ = ink(drawn())[:, part.left : part.right]
    columns = np.flatnonzero(print_.any(axis=0))
    assert part.seen.symbols[0].left == pytest.approx(columns[0], abs=10)
    assert part.seen.symbols[-1].right == pytest.approx(columns[-1], abs=15)


def test_a_short_word_takes_neighbours_along() -> None:
    assert told(stretches("12")) == [("The extraordinary", False), ("captain paid 12", True), ("dollars for it", False)]


def test_a_line_most_of_which_is_in_doubt_is_looked_at_as_a_whole() -> None:
    assert stretches("extraordinary", "captain", "paid", "dollars") == []


class Counted(Engine):
    """An engine that notes how wide the pictures are that it is shown."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.widths = engine, list[int]()
        self.name, self.shapes, self.characters = engine.name, engine.shapes, engine.characters
        self.by_models = engine.by_models

    def read(self, picture: Picture, shape: Shape) -> tuple[Block, ...]:
        self.widths.append(picture.shape[1])
        return self.engine.read(picture, shape)


def reader(name: str = "English") -> tuple[LineReader, Counted]:
    language = find(name)
    assert language is not None
    lines = line_reader(language)
    assert lines.first is not None
    counted = Counted(lines.first)
    return LineReader(counted, lines.latin, lines.tag), counted


def test_tesseract_sees_only_what_is_in_doubt() -> None:
    text = "The old captain said \u201cnothing\u201d for a very long time"
    lines, counted = reader()
    line = lines.read(Sight(drawn(text)))
    assert line is not None
    assert line.text == text
    assert len(counted.widths) == 1
    assert counted.widths[0] < 300
    lefts = [word.box.left for word in line.words]
    assert lefts == sorted(lefts)
    print_ = ink(drawn(text))
    for word in line.words:
        assert print_[:, word.box.left : word.box.right].any()


def test_models_are_chosen_by_a_whole_line() -> None:
    lines, counted = reader("German")
    picture = drawn("Der alte Mann sagte \u201enichts\u201c auf dem Weg")
    assert lines.read(Sight(picture)) is not None
    assert min(counted.widths) > np.ptp(np.flatnonzero(ink(picture).any(axis=0)))


def test_a_line_without_doubts_is_none_of_tesseracts() -> None:
    lines, counted = reader()
    line = lines.read(Sight(drawn()))
    assert line is not None
    assert (line.text, counted.widths) == (TEXT, [])


def test_columns_of_a_sight_keep_what_the_whole_shows() -> None:
    picture = drawn("Name \u2014 of it").copy()
    picture[50:52] = 0
    whole = Sight(picture)
    part = whole.columns(110, 170)
    assert part.picture.shape == (60, 60)
    assert np.array_equal(part.rules, whole.rules[:, 110:170])
    assert part.height == whole.height
    assert np.array_equal(part.ink, whole.ink[:, 110:170])
