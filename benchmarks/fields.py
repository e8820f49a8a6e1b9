"""Fields read with what is known of them, against the same fields read as text.

usage: python benchmarks/fields.py [--kind KIND]... [--count N] [--seed N] [--data DIR] [--failures] [--save DIR]
                                    [--expect]

Draws digits, dates, amounts, IBANs and machine readable zones in several fonts and degrades them as scans and
photographs do (small, blurred, noisy, faint, JPEG, black and white), always the same with the same seed. Each is read
twice: as text, and as a field of its kind. An error is a field whose text is not the truth, spaces and capitals aside;
CER counts edits for each character. Of amounts a wrong value is counted, too: a point for a comma is none in 6,19, but
is one in 6,190. A silent error is one that nothing tells: the field is valid, without a reason and with a confidence of
80 or more. With --data, the displays and the documents with machine readable zones of its crops/ are read as well, each
whole picture as one field; of displays the digits before the point are known, and of documents as text all lines of the
zone must be among those that were read. So are the numbers, dates, amounts and codes of its real/ and invoices/
(benchmarks/real_fields.py). --expect exits with 1 where a kind has more than half the errors of text.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein
from stdnum.iso7064 import mod_97_10

import real_fields
from whaleline import recognition
from whaleline.documents import Document, Limits
from whaleline.forms.template import TemplateField
from whaleline.forms.values import read_value
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.recognition.languages import find
from whaleline.values.amounts import read_amount
from whaleline.values.mrz import check_digit

FONTS = ("dejavu/DejaVuSans.ttf", "dejavu/DejaVuSansMono.ttf", "dejavu/DejaVuSerif.ttf", "noto/NotoSans-Regular.ttf")
MONO = "dejavu/DejaVuSansMono.ttf"
FOLDER = Path("/usr/share/fonts/truetype")
SHARE = 0.5
"""Of the errors of text, that a kind may have at most."""
TOLD = 80.0
"""Confidence below which an error is told."""


@dataclass(frozen=True, eq=False)
class Item:
    """A field: its picture, what stands there, and what is known of it."""

    kind: str
    picture: Picture
    truth: str
    field: TemplateField


def digits(draw: random.Random) -> str:
    """An account number or a code."""
    return "".join(draw.choice("0123456789") for _ in range(draw.randint(4, 12)))


def date(draw: random.Random) -> str:
    """A date, as Germans, Americans or programs write it."""
    day, month, year = draw.randint(1, 28), draw.randint(1, 12), draw.randint(1930, 2029)
    forms = (f"{day:02}.{month:02}.{year}", f"{month:02}/{day:02}/{year}", f"{year}-{month:02}-{day:02}")
    return draw.choice((*forms, f"{day}.{month}.{year % 100:02}"))


def amount(draw: random.Random) -> str:
    """An amount with or without a currency."""
    value = f"{draw.uniform(1, 10 ** draw.randint(1, 6)):,.2f}"
    if draw.random() < 0.5:
        value = value.translate(str.maketrans(",.", ".,"))
    return draw.choice((value, f"{value} EUR", f"EUR {value}", f"${value}"))


def iban(draw: random.Random) -> str:
    """A German or British IBAN in groups of four."""
    if draw.random() < 0.5:
        country, account = "DE", "".join(draw.choice("0123456789") for _ in range(18))
    else:
        bank = "".join(draw.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(4))
        country, account = "GB", bank + "".join(draw.choice("0123456789") for _ in range(14))
    whole = country + mod_97_10.calc_check_digits(account + country) + account
    return " ".join(whole[start : start + 4] for start in range(0, len(whole), 4))


def mrz(draw: random.Random) -> str:
    """The two lines of a passport."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    names = ["".join(draw.choice(letters) for _ in range(draw.randint(3, 9))) for _ in range(3)]
    number = "".join(draw.choice(letters + "0123456789" * 3) for _ in range(9))
    country = draw.choice(("UTO", "D<<", "FRA", "GBR"))
    born, ends = (f"{draw.randint(0, 99):02}{draw.randint(1, 12):02}{draw.randint(1, 28):02}" for _ in range(2))
    optional = "".join(draw.choice(letters + "0123456789") for _ in range(draw.randint(0, 10))).ljust(14, "<")
    first = f"P<{country}{names[0]}<<{names[1]}<{names[2]}".ljust(44, "<")[:44]
    start = f"{number}{check_digit(number)}"
    middle = f"{born}{check_digit(born)}"
    end = f"{ends}{check_digit(ends)}{optional}{check_digit(optional)}"
    second = f"{start}{country}{middle}{draw.choice('MF<')}{end}{check_digit(start + middle + end)}"
    return f"{first}\n{second}"


