"""The ways to read a picture, one for each mode, by whichever engines know the language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.picture import Picture, ink, text_height
from whaleline.imaging.strip import Strip
from whaleline.recognition import layout, unread
from whaleline.recognition.detector import detector
from whaleline.recognition.engine import Engine, Shape
from whaleline.recognition.modes import DsrMode
from whaleline.recognition.page import Block, Line, Word
from whaleline.recognition.ppocr import words_of
from whaleline.recognition.second import SecondReader

DOUBT = 80.0
"""Confidence below which a region is read once more; figures in docs/recognition.md."""

SECOND_SHAPES = {Shape.LINE: Shape.BLOCK, Shape.BLOCK: Shape.PAGE}
"""What else a region may be, if it was not what it looked like."""

SMALL = 1000
"""Pixels of the longer side of a small picture."""

_SURE, _SURE_ALONE = 75.0, 90.0  # confidence of a line that was passed over, confirmed by the second engine and not
_COVERED = 0.5  # of a strip, that lies in lines which are read already
_ENDS = 2.0  # times as high as wide, a strip may be a tall sign and not a line that runs down


@dataclass(frozen=True)
class Reader:
    """The engines of one language.

    Attributes:
        first: Tesseract.
        second: PP-OCRv6, where it knows the language.
        thorough: whether lines are looked for that the first passed over.
        joined: whether the letters of a word hang together, so that a stroke through them is no rule.
    """

    first: Engine
    second: SecondReader | None
    thorough: bool = True
    joined: bool = False

    def read(self, flat: Picture, print_: Picture, mode: DsrMode, shape: Shape | None) -> tuple[Block, ...]:
        """The blocks of a picture, in the engine's order.

        Args:
            flat: grey.
            print_: its ink.
            mode: how text is looked for.
            shape: how the text lies, where that is known.
        """
        return _WAYS[mode](self, flat, print_, shape)

    def laid_out(self, flat: Picture, print_: Picture, shape: Shape) -> tuple[Block, ...]:
        """The better of two readings where the first, by the shape that was told or found, is in doubt."""
        flat, framed, back = self._fitted(flat, print_, shape)
        blocks = self.first.read(framed, shape)
        if layout.confidence(blocks) < DOUBT and shape in SECOND_SHAPES:
            other = self.first.read(framed, SECOND_SHAPES[shape])
            blocks = max(blocks, other, key=layout.confidence)
        if shape is not Shape.LINE and self.thorough:
            blocks = (*blocks, *self._unread(framed, blocks))
        return self._again(framed, blocks, back, flat)

    def one_block(self, flat: Picture, print_: Picture, shape: Shape) -> tuple[Block, ...]:
        """The reading by one shape, whatever it looks like."""
        flat, framed, back = self._fitted(flat, print_, shape)
        return self._again(framed, self.first.read(framed, shape), back, flat)

    def strips(self, flat: Picture, strips: Sequence[Strip]) -> tuple[Block, ...]:
        """What stands in strips; each is a block of its own."""
        lines = [self.strip(flat, strip) for strip in strips]
        return tuple(Block((line,)) for line in lines if line is not None)

    def strip(self, flat: Picture, strip: Strip) -> Line | None:
        """What stands in one strip; None where nothing does."""
        width, height = strip.size
        ways = [strip, strip.reversed()] if abs(strip.angle) > 45 and height * _ENDS < width else [strip]  # noqa: PLR2004
        read = [(way, self._words(way.cut(flat))) for way in ways]
        way, words = max(read, key=lambda item: sum(word.confidence for word in item[1]))
        frame = Rectangle(0, 0, flat.shape[1], flat.shape[0])
        placed = [replace(word, box=way.bounds(word.box.left, word.box.right).intersection(frame)) for word in words]
        kept = tuple(word for word in placed if not word.box.is_empty)
        return Line(kept) if kept else None

    def _words(self, cut: Picture) -> tuple[Word, ...]:
        """The words of a level line, boxes in its pixels."""
        if self.second is not None:
            return words_of(self.second.engine.spell(cut), cut)
        framed, back = layout.fit(cut, 0)
        blocks = layout.moved(self.first.read(framed, Shape.LINE), back, Rectangle(0, 0, cut.shape[1], cut.shape[0]))
        return tuple(word for block in blocks for line in block.lines for word in line.words)

    def _fitted(self, flat: Picture, print_: Picture, shape: Shape) -> tuple[Picture, Picture, Affine]:
        """The picture without its rules, the same as the engines should get it, and the map back from there."""
        height = text_height(print_)
        if shape is not Shape.PAGE and not self.joined:
            flat = layout.without_rules(flat, print_, height)
        return flat, *layout.fit(flat, height)

    def _unread(self, framed: Picture, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """Lines that are in none of the blocks, as far as they are text for certain."""
        found = []
        for box in unread.lines(ink(framed), blocks):
            rim = box.height // 2
            around = Rectangle(box.left - rim, box.top - rim, box.right + rim, box.bottom + rim).intersection(
                Rectangle(0, 0, framed.shape[1], framed.shape[0])
            )
            cut = np.ascontiguousarray(framed[around.top : around.bottom, around.left : around.right])
            fitted, back = layout.fit(cut, box.height)
            there = Affine.shift(around.left, around.top)
            for block in layout.moved(self.first.read(fitted, Shape.LINE), there @ back, around):
                lines = tuple(line for line in block.lines if self._is_text(framed, line))
                if lines:
                    found.append(Block(lines))
        return tuple(found)

    def _is_text(self, framed: Picture, line: Line) -> bool:
        """Whether both engines read a line alike, or the only one that knows the language is quite sure of it."""
        if sum(map(str.isalnum, line.text)) < unread.LEAST_LETTERS:
            return False
        if self.second is None:
            return line.confidence >= _SURE_ALONE
        return line.confidence >= _SURE and self.second.confirms(framed, line)

    def _again(self, framed: Picture, blocks: tuple[Block, ...], back: Affine, flat: Picture) -> tuple[Block, ...]:
        if self.second is not None:
            margin = layout.MARGIN
            inside = Rectangle(margin, margin, framed.shape[1] - margin, framed.shape[0] - margin)
            blocks = self.second.reread(framed, blocks, inside=inside)
        return layout.moved(blocks, back, Rectangle(0, 0, flat.shape[1], flat.shape[0]))


def _regions(reader: Reader, flat: Picture, print_: Picture, shape: Shape | None) -> tuple[Block, ...]:
    return reader.laid_out(flat, print_, shape or layout.shape_of(print_))


def _small_as_block(reader: Reader, flat: Picture, print_: Picture, shape: Shape | None) -> tuple[Block, ...]:
    shape = shape or layout.shape_of(print_)
    small = max(flat.shape) <= SMALL and shape is Shape.PAGE
    return reader.laid_out(flat, print_, Shape.BLOCK if small else shape)


def _one_block(reader: Reader, flat: Picture, print_: Picture, shape: Shape | None) -> tuple[Block, ...]:
    shape = shape or layout.shape_of(print_)
    return reader.one_block(flat, print_, Shape.LINE if shape is Shape.LINE else Shape.BLOCK)


def _detected(reader: Reader, flat: Picture, _print: Picture, _shape: Shape | None) -> tuple[Block, ...]:
    return reader.strips(flat, detector().find(flat))


def _curves(reader: Reader, flat: Picture, _print: Picture, _shape: Shape | None) -> tuple[Block, ...]:
    return reader.strips(flat, detector().find(flat, along_curves=True))


def _both(reader: Reader, flat: Picture, print_: Picture, shape: Shape | None) -> tuple[Block, ...]:
    blocks = _regions(reader, flat, print_, shape)
    taken = np.zeros(flat.shape, np.uint8)
    for block in blocks:
        for line in block.lines:
            box = line.box
            taken[box.top : box.bottom, box.left : box.right] = 1
    strips = [strip for strip in detector().find(flat) if float(strip.cut(taken).mean()) < _COVERED]
    return (*_outside(blocks, strips), *reader.strips(flat, strips))


def _outside(blocks: tuple[Block, ...], strips: Sequence[Strip]) -> tuple[Block, ...]:
    """The blocks without the words that lie in a strip, which were read only in part."""
    result = []
    for block in blocks:
        lines = [
            tuple(word for word in line.words if not any(strip.holds(_middle(word.box)) for strip in strips))
            for line in block.lines
        ]
        kept = tuple(Line(words) for words in lines if words)
        if kept:
            result.append(Block(kept))
    return tuple(result)


def _middle(box: Rectangle) -> tuple[float, float]:
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


def _line_by_line(reader: Reader, flat: Picture, print_: Picture, _shape: Shape | None) -> tuple[Block, ...]:
    lines: list[Line] = []
    for top, bottom in layout.lines_of(print_):
        cut, own = flat[top:bottom], print_[top:bottom]
        there = Affine.shift(0, top)
        for block in layout.moved(
            reader.one_block(cut, own, Shape.LINE), there, Rectangle(0, top, flat.shape[1], bottom)
        ):
            lines += block.lines
    return (Block(tuple(lines)),) if lines else ()


_Way = Callable[[Reader, Picture, Picture, Shape | None], tuple[Block, ...]]

_WAYS: Mapping[DsrMode, _Way] = MappingProxyType(
    {
        DsrMode.REGIONS: _regions,
        DsrMode.DSR_NO_FILTER: _regions,
        DsrMode.DSR_AND_FILTER: _small_as_block,
        DsrMode.NO_DSR_NO_FILTER: _one_block,
        DsrMode.TEXT_DETECTOR: _detected,
        DsrMode.DSR_PLUS_DETECTOR: _both,
        DsrMode.POLYGONAL_TEXT_DETECTOR: _curves,
        DsrMode.LINE_DETECTOR: _line_by_line,
    }
)
