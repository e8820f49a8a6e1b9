"""Print of the kinds that readers stumble over, drawn: for each kind a generator of regions with what they say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from drawing import DEJAVU, LATIN, font
from whaleline.imaging.picture import Picture

FACES = (LATIN, DEJAVU, "truetype/noto/NotoSans-Regular.ttf")
SIZES = (24, 36)
"""Pixels of an em; capitals have about 0.7 of it."""

ROUNDS = 2
"""Items of each kind for each face at each size."""

NAMES = ("Captain Ahab", "New Bedford", "Peter Coffin", "Mary Folger", "Nantucket", "Starbuck")
NUMBERS = ("4,250.00", "12/31/2024", "A-1177-03", "508-555-0142", "02554", "1,851.75")
AMOUNTS = ("$1,250.00", "$17.45", "(320.00)", "12.5%", "\u20ac 99.90", "USD 40.00")
ADDRESSES = (
    "ahab@pequod.com",
    "www.whaling.org/log",
    "j.smith@mail.example.net",
    "https://pequod.com/a?id=7",
    "info@spouter-inn.com",
    "peter_coffin@inn.org",
)
ACCENTED = (
    "caf\u00e9 au lait",
    "na\u00efve r\u00e9sum\u00e9",
    "Se\u00f1or Mu\u00f1oz",
    "Zo\u00eb Bront\u00eb",
    "\u017dILINA",
    "BJ\u00d6RN M\u00dcLLER",
    "GARC\u00cdA L\u00d3PEZ",
)
LONE = ("7", "3", "-", "0", "-", "5")


@dataclass(frozen=True)
class Item:
    """A picture with a region to read.

    Attributes:
        picture: grey or colour.
        text: what the region says.
        rectangle: (left, top, right, bottom); the whole picture if None.
        settings: of read_regions.
    """

    picture: Picture
    text: str
    rectangle: tuple[int, int, int, int] | None = None
    settings: dict[str, Any] = field(default_factory=dict)

    def is_right(self, reading: str) -> bool:
        """Whether a reading says the same, whatever its spaces, rows of leaders and kinds of dashes are."""
        return _plain(reading) == _plain(self.text)


def _plain(text: str) -> str:
    text = text.replace("\u2014", "-").replace("\u2013", "-").replace("\u2019", "'").replace("\u2026", "...")
    return re.sub(r"\s", "", re.sub(r"(?<=\s)[.\u00b7_]+|[.\u00b7_]{3,}", "", text))


Maker = Callable[[str, ImageFont.FreeTypeFont, np.random.Generator], Item]


@dataclass(frozen=True)
class Drawn:
    """A line of text on white paper, in a margin of half an em.

    Attributes:
        image: grey.
        left, top, right, bottom: bounds of the ink.
        base: the row of the baseline.
        em: pixels.
    """

    image: Image.Image
    left: int
    top: int
    right: int
    bottom: int
    base: int
    em: int

    @property
    def picture(self) -> Picture:
        return np.array(self.image, np.uint8)

    @property
    def draw(self) -> ImageDraw.ImageDraw:
        return ImageDraw.Draw(self.image)


def line(text: str, face: ImageFont.FreeTypeFont, margin: float = 0.5) -> Drawn:
    """A line of text by itself."""
    em = round(face.size)
    beside = round(margin * em)
    image = Image.new("L", (round(face.getlength(text)) + 2 * beside, round(1.2 * em) + 2 * beside), 255)
    base = beside + em
    ImageDraw.Draw(image).text((beside, base), text, font=face, fill=0, anchor="ls")
    rows, columns = np.nonzero(np.asarray(image) < 128)
    return Drawn(image, int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1, base, em)


def blended(share: Picture, print_: tuple[int, int, int], paper: tuple[int, int, int]) -> Picture:
    """A grey picture's print and paper in these colours."""
    part = share[..., None].astype(np.float32) / 255
    mixed = np.array(print_) + part * (np.array(paper) - np.array(print_))
    return np.asarray(mixed.round().clip(0, 255), np.uint8)


