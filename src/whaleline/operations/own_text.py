"""The text that a page's file contains, used instead of reading it if three of its lines read the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

import numpy as np
from rapidfuzz.distance import Levenshtein

from whaleline import recognition
from whaleline.documents.layer import LayerLine
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, background, grey, ink
from whaleline.recognition import rows, unread
from whaleline.recognition.engine import Shape
from whaleline.recognition.languages import Language
from whaleline.recognition.page import Block, Line, Page


class TextLayer(StrEnum):
    """When a page's own text is used."""

    AUTO = "auto"
    NEVER = "never"
    ALWAYS = "always"


_UNSEEN = 50.0
"""Confidence of a word that is taken although nobody looked whether it is true."""

_LOOKED_AT = 3
"""Lines that are read to tell whether a layer is true."""

_LEAST_ALIKE, _LEAST_LINE_ALIKE = 0.9, 0.75
"""Of the letters of those lines, all together and of each; small and odd print is misread now and then."""

_TELLING = 8  # letters and digits of a line that tells
_LONG = 60  # characters; longer lines tell no more and take longer
_LEAST_CONTRAST = 24  # grey levels within the box of a word that is seen
_MARGIN = 0.4  # of a line's height, around what is read
_NEAR = 1.8  # of a line's height, between two lines of a block
_SIMILAR = 1.5  # times as high, at most, as another line of the same block


def take(
    picture: Picture,
    layer: Sequence[LayerLine],
    wanted: Sequence[Rectangle],
    language: Language,
    when: TextLayer,
    *,
    tessdata: Path | None = None,
) -> tuple[Line, ...]:
    """The lines of a page's own text that touch what is wanted, in the file's order; none where they may not be taken.

    Args:
        picture: of the page.
        layer: of the page, in the picture's pixels.
        wanted: of the page, in the picture's pixels.
        language: of the text.
        when: AUTO for lines that are seen and true, ALWAYS for any that are there.
        tessdata: as for `recognition.read`.
    """
    if when is TextLayer.NEVER or not layer:
        return ()
    flat = grey(picture)
    believed = [each for each in layer if when is TextLayer.ALWAYS or (each.is_shown and _is_seen(flat, each.line))]
    near = [each for each in believed if any(not box.intersection(each.line.box).is_empty for box in wanted)]
    if when is TextLayer.ALWAYS:
        return tuple(each.line.at_most(_UNSEEN) for each in near)
    fonts = frozenset[int]().union(*(each.fonts for each in near))
    alike = [each for each in believed if each.fonts & fonts]  # a rectangle may hold a few digits, which tell little
    return tuple(each.line for each in near) if _is_true(picture, alike, language, tessdata) else ()


def within(own: Sequence[Line], box: Rectangle, language: Language) -> Page | None:
    """What of a page's own text lies in a rectangle, in its pixels and in reading order; None where nothing does."""
    lines = []
    for line in own:
        words = tuple(word for word in line.words if _lies_in(word.box, box))
        if words:
            lines.append(Line(words).moved(-box.left, -box.top))
    if not lines:
        return None
    return Page(box.width, box.height, _blocks(lines, language), language.tag, language.right_to_left)


def with_rest(
    picture: Picture, page: Page, language: Language, *, rest: bool = True, tessdata: Path | None = None
) -> tuple[Page, Page]:
    """A page's own text together with what is read beside it: in pictures, stamps, fields of forms.

    Args:
        picture: of the page, and no more than that.
        page: what `within` gave.
        language: of the text.
        rest: False to leave it at the page's own text.
        tessdata: as for `recognition.read`.

    Returns:
        All of it, and the part that was read.
    """
    areas = unread.areas(ink(picture), page.blocks) if rest else []
    blank = _painted_over(picture, page.blocks) if areas else picture
    blocks: list[Block] = []
    left: list[Rectangle] = []
    for area in areas:
        cut = blank[area.top : area.bottom, area.left : area.right]
        read = recognition.read(np.ascontiguousarray(cut), language, tessdata=tessdata)
        blocks += [Block(tuple(line.moved(area.left, area.top) for line in block.lines)) for block in read.blocks]
        left += [box.moved(area.left, area.top) for box in read.unread]
    together = rows.regroup((*page.blocks, *blocks), right_to_left=language.right_to_left) if blocks else page.blocks
    return replace(page, blocks=together, unread=tuple(left)), replace(page, blocks=tuple(blocks))


