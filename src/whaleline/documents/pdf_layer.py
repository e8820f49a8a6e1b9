"""The text of a PDF page, by pdfium: its letters, gathered into words and lines."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import pypdfium2
from pypdfium2 import raw

from whaleline.documents.layer import CONFIDENCE, LayerLine
from whaleline.imaging.geometry import Affine, Rectangle, bounds
from whaleline.recognition.page import Line, Word

_LOOKED_AT = 20_000  # objects of a page, for what lies over what
_NESTING = 8  # forms within forms, likewise
_MOST_LETTERS = 200_000  # of a page; more are no print
_LEANING = 0.1  # up or down for each pixel to the right, of a line that counts as level
_GAP = 1.6  # heights of the letters, between two words of a line
_HYPHEN, _SOFT_HYPHEN = 2, 0xAD  # what pdfium has for a hyphen at a line's end
_PRIVATE = range(0xE000, 0xF900)
_SYMBOLS = range(0xF000, 0xF100)  # where fonts of symbols have theirs (OpenType, cmap, encoding 3.0)
_BULLET = "\N{BULLET}"
_NO_CHARACTER = frozenset({0, 0xFFFD, 0xFFFE, 0xFFFF})
_UNSHOWN = frozenset({raw.FPDF_TEXTRENDERMODE_INVISIBLE, raw.FPDF_TEXTRENDERMODE_CLIP})


@dataclass(frozen=True, slots=True)
class _Run:
    """What all letters of a text object have in common."""

    font: int
    is_level: bool
    is_written: bool
    place: int  # among the page's objects, in the order of drawing


@dataclass(frozen=True, slots=True)
class _Letter:
    text: str
    box: Rectangle
    run: _Run
    is_symbol: bool


def lines(page: pypdfium2.PdfPage, points: Affine, width: int, height: int) -> tuple[LayerLine, ...]:
    """The level lines of a page in the file's order. A line with a letter that stands for nothing known is left out.

    Args:
        page: an open page.
        points: the map from the pixels of its picture to its user space.
        width: of its picture.
        height: likewise.
    """
    pixels, frame = points.inverse(), Rectangle(0, 0, width, height)
    places, pictures = _drawing_order(page, pixels)
    textpage = page.get_textpage()
    try:
        if textpage.count_chars() > _MOST_LETTERS:
            return ()
        found = []
        for words in _lines(textpage.raw, textpage.count_chars(), pixels, places):
            line = _line(words, frame, pictures)
            if line is not None:
                found.append(line)
        return tuple(found)
    finally:
        textpage.close()


def _drawing_order(page: pypdfium2.PdfPage, pixels: Affine) -> tuple[dict[int, int], list[tuple[int, Rectangle]]]:
    """The place of each text object by its address, and the places of the pictures with where they lie."""
    kinds = [raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_TEXT]
    places, pictures = {}, []
    for place, thing in enumerate(islice(page.get_objects(kinds, max_depth=_NESTING), _LOOKED_AT)):
        if thing.type == raw.FPDF_PAGEOBJ_TEXT:
            places[_address(thing.raw)] = place
            continue
        matrix, around = thing.get_matrix(), thing.container
        while around is not None:
            matrix, around = matrix.multiply(around.get_matrix()), around.container
        placed = pixels @ Affine(matrix.a, matrix.c, matrix.e, matrix.b, matrix.d, matrix.f)
        pictures.append((place, placed.bounds(Rectangle(0, 0, 1, 1))))
    return places, pictures


def _address(thing: Any) -> int:
    return ctypes.cast(thing, ctypes.c_void_p).value or 0


def _lines(textpage: Any, count: int, pixels: Affine, places: dict[int, int]) -> Iterator[list[list[_Letter]]]:
    """The lines, as words of letters; words that stand far apart are of two lines."""
    runs: dict[int, _Run] = {}
    letters = _letters(textpage, count, _run_of(textpage, pixels, places, runs), pixels)
    line: list[list[_Letter]] = []
    word: list[_Letter] = []
    for letter in letters:
        if isinstance(letter, _Letter):
            if word and not _goes_on(word[-1], letter):
                line.append(word)
                word = []
            if not word and line and not _same_line(line[-1][-1], letter):
                yield line
                line = []
            word.append(letter)
            continue
        if word:
            line.append(word)
            word = []
        if letter == "\n" and line:
            yield line
            line = []
    if word:
        line.append(word)
    if line:
        yield line


def _run_of(textpage: Any, pixels: Affine, places: dict[int, int], runs: dict[int, _Run]) -> Callable[[int], _Run]:
    """A function from a letter's number to its run, which is looked at once."""
    matrix = raw.FS_MATRIX()

    def find(index: int) -> _Run:
        thing = raw.FPDFText_GetTextObject(textpage, index)
        address = _address(thing)
        if address not in runs:
            raw.FPDFText_GetMatrix(textpage, index, matrix)
            across = pixels.a * matrix.a + pixels.b * matrix.b
            down = pixels.d * matrix.a + pixels.e * matrix.b
            runs[address] = _Run(
                _address(raw.FPDFTextObj_GetFont(thing)),
                across > 0 and abs(down) <= _LEANING * across,
                raw.FPDFTextObj_GetTextRenderMode(thing) not in _UNSHOWN,
                places.get(address, _LOOKED_AT),
            )
        return runs[address]

    return find


