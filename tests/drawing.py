"""Paragraphs drawn in any script, with fonts from packages."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, features
from rapidfuzz.distance import Levenshtein

from whaleline.imaging.picture import Picture
from whaleline.recognition.languages import Language, find, folders, how_to_add

FONTS = Path("/usr/share/fonts")
LATIN = "truetype/noto/NotoSerif-Regular.ttf"
DEJAVU = "truetype/dejavu/DejaVuSans.ttf"
NASKH = "truetype/noto/NotoNaskhArabic-Regular.ttf"
OWN = {  # by script; the number is a face of a collection
    "Latn": (LATIN, 0),
    "Cyrl": (LATIN, 0),
    "Grek": (LATIN, 0),
    "Arab": (DEJAVU, 0),
    "Hebr": (DEJAVU, 0),
    "Geor": ("truetype/noto/NotoSerifGeorgian-Regular.ttf", 0),
    "Deva": ("truetype/noto/NotoSerifDevanagari-Regular.ttf", 0),
    "Beng": ("truetype/noto/NotoSerifBengali-Regular.ttf", 0),
    "Taml": ("truetype/noto/NotoSerifTamil-Regular.ttf", 0),
    "Telu": ("truetype/noto/NotoSerifTelugu-Regular.ttf", 0),
    "Knda": ("truetype/noto/NotoSerifKannada-Regular.ttf", 0),
    "Thai": ("truetype/noto/NotoSerifThai-Regular.ttf", 0),
    "Tibt": ("truetype/noto/NotoSerifTibetan-Regular.ttf", 0),
    "Jpan": ("opentype/noto/NotoSerifCJK-Regular.ttc", 0),
    "Hang": ("opentype/noto/NotoSerifCJK-Regular.ttc", 1),
    "Hani": ("opentype/noto/NotoSerifCJK-Regular.ttc", 2),
}
WITHOUT_SPACES = {"Hani", "Jpan", "Thai", "Tibt"}
MARGIN = 60


def wanted(wire: str) -> Language:
    """The language; its test is skipped by name where its models are not there."""
    language = find(wire)
    assert language is not None
    if lack := how_to_add(language, folders()):
        pytest.skip(lack)
    return language


def font(name: str, size: int, face: int = 0) -> ImageFont.FreeTypeFont:
    """The font; the test is skipped by its name where it is not there."""
    if not (FONTS / name).is_file():
        pytest.skip(f"font {name} is not installed: make packs")
    if not features.check("raqm"):
        pytest.skip("Pillow has no raqm here, which shapes complex scripts")
    return ImageFont.truetype(FONTS / name, size, index=face, layout_engine=ImageFont.Layout.RAQM)


class Pen:
    """Draws lines of one language; what a script's font lacks (Latin, punctuation) in a Latin one."""

    def __init__(self, language: Language, size: int, name: str | None = None) -> None:
        own = OWN[language.script]
        self.language = language
        self.own = font(name, size) if name else font(own[0], size, own[1])
        self.latin = font(LATIN, size)
        self.mixes = language.script in {"Deva", "Beng", "Taml", "Telu", "Knda", "Thai", "Tibt", "Geor"}
        self.direction = "rtl" if language.right_to_left else "ltr"

    def runs(self, text: str) -> list[tuple[ImageFont.FreeTypeFont, str]]:
        if not self.mixes:
            return [(self.own, text)]
        grouped = groupby(text, key=lambda sign: ord(sign) < 0x250 or 0x2010 <= ord(sign) <= 0x203F)
        return [(self.latin if latin else self.own, "".join(run)) for latin, run in grouped]

    def length(self, text: str) -> float:
        return sum(face.getlength(run, direction=self.direction) for face, run in self.runs(text))

    def wrapped(self, text: str, width: int) -> list[str]:
        pattern = {"Hani": r"[!-~]+\s*|.", "Jpan": r"[!-~]+\s*|.", "Tibt": r"[^་ ]*[་ ]+|[^་ ]+"}
        lines = [""]
        for piece in re.findall(pattern.get(self.language.script, r"\S+\s*"), text):
            if lines[-1] and self.length((lines[-1] + piece).rstrip()) > width:
                lines.append("")
            lines[-1] += piece
        return [line.rstrip() for line in lines]

    def drawn(self, text: str, width: int = 1400) -> tuple[Picture, str]:
        """The picture, and the text as its lines stand."""
        lines = self.wrapped(text, width)
        ascent, descent = self.own.getmetrics()
        pitch = round(1.1 * (ascent + descent))
        image = Image.new("L", (width + 2 * MARGIN, pitch * len(lines) + 2 * MARGIN), 255)
        draw = ImageDraw.Draw(image)
        for number, line in enumerate(lines):
            base = MARGIN + number * pitch + ascent
            if self.direction == "rtl":
                draw.text((MARGIN + width, base), line, fill=0, font=self.own, direction="rtl", anchor="rs")
                continue
            place = float(MARGIN)
            for face, run in self.runs(line):
                draw.text((place, base), run, fill=0, font=face, anchor="ls")
                place += face.getlength(run)
        return np.asarray(image), "\n".join(lines)


def error(truth: str, reading: str, script: str) -> float:
    """Character error in %, of texts in normal form C with one kind of apostrophe and single spaces."""
    texts = []
    for text in (truth, reading):
        flat = unicodedata.normalize("NFC", text).translate(
            {0x2019: "'", 0x2018: "'", 0x2010: "-", 0x2011: "-", 0x0F0C: "\u0f0b"}
        )
        texts.append(re.sub(r"\s+", "" if script in WITHOUT_SPACES else " ", flat).strip())
    return 100 * Levenshtein.distance(*texts) / len(texts[0])
