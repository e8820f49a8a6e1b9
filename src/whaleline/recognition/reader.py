"""The ways to read a picture, one for each mode."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import halved, letters, usual_height
from whaleline.imaging.sight import Sight
from whaleline.imaging.strip import Strip
from whaleline.recognition import layout
from whaleline.recognition.blocks import BlockReader
from whaleline.recognition.detector import detector
from whaleline.recognition.engine import Shape
from whaleline.recognition.line import LineReader
from whaleline.recognition.modes import DsrConfidence, DsrMode, sure
from whaleline.recognition.page import Block, Line

SMALL = 1000
"""Pixels of the longer side of a small picture."""

_LINE, _LONGEST = 100, 40  # pixels of the height of what may be a single line, and times as wide as that
_FADED_LETTERS, _FADED = 3, 70.0  # of a line in what looks blank, the least letters and confidence: noise has up to 57
_LARGE = 1_000_000  # pixels; the shape of what is larger shows as well at half its size
_COVERED = 0.5  # of a strip, that lies in lines which are read already


def read(reader: BlockReader, sight: Sight, mode: DsrMode, shape: Shape | None) -> tuple[Block, ...]:
    """The blocks of a picture, in the engine's order.

    A mode that finds nothing certain leaves it to the first one: no mode answers less than is plainly there.

    Args:
        reader: of the language.
        sight: of the picture.
        mode: how text is looked for.
        shape: how the text lies, where that is known.
    """
    blocks = _WAYS[mode](reader, sight, shape)
    if sure(blocks, DsrConfidence.DEFAULT) or _WAYS[mode] is _regions:
        return blocks
    return _regions(reader, sight, shape) or blocks


def faded(lines: LineReader, sight: Sight) -> tuple[Block, ...]:
    """The line in a picture that shows no print apart from its noise, if PP-OCRv6 sees one.

    Args:
        lines: reads it.
        sight: of the picture.
    """
    height, width = sight.picture.shape[:2]
    if lines.second is None or not height <= min(_LINE, width) or width > _LONGEST * height:
        return ()
    words = lines.glance(sight.picture)
    letters_seen = sum(map(str.isalnum, "".join(word.text for word in words)))
    if letters_seen < _FADED_LETTERS or min(word.confidence for word in words) < _FADED:
        return ()
    line = lines.read(sight)
    return (Block((line,)),) if line else ()


def shape_of(sight: Sight) -> Shape:
    """How the text seems to lie in a picture, its rules and frames aside."""
    clear = sight.coarse_clear
    height = usual_height(letters(clear)) if sight.is_ruled else sight.height * clear.shape[0] / sight.ink.shape[0]
    while clear.size > _LARGE:
        clear, height = halved(clear), height / 2
    return layout.shape_of(clear, height)


def _regions(reader: BlockReader, sight: Sight, shape: Shape | None) -> tuple[Block, ...]:
    return reader.read(sight, shape or shape_of(sight))


def _small_as_block(reader: BlockReader, sight: Sight, shape: Shape | None) -> tuple[Block, ...]:
    shape = shape or shape_of(sight)
    small = max(sight.picture.shape) <= SMALL and shape is Shape.PAGE
    return reader.read(sight, Shape.BLOCK if small else shape)


def _one_block(reader: BlockReader, sight: Sight, shape: Shape | None) -> tuple[Block, ...]:
    shape = shape or shape_of(sight)
    return reader.one_block(sight, Shape.LINE if shape is Shape.LINE else Shape.BLOCK)


def _detected(reader: BlockReader, sight: Sight, _shape: Shape | None) -> tuple[Block, ...]:
    return reader.strips(sight.picture, detector().find(sight.grey))


def _curves(reader: BlockReader, sight: Sight, _shape: Shape | None) -> tuple[Block, ...]:
    return reader.strips(sight.picture, detector().find(sight.grey, along_curves=True))


def _both(reader: BlockReader, sight: Sight, shape: Shape | None) -> tuple[Block, ...]:
    blocks = _regions(reader, sight, shape)
    taken = np.zeros(sight.picture.shape[:2], np.uint8)
    for block in sure(blocks, DsrConfidence.DEFAULT):
        for line in block.lines:
            box = line.box
            taken[box.top : box.bottom, box.left : box.right] = 1
    strips = [strip for strip in detector().find(sight.grey) if float(strip.cut(taken).mean()) < _COVERED]
    return (*_outside(blocks, strips), *reader.strips(sight.picture, strips))


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


def _line_by_line(reader: BlockReader, sight: Sight, _shape: Shape | None) -> tuple[Block, ...]:
    lines = []
    for top, bottom in layout.lines_of(sight.clear):
        line = reader.lines.read(Sight(np.ascontiguousarray(sight.picture[top:bottom])))
        if line is not None:
            lines.append(line.moved(0, top))
    return (Block(tuple(lines)),) if lines else ()


_Way = Callable[[BlockReader, Sight, Shape | None], tuple[Block, ...]]

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