def _lies_in(word: Rectangle, box: Rectangle) -> bool:
    """Whether the middle of a word lies in a rectangle."""
    across, down = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return box.left <= across < box.right and box.top <= down < box.bottom


def _is_seen(flat: Picture, line: Line) -> bool:
    """Whether there is print where each word of a line should be."""
    for word in line.words:
        box = word.box
        part = flat[box.top : box.bottom, box.left : box.right]
        if part.size == 0 or int(part.max()) - int(part.min()) < _LEAST_CONTRAST:
            return False
    return True


def _is_true(picture: Picture, layer: Sequence[LayerLine], language: Language, tessdata: Path | None) -> bool:
    """Whether the engines read in some lines what the layer says."""
    edits = letters = 0
    for each in _telling(layer):
        line = _beginning(each.line)
        read = recognition.read(_cut(picture, line.box), language, shape=Shape.LINE, tessdata=tessdata)
        said, found = _plain(line.text), _plain(read.text)
        wrong = min(Levenshtein.distance(said, found), len(said))
        if wrong > (1 - _LEAST_LINE_ALIKE) * len(said):
            return False
        edits, letters = edits + wrong, letters + len(said)
    return letters > 0 and edits <= (1 - _LEAST_ALIKE) * letters


def _telling(layer: Sequence[LayerLine]) -> list[LayerLine]:
    """The lines that tell most: in as many fonts as can be, since a font's map may be wrong; then the longest."""
    left = sorted(layer, key=lambda each: (-min(_length(each.line), _LONG), each.line.box.top))
    enough = [each for each in left if _length(each.line) >= _TELLING] or left[:1]
    chosen: list[LayerLine] = []
    known: frozenset[int] = frozenset()
    while enough and len(chosen) < _LOOKED_AT:
        best = max(enough, key=lambda each: len(each.fonts - known))
        chosen.append(best)
        known |= best.fonts
        enough.remove(best)
    return chosen


def _length(line: Line) -> int:
    return len(_plain(line.text))


def _beginning(line: Line) -> Line:
    """The first words of a long line."""
    words = line.words
    while len(words) > 1 and sum(len(word.text) + 1 for word in words) > _LONG:
        words = words[:-1]
    return Line(words)


def _cut(picture: Picture, box: Rectangle) -> Picture:
    margin = max(4, round(_MARGIN * box.height))
    return picture[max(0, box.top - margin) : box.bottom + margin, max(0, box.left - 2 * margin) : box.right + margin]


def _plain(text: str) -> str:
    """The letters and digits of a text, without accents and case."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(character for character in parts if character.isalnum()).casefold()


def _painted_over(picture: Picture, blocks: Sequence[Block]) -> Picture:
    """The picture with paper where the blocks' words are."""
    rest = picture.copy()
    for block in blocks:
        for line in block.lines:
            for word in line.words:
                box = word.box
                around = picture[max(0, box.top - 3) : box.bottom + 3, max(0, box.left - 3) : box.right + 3]
                rest[max(0, box.top - 2) : box.bottom + 2, max(0, box.left - 2) : box.right + 2] = (
                    background(around) if picture.ndim == 2 else np.median(around, axis=(0, 1))  # noqa: PLR2004
                )
    return rest


def _blocks(lines: Sequence[Line], language: Language) -> tuple[Block, ...]:
    """Lines that follow each other closely, as blocks, in reading order."""
    blocks = [[lines[0]]]
    for last, line in pairwise(lines):
        if _follows(last, line):
            blocks[-1].append(line)
        else:
            blocks.append([line])
    whole = tuple(Block(tuple(block)) for block in blocks)
    return rows.regroup(whole, right_to_left=language.right_to_left)


def _follows(last: Line, line: Line) -> bool:
    low, high = sorted((last.box.height, line.box.height))
    gap = line.box.top - last.box.bottom
    overlap = min(last.box.right, line.box.right) - max(last.box.left, line.box.left)
    return high <= _SIMILAR * low and -low / 2 < gap <= _NEAR * high and overlap > 0
