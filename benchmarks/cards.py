"""Identity cards and photographed receipts that are drawn: Whaleline against its second engine alone.

usage: python benchmarks/cards.py [--count N] [--seed N] [--every N] [--failures]

Cards have small labels above values, guilloche, microprint, a hologram with its glare, faint, dotted or embossed
values with accents of many languages, and machine readable lines; receipts are crumpled, creased and faded, lean and
lie in uneven light, and their lines stand so close that rectangles hold tips of neighbours. Both are photographed:
perspective, blur, noise, JPEG. Each line of print is a region with a little of its neighbourhood. A region is right if
it says what was drawn, capitals and spaces aside. The second engine, PP-OCRv6, gets the plain crop; where it alone is
right, the reader has spoilt something.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from whaleline import read_regions
from whaleline.imaging.picture import Picture
from whaleline.recognition.ppocr import ppocr

FOLDER = Path("/usr/share/fonts/truetype")
SANS = (
    "noto/NotoSans-Regular.ttf",
    "noto/NotoSans-Bold.ttf",
    "dejavu/DejaVuSansCondensed.ttf",
    "dejavu/DejaVuSans.ttf",
)
MONO = "dejavu/DejaVuSansMono.ttf"
LABELS = (
    "Surname / Nom",
    "Nationality / Nationalit\u00e9",
    "Place of birth/Lieu de naissance",
    "4b. Date of expiry",
    "Given names/Pr\u00e9noms",
    "Date of birth",
    "Sex",
    "Document No.",
    "Nachname",
    "EXP",
    "DOB",
    "CLASS",
)
VALUES = (
    "M\u00dcLLER", "GARC\u00cdA L\u00d3PEZ", "ANNA MARIA", "O'CONNOR", "\u017dILINA", "BJ\u00d6RN", "M\u00dcNCHEN",
    "MADRID", "123 NORTH STREET", "PARIS 12E (75)", "UTO", "1.78", "AM/B/C1", "Home Office",
    "\u0141UKASZ W\u00d3JCIK", "\u010cAPEK", "\u015eAH\u0130N", "S\u00d8RENSEN", "P\u00c9REZ-MU\u00d1OZ",
    "K\u0112NI\u0145\u0160", "\u00d5UNAPUU", "KOV\u00c1\u010c J\u00c1N", "SZ\u0150KE", "M", "\u00c5SA",
    "J\u00d6RG WEI\u00df", "15 GREEN LANE, LEEDS",
)  # fmt: skip
ITEMS = (
    "NASI GORENG",
    "COCA COLA 1.5L",
    "MILK 2%",
    "ORG BANANAS",
    "TAX INVOICE",
    "GST @6%",
    "TEL: 03-8023 2334",
    "Pizza Marg.",
)
NUMBERS = ("A9999999", "99999999A", "999999-9999", "AA9999999", "99.99.9999", "99/99/9999", "99 99 9999")

LOW = 560  # the machine readable line of a card
DOTS = np.asarray(np.multiply.outer(np.arange(640) % 3 > 0, np.arange(1000) % 3 > 0), np.uint8)
"""Where a printer of dots leaves any."""

Placed = list[tuple[tuple[float, float, float, float], str]]
"""Boxes and what stands in them."""


def main() -> None:
    """Draw, read both ways, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20, help="pictures of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="read only each so many-th region")
    parser.add_argument("--failures", action="store_true")
    arguments = parser.parse_args()
    print("| kind | regions | right | PP-OCRv6 alone | only it alone | only the reader |\n|---|---|---|---|---|---|")
    for kind, (make, tilt, strength) in KINDS.items():
        counts = [0] * 5
        for number in range(arguments.count):
            draw = random.Random(f"{kind} {arguments.seed} {number}")
            picture, regions = photographed(*make(draw), draw, tilt, strength)
            chosen = regions[:: arguments.every]
            readings = read_regions(Image.fromarray(picture), [box for box, _ in chosen]) if chosen else []
            for (box, text), reading in zip(chosen, readings, strict=True):
                left, top, right, bottom = box
                alone = ppocr(latin=True).look(np.ascontiguousarray(picture[top:bottom, left:right])).text
                ours, its = tidy(reading.text) == tidy(text), tidy(alone) == tidy(text)
                counts = [
                    a + b for a, b in zip(counts, (1, ours, its, its and not ours, ours and not its), strict=True)
                ]
                if arguments.failures and not ours:
                    print(f"{kind} {number} {box}: {text!r} read as {reading.text!r}, alone {alone!r}")
        print(f"| {kind} | " + " | ".join(map(str, counts)) + " |", flush=True)


def tidy(text: str) -> str:
    """What is compared."""
    return "".join(text.split()).casefold()


