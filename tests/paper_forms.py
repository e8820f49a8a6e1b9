"""Forms made up by a seed: of boxes, tables, lines, combs, cards or little else than rules; empty, and filled in."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageChops, ImageDraw, ImageFont

from drawing import FONTS
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture

DPI = 300
"""Of what is drawn here."""

LAYOUTS = ("boxes", "table", "lines", "comb", "card", "checks", "dense", "sparse", "aligned")

_PRINT = (
    "truetype/dejavu/DejaVuSans.ttf",
    "truetype/dejavu/DejaVuSerif.ttf",
    "truetype/noto/NotoSans-Regular.ttf",
    "truetype/noto/NotoSerif-Regular.ttf",
)
_BOLD = ("truetype/dejavu/DejaVuSans-Bold.ttf", "truetype/noto/NotoSerif-Bold.ttf")
_HANDS = (
    "truetype/fifthhorseman/dkg.ttf",
    "truetype/femkeklaver/femkeklaver.ttf",
    "truetype/dejavu/DejaVuSansMono.ttf",
    "truetype/noto/NotoSans-Italic.ttf",
)
_MARGIN = 120
_DARK = 128  # a pixel of print is less


@cache
def _words() -> npt.NDArray[np.str_]:
    from wordfreq import top_n_list  # noqa: PLC0415 - else each process of tests would load it, which takes a second

    return np.array([word for word in top_n_list("en", 4000) if word.isalpha() and len(word) > 2])


@dataclass(frozen=True, eq=False)
class PaperForm:
    """An empty form.

    Attributes:
        layout: one of LAYOUTS.
        page: grey, at DPI.
        fields: where to write, by name, in the page's pixels.
        renamed: labels that its first version has other words for.
        labels: where the label of a field stands, for those that have one.
    """

    layout: str
    page: Picture
    fields: dict[str, Rectangle]
    renamed: tuple[Rectangle, ...] = ()
    labels: dict[str, Rectangle] = dataclasses.field(default_factory=dict)


class _Sheet:
    def __init__(self, random: np.random.Generator, width: int, height: int, renaming: _Renaming | None) -> None:
        self.random = random
        self.renaming = renaming
        self.image = Image.new("L", (width, height), 255)
        self.pen = ImageDraw.Draw(self.image)
        self.print_ = str(random.choice(_PRINT))
        self.bold = str(random.choice(_BOLD))
        self.size = int(random.integers(30, 46))
        self.stroke = int(random.integers(2, 6))
        self.fields: dict[str, Rectangle] = {}
        self.labels: dict[str, Rectangle] = {}
        self.written = Rectangle(0, 0, 0, 0)

    def phrase(self, most: int = 3) -> str:
        words = self.random.choice(_words(), int(self.random.integers(1, most + 1)))
        return " ".join(str(word) for word in words).capitalize()

    def write(self, x: float, y: float, text: str, *, bold: bool = False, scale: float = 1.0) -> float:
        """Print with its left upper corner there; its width."""
        font = ImageFont.truetype(FONTS / (self.bold if bold else self.print_), int(self.size * scale))
        left, top, right, bottom = font.getbbox(text)
        self.written = Rectangle(int(x + left), int(y + top), int(x + right), int(y + bottom))
        printed = self.renaming.of(text, self.written, font) if self.renaming else text
        self.pen.text((x, y), printed, 0, font=font)
        return font.getlength(text)

    def field(self, left: float, top: float, right: float, bottom: float, *, labelled: bool = True) -> str:
        """A place to write, with what was printed last for its label; its name."""
        inset = self.stroke
        name = f"{self.phrase(1)} {len(self.fields) + 1}"
        self.fields[name] = Rectangle(int(left) + inset, int(top) + inset, int(right) - inset, int(bottom) - inset)
        if labelled:
            self.labels[name] = self.written
        return name

    def box(self, left: float, top: float, right: float, bottom: float) -> None:
        self.pen.rectangle((left, top, right, bottom), outline=0, width=self.stroke)

    def head(self, *, small: bool = False) -> float:
        """A title, and often a mark and a few words; where what follows may begin."""
        left, top = _MARGIN, _MARGIN
        if self.random.random() < 0.6:
            side = int(self.random.integers(90, 180))
            shape = self.pen.ellipse if self.random.random() < 0.5 else self.pen.rectangle
            shape((left, top, left + side, top + side), outline=0, width=12)
            self.write(left + side * 0.3, top + side * 0.25, self.phrase(1)[0], bold=True, scale=2)
            left += side + 40
        self.write(left, top, self.phrase(3), bold=True, scale=1.3 if small else 1.8)
        self.write(left, top + self.size * 2.2, self.phrase(5), scale=0.7)
        return top + self.size * (4 if small else 5.5)


class _Renaming:
    """Other words for some of a form's labels, no longer than these."""

    def __init__(self, seed: int, share: float) -> None:
        self.random = np.random.default_rng([seed, 11])
        self.share = share
        self.changed: list[Rectangle] = []

    def of(self, text: str, at: Rectangle, font: ImageFont.FreeTypeFont) -> str:
        if self.random.random() > self.share or len(text) < 3:
            return text
        words = " ".join(str(word) for word in self.random.choice(_words(), 8)).capitalize()
        while font.getlength(words) > font.getlength(text):
            words = words[:-1]
        self.changed.append(at)
        return words


