"""English handwriting: lines by the detector, read by PP-OCRv6, repaired by a dictionary."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, grey, ink
from whaleline.recognition import layout, spelling
from whaleline.recognition.blocks import BlockReader
from whaleline.recognition.detector import detector
from whaleline.recognition.engine import Shape
from whaleline.recognition.languages import find
from whaleline.recognition.page import Block, Line, Word

WIRE: Final = "HWT_ENG"
"""The language's name on the wire."""


def read(reader: BlockReader, picture: Picture) -> tuple[Block, ...]:
    """What is written in a picture; nothing where no line was found.

    Args:
        reader: of PP-OCRv6 alone: Tesseract reads no handwriting.
        picture: grey or colour.
    """
    if layout.shape_of(ink(picture)) is Shape.LINE:
        line = reader.lines.read(picture)
        return (Block((_repaired(line),)),) if line else ()
    strips = detector().find(grey(picture))
    lines = (line for block in reader.strips(picture, strips) for line in block.lines)
    return tuple(Block((_repaired(line),)) for line in lines)


def _repaired(line: Line) -> Line:
    """The line with lost blanks restored and words mended."""
    language = find(WIRE)
    speller = spelling.speller_of(language) if language is not None else None
    if speller is None:
        return line
    words: list[Word] = []
    for word in line.words:
        texts = speller.handwritten(word.text).split()
        words += _parted(word, texts) if len(texts) > 1 else [replace(word, text=texts[0])]
    return Line(tuple(words))


def _parted(word: Word, texts: list[str]) -> list[Word]:
    """A word as several, each with its share of the box by its letters."""
    total, place, parts = len("".join(texts)), 0, []
    for text in texts:
        left = word.box.left + word.box.width * place // total
        place += len(text)
        right = word.box.left + word.box.width * place // total
        parts.append(Word(text, Rectangle(left, word.box.top, right, word.box.bottom), word.confidence))
    return parts