def card(draw: random.Random) -> tuple[Picture, Placed]:
    """A card of 1000 x 640 pixels."""
    image = Image.fromarray(guilloche(640, 1000, draw))
    pen, placed = ImageDraw.Draw(image), list[tuple[tuple[float, float, float, float], str]]()
    tiny = ImageFont.truetype(FOLDER / SANS[0], 5)
    for down in range(draw.randint(5, 60), 540, draw.randint(40, 160)):
        pen.text((0, down), "REPUBLICOFUTOPIA" * 30, fill=(draw.randint(120, 200),) * 3, font=tiny)

    def put(top: float, text: str, font: tuple[str, int], colour: tuple[int, ...], way: str = "plain") -> float:
        face, at = ImageFont.truetype(FOLDER / font[0], font[1]), (300 if top < LOW else 50, top)
        box = pen.textbbox(at, text, font=face)
        if way == "embossed":
            for shift, level in ((-1, 255), (1, max(colour) // 2)):
                pen.text((at[0] + shift, at[1] + shift), text, fill=(level,) * 3, font=face)
            colour = tuple(min(255, 60 + level) for level in colour)
        mask = Image.new("L", image.size)
        ImageDraw.Draw(mask).text(at, text, fill=255, font=face)
        if way == "dotted":
            mask = Image.fromarray(np.asarray(mask) * DOTS)
        image.paste(colour, (0, 0), mask)
        placed.append((box, text))
        return placed[-1][0][3]

    label, value = draw.choice(SANS), draw.choice((*SANS, MONO))
    small, large = draw.randint(13, 20), draw.randint(24, 38)
    way = draw.choice(("plain", "plain", "dotted", "embossed"))
    tint = tuple(draw.randint(60, 150) for _ in range(3))
    dark = (draw.randint(20, 110),) * 3
    place = put(20, "IDENTITY CARD / PERSONALAUSWEIS", (draw.choice(SANS), 30), tint) + 20
    while place < 450:
        text = draw.choice(VALUES) if draw.random() < 0.6 else filled(draw.choice(NUMBERS), draw)
        place = put(place, draw.choice(LABELS), (label, small), tint) + draw.randint(0, 5)
        place = put(place, text, (value, large), dark, way) + draw.randint(3, 12)
    number = filled("999999999", draw)
    check = sum(int(digit) * (7, 3, 1)[place % 3] for place, digit in enumerate(number)) % 10
    put(LOW, f"ID{filled('AAA', draw)}{number}{check}{'<' * 15}", (MONO, 46), (20,) * 3)
    down_, across = np.mgrid[0:640, 0:1000].astype(np.float32)
    glare = np.asarray(image, np.float32)
    for _ in range(draw.randint(0, 2)):  # a hologram, and the light in it
        middle, size = (draw.uniform(200, 900), draw.uniform(50, 500)), draw.uniform(40, 130)
        near = np.exp(-(((across - middle[0]) / size) ** 2 + ((down_ - middle[1]) / size) ** 2))
        waves = 0.6 + 0.4 * np.sin((across + draw.uniform(-1, 1) * down_) / draw.uniform(3, 9))
        glare += (draw.uniform(20, 110) * near * waves)[..., None] * np.array([draw.uniform(0.4, 1) for _ in range(3)])
    return np.asarray(glare.clip(0, 255), np.uint8), placed


def receipt(draw: random.Random) -> tuple[Picture, Placed]:
    """A crumpled receipt of 640 x 900 pixels."""
    image = Image.new("RGB", (640, 900), (draw.randint(215, 250),) * 3)
    pen, placed = ImageDraw.Draw(image), list[tuple[tuple[float, float, float, float], str]]()
    size, colour, step = draw.randint(18, 28), draw.randint(20, 130), draw.uniform(1.05, 1.5)
    face = ImageFont.truetype(FOLDER / draw.choice((MONO, *SANS)), size)
    down = 20.0
    while down < 850:
        for left, text in ((30, draw.choice(ITEMS)), (450, f"{draw.uniform(0.5, 99):.2f}")):
            pen.text((left, down), text, fill=(colour,) * 3, font=face)
            placed.append((pen.textbbox((left, down), text, font=face), text))
        down += size * step
    rng = np.random.default_rng(draw.randrange(2**32))
    light, faded, *shifts = (
        np.asarray(cv2.resize(rng.normal(0, 1, (9, 6)), (640, 900), interpolation=cv2.INTER_CUBIC)) for _ in "lfxy"
    )
    paper = np.asarray(image, np.float32)
    strength = 1 - draw.uniform(0, 0.5) * (faded > 0.5) - draw.uniform(0, 0.3) * np.clip(faded, 0, 1)
    strength *= 1 - draw.uniform(0, 0.6) * (rng.random((900, 1)) < 0.03)  # lines that the printer's head passed over
    paper = paper.max() - (paper.max() - paper) * strength[..., None]
    for _ in range(draw.randint(0, 4)):  # creases
        start, slope, level = draw.uniform(0, 900), draw.uniform(-0.3, 0.3), draw.uniform(-50, 25)
        far = np.abs(np.mgrid[0:900, 0:640][0] - start - slope * np.arange(640))
        paper += (level * np.exp(-((far / draw.uniform(1.5, 8)) ** 2)))[..., None]
    down_, across = np.mgrid[0:900, 0:640].astype(np.float32)
    amount = draw.uniform(0, 3)
    bent = cv2.remap(
        paper * (1 + 0.08 * light)[..., None].astype(np.float32),
        (across + amount * shifts[0]).astype(np.float32),
        (down_ + amount * shifts[1]).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(bent.clip(0, 255), np.uint8), placed


def filled(pattern: str, draw: random.Random) -> str:
    """A pattern with a digit for each 9 and a letter for each A."""
    letters, digits = "BCEFGHJKLMNPRSTUVWXYZ", "0123456789"
    return "".join(
        draw.choice(digits) if one == "9" else draw.choice(letters) if one == "A" else one for one in pattern
    )


def guilloche(height: int, width: int, draw: random.Random) -> Picture:
    """A gradient of two light colours under some sets of fine wavy lines."""
    down, across = np.mgrid[0:height, 0:width].astype(np.float32)
    start, end = (np.array([draw.randint(180, 250) for _ in range(3)]) for _ in range(2))
    image: npt.NDArray[np.float64] = start + (end - start) * (across / width)[..., None]
    for _ in range(draw.randint(1, 4)):
        bent = down + draw.uniform(5, 30) * np.sin(across / draw.uniform(60, 200) * 2 * math.pi + draw.random() * 6)
        lines = np.exp(-((np.abs(np.sin(draw.uniform(0.05, 0.25) * bent)) / 0.15) ** 2))
        image = image - draw.uniform(8, 45) * lines[..., None] * np.array([draw.random() for _ in range(3)])
    return np.asarray(image.clip(0, 255), np.uint8)


def photographed(
    picture: Picture, placed: Placed, draw: random.Random, tilt: float, strength: float
) -> tuple[Picture, list[tuple[tuple[int, int, int, int], str]]]:
    """The picture as a camera sees it, and the rectangles about its lines.

    Args:
        picture: RGB.
        placed: what stands in it.
        draw: chooses.
        tilt: degrees, at most as a rule.
        strength: of blur, noise and shadow; 1 is a good photograph.
    """
    scale = draw.uniform(0.5, 1.0)
    height, width = picture.shape[:2]
    wide, high = int(width * scale) + 8, int(height * scale) + 8
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), draw.gauss(0, tilt / 2), scale), [0, 0, 1]])
    turn[:2, 2] += (wide - width) / 2, (high - height) / 2
    turn[2, :2] = draw.gauss(0, 3e-5 * strength), draw.gauss(0, 3e-5 * strength)
    seen = cv2.warpPerspective(cv2.GaussianBlur(picture, (0, 0), 0.4 / scale), turn, (wide, high), flags=cv2.INTER_AREA)
    fall = draw.uniform(1 - 0.4 * min(strength, 1.5), 1) * (1 - draw.uniform(0, 0.3) * np.linspace(0, 1, wide))
    dim = cv2.GaussianBlur(seen.astype(np.float32) * fall[None, :, None], (0, 0), draw.uniform(0.2, 0.9) * strength)
    noisy = dim + np.random.default_rng(draw.randrange(2**32)).normal(0, draw.uniform(1, 6) * strength, dim.shape)
    coded = cv2.imencode(".jpg", noisy.clip(0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, draw.randint(45, 92)])[
        1
    ]
    result = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    regions = []
    for (left, top, right, bottom), text in placed:
        corners = np.array([[[left, top], [right, top], [right, bottom], [left, bottom]]], np.float32)
        found = cv2.perspectiveTransform(corners, turn)[0]
        margin = draw.uniform(0.1, 0.3) * (bottom - top) * scale
        around = np.array([margin, 0.6 * margin])
        first, last = found.min(axis=0) - around, found.max(axis=0) + around
        box = int(first[0]), int(first[1]), int(last[0]) + 1, int(last[1]) + 1
        if min(box) >= 0 and box[2] <= wide and box[3] <= high:
            regions.append((box, text))
    return result, regions


KINDS: dict[str, tuple[Callable[[random.Random], tuple[Picture, Placed]], float, float]] = {
    "cards": (card, 1.5, 1.3),
    "receipts": (receipt, 7.0, 1.9),
}

if __name__ == "__main__":
    main()
