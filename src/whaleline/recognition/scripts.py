"""What the models of single scripts get wrong in ways that are known, and how it is put right.

Measured in docs/languages.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from unicodedata import east_asian_width

import cv2
import numpy as np

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.picture import Picture, ink
from whaleline.recognition import layout
from whaleline.recognition.direction import reading_order
from whaleline.recognition.engine import Engine, Shape
from whaleline.recognition.languages import Language
from whaleline.recognition.page import Block, Line, Word, joined_words

_SEEN: Final = 0.9  # of the print, which the words of a whole reading cover at least
_SIZES: Final = (0.8, 0.65, 0.5, 1.3)  # times the picture's own, in the order in which they are tried

_TEARS: Final = frozenset({"Arab"})
"""Scripts whose models now and then give nothing for a line, at one size of its letters and not at the next."""


JOINED: Final = frozenset({"Arab", "Beng", "Deva"})
"""Scripts whose letters hang on one stroke or flow into each other."""

_NO_BLANKS: Final = frozenset({"Hani", "Jpan"})
_WIDE: Final = frozenset({"W", "F"})
_BLANK: Final = 1.2  # of a line's height, between two characters with a blank in print between them


class ScriptReader(Engine):
    """An engine whose readings are repaired for the script of a language."""

    def __init__(self, engine: Engine, language: Language) -> None:
        """Wrap an engine, which stays as it is."""
        self._engine = engine
        self._language = language
        self.name = engine.name
        self.shapes = engine.shapes

    def read(self, picture: Picture, shape: Shape) -> tuple[Block, ...]:  # noqa: D102
        blocks = self._engine.read(picture, shape)
        if self._language.script in _TEARS:
            blocks = self._whole(picture, shape, blocks)
        return tuple(Block(tuple(self._line(line) for line in block.lines)) for block in blocks)

    def _whole(self, picture: Picture, shape: Shape, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """The reading of the size at which the words cover most of the print."""
        print_ = ink(picture)
        most = _covered(print_, blocks)
        for size in _SIZES:
            if most >= _SEEN:
                break
            method = cv2.INTER_AREA if size < 1 else cv2.INTER_CUBIC
            scaled = np.asarray(cv2.resize(picture, None, fx=size, fy=size, interpolation=method), np.uint8)
            back = Affine.scale(picture.shape[1] / scaled.shape[1], picture.shape[0] / scaled.shape[0])
            frame = Rectangle(0, 0, picture.shape[1], picture.shape[0])
            other = layout.moved(self._engine.read(scaled, shape), back, frame)
            if (covered := _covered(print_, other)) > most:
                blocks, most = other, covered
        return blocks

    def _line(self, line: Line) -> Line:
        words = tuple(Word(repaired(word.text, self._language), word.box, word.confidence) for word in line.words)
        if self._language.right_to_left:
            return Line(reading_order(words))
        return Line(_without_gaps(words) if self._language.script in _NO_BLANKS else words)


def _without_gaps(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words, joined where East Asian characters meet: half of what a full stop fills is empty and no blank."""
    joined: list[Word] = []
    for word in words:
        before = joined[-1] if joined else None
        if (
            before is not None
            and east_asian_width(before.text[-1]) in _WIDE
            and east_asian_width(word.text[0]) in _WIDE
            and word.box.left - before.box.right < _BLANK * max(before.box.height, word.box.height)
        ):
            joined[-1] = joined_words(before, word)
        else:
            joined.append(word)
    return tuple(joined)


def _covered(print_: Picture, blocks: tuple[Block, ...]) -> float:
    """The share of print inside the boxes of words; 1 where there is no print."""
    total = np.count_nonzero(print_)
    if not total:
        return 1.0
    seen = np.zeros(print_.shape, bool)
    for block in blocks:
        for line in block.lines:
            for word in line.words:
                seen[word.box.top : word.box.bottom, word.box.left : word.box.right] = True
    return float(np.count_nonzero(print_[seen])) / total


_RULES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        # The model was taught a ZERO WIDTH NON-JOINER after each virama; nobody types it.
        "Taml": (("(?<=\u0bcd)\u200c", ""),),
        # The anusvara is a circle and so is the digit zero, which does not follow a letter.
        "Knda": (("(?<=[\u0c85-\u0ccd])\u0ce6(?!\u0ce6)", "\u0c82"),),
        "Telu": (("(?<=[\u0c05-\u0c4d])\u0c66(?!\u0c66)", "\u0c02"),),
        # Four annas for the vowel sign aa, or where a vowel stands already, for the danda at a sentence's end.
        "Beng": (("(?<=[\u0995-\u09b9\u09dc-\u09df])\u09f7", "\u09be"), ("\u09f7", "\u0964")),
        # The micro sign for mu.
        "Grek": (("\u00b5", "\u03bc"),),
        # A comma after an Arabic letter is the Arabic one.
        "Arab": (("(?<=[\u0621-\u0652\u0671-\u06d3]),(?!\\d)", "\u060c"),),
    }
)
"""Regular expressions and what stands for their matches, by ISO 15924 code."""

_PALOCHKA: Final = frozenset({"Chechen", "Kabardian"})
"""Languages that write it, by name on the wire."""


def repaired(text: str, language: Language) -> str:
    """A word as the language writes it."""
    for pattern, replacement in _RULES.get(language.script, ()):
        text = re.sub(pattern, replacement, text)
    return _with_palochka(text) if language.wire in _PALOCHKA else text


_CYRILLIC: Final = "\u0400-\u04bf\u04d0-\u052f"  # without the palochka itself
_LIKE_PALOCHKA: Final = "[Ii\u0406\u0456l1!|]"
_STROKE: Final = f"(?<=[{_CYRILLIC}]){_LIKE_PALOCHKA}|{_LIKE_PALOCHKA}(?=[{_CYRILLIC}])"


def _with_palochka(text: str) -> str:
    """The palochka where an upright stroke stands by a Cyrillic letter; no model has it.

    It follows the case of its word (Unicode 5.0 gave it two): capital where another letter is and none is small.
    An exclamation mark at the end stays one.
    """
    letters = [letter for letter in re.findall(f"[{_CYRILLIC}]", text) if letter.lower() not in "\u0456"]
    upper = bool(letters) and all(letter.isupper() for letter in letters)

    def stroke(found: re.Match[str]) -> str:
        if found.group() == "!" and not re.match(f"[{_CYRILLIC}]", text[found.end() :]):
            return "!"
        return "\u04c0" if upper else "\u04cf"

    return re.sub(_STROKE, stroke, text)
