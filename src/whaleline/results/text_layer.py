"""The text of a page as PDF operators and a font: invisible, and found, selected and copied where the print is."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import zip_longest
from statistics import median_low

from pikepdf import Array, Dictionary, Name, Pdf, Stream

from whaleline.recognition.page import Line, Page
from whaleline.results import glyphless
from whaleline.results.writing_order import visual


def size_and_bottom(line: Line) -> tuple[int, int]:
    """One font size and one baseline for a whole line, in pixels: readers tell lines by them.

    The medians lie on the baseline and at the height of capitals where most words have one and no descender;
    the line's bounds would reach into the next line, which readers then take for the same one.
    """
    top = median_low(word.box.top for word in line.words)
    bottom = median_low(word.box.bottom for word in line.words)
    return max(bottom - top, 1), bottom


class TextLayer:
    """The text as PDF operators, in pixels with the origin at the bottom left.

    Every character of the page has its own code from 1 on, so that one beyond the basic plane is one code as
    well and the font's maps are no longer than the page's alphabet.
    """

    def __init__(self, page: Page, height: int) -> None:
        self._codes: dict[str, int] = {}
        self._height = height
        operators = b"".join(self._line(line) for block in page.blocks for line in block.lines)
        self.content = b"BT 3 Tr\n%sET\n" % operators if operators else b""

    @property
    def characters(self) -> Iterable[str]:
        """The characters of codes 1, 2, ..."""
        return self._codes

    def _line(self, line: Line) -> bytes:
        size, bottom = size_and_bottom(line)
        baseline = self._height - bottom
        pieces = [b"/Glyphless %d Tf\n" % size]
        for text, left, width in _pieces(line):
            codes = [self._codes.setdefault(character, len(self._codes) + 1) for character in text]
            natural = len(codes) * size * glyphless.ADVANCE / glyphless.UNITS_PER_EM
            shown = b"".join(b"%04X" % code for code in codes)
            pieces.append(b"1 0 0 1 %d %d Tm %.3f Tz <%s> Tj\n" % (left, baseline, 100 * width / natural, shown))
        return b"".join(pieces)


def _pieces(line: Line) -> Iterator[tuple[str, int, int]]:
    """The words and the spaces between them as (text, left, width), in the order that readers expect."""
    words = visual(line)
    for (text, box), following in zip_longest(words, words[1:]):
        if following is None:
            yield text, box.left, max(box.width, 1)
            return
        # Readers lose the space between two words that overlap: the first then ends a pixel before the
        # second.
        left_of_next = following[1].left
        right = box.right if box.right < left_of_next else left_of_next - 1
        right = max(right, box.left + 1)
        yield text, box.left, right - box.left
        yield " ", right, max(left_of_next - right, 1)


def font(pdf: Pdf, characters: Iterable[str]) -> Dictionary:
    """A Type 0 font in which the code of each character is its place in `characters`, counted from 1."""
    characters = list(characters)
    name = Name("/WHALEL+Glyphless")
    file = Stream(pdf, _deflated_font_file())
    file.Filter = Name.FlateDecode
    file.Length1 = len(glyphless.font_file())
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=name,
        Flags=4,  # symbolic: its characters are none of the standard Latin set
        FontBBox=Array([0, 0, glyphless.ADVANCE, glyphless.UNITS_PER_EM]),
        ItalicAngle=0,
        Ascent=glyphless.UNITS_PER_EM,
        Descent=0,
        CapHeight=glyphless.UNITS_PER_EM,
        StemV=80,
        FontFile2=file,
    )
    glyphs = bytes(2) + glyphless.GLYPH.to_bytes(2, "big") * len(characters)
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=name,
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=glyphless.ADVANCE,
        CIDToGIDMap=deflated(pdf, glyphs),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=name,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=deflated(pdf, _to_unicode(characters)),
        )
    )


def _to_unicode(characters: list[str]) -> bytes:
    """The CMap from codes to UTF-16 (ISO 32000-1, 9.10.3)."""
    entries = [
        f"<{code:04X}> <{character.encode('utf-16-be').hex().upper()}>\n"
        for code, character in enumerate(characters, 1)
    ]
    # A section holds at most 100 entries (Adobe Technical Note 5014, CMap operators).
    sections = [entries[start : start + 100] for start in range(0, len(entries), 100)]
    return (
        "/CIDInit /ProcSet findresource begin\n"
        "12 dict begin\n"
        "begincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n"
        "/CMapType 2 def\n"
        "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
        + "".join(f"{len(section)} beginbfchar\n{''.join(section)}endbfchar\n" for section in sections)
        + "endcmap\n"
        "CMapName currentdict /CMap defineresource pop\n"
        "end\nend\n"
    ).encode()


def deflated(pdf: Pdf, data: bytes) -> Stream:
    """A stream of the data, compressed."""
    stream = Stream(pdf, zlib.compress(data))
    stream.Filter = Name.FlateDecode
    return stream


@cache
def _deflated_font_file() -> bytes:
    return zlib.compress(glyphless.font_file())
