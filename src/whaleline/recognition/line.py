"""Reading a line: its pictures are shown to both engines, and one reading is made of what they saw."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from whaleline.imaging import pictures, rules
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.imaging.pictures import View
from whaleline.imaging.sight import Sight
from whaleline.imaging.strip import Strip
from whaleline.recognition import end_mark, layout
from whaleline.recognition.accents import accented
from whaleline.recognition.allowance import Allowance
from whaleline.recognition.boxes import about_ink
from whaleline.recognition.certain import is_certain
from whaleline.recognition.chooser import best, choose
from whaleline.recognition.coverage import as_far_as_read
from whaleline.recognition.emission import Emission
from whaleline.recognition.engine import Engine, Shape
from whaleline.recognition.frequency import Frequency, frequency
from whaleline.recognition.page import Line, Word
from whaleline.recognition.ppocr import PpOcr, ppocr, words_of
from whaleline.recognition.verdict import as_stain, not_lost, settled
from whaleline.recognition.windows import doubtful

_MOST_VIEWS = 3
"""Further pictures at most; each takes as long as the first."""

_HIGHEST = 400  # pixels of a line on a page; larger is a picture
_BESIDE, _ABOVE = 0.2, 0.1  # of a line's height, around what is read again
_LONG_S, _ROMAN = "\u017f", 97.0  # models of Fraktur find it in roman print, too, of which alone PP-OCRv6 is so sure
_ENDS = 2.0  # times as high as wide, a strip may be a tall sign and not a line that runs down


@dataclass(frozen=True, eq=False)
class Evidence:
    """What the engines read in the picture of one line.

    Attributes:
        sight: of the band of the line.
        corner: of the band in the picture that was given, x and y in pixels.
        first: Tesseract's line, boxes in the band's pixels; None where it found none.
        seen: what PP-OCRv6 saw in one or more pictures of the band; none where it was not asked.
    """

    sight: Sight
    corner: tuple[int, int]
    first: Line | None
    seen: list[Emission]

    @property
    def picture(self) -> Picture:
        """The band itself."""
        return self.sight.picture


@dataclass(frozen=True)
class LineReader:
    """The engines of one language.

    Attributes:
        first: Tesseract; None where it should not be asked, as for handwriting.
        latin: whether PP-OCRv6 may give Latin letters only; None where it does not know the language.
        tag: BCP 47, of the language.
        joined: whether the letters of a word hang together, so that a stroke through them is no rule.
        allowance: how much PP-OCRv6 may be shown; of single lines everything.
        mended: makes another line of one that was chosen, and of what PP-OCRv6 saw; None where none is needed.
    """

    first: Engine | None
    latin: bool | None
    tag: str
    joined: bool = False
    allowance: Allowance = field(default_factory=Allowance)
    mended: Callable[[Line, Sequence[Emission]], Line] | None = None

    @property
    def second(self) -> PpOcr | None:
        """The process's PP-OCRv6, loaded at the first call."""
        return None if self.latin is None else ppocr(latin=self.latin)

    @property
    def frequency(self) -> Frequency:
        """How usual words are."""
        return frequency(self.tag)

    def read(self, sight: Sight) -> Line | None:
        """What stands in the picture of one level line; None where nothing does."""
        evidence = self.evidence(sight)
        line = self.chosen(evidence)
        return line and line.moved(*evidence.corner)

    def chosen(self, evidence: Evidence) -> Line | None:
        """The reading that is made of what both read, boxes in the band's pixels."""
        return self._line(evidence.first, evidence.seen, evidence.sight)

    def glance(self, picture: Picture) -> tuple[Word, ...]:
        """The words of one level line by one engine, which is enough to tell its way up."""
        engine = self.second
        if engine is not None:
            return words_of(engine.look(picture).symbols, picture)
        line = self._first(Sight(picture))
        return line.words if line else ()

    def evidence(self, whole: Sight, *, always: bool = False) -> Evidence:
        """What the engines read in the picture of one line; both where one alone would do, if `always`."""
        band = pictures.band(whole)
        cut = _part(whole, band)
        corner = band.left, band.top
        if self.second is None or (self.allowance.is_spent and self.first is not None):
            return Evidence(cut, corner, self._first(cut), [])
        view = pictures.first(cut)
        seen = self._look(view)
        if not always and self.first is not None and self._is_certain(seen, cut):
            return Evidence(cut, corner, None, [seen])
        first = self._first(cut)
        knows = self._knows(first, but=_LONG_S if seen.least >= _ROMAN else "")
        return Evidence(cut, corner, first, self._more(seen, view, cut, first) if knows else [])

    def strip(self, picture: Picture, strip: Strip) -> Line | None:
        """What stands in a strip of a picture, boxes in its pixels; None where nothing does."""
        width, height = strip.size
        ways = [strip, strip.reversed()] if abs(strip.angle) > 45 and height * _ENDS < width else [strip]  # noqa: PLR2004
        read = [self.along(picture, way) for way in ways]
        return max(read, key=lambda line: sum(word.confidence for word in line.words) if line else 0.0)

    def along(self, picture: Picture, way: Strip) -> Line | None:
        """The same, read from the strip's first end."""
        line = self.read(Sight(way.cut(picture)))
        if line is None:
            return None
        frame = Rectangle(0, 0, picture.shape[1], picture.shape[0])
        placed = [replace(one, box=way.bounds(one.box.left, one.box.right).intersection(frame)) for one in line.words]
        kept = tuple(word for word in placed if not word.box.is_empty)
        return Line(kept) if kept else None

    def again(self, picture: Picture, line: Line, *, further: bool = True) -> Line | None:
        """A line that Tesseract found on a page, with its doubtful words and their neighbours read by both.

        Args:
            picture: grey or colour; the line's boxes are in its pixels.
            line: as Tesseract read it.
            further: whether PP-OCRv6 is shown further pictures of what it reads poorly.
        """
        if self.second is None:
            return line
        box, windows = line.box, doubtful(line, self.frequency)
        if not windows or box.height > _HIGHEST or box.is_empty or not self._knows(line) or self.allowance.is_spent:
            return Line(self._unasked(line.words))
        words: list[Word] = []
        last = 0
        for start, end in windows:
            words += self._unasked(line.words[last:start])
            left = (line.words[start - 1].box.right + line.words[start].box.left) / 2 if start else 0
            right = (
                (line.words[end - 1].box.right + line.words[end].box.left) / 2
                if end < len(line.words)
                else picture.shape[1]
            )
            part = line.words[start:end]
            around = Rectangle(
                int(max(part[0].box.left - _BESIDE * box.height, left)),
                int(box.top - _ABOVE * box.height),
                int(min(max(word.box.right for word in part) + _BESIDE * box.height, right)) + 1,
                int(box.bottom + _ABOVE * box.height) + 1,
            ).intersection(Rectangle(0, 0, picture.shape[1], picture.shape[0]))
            cut = _part(Sight(picture), around)
            own = Line(part).moved(-around.left, -around.top)
            if around.is_empty:
                words += part
            else:
                view = View(cut.picture)
                look = self._look(view)
                seen = self._more(look, view, cut, own) if further else [look]
                read = self._line(own, seen, cut)
                words += as_stain(read, own, seen).moved(around.left, around.top).words if read else ()
            last = end
        words += self._unasked(line.words[last:])
        return Line(tuple(words)) if words else None

    def _unasked(self, words: tuple[Word, ...]) -> tuple[Word, ...]:
        """Tesseract's words of which it is sure enough, with calibrated confidences."""
        return choose(Line(words), (), self.frequency, 0) if words else ()

    def _line(self, first: Line | None, seen: list[Emission], cut: Sight) -> Line | None:
        if not seen:
            return first if self.second is None or first is None else Line(choose(first, (), self.frequency, 0))
        height, width = cut.picture.shape[:2]
        main = best(seen)
        if first is not None and main is not None and self.first is not None:
            first = accented(first, main.symbols, self.first.characters, self.frequency)
        words = end_mark.kept(choose(first, seen, self.frequency, height), first, cut.ink)
        placed = about_ink(words, cut.ink)
        frame = Rectangle(0, 0, width, height)
        kept = tuple(
            replace(word, box=word.box.intersection(frame))
            for word in placed
            if not word.box.intersection(frame).is_empty
        )
        if not kept:
            return None
        line = as_far_as_read(not_lost(Line(kept), first, seen), cut)
        return self.mended(line, seen) if self.mended else line

    def _first(self, cut: Sight) -> Line | None:
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
        return map(self._look, views)

    def _look(self, view: View) -> Emission:
        """What PP-OCRv6 sees in a picture of a line, at places in the plain one."""
        engine = self.second
        assert engine is not None  # noqa: S101 - asked before
        self.allowance.spend(view.picture)
        seen = engine.look(view.picture)
        return replace(seen, step=seen.step / view.scale, start=-view.left / view.scale)

    def _more(self, emission: Emission, shown: View, cut: Sight, first: Line | None) -> list[Emission]:
        """What PP-OCRv6 saw in the picture that it was shown, and in further ones where that leaves doubts."""
        seen = [emission]
        if settled(seen, first) or self.allowance.is_short:
            return seen
        others = (view for view in pictures.further(cut, joined=self.joined) if view.picture is not shown.picture)
        for view in islice(others, _MOST_VIEWS):
            seen.append(self._look(view))
            if settled(seen, first):
                break
        return seen

    def _is_certain(self, plain: Emission, cut: Sight) -> bool:
        assert self.first is not None  # noqa: S101 - asked before
        return is_certain(plain, cut.ink, self.frequency, self.first.characters)

    def _knows(self, line: Line | None, but: str = "") -> bool:
        """Whether every letter of a reading is in PP-OCRv6's alphabet, but for one."""
        known = self.second.alphabet.places if self.second else {}
        return line is None or all(letter in known or letter == but for letter in line.text if letter.isalpha())


def _part(sight: Sight, box: Rectangle) -> Sight:
    """What of a picture lies in a box; itself where all of it does."""
    rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
    part = sight.picture[rows, columns]
    if part.shape == sight.picture.shape:
        return sight
    clear = None if sight.stretched is None else np.ascontiguousarray(sight.stretched[rows, columns])
    return Sight(np.ascontiguousarray(part), clear)
