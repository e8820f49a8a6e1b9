"""The regions of a page as people would draw them: paragraphs, headings, cells of tables, in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

import cv2
import numpy as np

from whaleline.imaging.filters import binarize
from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.imaging.picture import Picture
from whaleline.layout.finding import REACH, holds
from whaleline.layout.lattice import lattice
from whaleline.layout.lines import letter_height, lines_of, pieces, usual_space, wide
from whaleline.layout.paragraphs import paragraphs
from whaleline.layout.reading_order import ordered
from whaleline.layout.rows import RIM
from whaleline.layout.ruling import Ruling, joined
from whaleline.layout.table import Cell, Table
from whaleline.recognition.page import Line, Page, Word

_PIECE = 1.5  # times as wide a gap as between two pieces of a line parts two regions beside each other
_SENTENCE = 1.7  # times that white, between two sentences of a line
_TIGHT = 1.5  # letters' heights to a line of a cell, up to which nothing but its text bounds it
_PROSE = 20  # words of a box of prose, at least
_HIGHEST_FIELD, _MOST_WORDS = 8.0, 30  # letters' heights, and words, of a field of a form at most


def regions(
    picture: Picture, page: Page, mended: Sequence[Word], tables: Sequence[Table], rules: Ruling
) -> list[Rectangle]:
    """The boxes of a page's regions in reading order.

    Args:
        picture: that was read.
        page: as it was read.
        mended: its words as `mending.mended` gives them.
        tables: of it; each of their cells that holds text is a region.
        rules: of it; what they enclose is a region, if it holds text.
    """
    height = letter_height(page.words)
    outside = [word for word in mended if not any(holds(table.box, word.box) for table in tables)]
    boxes = _fields(outside, rules, height)
    found: list[tuple[Rectangle, list[Rectangle]]] = [
        (table.box, [_with_rim(cell, height) for cell in table.cells if cell.text]) for table in tables
    ]
    found += [(box, [box]) for box in boxes]
    taken = [box for box, _ in found]
    usual = usual_space((line for block in page.blocks for line in block.lines), height)
    lines: list[Line] = []
    # An engine takes the label and the value of a form's field for one line; elsewhere mending adds more than it mends.
    for line in lines_of(mended) if len(boxes) > 1 else [line.words for block in page.blocks for line in block.lines]:
        words = [word for word in line if not any(holds(box, word.box) for box in taken)]
        gap = _PIECE * wide(max(height, _height(line)), usual)
        lines += _sentences(pieces(sorted(words, key=lambda word: word.box.left), gap), _SENTENCE * gap)
    dark = np.asarray(cv2.bitwise_not(binarize(picture)), np.uint8)
    found += [(box, [box]) for box in _united(paragraphs(lines, dark))]
    order = ordered([box for box, _ in found], height, _prose([box for box, _ in found], mended))
    return [box for index in order for box in found[index][1]]


def _sentences(parts: Sequence[Line], gap: float) -> list[Line]:
    """Pieces of a line, with those made one between which a sentence ends: print leaves more white there."""
    found: list[Line] = []
    for part in parts:
        last = found[-1] if found else None
        if last and last.words[-1].text[-1] in ".:?!" and part.box.left - last.box.right < gap and len(last.words) > 1:
            found[-1] = Line((*last.words, *part.words))
        else:
            found.append(part)
    return found


def _with_rim(cell: Cell, height: float) -> Rectangle:
    """A cell that rules bound; one that is as large as its text, with the paper around it."""
    box = cell.box
    if box.height > _TIGHT * height * (1 + cell.text.count("\n")):
        return box
    rim = round(RIM * height)
    return Rectangle(box.left - rim, box.top - rim, box.right + rim, box.bottom + rim)


def _fields(words: Sequence[Word], rules: Ruling, height: float) -> list[Rectangle]:
    """Drawn boxes that hold a little text: the fields of a form, and not the frame of a page."""
    found: list[Rectangle] = []
    for group in joined(rules, REACH * height) if height else ():
        grid = lattice(group, height, least=1)
        for box in map(grid.box_of, grid.fields) if grid else ():
            inside = [word for word in words if holds(box, word.box)]
            if inside and box.height < _HIGHEST_FIELD * height and len(inside) <= _MOST_WORDS:
                found.append(box)
    return found


def _united(boxes: Sequence[Rectangle]) -> list[Rectangle]:
    """The boxes with those made one that lie in each other for the most part."""
    found: list[Rectangle] = []
    for box in sorted(boxes, key=lambda box: -box.width * box.height):
        for index, other in enumerate(found):
            common = box.intersection(other)
            if not common.is_empty and common.width * common.height > box.width * box.height / 2:
                found[index] = bounds([box, other])
                break
        else:
            found.append(box)
    return found


def _prose(boxes: Sequence[Rectangle], words: Sequence[Word]) -> list[int]:
    """The indexes of boxes with so many words that they are no label, address or heading."""
    corners = [(word.box.left + word.box.right, word.box.top + word.box.bottom) for word in words]
    x, y = np.array(corners).reshape(-1, 2).T / 2
    inside = [(box.left < x) & (x < box.right) & (box.top < y) & (y < box.bottom) for box in boxes]
    return [index for index, held in enumerate(inside) if np.count_nonzero(held) >= _PROSE]


def _height(line: Sequence[Word]) -> float:
    return median(word.box.height for word in line)
