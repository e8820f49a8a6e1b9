"""Tesseract for one language: the best of its models' readings, in the letters and the order of the language.

Measured in docs/languages.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final
from unicodedata import east_asian_width

from whaleline.imaging.picture import Picture
from whaleline.recognition import old_russian, trials
from whaleline.recognition.direction import reading_order
from whaleline.recognition.emission import Emission
from whaleline.recognition.engine import Engine, Shape
from whaleline.recognition.languages import Language
from whaleline.recognition.letters import repaired
from whaleline.recognition.page import Block, Line, Word, joined_words

_HEIGHTS: Final[Mapping[str, tuple[float | None, ...]]] = MappingProxyType({"Arab": (21, 16, 30, 13, 27)})
"""Pixels of a letter's height at which a script is read, by ISO 15924 code, the best one first.

The models of Arabic give less for larger letters, and nothing at all at one size now and then but not at the next.
"""

_MARGINS: Final[Mapping[str, float]] = MappingProxyType({"Grek": 3.0})
"""By how much further models must score more: those of ancient Greek find accents that modern print has not."""

_USUAL_HEIGHTS: Final = (None, 14)
_LINE_HEIGHTS: Final = (None, 30, 18, 13, 42)

JOINED: Final = frozenset({"Arab", "Beng", "Deva"})
"""Scripts whose letters hang on one stroke or flow into each other."""

_NO_SPACES: Final = frozenset({"Hani", "Jpan"})
_WIDE: Final = frozenset({"W", "F"})
_SPACE: Final = 1.2  # of a line's height, between two characters with a space in print between them


class ScriptReader(Engine):
    """An engine for one language: the best of its models' readings, repaired for its script."""

    def __init__(
        self,
        engine: Engine,
        language: Language,
        further: Callable[[], Engine] | None = None,
        *,
        quick: Callable[[], Engine] | None = None,
    ) -> None:
        """Wrap an engine, which stays as it is.

        Args:
            engine: reads everything.
            language: what is read.
            further: gives the engine that is tried where the first one reads poorly.
            quick: gives the engine that reads whole pages in its place, where there is no further one.
        """
        self._readers = [lambda: engine] if further is None else [lambda: engine, further]
        self._has_trials = bool(further) or language.script in _HEIGHTS
        self._engine = engine
        self._of_pages = quick or (lambda: engine)
        self._language = language
        self.name = engine.name
        self.shapes = engine.shapes
        self.characters = engine.characters

    def read(self, picture: Picture, shape: Shape) -> tuple[Block, ...]:  # noqa: D102
        script = self._language.script
        if shape is Shape.LINE and not self._language.ppocr:
            blocks = trials.agreed(picture, self._readers, _HEIGHTS.get(script, _LINE_HEIGHTS))
        elif self._has_trials:
            heights = _HEIGHTS.get(script, _USUAL_HEIGHTS)
            margin = _MARGINS.get(script, 0.0)
            blocks = trials.best(picture, shape, self._readers, heights, margin=margin)
        else:
            engine = self._of_pages() if shape is Shape.PAGE else self._engine
            blocks = engine.read(picture, shape)
        return tuple(Block(tuple(self._line(line) for line in block.lines)) for block in blocks)

    def alternatives(self, picture: Picture) -> Emission | None:  # noqa: D102
        return None if self._language.right_to_left else self._engine.alternatives(picture)

    def _line(self, line: Line) -> Line:
        words = tuple(Word(repaired(word.text, self._language), word.box, word.confidence) for word in line.words)
        if self._language.tag == old_russian.TAG:
            words = old_russian.restored(words)
        if self._language.right_to_left:
            return Line(reading_order(words))
        return Line(_without_gaps(words) if self._language.script in _NO_SPACES else words)


def _without_gaps(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """The words, joined where East Asian characters meet: half of what a full stop fills is empty and no space."""
    joined: list[Word] = []
    for word in words:
        before = joined[-1] if joined else None
        if (
            before is not None
            and east_asian_width(before.text[-1]) in _WIDE
            and east_asian_width(word.text[0]) in _WIDE
            and word.box.left - before.box.right < _SPACE * max(before.box.height, word.box.height)
        ):
            joined[-1] = joined_words(before, word)
        else:
            joined.append(word)
    return tuple(joined)
