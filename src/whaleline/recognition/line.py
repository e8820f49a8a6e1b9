"""Reading a line: its pictures are shown to both engines, and one reading is made of what they saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from whaleline.imaging import pictures
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.imaging.pictures import View
from whaleline.imaging.sight import Sight
from whaleline.imaging.strip import Strip
from whaleline.recognition import end_mark
from whaleline.recognition.boxes import about_ink
from whaleline.recognition.certain import is_certain
from whaleline.recognition.chooser import choose
from whaleline.recognition.coverage import as_far_as_read
from whaleline.recognition.emission import Emission
from whaleline.recognition.engines import Engines
from whaleline.recognition.page import Line, Word
from whaleline.recognition.ppocr import words_of
from whaleline.recognition.verdict import as_stain, not_lost
from whaleline.recognition.windows import doubtful

_HIGHEST = 400  # pixels of a line on a page; larger is a picture
_BESIDE, _ABOVE = 0.2, 0.1  # of a line's height, around what is read again
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
class LineReader(Engines):
    """The engines of one language, and how one reading is made of theirs.

    Attributes:
        mended: makes another line of one that was chosen, and of what PP-OCRv6 saw; None where none is needed.
    """

    mended: Callable[[Line, Sequence[Emission]], Line] | None = None

    def read(self, sight: Sight) -> Line | None:
        """What stands in the picture of one level line; None where nothing does."""
        cut, corner = self._band(sight)
        line = self._read(cut)
        return line and line.moved(*corner)

    def _read(self, cut: Sight) -> Line | None:
        """The same of the line's band: if PP-OCRv6 is certain, Tesseract and further pictures are not asked for."""
        if not self.asks_second:
            return self._line(self.read_first(cut), [], cut)
        view = pictures.first(cut)
        seen = self.see(view)
        if self.first is not None and is_certain(seen, cut.ink, self.frequency, self.first.characters):
            return self._line(None, [seen], cut)
        return self._line(*self.both(seen, view, cut), cut)

    def chosen(self, evidence: Evidence) -> Line | None:
        """The reading that is made of what both read, boxes in the band's pixels."""
        return self._line(evidence.first, evidence.seen, evidence.sight)

    def glance(self, picture: Picture) -> tuple[Word, ...]:
        """The words of one level line by one engine, which is enough to tell its way up."""
        engine = self.second
        if engine is not None:
            return words_of(engine.look(picture).symbols, picture)
        line = self.read_first(Sight(picture))
        return line.words if line else ()

    def evidence(self, whole: Sight) -> Evidence:
        """What both engines read in the picture of one line, all of it."""
        cut, corner = self._band(whole)
        if not self.asks_second:
            return Evidence(cut, corner, self.read_first(cut), [])
        view = pictures.first(cut)
        return Evidence(cut, corner, *self.both(self.see(view), view, cut))

    def _band(self, whole: Sight) -> tuple[Sight, tuple[int, int]]:
        """The part of a picture that holds its line, and its corner."""
        band = pictures.band(whole)
        return _part(whole, band), (band.left, band.top)

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
        if not windows or box.height > _HIGHEST or box.is_empty or not self.knows(line) or self.allowance.is_spent:
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
                look = self.see(view)
                seen = self.more(look, view, cut, own) if further else [look]
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
        first = self.accented(first, seen)
        words = end_mark.kept(choose(first, seen, self.frequency, height), first, cut.ink)
        frame = Rectangle(0, 0, width, height)
        kept = tuple(
            replace(word, box=word.box.intersection(frame))
            for word in about_ink(words, cut.ink)
            if not word.box.intersection(frame).is_empty
        )
        if not kept:
            return None
        line = self.completed(as_far_as_read(not_lost(Line(kept), first, seen), cut), seen)
        return self.mended(line, seen) if self.mended else line


def _part(sight: Sight, box: Rectangle) -> Sight:
    """What of a picture lies in a box; itself where all of it does."""
    rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
    part = sight.picture[rows, columns]
    if part.shape == sight.picture.shape:
        return sight
    clear = None if sight.stretched is None else np.ascontiguousarray(sight.stretched[rows, columns])
    return Sight(np.ascontiguousarray(part), clear)
