"""A TrueType font whose glyphs have a width and no ink: for text that is searched and never seen."""

from __future__ import annotations

import struct
from functools import cache
from typing import Final

UNITS_PER_EM: Final = 1000
ADVANCE: Final = 500
"""Width of every glyph, in UNITS_PER_EM."""

GLYPH: Final = 1
"""The glyph for every character; 0 is .notdef, which text must not show (ISO 19005-2, 6.2.11.8)."""


@cache
def font_file() -> bytes:
    """The font: the six tables that PDF asks of an embedded CIDFontType2 (ISO 32000-1, table 126), 272 bytes.

    Layouts are those of the OpenType specification, with an empty .notdef and one glyph for every character.
    Ascender 1 em and descender 0, so that a reader's highlight covers a line from its bottom (the baseline)
    to its top (the font size).
    """
    glyphs = 2
    # One contour of two points: it encloses nothing, but gives the glyph an extent from (0, 0) to (ADVANCE,
    # 1 em). PDFium leaves out a text of one character whose glyph has none.
    extent = (0, 0, ADVANCE, UNITS_PER_EM)
    outline = struct.pack(">h4h HH 2B 4h", 1, *extent, 1, 0, 1, 1, 0, ADVANCE, 0, UNITS_PER_EM)
    tables = {
        b"glyf": outline,
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh",
            *(0x00010000, 0x00010000, 0, 0x5F0F3CF5, 0, UNITS_PER_EM),
            *(0, 0),  # created, modified
            *extent,
            *(0, 3, 2, 0, 0),  # style, smallest size, direction, short loca, glyf format
        ),
        b"hhea": struct.pack(">IhhhHhhhhhh4hhH", 0x00010000, UNITS_PER_EM, 0, 0, ADVANCE, *[0] * 11, glyphs),
        b"hmtx": struct.pack(">HhHh", ADVANCE, 0, ADVANCE, 0),
        b"loca": struct.pack(">3H", 0, 0, len(outline) // 2),
        b"maxp": struct.pack(">IH13H", 0x00010000, glyphs, 2, 1, 0, 0, 2, *[0] * 8),
    }
    directory = struct.pack(">I4H", 0x00010000, len(tables), 64, 2, 32)  # sizes for a search among six
    body = b""
    start = len(directory) + 16 * len(tables)
    for tag, table in tables.items():
        directory += tag + struct.pack(">III", _checksum(table), start + len(body), len(table))
        body += table + bytes(-len(table) % 4)
    return directory + body


def _checksum(table: bytes) -> int:
    padded = table + bytes(-len(table) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) & 0xFFFFFFFF