def _letters(textpage: Any, count: int, run_of: Callable[[int], _Run], pixels: Affine) -> Iterator[_Letter | str]:
    """The letters, with a space for what parts two words and a line feed for what parts two lines.

    A letter that stands for nothing known has an empty text.
    """
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    sides = [ctypes.byref(side) for side in (left, right, bottom, top)]
    half = ""  # of a character beyond the basic plane, where pdfium gives two
    for index in range(count):
        code = raw.FPDFText_GetUnicode(textpage, index)
        if code in (10, 13):
            yield "\n"
            continue
        if chr(code).isspace():
            yield " "
            continue
        if code in (_HYPHEN, _SOFT_HYPHEN):
            code = ord("-")
        unknown = code in _NO_CHARACTER or code in _PRIVATE or raw.FPDFText_HasUnicodeMapError(textpage, index) == 1
        text = "" if unknown else chr(code)
        if "\ud800" <= text <= "\udbff":
            half = text
            continue
        if half and "\udc00" <= text <= "\udfff":
            text = (half + text).encode("utf-16", "surrogatepass").decode("utf-16")
        half = ""
        if "\ud800" <= text <= "\udfff":
            text = ""
        raw.FPDFText_GetCharBox(textpage, index, *sides)
        x0, y0 = pixels((left.value, top.value))
        x1, y1 = pixels((right.value, bottom.value))
        box = Rectangle(
            *(int(side + 1e-6) for side in (min(x0, x1), min(y0, y1))),
            *(-int(-side - 1 + 1e-6) if side > 0 else 0 for side in (max(x0, x1), max(y0, y1))),
        )
        yield _Letter(text, box, run_of(index), code in _SYMBOLS)


def _goes_on(last: _Letter, letter: _Letter) -> bool:
    """Whether a letter follows another one within a word, by where they stand; pdfium parts most words itself."""
    high = max(last.box.height, letter.box.height, 1)
    apart = max(letter.box.left - last.box.right, last.box.left - letter.box.right)
    return apart <= high


def _same_line(last: _Letter, letter: _Letter) -> bool:
    high = max(last.box.height, letter.box.height, 1)
    apart = max(letter.box.left - last.box.right, last.box.left - letter.box.right)
    return apart <= _GAP * high


def _is_symbol(word: list[_Letter]) -> bool:
    """Whether a word is one sign of a font of symbols, which at a line's beginning are bullets of some kind."""
    return len(word) == 1 and word[0].is_symbol


def _line(words: list[list[_Letter]], frame: Rectangle, pictures: list[tuple[int, Rectangle]]) -> LayerLine | None:
    if _is_symbol(words[0]):
        words = [[replace(words[0][0], text=_BULLET)], *words[1:]]
    letters = [letter for word in words for letter in word]
    if not all(letter.text and letter.run.is_level for letter in letters):
        return None
    made = []
    for word in words:
        box = bounds([letter.box for letter in word]).intersection(frame)
        if box.is_empty:
            continue  # beside the page
        made.append(Word("".join(letter.text for letter in word), box, CONFIDENCE))
    if not made:
        return None
    line = Line(tuple(made))
    is_covered = any(
        letters[0].run.place < place and picture.intersection(line.box) == line.box for place, picture in pictures
    )
    is_shown = not is_covered and all(letter.run.is_written for letter in letters)
    return LayerLine(line, frozenset(letter.run.font for letter in letters), is_shown)