def draw(seed: int, layout: str | None = None, *, renamed: float = 0.0) -> PaperForm:
    """An empty form; `renamed` is the share of labels that have other words than its first version."""
    random = np.random.default_rng([seed, 1])
    layout = layout or LAYOUTS[int(random.integers(len(LAYOUTS)))]
    width, height = (1011, 638) if layout == "card" else (1748, 2480) if random.random() < 0.15 else (2480, 3508)
    renaming = _Renaming(seed, renamed) if renamed else None
    sheet = _Sheet(random, width, height, renaming)
    if layout == "card":
        sheet.size = int(random.integers(24, 32))
    _FILL[layout](sheet, width, height)
    changed = tuple(renaming.changed if renaming else ())
    return PaperForm(layout, np.asarray(sheet.image), sheet.fields, changed, sheet.labels)


def _boxes(sheet: _Sheet, width: int, height: int) -> None:
    """Boxes of one to four to a row, each with a label above its upper edge or inside it."""
    top, random = sheet.head(), sheet.random
    inside = random.random() < 0.5
    while top < height - 420 and len(sheet.fields) < 40:
        if random.random() < 0.2:
            sheet.write(_MARGIN, top, sheet.phrase(4), bold=True, scale=1.2)
            top += sheet.size * 2.2
        high = int(random.integers(90, 150))
        cuts = np.sort(random.choice(np.arange(2, 10), int(random.integers(0, 4)), replace=False)) / 11
        edges = _MARGIN + (width - 2 * _MARGIN) * np.concatenate([[0], cuts, [1]])
        label = sheet.size * 0.75
        for left, right in pairwise(edges):
            sheet.write(left + 8, top + (6 if inside else 0), sheet.phrase(2), scale=0.65)
            upper = top if inside else top + label + 6
            sheet.box(left, upper, right - 14, upper + high)
            sheet.field(left, upper + (label if inside else 0), right - 14, upper + high)
        top += high + (10 if inside else label + 30)


