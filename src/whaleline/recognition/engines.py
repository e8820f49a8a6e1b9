"""The two engines of a language, as they are shown the picture of one line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from whaleline.imaging import pictures, rules
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.pictures import View
from whaleline.imaging.sight import Sight
from whaleline.recognition import layout
from whaleline.recognition.accents import accented, completed
from whaleline.recognition.allowance import Allowance
from whaleline.recognition.chooser import best
from whaleline.recognition.emission import Emission
from whaleline.recognition.engine import Engine, Shape
from whaleline.recognition.frequency import Frequency, frequency
from whaleline.recognition.page import Line
from whaleline.recognition.ppocr import PpOcr, ppocr
from whaleline.recognition.verdict import settled

_MOST_VIEWS = 3
"""Further pictures at most; each takes as long as the first."""

_LONG_S, _ROMAN = "\u017f", 97.0  # models of Fraktur find it in roman print, too, of which alone PP-OCRv6 is so sure


@dataclass(frozen=True)
class Engines:
    """Tesseract and PP-OCRv6.

    Attributes:
        first: Tesseract; None where it should not be asked, as for handwriting.
        latin: whether PP-OCRv6 may give Latin letters only; None where it does not know the language.
        tag: BCP 47, of the language.
        joined: whether the letters of a word hang together, so that a stroke through them is no rule.
        allowance: how much PP-OCRv6 may be shown; of single lines everything.
    """

    first: Engine | None
    latin: bool | None
    tag: str
    joined: bool = False
    allowance: Allowance = field(default_factory=Allowance)

    @property
    def second(self) -> PpOcr | None:
        """The process's PP-OCRv6, loaded at the first call."""
        return None if self.latin is None else ppocr(latin=self.latin)

    @property
    def frequency(self) -> Frequency:
        """How usual words are."""
        return frequency(self.tag)

    @property
    def asks_second(self) -> bool:
        """Whether PP-OCRv6 is shown a line that begins now."""
        return self.second is not None and not (self.allowance.is_spent and self.first is not None)

    def both(self, seen: Emission, shown: View, cut: Sight) -> tuple[Line | None, list[Emission]]:
        """Tesseract's reading, and what PP-OCRv6 saw in all pictures; none where it does not know the letters."""
        first = self.read_first(cut)
        knows = self.knows(first, but=_LONG_S if seen.least >= _ROMAN else "")
        return first, self.more(seen, shown, cut, first) if knows else []

    def accented(self, first: Line | None, seen: Sequence[Emission]) -> Line | None:
        """Tesseract's line, with the accents that it does not know and PP-OCRv6 saw."""
        main = best(seen)
        if first is None or main is None or self.first is None:
            return first
        return accented(first, main.symbols, self.first.characters, self.frequency)

    def completed(self, line: Line, seen: Sequence[Emission]) -> Line:
        """The line that was chosen, with the accents of capitals that PP-OCRv6 saw and did not read."""
        main = best(seen)
        return line if main is None else completed(line, main, self.frequency)

    def read_first(self, cut: Sight) -> Line | None:
        """Tesseract's reading of the picture of a line."""
        if self.first is None:
            return None
        if pictures.is_faint(cut.grey):
            cut = Sight(pictures.stretched(cut.grey))
        flat = cut.grey if self.joined else rules.without(cut.grey, cut.rules)
        framed, back = layout.fit(flat, cut.height)
        frame = Rectangle(0, 0, flat.shape[1], flat.shape[0])
        blocks = layout.moved(self.first.read(framed, Shape.LINE), back, frame)
        words = tuple(word for block in blocks for line in block.lines for word in line.words)
        return Line(words) if words else None

    def look(self, views: Iterable[View]) -> Iterator[Emission]:
        """What PP-OCRv6 sees in further pictures of a line, by the columns of the plain one."""
        return map(self.see, views)

    def see(self, view: View) -> Emission:
        """What PP-OCRv6 sees in a picture of a line, at places in the plain one."""
        engine = self.second
        assert engine is not None  # noqa: S101 - asked before
        self.allowance.spend(view.picture)
        seen = engine.look(view.picture)
        return replace(seen, step=seen.step / view.scale, start=-view.left / view.scale)

    def more(self, emission: Emission, shown: View, cut: Sight, first: Line | None) -> list[Emission]:
        """What PP-OCRv6 saw in the picture that it was shown, and in further ones where that leaves doubts."""
        seen = [emission]
        if settled(seen, first) or self.allowance.is_short:
            return seen
        others = (view for view in pictures.further(cut, joined=self.joined) if view.picture is not shown.picture)
        for view in islice(others, _MOST_VIEWS):
            seen.append(self.see(view))
            if settled(seen, first):
                break
        return seen

    def knows(self, line: Line | None, but: str = "") -> bool:
        """Whether every letter of a reading is in PP-OCRv6's alphabet, but for one."""
        known = self.second.alphabet.places if self.second else {}
        return line is None or all(letter in known or letter == but for letter in line.text if letter.isalpha())
