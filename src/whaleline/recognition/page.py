"""What an engine read: Page > Block > Line > Word, frozen.

All boxes are in the pixels of the picture that was read; the map from there to the submitted image is not the page's
business (see `whaleline.results.Reading`). Confidence runs from 0 (a guess) to 100 (sure).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from whaleline.imaging.geometry import Rectangle, bounds


@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters without a blank.

    Attributes:
        text: as it was read.
        box: in the picture's pixels.
        confidence: 0 to 100.
        alternative: what another engine read in its place; empty where none did, or the same.
    """

    text: str
    box: Rectangle
    confidence: float
    alternative: str = ""


def joined_words(first: Word, second: Word) -> Word:
    """Two pieces as one word, its confidence the mean over its characters."""
    whole = first.text + second.text
    confidence = (first.confidence * len(first.text) + second.confidence * len(second.text)) / len(whole)
    return Word(whole, bounds([first.box, second.box]), confidence)


@dataclass(frozen=True)
class Line:
    """Words in reading order; at least one."""

    words: tuple[Word, ...]

    @cached_property
    def box(self) -> Rectangle:
        """Bounds of the words."""
        return bounds([word.box for word in self.words])

    @property
    def text(self) -> str:
        """The words, one blank between."""
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float:
        """Mean of the words' confidences."""
        return fmean(word.confidence for word in self.words)


@dataclass(frozen=True)
class Block:
    """Lines in reading order; at least one."""

    lines: tuple[Line, ...]

    @cached_property
    def box(self) -> Rectangle:
        """Bounds of the lines."""
        return bounds([line.box for line in self.lines])

    @property
    def text(self) -> str:
        """The lines, one line feed between."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True)
class Page:
    """All that was read in one picture of `width` x `height` pixels; no block where there was no text.

    Attributes:
        language: BCP 47 tag of the language that was asked for, for formats that state it.
        right_to_left: whether the script of the language runs from right to left.
        turn: degrees clockwise by which the picture seems to need a turn before it can be read; 0, 90, 180 or 270.
        notes: what the reader should be told about the reading; clauses without a full stop.
    """

    width: int
    height: int
    blocks: tuple[Block, ...]
    language: str = "en"
    right_to_left: bool = False
    turn: int = 0
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The blocks, one line feed between."""
        return "\n".join(block.text for block in self.blocks)

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in reading order."""
        return tuple(word for block in self.blocks for line in block.lines for word in line.words)
