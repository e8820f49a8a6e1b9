"""How text lies in a picture, and at which size and margin an engine should get it."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.picture import Picture, background, share, text_height
from whaleline.recognition.engine import Shape
from whaleline.recognition.page import Block, Line

MARGIN = 20  # pixels of paper around a picture
SMALL_TEXT = 16  # pixels of a letter's height, less of which is enlarged to it

_MOST_ENLARGED = 4.0  # times; what is smaller still is no text
_MOST_PIXELS = 20_000_000  # of an enlarged picture; Tesseract takes about a second for three million

_INK_OF_A_LINE = 0.05  # of the fullest rows' ink, which a row between two lines does not reach
_HEIGHT_OF_A_LINE = 0.8  # of a letter's height, which what is left of a neighbour's line does not reach
_LOWEST_ROW = 0.4  # of the highest row's height, which the print of another line has; dots and underlines have less
_LETTERS_OF_A_ROW = 3  # fewer may be a sign of two parts, such as `=`
_LINES_OF_A_PAGE = 10
_HIGHEST_LINE = 10.0  # letters' heights from the top of a leaning line to its bottom
_LINES_OF_A_COLUMN = 5
_GUTTER = 1.5  # letters' heights, which gaps between words do not reach, and those between columns do
_CROSSING = 0.2  # of the lines, which may run across a gutter: headings
_LONGEST = 32_767  # pixels of a side; Tesseract reads nothing in a larger picture, and says so nowhere


def shape_of(print_: Picture, height: float) -> Shape:
    """The shape of the text in a picture that `ink` gave, told by its rows of ink.

    Rows are counted by their ink and not by their number, for a rectangle drawn by hand often holds the tails
    of the line above and the tips of the line below.

    Args:
        print_: as `ink` gives it.
        height: of a letter, in pixels.
    """
    rows = _rows(print_, height)
    # Without a gap between them, lines stand in a frame or by the dark rim of a scan.
    framed = any(last - first > _HIGHEST_LINE * height for first, last in rows)
    if len(rows) > _LINES_OF_A_PAGE or framed or _in_columns(print_, rows, height):
        return Shape.PAGE
    return Shape.BLOCK if len(rows) > 1 else Shape.LINE


def _in_columns(print_: Picture, rows: list[tuple[int, int]], height: float) -> bool:
    """Whether most of the lines have a gap at one place near the middle that is too wide for one between words."""
    if len(rows) < _LINES_OF_A_COLUMN:
        return False
    filled = np.flatnonzero(print_.any(axis=0))
    left, right = int(filled[0]), int(filled[-1]) + 1
    reach = max(1, int(_GUTTER * height))
    crossing = np.zeros(right - left, np.intp)
    for first, last in rows:
        ink = np.asarray(print_[first:last, left:right].any(axis=0), np.uint8)[None, :]
        # What is left free is gaps at least as wide as `reach`.
        crossing += cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))[0]
    middle = crossing[len(crossing) // 4 : len(crossing) * 3 // 4]
    return bool(np.count_nonzero(middle <= _CROSSING * len(rows)) >= reach / 2)


def lines_of(print_: Picture) -> list[tuple[int, int]]:
    """The rows (top, bottom) that hold a line of text each, from the top down, for lines across the whole picture.

    They are parted where there is least ink between them, so that tips and tails stay with their lines.
    """
    ink = np.count_nonzero(print_, axis=1)
    rows = _rows(print_, text_height(print_))
    parts = [0]
    for (_, above), (below, _) in pairwise(rows):
        gap = ink[above : below + 1]
        # The middle of the emptiest rows.
        parts.append(above + int(np.median(np.flatnonzero(gap == gap.min()))))
    return list(pairwise([*parts, print_.shape[0]])) if rows else []


def _rows(print_: Picture, height: float) -> list[tuple[int, int]]:
    """The rows (first, last + 1) of each line's ink."""
    ink = np.count_nonzero(print_, axis=1)
    if not height or not ink.any():
        return []
    full = ink > _INK_OF_A_LINE * share(ink[ink > 0], 0.9)
    return [(first, last) for first, last in _runs(full) if last - first >= _HEIGHT_OF_A_LINE * height]


def _runs(full: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Where each run of true values begins and ends."""
    turns = np.flatnonzero(np.diff(np.concatenate([[0], full.astype(np.int8), [0]]))).tolist()
    return list(zip(turns[::2], turns[1::2], strict=True))


def fit(picture: Picture, height: float) -> tuple[Picture, Affine]:
    """The picture as an engine should get it, in a margin of paper, and the map back to the picture.

    Small letters are enlarged to SMALL_TEXT; Tesseract reads them better, and puts its boxes around them and not
    around the whole line.

    Args:
        picture: grey.
        height: of a letter, in pixels, as `text_height` tells it.
    """
    paper = background(picture)
    factor = 1.0
    if 0 < height < SMALL_TEXT:
        largest = min(math.sqrt(_MOST_PIXELS / picture.size), (_LONGEST - 2 * MARGIN) / max(picture.shape))
        factor = min(SMALL_TEXT / height, _MOST_ENLARGED, max(1.0, largest))
        scaled = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        picture = np.asarray(scaled, np.uint8)
    framed = cv2.copyMakeBorder(picture, MARGIN, MARGIN, MARGIN, MARGIN, cv2.BORDER_CONSTANT, value=paper)
    return np.asarray(framed, np.uint8), Affine.scale(1 / factor, 1 / factor) @ Affine.shift(-MARGIN, -MARGIN)


def moved(blocks: tuple[Block, ...], back: Affine, frame: Rectangle) -> tuple[Block, ...]:
    """The blocks with every box mapped and cut to the frame; without words that lie wholly in the margin."""
    result = []
    for block in blocks:
        lines = []
        for line in block.lines:
            boxes = [(word, back.bounds(word.box).intersection(frame)) for word in line.words]
            words = tuple(replace(word, box=box) for word, box in boxes if not box.is_empty)
            if words:
                lines.append(Line(words))
        if lines:
            result.append(Block(tuple(lines)))
    return tuple(result)


def parted(blocks: tuple[Block, ...], print_: Picture) -> tuple[tuple[Block, ...], list[Rectangle]]:
    """The blocks with each line's box cut to its highest row of print, and the boxes of the other rows.

    In a block, Tesseract takes a small label and the larger value below it for one line, and reads the value alone.

    Args:
        blocks: as Tesseract read them.
        print_: as `ink` gives it, in whose pixels the boxes are.
    """
    labels: list[Rectangle] = []

    def cut(line: Line) -> Line:
        box = line.box
        filled = np.any(print_[box.top : box.bottom, box.left : box.right], axis=1)
        rows = [Rectangle(box.left, box.top + first, box.right, box.top + last) for first, last in _runs(filled)]
        highest = max(rows, key=lambda row: row.height, default=box)
        others = [row for row in rows if row is not highest and row.height >= _LOWEST_ROW * highest.height]
        words = tuple(replace(word, box=word.box.intersection(highest)) for word in line.words)
        if sum(map(str.isalnum, line.text)) < _LETTERS_OF_A_ROW or any(word.box.is_empty for word in words):
            return line  # words of both rows were read
        labels.extend(others)
        return Line(words) if others else line

    return tuple(Block(tuple(cut(line) for line in block.lines)) for block in blocks), labels


def confidence(blocks: tuple[Block, ...]) -> float:
    """Mean confidence of the letters, 0 to 100; 0 where nothing was read."""
    words = [word for block in blocks for line in block.lines for word in line.words]
    letters = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / letters if letters else 0.0
