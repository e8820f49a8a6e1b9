"""What an engine read: Page > Block > Line > Word, frozen.

All boxes are in the pixels of the picture that was read; the map from there to the submitted image is not the page's
business (see `whaleline.results.Reading`). Confidence runs from 0 (a guess) to 100 (sure).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from statistics import fmean

from whaleline.imaging.geometry import Rectangle, bounds


@dataclass(frozen=True, slots=True)
class Word:
    """A run of characters without a space.

    Attributes:
        text: as it was read.
        box: in the picture's pixels; in the submitted image's, where they come from `Reading.words`.
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
        """The smallest rectangle around the words."""
        return bounds([word.box for word in self.words])

    @property
    def text(self) -> str:
        """The words, with a space between them."""
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float:
        """The mean of the words' confidences."""
        return fmean(word.confidence for word in self.words)

    @property
    def weight(self) -> float:
        """How much of the text is certain: the letters of all words by how far they are from a guess."""
        return sum(len(word.text) * (word.confidence - 50) for word in self.words)

    def at_most(self, confidence: float) -> Line:
        """The same line with confidences limited to this."""
        return Line(tuple(replace(word, confidence=min(word.confidence, confidence)) for word in self.words))

    def moved(self, right: int, down: int) -> Line:
        """The same line, moved by some pixels to the right and down."""
        return Line(tuple(replace(word, box=word.box.moved(right, down)) for word in self.words))


@dataclass(frozen=True)
class Block:
    """Lines in reading order; at least one."""

    lines: tuple[Line, ...]

    @cached_property
    def box(self) -> Rectangle:
        """The smallest rectangle around the lines."""
        return bounds([line.box for line in self.lines])

    @property
    def text(self) -> str:
        """The lines, with a line feed between them."""
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True)
class Page:
    """The text of one picture of `width` x `height` pixels; without blocks if there was no text.

    Attributes:
        language: BCP 47 tag of the requested language, for formats that state it.
        right_to_left: whether the script of the language runs from right to left.
        turn: degrees clockwise by which the picture should be turned to be read: 0, 90, 180 or 270.
        notes: messages about the reading; clauses without a full stop.
        unread: places that look like print and are not in the blocks.
    """

    width: int
    height: int
    blocks: tuple[Block, ...]
    language: str = "en"
    right_to_left: bool = False
    turn: int = 0
    notes: tuple[str, ...] = ()
    unread: tuple[Rectangle, ...] = ()

    @property
    def text(self) -> str:
        """The blocks, with a line feed between them."""
        return "\n".join(block.text for block in self.blocks)

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in reading order."""
        return tuple(word for block in self.blocks for line in block.lines for word in line.words)