def _table(sheet: _Sheet, width: int, height: int) -> None:
    """A head of a few boxes, and a table of many rows with a printed head."""
    top, random = sheet.head(), sheet.random
    for _ in range(int(random.integers(1, 4))):
        wide = sheet.write(_MARGIN, top + 20, sheet.phrase(2) + ":")
        sheet.pen.line((_MARGIN + wide + 20, top + 70, width / 2, top + 70), 0, sheet.stroke)
        sheet.field(_MARGIN + wide + 20, top, width / 2, top + 70)
        top += 100
    columns = int(random.integers(3, 7))
    edges = np.linspace(_MARGIN, width - _MARGIN, columns + 1)
    row = int(random.integers(70, 110))
    rows = min(int(random.integers(8, 26)), int((height - top - 400) // row))
    for number in range(rows + 1):
        for left, right in pairwise(edges):
            sheet.box(left, top, right, top + row)
            if number == 0:
                sheet.write(left + 12, top + 15, sheet.phrase(1), bold=True, scale=0.8)
            elif random.random() < 0.35:
                sheet.field(left, top, right, top + row, labelled=False)
        top += row
    sheet.write(_MARGIN, top + 40, sheet.phrase(8), scale=0.7)


def _lines(sheet: _Sheet, width: int, height: int) -> None:
    """Labels with a line to write on, in one or two columns."""
    top, random = sheet.head(), sheet.random
    columns = int(random.integers(1, 3))
    step = int(random.integers(110, 170))
    while top < height - 400:
        for column in range(columns):
            left = _MARGIN + column * (width - 2 * _MARGIN) / columns
            right = left + (width - 2 * _MARGIN) / columns - 40
            start = left + sheet.write(left, top + 30, sheet.phrase(2) + ("" if random.random() < 0.5 else ":")) + 20
            if start < right - 150:
                sheet.pen.line((start, top + 80, right, top + 80), 0, sheet.stroke)
                sheet.field(start, top, right, top + 80)
        top += step


def _comb(sheet: _Sheet, width: int, height: int) -> None:
    """One cell for each letter, as officials like them."""
    top, random = sheet.head(), sheet.random
    cell = int(random.integers(54, 74))
    while top < height - 420:
        sheet.write(_MARGIN, top, sheet.phrase(3), scale=0.75)
        top += sheet.size + 12
        cells = int(random.integers(6, (width - 2 * _MARGIN) // cell))
        for number in range(cells):
            sheet.box(_MARGIN + number * cell, top, _MARGIN + (number + 1) * cell, top + cell * 1.2)
        sheet.field(_MARGIN, top, _MARGIN + cells * cell, top + cell * 1.2)
        top += cell * 1.2 + 34


def _card(sheet: _Sheet, width: int, height: int) -> None:
    """A card with a head, a frame for a photograph and a few labels."""
    sheet.pen.rectangle((0, 0, width, 100), fill=int(sheet.random.integers(120, 225)))
    sheet.write(30, 25, sheet.phrase(3), bold=True, scale=1.4)
    sheet.box(30, 150, 300, 500)
    top = 140.0
    while top < height - 110:
        sheet.write(340, top, sheet.phrase(2), scale=0.7)
        sheet.field(340, top + 24, width - 40, top + 70)
        top += 84
    sheet.write(30, height - 60, sheet.phrase(4), scale=0.7)


def _checks(sheet: _Sheet, width: int, height: int) -> None:
    """Questions with small boxes to tick."""
    top, random = sheet.head(), sheet.random
    side = int(random.integers(34, 54))
    while top < height - 420:
        sheet.write(_MARGIN, top, sheet.phrase(5) + "?", scale=0.9)
        left = width * 0.55
        for _ in range(int(random.integers(2, 5))):
            sheet.box(left, top, left + side, top + side)
            name = sheet.field(left, top, left + side, top + side)
            left += side + 14 + sheet.write(left + side + 14, top, sheet.phrase(1), scale=0.8) + 40
            sheet.labels[name] = sheet.written
            if left > width - 300:
                break
        top += int(random.integers(75, 120))


def _dense(sheet: _Sheet, width: int, height: int) -> None:
    """Small print with a few gaps to fill, as contracts have it."""
    top, random = sheet.head(), sheet.random
    while top < height - 420:
        left = float(_MARGIN)
        while left < width - _MARGIN - 420:
            if random.random() < 0.06:
                sheet.pen.line((left, top + 40, left + 380, top + 40), 0, sheet.stroke)
                sheet.field(left, top - 8, left + 380, top + 40, labelled=False)
                left += 400
            else:
                left += sheet.write(left, top, str(random.choice(_words())), scale=0.8) + 14
        top += sheet.size * 1.5
    if not sheet.fields:
        sheet.box(_MARGIN, height - 400, width - _MARGIN, height - 260)
        sheet.field(_MARGIN, height - 400, width - _MARGIN, height - 260, labelled=False)


def _sparse(sheet: _Sheet, width: int, height: int) -> None:
    """Little else than rules: a title and empty lines."""
    random = sheet.random
    sheet.write(_MARGIN, _MARGIN, sheet.phrase(2), bold=True, scale=1.6)
    top, step = _MARGIN + 220.0, int(random.integers(90, 150))
    sheet.box(_MARGIN, top, width - _MARGIN, top + step * 2)
    sheet.write(_MARGIN + 20, top + 20, sheet.phrase(1), scale=0.8)
    sheet.field(_MARGIN, top + 60, width - _MARGIN, top + step * 2)
    top += step * 3
    while top < height - 420:
        sheet.pen.line((_MARGIN, top, width - _MARGIN, top), 0, sheet.stroke)
        if random.random() < 0.3:
            sheet.field(_MARGIN, top - step, width - _MARGIN, top, labelled=False)
        top += step
    sheet.write(width - 700, height - 300, sheet.phrase(2), scale=0.8)


def _aligned(sheet: _Sheet, width: int, height: int) -> None:
    """Labels at the left margin, and boxes that all begin farther right."""
    top, random = sheet.head(), sheet.random
    left = _MARGIN + width * random.uniform(0.25, 0.4)
    high, step = int(random.integers(70, 110)), int(random.integers(110, 170))
    while top < height - 400:
        if random.random() < 0.15:
            sheet.write(_MARGIN, top, sheet.phrase(4), bold=True, scale=1.2)
            top += sheet.size * 2.2
        sheet.write(_MARGIN, top + (high - sheet.size) / 2, sheet.phrase(2), scale=0.8)
        sheet.box(left, top, width - _MARGIN, top + high)
        sheet.field(left, top, width - _MARGIN, top + high)
        top += step


_FILL = {
    "boxes": _boxes,
    "table": _table,
    "lines": _lines,
    "comb": _comb,
    "card": _card,
    "checks": _checks,
    "dense": _dense,
    "sparse": _sparse,
    "aligned": _aligned,
}


def relative(form: PaperForm, seed: int) -> PaperForm:
    """Another form with the same head, which from somewhere in the middle of its print on has what another form has.

    Of the form's print 15 to 50 % are not there.
    """
    random = np.random.default_rng([seed, 10])
    own = form.page < _DARK
    rows = np.cumsum(own.sum(axis=1))
    for number in range(1, 100):
        other = draw(seed + number * 1_000_003, form.layout)
        cut = int(np.searchsorted(rows, random.uniform(0.5, 0.75) * rows[-1]))
        if other.page.shape == form.page.shape and (own & (other.page >= _DARK))[cut:].sum() > 0.15 * rows[-1]:
            break
    fields = {name: field for name, field in form.fields.items() if field.bottom <= cut}
    fields |= {f"Other {name}": field for name, field in other.fields.items() if field.top >= cut}
    return PaperForm(form.layout, np.concatenate([form.page[:cut], other.page[cut:]]), fields)


def reordered(form: PaperForm, seed: int) -> PaperForm:
    """Another version of a form: two of its rows, one below the other, have changed places."""
    random = np.random.default_rng([seed, 12])
    inked = (form.page < _DARK).any(axis=1)
    starts = np.flatnonzero(inked & ~np.roll(inked, 1))
    rows = [top for top in starts.tolist() if any(abs(top - field.top) < 2 * DPI for field in form.fields.values())]
    if len(rows) < 3:
        return form
    number = int(random.integers(len(rows) - 2))
    first, second, end = rows[number : number + 3]
    page = form.page.copy()
    page[first:end] = np.concatenate([form.page[second:end], form.page[first:second]])
    fields = {}
    for name, field in form.fields.items():
        middle = (field.top + field.bottom) / 2
        step = end - second if first <= middle < second else first - second if second <= middle < end else 0
        fields[name] = field.moved(0, step)
    return PaperForm(form.layout, page, fields, labels=form.labels)


def fill(
    form: PaperForm, seed: int, *, share: float = 0.8, stamps: int = 0, texts: dict[str, str] | None = None
) -> Picture:
    """The form filled in by hand or machine, with stamps; `texts` gets what is written in each field, but for ticks."""
    random = np.random.default_rng([seed, 2])
    image = Image.fromarray(form.page)
    layer = Image.new("L", image.size, 255)
    pen = ImageDraw.Draw(layer)
    hand, ink = FONTS / str(random.choice(_HANDS)), int(random.integers(0, 110))
    for name, field in form.fields.items():
        if random.random() > share:
            continue
        if field.width < 2 * field.height:
            pen.line((field.left, field.top - 6, field.right + 8, field.bottom), ink, 5)
            pen.line((field.right, field.top, field.left, field.bottom), ink, 5)
            continue
        font = ImageFont.truetype(hand, int(min(field.height * random.uniform(0.6, 0.95), 90)))
        text = " ".join(str(word) for word in random.choice(_words(), int(random.integers(1, 4)))).title()
        while len(text) > 1 and font.getlength(text) > field.width:
            text = text[:-1]
        if texts is not None:
            texts[name] = text
        slip = random.normal(0, 0.06 * field.height, 2)
        pen.text(
            (field.left + 8 + slip[0], (field.top + field.bottom) / 2 + slip[1]), text, ink, font=font, anchor="lm"
        )
    for _ in range(stamps):
        _stamp(layer, random)
    return np.asarray(ImageChops.multiply(image, layer))


def _stamp(layer: Image.Image, random: np.random.Generator) -> None:
    side = int(min(layer.size) * random.uniform(0.15, 0.3))
    stamp = Image.new("L", (side, side), 255)
    pen, grey = ImageDraw.Draw(stamp), int(random.integers(60, 160))
    pen.ellipse((4, 4, side - 4, side - 4), outline=grey, width=9)
    font = ImageFont.truetype(FONTS / _BOLD[0], side // 7)
    pen.text((side / 2, side / 2), str(random.choice(_words())).upper()[:8], grey, font=font, anchor="mm")
    stamp = stamp.rotate(math.degrees(random.normal(0, 0.4)), fillcolor=255)
    at = (int(random.uniform(0, layer.width - side)), int(random.uniform(0, layer.height - side)))
    layer.paste(ImageChops.multiply(layer.crop((*at, at[0] + side, at[1] + side)), stamp), at)
