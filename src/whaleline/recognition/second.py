"""The second reading: doubtful lines are read again by PP-OCRv6, and one reading is made of both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.recognition import vote
from whaleline.recognition.frequency import Frequency, frequency
from whaleline.recognition.languages import Language
from whaleline.recognition.page import Block, Line, Word
from whaleline.recognition.ppocr import PpOcr, Symbol, ppocr

GATE = 92.0
"""Lines with a word under this confidence are read twice; figures in docs/recognition.md."""

AGREEMENT = 0.45
"""Similarity of the two readings under which a line is a stain or a picture, and no text."""

CONFIRMED = 0.9
"""Similarity of the two readings from which what Tesseract passed over at first is text."""

NOISE = 35.0
"""Confidence that noise stays under and text does not."""

_BESIDE, _ABOVE = 0.2, 0.1  # of a line's height, around it
_SURE = 96.0  # confidence of a word that is not asked whether it is in a list
_STROKES = frozenset("1l|")
_MOST = 0.7  # of a line's width, above which it is read as a whole
_HIGHEST = 400  # pixels of a line; larger is a picture
_WHOLE_ALPHABET = frozenset({"Hani", "Hans", "Hant", "Jpan"})


@dataclass(frozen=True)
class SecondReader:
    """PP-OCRv6 for one language.

    Loaded when it is first needed.

    Attributes:
        tag: BCP 47, of the language.
        latin: whether it may give Latin letters only; else its whole alphabet.
    """

    tag: str
    latin: bool

    @property
    def engine(self) -> PpOcr:
        """The process's recogniser."""
        return ppocr(latin=self.latin)

    def reread(
        self, picture: Picture, blocks: Sequence[Block], *, inside: Rectangle | None = None
    ) -> tuple[Block, ...]:
        """The blocks with every doubtful word and its neighbours read again.

        Where both readings of a line have next to nothing in common, the line's confidence falls under NOISE.

        Args:
            picture: grey; the blocks' boxes are in its pixels.
            blocks: Tesseract's.
            inside: what of the picture is not margin.
        """
        frame = inside or Rectangle(0, 0, picture.shape[1], picture.shape[0])
        result = []
        for block in blocks:
            lines = [self._line(picture, line, frame) for line in block.lines]
            kept = tuple(line for line in lines if line is not None)
            if kept:
                result.append(Block(kept))
        return tuple(result)

    def confirms(self, picture: Picture, line: Line) -> bool:
        """Whether the engine reads a line as Tesseract did."""
        frame = Rectangle(0, 0, picture.shape[1], picture.shape[0])
        symbols = self._symbols(picture, line.box, -inf, inf, frame)
        return vote.similarity(line, symbols) >= CONFIRMED

    def _line(self, picture: Picture, line: Line, frame: Rectangle) -> Line | None:
        box, windows = line.box, _windows(line, frequency(self.tag))
        if not windows or box.height > _HIGHEST or box.is_empty or not self._knows(line.text):
            return line
        words: list[Word] = []
        last = 0
        for first, end in windows:
            words += line.words[last:first]
            left = (line.words[first - 1].box.right + line.words[first].box.left) / 2 if first else 0
            right = (line.words[end - 1].box.right + line.words[end].box.left) / 2 if end < len(line.words) else inf
            part = Line(line.words[first:end])
            high = Rectangle(part.box.left, box.top, part.box.right, box.bottom)
            symbols = self._symbols(picture, high, left, right, frame)
            alike = vote.similarity(part, symbols)
            if alike < AGREEMENT:
                least = NOISE * alike / AGREEMENT
                words += [replace(word, confidence=min(word.confidence, least)) for word in part.words]
            elif voted := vote.vote(part, symbols, frequency(self.tag)):
                words += voted.words
            last = end
        words += line.words[last:]
        return Line(tuple(words)) if words else None

    def _symbols(
        self, picture: Picture, box: Rectangle, left: float, right: float, frame: Rectangle
    ) -> tuple[Symbol, ...]:
        """What the engine reads about a box but between two columns, placed in the picture."""
        around = Rectangle(
            int(max(box.left - _BESIDE * box.height, left)),
            int(box.top - _ABOVE * box.height),
            int(min(box.right + _BESIDE * box.height, right)) + 1,
            int(box.bottom + _ABOVE * box.height) + 1,
        ).intersection(frame)
        if around.is_empty:
            return ()
        cut = picture[around.top : around.bottom, around.left : around.right]
        return tuple(
            replace(symbol, left=symbol.left + around.left, right=symbol.right + around.left)
            for symbol in self.engine.spell(cut)
        )

    def _knows(self, text: str) -> bool:
        """Whether every letter of a text is in the engine's alphabet."""
        return all(letter in self.engine.alphabet for letter in text if letter.isalpha())


def second_reader(language: Language) -> SecondReader | None:
    """The second reader of a language; None where PP-OCRv6 does not know its letters."""
    if not language.ppocr:
        return None
    return SecondReader(language.tag, latin=language.script not in _WHOLE_ALPHABET)


def _doubtful(word: Word, frequency: Frequency) -> bool:
    """Whether a word should be read again: unsure, a stroke that may be several signs, or in no list of words."""
    if word.confidence < GATE or word.text in _STROKES:
        return True
    return word.confidence < _SURE and frequency(word.text) == 0


def _windows(line: Line, frequency: Frequency) -> list[tuple[int, int]]:
    """The stretches of words (first, last + 1) to read again: doubtful ones with a neighbour on either side.

    The neighbours show the engine where words begin and end. Stretches next to each other are one, and all is one where
    they cover most of the line.
    """
    found: list[tuple[int, int]] = []
    for place, word in enumerate(line.words):
        if _doubtful(word, frequency):
            first, end = max(0, place - 1), min(len(line.words), place + 2)
            if found and first <= found[-1][1] + 1:
                found[-1] = (found[-1][0], end)
            else:
                found.append((first, end))
    covered = sum(line.words[end - 1].box.right - line.words[first].box.left for first, end in found)
    return [(0, len(line.words))] if covered > _MOST * line.box.width else found
