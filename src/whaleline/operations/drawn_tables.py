"""Tables within a region: read row by row, with every cell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np

from whaleline import recognition
from whaleline.imaging.picture import Picture, at_half, grey
from whaleline.imaging.sight import Sight
from whaleline.layout import mending, tables
from whaleline.layout.finding import REACH
from whaleline.layout.lattice import lattice
from whaleline.layout.lines import letter_height
from whaleline.layout.rule_search import ruling
from whaleline.layout.ruling import joined
from whaleline.recognition.allowance import OF_A_PAGE
from whaleline.recognition.languages import Language
from whaleline.recognition.page import Line
from whaleline.results import Reading

_LEAST_LINES = 2  # of a region that may hold a table
_LEAST_FIELDS = 3  # of a grid, as seen at half its size; a table that is drawn has four
_LARGE = 1_000_000  # pixels; what is smaller is looked at as it is


def with_tables(reading: Reading, read: mending.Read) -> Reading:
    """The reading with the tables that are drawn in it, each a block whose lines are its rows; most have none.

    Args:
        reading: of a region.
        read: reads a piece of its picture.
    """
    page = reading.page
    if page.right_to_left or sum(len(block.lines) for block in page.blocks) < _LEAST_LINES:
        return reading
    height = letter_height(page.words)
    if not may_hold_grids(reading.plain, height):
        return reading
    rules = ruling(reading.plain, height)
    if not tables.drawn(page.words, rules):
        return reading
    words = mending.mended(reading.plain, page.words, rules, read)
    by_rows, placed = tables.by_rows(page, words, tables.drawn(words, rules))
    return replace(reading, page=by_rows, tables=placed)


def may_hold_grids(picture: Picture, height: float) -> bool:
    """Whether rules of a picture make fields, by a look at half its size; on most pages none do.

    Args:
        picture: grey or colour.
        height: of a letter, in pixels.
    """
    if picture.shape[0] * picture.shape[1] < _LARGE:
        return True
    half = height / 2
    groups = joined(ruling(at_half(grey(picture)), half, grids=True), REACH * half)
    return any((grid := lattice(group, half)) is not None and len(grid.fields) >= _LEAST_FIELDS for group in groups)


def by_line(language: Language, tessdata: Path | None) -> mending.Read:
    """Reads pieces of a page as single lines of a language; raises what `recognition.read` does."""
    reader = cache(partial(recognition.line_reader, language, tessdata=tessdata, columns=OF_A_PAGE))

    def read(picture: Picture) -> Sequence[Line]:
        line = reader().read(Sight(np.ascontiguousarray(picture)))
        return (line,) if line else ()

    return read