KINDS: dict[str, tuple[Callable[[random.Random], str], dict[str, object]]] = {
    "digits": (digits, {"kind": "text", "characters": "0123456789"}),
    "date": (date, {"kind": "date"}),
    "amount": (amount, {"kind": "amount"}),
    "iban": (iban, {"kind": "identifier", "scheme": "iban"}),
    "mrz": (mrz, {"kind": "identifier", "scheme": "mrz"}),
}


def drawn(text: str, draw: random.Random, font: str) -> Picture:
    """Text in black on white, then as a bad scan or photograph shows it."""
    size = 40
    face = ImageFont.truetype(FOLDER / font, size)
    lines = text.split("\n")
    width = int(max(face.getlength(line) for line in lines)) + 60
    picture = Image.new("L", (width, 50 * len(lines) + 40), 255)
    for number, line in enumerate(lines):
        ImageDraw.Draw(picture).text((30, 15 + 52 * number), line, draw.randint(0, 90), font=face)
    pixels = np.asarray(picture, np.uint8)
    turned = cv2.getRotationMatrix2D((width / 2, pixels.shape[0] / 2), draw.uniform(-0.8, 0.8), 1)
    pixels = np.asarray(cv2.warpAffine(pixels, turned, (width, pixels.shape[0]), borderValue=255), np.uint8)
    scale = draw.uniform(0.25, 0.6)  # capitals of 7 to 17 pixels
    pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), draw.uniform(0.3, 1.3)), np.uint8)
    paper, ink = draw.randint(190, 255), draw.randint(0, 110)
    noise = np.random.default_rng(draw.randrange(2**32)).normal(0, draw.uniform(1, 15), pixels.shape)
    grey = ink + pixels / 255 * (paper - ink) + noise
    pixels = grey.clip(0, 255).astype(np.uint8)
    if draw.random() < 0.25:
        pixels = np.asarray(cv2.threshold(pixels, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], np.uint8)
    coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, draw.randint(25, 90)])[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)


def field_of(known: Mapping[str, object], picture: Picture) -> TemplateField:
    """A field as large as its picture."""
    rectangle = Rectangle(0, 0, picture.shape[1], picture.shape[0])
    return TemplateField.model_validate({"name": "field", "rectangle": rectangle, **known})


def items(kind: str, count: int, seed: int) -> Iterator[Item]:
    """Drawn fields of a kind."""
    make, known = KINDS[kind]
    for number in range(count):
        draw = random.Random(f"{kind} {seed} {number}")
        truth = make(draw)
        picture = drawn(truth, draw, MONO if kind == "mrz" else draw.choice(FONTS))
        yield Item(kind, picture, truth, field_of(known, picture))


def crops(data: Path) -> Iterator[Item]:
    """Displays that were photographed."""
    for one in json.loads((data / "crops" / "truth.json").read_text(encoding="utf-8")):
        picture = Document((data / "crops" / one["file"]).read_bytes(), Limits()).page(1).picture
        if "seven" in one["kind"]:
            field = field_of({"kind": "text", "pattern": r"\d{1,6}([.,]\d{0,3})?"}, picture)
            yield Item("display", picture, one["truth"], field)
        else:
            yield Item("document", picture, one["truth"], field_of({"kind": "identifier", "scheme": "mrz"}, picture))


def documents(data: Path) -> Iterator[Item]:
    """Fields of receipts, filings and invoices."""
    for kind, picture, truth, known in (*real_fields.boxes(data), *real_fields.invoices(data)):
        yield Item(kind, picture, truth, field_of(known, picture))


def tidy(text: str) -> str:
    """What is compared."""
    return "".join(text.split()).upper()