def grid_at_the_edge(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    drawn = line(text, face)
    width, height = drawn.image.size
    near = int(rng.integers(0, 4))
    for place in (near, height - 1 - near):
        drawn.draw.line((0, place, width, place), fill=0, width=2)
    for place in (near, width - 1 - near):
        drawn.draw.line((place, 0, place, height), fill=0, width=2)
    return Item(drawn.picture, text)


def framed(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    drawn = line(text, face, 1.0)
    width, height = drawn.image.size
    inset = int(rng.integers(3, drawn.em // 2))
    drawn.draw.rectangle((inset, inset, width - 1 - inset, height - 1 - inset), outline=0, width=2)
    return Item(drawn.picture, text)


def underlined(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    drawn = line(text, face)
    row = drawn.bottom + int(rng.integers(2, 5))
    drawn.draw.line((4, row, drawn.image.width - 5, row), fill=0, width=2)
    return Item(drawn.picture, text)


def underlined_by_dots(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    drawn = line(text, face)
    row = drawn.bottom + int(rng.integers(3, 6))
    for column in range(4, drawn.image.width - 5, 6):
        drawn.draw.rectangle((column, row, column + 1, row + 1), fill=0)
    return Item(drawn.picture, text)


def touched_by_its_underline(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    drawn = line(text, face)
    row = drawn.base + int(rng.integers(0, 3))
    drawn.draw.line((4, row, drawn.image.width - 5, row), fill=0, width=2)
    return Item(drawn.picture, text)


def struck_through(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    drawn = line(text, face)
    row = drawn.base - round(0.3 * drawn.em) + int(rng.integers(-1, 2))
    drawn.draw.line((4, row, drawn.image.width - 5, row), fill=0, width=1)
    return Item(drawn.picture, text)


def comb(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    """A letter to a box."""
    letters = re.sub(r"\W", "", text).upper()[:8]
    em = round(face.size)
    cell, high = round(1.1 * em), round(1.5 * em)
    image = Image.new("L", (cell * len(letters) + 20, high + 20), 255)
    draw = ImageDraw.Draw(image)
    for place, letter in enumerate(letters):
        left = 10 + cell * place
        draw.rectangle((left, 10, left + cell, 10 + high), outline=0, width=int(rng.integers(1, 3)))
        draw.text((left + cell / 2, 10 + high / 2), letter, font=face, fill=0, anchor="mm")
    return Item(np.array(image), letters)


def leaders(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    text = f"{text} {'.' * int(rng.integers(8, 25))} {int(rng.integers(10, 400))}"
    return Item(line(text, face).picture, text)


def check_box(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    """An empty or a crossed box before a label; the label must be read, whatever the box is taken for."""
    em = round(face.size)
    drawn = line(text, face)
    image = Image.new("L", (drawn.image.width + 2 * em, drawn.image.height), 255)
    image.paste(drawn.image, (2 * em, 0))
    draw = ImageDraw.Draw(image)
    left, top, side = em // 2, drawn.base - round(0.75 * em), round(0.8 * em)
    draw.rectangle((left, top, left + side, top + side), outline=0, width=2)
    if rng.random() < 0.5:
        draw.line((left, top, left + side, top + side), fill=0, width=2)
        draw.line((left + side, top, left, top + side), fill=0, width=2)
    return _Labelled(np.array(image), text)


class _Labelled(Item):
    def is_right(self, reading: str) -> bool:
        return _plain(reading).endswith(_plain(self.text)) and len(_plain(reading)) <= len(_plain(self.text)) + 3


def light_grey(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    paper = int(rng.integers(235, 256))
    print_ = paper - int(rng.integers(22, 60))
    return Item(blended(line(text, face).picture, (print_,) * 3, (paper,) * 3), text)


def blue_on_red(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    """Two colours of one grey."""
    blue = int(rng.integers(200, 256))
    return Item(blended(line(text, face).picture, (0, 0, blue), (round(blue * 0.114 / 0.299), 0, 0)), text)


def white_on_black(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    black = int(rng.integers(0, 60))
    return Item(blended(line(text, face).picture, (255,) * 3, (black,) * 3), text)


def half_inverted(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    """A space between two words, with the paper black on its right."""
    text = f"{text} {NAMES[int(rng.integers(len(NAMES)))].split()[0]}"
    head, tail = text.rsplit(" ", 1)
    drawn = line(text, face)
    picture = drawn.picture
    cut = round(drawn.em * 0.5 + face.getlength(head) + face.getlength(" ") / 2)
    picture[:, cut:] = 255 - picture[:, cut:]
    return Item(picture, f"{head} {tail}")


def gradient(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    picture = line(text, face).picture
    height, width = picture.shape
    start, end = (90, 250) if rng.random() < 0.5 else (250, 90)
    paper = np.linspace(start, end, width)[None, :] + np.linspace(-10, 10, height)[:, None]
    return Item((paper - (255 - picture.astype(float)) / 255 * 80).clip(0, 255).astype(np.uint8), text)


def half_tone(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    """Print on a screen of dots."""
    drawn = line(text, face)
    screen = np.full(drawn.picture.shape, 255, np.uint8)
    pitch = int(rng.integers(4, 6))
    screen[::pitch, ::pitch] = screen[pitch // 2 :: pitch, pitch // 2 :: pitch] = 90
    return Item(np.minimum(screen, drawn.picture), text)


def noisy(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    picture = blended(line(text, face).picture, (50,) * 3, (205,) * 3)[..., 0]
    return Item((picture + rng.normal(0, 30, picture.shape)).clip(0, 255).astype(np.uint8), text)


def faint_and_binarized(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    """With the settings that the official clients send."""
    item = light_grey(text, face, rng)
    noise = rng.normal(0, 2, item.picture.shape[:2])[..., None]
    picture = (item.picture + noise).clip(0, 255).astype(np.uint8)
    return Item(picture, text, settings={"binarization": True, "contrast_correction": False})


def tiny(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    """An em of 11 pixels, or a little more."""
    own = face.font_variant(size=11 + int(rng.integers(0, 3)))
    return Item(line(text, own).picture, text)


def column_of_lone_signs(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    """A table whose middle column has single digits and dashes."""
    em = round(face.size)
    rows = [(NAMES[place], LONE[place], NUMBERS[int(rng.integers(len(NUMBERS)))]) for place in range(4)]
    image = Image.new("L", (24 * em, 2 * em * len(rows) + em), 255)
    draw = ImageDraw.Draw(image)
    for place, cells in enumerate(rows):
        for left, cell in zip((em, 11 * em, 16 * em), cells, strict=True):
            draw.text((left, 2 * em * (place + 1)), cell, font=face, fill=0, anchor="ls")
    return Item(np.array(image), "\n".join(" ".join(cells) for cells in rows))


def lone_sign(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    return Item(line(text, face).picture, text)


def plain(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    return Item(line(text, face).picture, text)


def cut_by_the_edge(text: str, face: ImageFont.FreeTypeFont, rng: np.random.Generator) -> Item:
    """A rectangle that takes up to a fifth of the height from the tops or the feet of the letters."""
    drawn = line(text, face, 1.0)
    off = max(1, round(float(rng.uniform(0.08, 0.2)) * (drawn.base - drawn.top)))
    top, bottom = (drawn.top + off, drawn.bottom + 6) if rng.random() < 0.5 else (drawn.top - 6, drawn.base - off)
    return Item(drawn.picture, text, (drawn.left - 6, top, drawn.right + 6, bottom))


KINDS: dict[str, tuple[Maker, tuple[str, ...]]] = {
    "grid lines at the edge": (grid_at_the_edge, NAMES + NUMBERS),
    "frame": (framed, NAMES + NUMBERS),
    "underline": (underlined, NAMES + NUMBERS),
    "dotted underline": (underlined_by_dots, NAMES + NUMBERS),
    "touching underline": (touched_by_its_underline, NAMES + NUMBERS),
    "strike-through": (struck_through, NAMES),
    "comb": (comb, NAMES + NUMBERS),
    "leaders": (leaders, NAMES),
    "check box": (check_box, NAMES),
    "light grey": (light_grey, NAMES + NUMBERS),
    "blue on red": (blue_on_red, NAMES + NUMBERS),
    "white on black": (white_on_black, NAMES + NUMBERS),
    "half inverted": (half_inverted, NAMES),
    "gradient": (gradient, NAMES + NUMBERS),
    "half-tone": (half_tone, NAMES + NUMBERS),
    "noise": (noisy, NAMES + NUMBERS),
    "faint and binarized": (faint_and_binarized, NAMES + NUMBERS),
    "11 pixels": (tiny, NAMES + NUMBERS),
    "column of lone signs": (column_of_lone_signs, ("",)),
    "lone sign": (lone_sign, LONE),
    "amounts": (plain, AMOUNTS),
    "addresses": (plain, ADDRESSES),
    "accents": (plain, ACCENTED),
    "cut by the edge": (cut_by_the_edge, NAMES),
}


def items(kind: str) -> Iterator[Item]:
    """The same ones every time: each face at each size, with texts in turn."""
    make, texts = KINDS[kind]
    rng = np.random.default_rng(list(kind.encode()))
    order = rng.permutation(len(texts))
    for place, (_, face, size) in enumerate(product(range(ROUNDS), FACES, SIZES)):
        yield make(texts[order[place % len(texts)]], font(face, size), rng)
