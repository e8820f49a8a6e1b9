"""Reading a region of several lines: Tesseract finds them, both engines read them; then what was passed over."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from whaleline.imaging import filters, pictures, rules
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.imaging.sight import Sight
from whaleline.imaging.strip import Strip
from whaleline.recognition import large, layout, missed, separators, unread
from whaleline.recognition.detector import LARGEST, detector
from whaleline.recognition.engine import Shape
from whaleline.recognition.line import LineReader
from whaleline.recognition.page import Block, Line
from whaleline.recognition.repeats import once
from whaleline.recognition.verdict import KEPT
from whaleline.recognition.windows import parted

DOUBT = 80.0
"""Confidence below which a region is read once more; figures in docs/recognition.md."""

POOR = 70.0
"""Confidence below which the detector looks for the lines, too."""

SECOND_SHAPES = {Shape.LINE: Shape.BLOCK, Shape.BLOCK: Shape.PAGE}
"""What else a region may be, if it was not what it looked like."""

_LOW, _NARROW, _DOTTED, _DOT = 40, 70, 160, 7  # pixels: heights of regions that may be a line, and of a printer's dot
_SAME_PRINT = 2.0  # times as high as a word, a box of the same print is at most; larger is a stain or a picture
_DASHES = frozenset("-\u2013\u2014")
_STARS = "*" * separators.LEAST_SIGNS
_SHEET = 400  # pixels of a side; what is smaller is read before it is asked whether it is turned
_BETTER = 1.2  # times as much text, as `weight` tells it, that another reading must show
_LARGEST_OF_BLOCK = 1280  # pixels; on a smaller picture, what the edge of a block leaves of lines passes for lines
_MOST_INK = 0.3  # of a picture's pixels; more are a shadow, which hides what is printed in it
_DOUBTFUL = 30.0  # confidence of what may be no text
_SURE = 92.0  # confidence of a line of several letters that was passed over
_SURE_IF_ONE = 75.0  # the same, where only one engine knows the language
_ALONE, _ALONE_ON_A_PAGE = 80.0, 95.0  # that of fewer
_LEAST_SURE = 50.0  # of each of its words


@dataclass(frozen=True)
class BlockReader:
    """Reads regions with the engines of one language.

    Attributes:
        lines: reads their lines.
        thorough: whether lines are looked for that Tesseract passed over.
        turned: whether the picture is that of turned text and will be turned, so that no more need be read of it; asked
            where the first reading is poor.
    """

    lines: LineReader
    thorough: bool = True
    turned: Callable[[], bool] = lambda: False

    def read(self, sight: Sight, shape: Shape) -> tuple[Block, ...]:
        """The blocks of a region, in Tesseract's order, and after them what was passed over.

        Args:
            sight: of the region's picture.
            shape: how the text lies.
        """
        blocks = self._as_shaped(sight, shape)
        if not self.thorough or (layout.confidence(blocks) < POOR and self.turned()):
            return blocks
        # Tesseract alone makes up what is less than a word.
        alone = math.inf if self.lines.second is None else _ALONE_ON_A_PAGE
        return missed.completed(sight, blocks, self.lines.strip, alone=alone)

    def _as_shaped(self, sight: Sight, shape: Shape) -> tuple[Block, ...]:
        """The blocks of a region as far as its shape shows them."""
        picture = sight.picture
        if shape is Shape.LINE or _may_be_a_line(sight):
            line = self.lines.read(sight)
            blocks: tuple[Block, ...] = (Block((line,)),) if line else ()
            if layout.confidence(blocks) >= DOUBT:
                return blocks
            first = self._found(sight, Shape.BLOCK)
            if blocks and min(picture.shape[:2]) < _SHEET and _count(first) <= 1:
                return blocks  # more than that look is not worth its time
            other = self._laid_out(sight, Shape.BLOCK, first)
            more = _count(other) > 1 or not blocks
            return other if more and weight(other) > _BETTER * weight(blocks) else blocks
        blocks = self._laid_out(sight, shape, self._found(sight, shape))
        if layout.confidence(blocks) < POOR and self.lines.second is not None and not self.turned():
            largest = LARGEST if shape is Shape.PAGE else _LARGEST_OF_BLOCK
            found = self.strips(picture, detector().find(sight.grey, largest=largest))
            if weight(found) > weight(blocks):
                return found
        return blocks

    def one_block(self, sight: Sight, shape: Shape) -> tuple[Block, ...]:
        """The reading by one shape, whatever it looks like."""
        if shape is Shape.LINE:
            line = self.lines.read(sight)
            return (Block((line,)),) if line else ()
        return self._improved(sight.picture, self._found(sight, shape), shape)

    def strips(self, picture: Picture, strips: tuple[Strip, ...] | list[Strip]) -> tuple[Block, ...]:
        """What stands in strips; each is a block of its own."""
        read = [self.lines.strip(picture, strip) for strip in strips]
        return tuple(Block((line,)) for line in read if line is not None)

    def _laid_out(self, sight: Sight, shape: Shape, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """The better of several readings where Tesseract's first, by the shape that was told or found, is in doubt."""
        if min(sight.grey.shape) >= _SHEET and layout.confidence(blocks) < POOR and self.turned():
            return blocks
        if layout.confidence(blocks) < DOUBT and shape in SECOND_SHAPES:
            blocks = max(blocks, self._found(sight, SECOND_SHAPES[shape]), key=layout.confidence)
        if layout.confidence(blocks) < DOUBT or cv2.countNonZero(sight.ink) > _MOST_INK * sight.ink.size:
            blocks = max(blocks, self._found(Sight(filters.level(sight.grey)), shape), key=weight)
        blocks, labels = layout.parted(blocks, sight.ink)
        blocks = self._improved(sight.picture, blocks, shape)
        if self.thorough:
            blocks = separators.completed(sight.ink, blocks)
            blocks = (*blocks, *self._passed_over(sight, blocks, labels, within_rows=shape is Shape.PAGE))
        return once(blocks)

    def _found(self, sight: Sight, shape: Shape) -> tuple[Block, ...]:
        """What Tesseract reads, boxes in the picture's pixels.

        Args:
            sight: of the picture, or of what a filter made of it.
            shape: how the text lies.
        """
        if pictures.is_faint(sight.grey):
            sight = Sight(pictures.stretched(sight.grey))
        # On a page of small print the feet of letters that touch each other look like rules.
        small = shape is Shape.PAGE and sight.height < layout.SMALL_TEXT
        flat = sight.grey if self.lines.joined or small else rules.without(sight.grey, sight.frames)
        framed, back = layout.fit(flat, sight.height)
        whole = Rectangle(0, 0, flat.shape[1], flat.shape[0])
        return layout.moved(self.lines.first.read(framed, shape), back, whole) if self.lines.first else ()

    def _improved(self, picture: Picture, blocks: tuple[Block, ...], shape: Shape) -> tuple[Block, ...]:
        """The blocks with the doubtful words of their lines read by both engines.

        What is poor on a page is stains and handwriting more often than print; further pictures make text of them.
        """
        if self.lines.second is None:
            return blocks
        result: list[Block] = []
        done: list[Line] = []
        for block in blocks:
            start = len(done)
            for line in block.lines:
                # In a small region the dots of a half-tone would be parted, too.
                own = parted(line) if shape is Shape.PAGE else [line]
                parts = [self.lines.again(picture, part, further=shape is not Shape.PAGE) for part in own]
                for read in _joined([part for part in parts if part is not None]):
                    if (kept := _without(read, done)) is not None:
                        done.append(kept)
            if len(done) > start:
                result.append(Block(tuple(done[start:])))
        return tuple(result)

    def _passed_over(
        self, sight: Sight, blocks: tuple[Block, ...], labels: Sequence[Rectangle], *, within_rows: bool
    ) -> tuple[Block, ...]:
        """Lines that are in none of the blocks; what is no text for certain is not sure enough to be answered."""
        both = self.lines.second is not None
        parts = unread.rest(sight.ink, blocks)
        lone = unread.lone(parts, blocks, within_rows=within_rows) if both else []  # Tesseract alone makes them up
        boxes = [*labels, *unread.lines(parts), *lone]
        found = self._read_over(sight, blocks, boxes, alone=_ALONE_ON_A_PAGE if within_rows else _ALONE)
        if both and min(sight.picture.shape[:2]) >= _SHEET:
            done = [line for block in blocks for line in block.lines]
            done += [line for block in found for line in block.lines if line.confidence > _DOUBTFUL]
            found += tuple(Block((line,)) for line in large.lines(sight.picture, done, self.lines.strip))
        return found

    def _read_over(
        self, sight: Sight, blocks: tuple[Block, ...], boxes: Sequence[Rectangle], *, alone: float
    ) -> tuple[Block, ...]:
        """The lines in some boxes that are in none of the blocks."""
        found: list[Line] = []
        done = [line for block in blocks for line in block.lines]
        picture = sight.picture
        whole = Rectangle(0, 0, picture.shape[1], picture.shape[0])
        several = _SURE if self.lines.second is not None else _SURE_IF_ONE
        for box in boxes:
            around = box.grown(box.height // 2).intersection(whole)
            part = picture[around.top : around.bottom, around.left : around.right]
            line = self.lines.read(Sight(np.ascontiguousarray(part)))
            line = line and _without(line.moved(around.left, around.top), [*done, *found])
            if line is not None:
                found.append(line if _is_text(line, several=several, alone=alone) else line.at_most(_DOUBTFUL))
        return tuple(Block((line,)) for line in found)


def _joined(parts: Sequence[Line]) -> list[Line]:
    """One line of its parts that are answered, and after it the others: stains beside it."""
    sure = [part for part in parts if part.confidence >= KEPT]
    whole = [Line(tuple(word for part in sure for word in part.words))] if sure else []
    return whole + [part for part in parts if part.confidence < KEPT]


def _without(line: Line, others: Sequence[Line]) -> Line | None:
    """What of a line lies in none of the others' words: its picture reached beyond its own print."""
    near = [other for other in others if not other.box.intersection(line.box).is_empty]
    taken = [word.box for other in near for word in other.words]
    kept = tuple(word for word in line.words if not any(_covers(box, word.box) for box in taken))
    return Line(kept) if kept else None


def _covers(box: Rectangle, other: Rectangle) -> bool:
    """Whether more than half of another box lies in a box."""
    common = box.intersection(other)
    if common.is_empty or box.height > _SAME_PRINT * other.height:
        return False
    return 2 * common.width * common.height > other.width * other.height


def _count(blocks: tuple[Block, ...]) -> int:
    return sum(len(block.lines) for block in blocks)


def _may_be_a_line(sight: Sight) -> bool:
    """Whether rows of ink may be parts of one low line: a colon's points, the dots of a matrix printer."""
    height, width = sight.picture.shape[:2]
    if height < _LOW or (height < _NARROW and width < 1.2 * height):
        return True
    return height < _DOTTED and sight.height < _DOT


def weight(blocks: tuple[Block, ...]) -> float:
    """How much text of the blocks is certain."""
    return sum(line.weight for block in blocks for line in block.lines)


def _is_text(line: Line, *, several: float, alone: float) -> bool:
    letters = sum(map(str.isalnum, line.text))
    if line.text.startswith(_STARS) and not line.text.strip("* "):
        return True
    if letters < unread.LEAST_LETTERS:
        return (letters > 0 or line.text in _DASHES) and line.confidence >= alone
    return line.confidence >= several and min(word.confidence for word in line.words) >= _LEAST_SURE