def main() -> None:
    """Read everything both ways and print the errors."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kind", action="append", choices=list(KINDS), default=[])
    parser.add_argument("--count", type=int, default=100, help="drawn fields of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", type=Path, help="folder of the measuring data")
    parser.add_argument("--failures", action="store_true", help="print each field that is read wrongly")
    parser.add_argument("--save", type=Path, help="folder for the picture of each field that is read wrongly")
    parser.add_argument("--expect", action="store_true")
    arguments = parser.parse_args()
    language = find("English")
    assert language is not None
    kinds = arguments.kind or list(KINDS)
    everything = [item for kind in kinds for item in items(kind, arguments.count, arguments.seed)]
    if arguments.data:
        everything += [*crops(arguments.data), *documents(arguments.data)]
    figures: dict[str, list[float]] = defaultdict(lambda: [0, 0, 0, 0, 0, 0, 0])
    sure: list[tuple[float, bool]] = []
    wrong_values: list[tuple[bool, bool]] = []
    for item in everything:
        plain = recognition.read(item.picture, language).text
        found = read_value(item.field, item.picture)
        right = [is_right(item, text) for text in (plain, found.text)]
        sure.append((found.confidence, right[1]))
        if item.kind.endswith("amount"):
            wrong_values.append((values_of(plain) != values_of(item.truth), found.value not in values_of(item.truth)))
        kind = figures[item.kind]
        edits = [Levenshtein.distance(tidy(text), tidy(item.truth)) for text in (plain, found.text)]
        silent = not right[1] and found.valid and not found.reasons and found.confidence >= TOLD
        for place, value in enumerate((1, len(tidy(item.truth)), not right[0], not right[1], silent, *edits)):
            kind[place] += value
        if arguments.save and not right[1]:
            arguments.save.mkdir(parents=True, exist_ok=True)
            name = f"{item.kind} {item.truth} read as {found.text}".replace("/", "|").replace("\n", " ")
            Image.fromarray(item.picture).save(arguments.save / f"{name}.png")
        if arguments.failures and not right[1]:
            print(f"{item.kind}: {item.truth!r} as text {plain!r}, as a field {found}")
    if wrong_values:
        told = [sum(each) for each in zip(*wrong_values, strict=True)]
        print(f"values of {len(wrong_values)} amounts: {told[0]} wrong as text, {told[1]} as a field")
    print("| kind | fields | wrong as text | wrong as a field | of text's | silent | CER as text | CER as a field |")
    print("|---|---|---|---|---|---|---|---|")
    missed = []
    for name, (count, letters, as_text, as_field, untold, text_edits, field_edits) in figures.items():
        share = as_field / as_text if as_text else 0.0
        print(
            f"| {name} | {count:.0f} | {as_text:.0f} | {as_field:.0f} | {share:.2f} | {untold:.0f} |"
            f" {100 * text_edits / letters:.2f} % | {100 * field_edits / letters:.2f} % |"
        )
        if share > SHARE:
            missed.append(name)
    print(reliability(sure))
    if missed:
        print(f"more than half of text's errors: {', '.join(missed)}")
    sys.exit(bool(missed) and arguments.expect)


def values_of(text: str) -> set[str]:
    """The values that an amount may have: two, where nothing tells what the point in it means."""
    told = read_amount(text)
    return set() if told is None else {format(each, "f") for each in (told.value, told.other) if each is not None}


def is_right(item: Item, text: str) -> bool:
    """Whether a reading is the truth.

    A display shows a point and decimals behind the truth; a document as text has other lines beside those of its zone.
    """
    if item.kind == "display":
        return text.replace(",", ".").split(".")[0].strip() == item.truth
    if item.kind == "document":
        lines = [tidy(line) for line in text.split("\n")]
        return all(line in lines for line in item.truth.split("\n"))
    return tidy(text) == tidy(item.truth)


def reliability(sure: list[tuple[float, bool]]) -> str:
    """How many of the fields told with a confidence are right, by confidence."""
    edges = (0, 50, 70, 80, 90, 95, 98, 101)
    told = []
    for low, high in pairwise(edges):
        part = [right for confidence, right in sure if low <= confidence < high]
        if part:
            told.append(f"{low} to {min(high, 100)}: {100 * sum(part) / len(part):.0f} % of {len(part)}")
    return "right, by confidence: " + "; ".join(told)


if __name__ == "__main__":
    main()
