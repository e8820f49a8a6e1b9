"""Is a picture read better after BinarizeImage, DeskewImage, DewarpImage and UpscaleImage than as it came?

usage: python benchmarks/pictures.py [--data DIR] [--only KIND]... [--count N] [--expect]

Pages are drawn in five fonts and spoiled here, each kind in the way that one of the task types is for. With DIR, which
holds photos/, pages/ and cases/, photographs and scans are spoiled and made better likewise. Each picture is read as it
came and as the task's PNG, by the service's reader with its own filters (which it has in any case), by the same without
filters, and by Tesseract alone. Told is the mean character error in %, at most 100 a picture, spaces as one.

With --expect the exit code is 1 where a task does not make the reading better (see `LEAST`).
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein
from wordfreq import top_n_list

from whaleline import read_regions
from whaleline.documents import Document
from whaleline.imaging.picture import Picture, grey
from whaleline.operations.pictures import IMPROVEMENTS
from whaleline.recognition import languages
from whaleline.recognition.engine import Shape
from whaleline.recognition.tesseract import tesseract

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from photographs import curl, fold, photograph

FONTS = Path("/usr/share/fonts/truetype")
FACES = (
    "dejavu/DejaVuSans.ttf", "dejavu/DejaVuSerif.ttf", "noto/NotoSerif-Regular.ttf", "noto/NotoSans-Regular.ttf",
    "dejavu/DejaVuSansMono.ttf",
)  # fmt: skip

ENGLISH = languages.find("English")


@dataclass(frozen=True)
class Spoiled:
    """A picture to be read.

    Attributes:
        kind: what was done to it.
        task: the task type that is to make it better.
        picture: grey or RGB.
        truth: the text on it.
    """

    kind: str
    task: str
    picture: Picture
    truth: str


def page(dice: random.Random, size: int = 24, width: int = 900, height: int = 1200) -> tuple[Picture, str]:
    """A page of prose of random words, and its text."""
    face = ImageFont.truetype(FONTS / dice.choice(FACES), size)
    words = top_n_list("en", 4000)
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    lines: list[str] = []
    margin, pitch = width // 12, round(1.55 * size)
    for row in range((height - 2 * margin) // pitch):
        if dice.random() < 0.12:
            continue  # a new paragraph
        line, last = "", dice.choice((0.45, 0.9, 0.95, 1.0, 1.0, 1.0)) * (width - 2 * margin)
        while True:
            word = dice.choice(words)
            word = word.capitalize() if dice.random() < 0.15 else word
            word = str(dice.randint(1, 9999)) if dice.random() < 0.06 else word
            word += dice.choice(",.;") if dice.random() < 0.1 else ""
            if face.getlength(f"{line} {word}") > last:
                break
            line = f"{line} {word}".strip()
        draw.text((margin, margin + row * pitch), line, fill=20, font=face)
        lines.append(line)
    return np.asarray(image), "\n".join(lines)


def jpeg(picture: Picture, quality: int) -> Picture:
    """The same as JPEG leaves it."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_UNCHANGED), np.uint8)


def noisy(picture: Picture, dice: random.Random, deviation: float) -> Picture:
    """The same with a sensor's noise."""
    noise = np.random.default_rng(dice.getrandbits(32)).normal(0, deviation, picture.shape)
    return np.asarray((picture + noise).clip(0, 255), np.uint8)


def turned(picture: Picture, degrees: float) -> Picture:
    """A scan that lies askew, clockwise, on a larger sheet."""
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return np.asarray(
        cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255, 255, 255)), np.uint8
    )


def on_a_table(picture: Picture, dice: random.Random, *, degrees: float, aside: float, bend: float) -> Picture:
    """A photograph of the page: turned, from aside, curled or folded, with half of it in a shadow now and then."""
    height, width = picture.shape
    size = round(1.3 * width), round(1.25 * height)
    turn = np.radians(degrees)
    box = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * (width, height)
    box = box @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    shift = np.array([[dice.uniform(-aside, aside) * width for _ in range(2)] for _ in range(4)])
    corners = box + shift
    corners *= min(0.94 * np.array(size) / np.ptp(corners, axis=0))
    corners += np.array(size) / 2 - (corners.max(axis=0) + corners.min(axis=0)) / 2
    make = dice.choice((curl, fold))
    taken = photograph(
        picture,
        sag=make(width, bend * dice.choice((-1, 1)) * width) if bend else None,
        corners=tuple((int(x), int(y)) for x, y in corners),  # type: ignore[arg-type]
        size=size,
        shadow=dice.choice((1.0, 1.0, 0.6, 0.45)),
    )
    return jpeg(noisy(taken.picture, dice, 3), 85)


def in_the_dark(picture: Picture, dice: random.Random) -> Picture:
    """The page in uneven light: a slope from a side, a shadow with a soft edge, stains; faint and noisy."""
    height, width = picture.shape[:2]
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    turn = dice.uniform(0, 2 * np.pi)
    slope = 1 - dice.uniform(0.2, 0.75) * ((x - 0.5) * np.cos(turn) + (y - 0.5) * np.sin(turn) + 0.5).clip(0, 1)
    edge = dice.uniform(0.3, 0.7) + dice.uniform(-0.3, 0.3) * y
    shadow = 1 - dice.uniform(0.2, 0.6) / (1 + np.exp(-(x - edge) / dice.uniform(0.003, 0.03)))
    stains = np.ones_like(x)
    for _ in range(dice.randint(0, 3)):
        distance = np.hypot(x - dice.random(), (y - dice.random()) * height / width)
        stains -= dice.uniform(0.1, 0.3) / (1 + np.exp((distance - dice.uniform(0.05, 0.2)) / 0.01))
    faint = dice.uniform(0.35, 0.9)
    light = (slope * shadow * stains.clip(0.2, 1))[(...,) + (None,) * (picture.ndim - 2)]
    dark = (255 - faint * (255.0 - picture)) * light * 0.95
    return jpeg(noisy(np.asarray(dark.clip(0, 255), np.uint8), dice, dice.uniform(1, 4)), 88)


def made_small(picture: Picture, dice: random.Random, factor: float) -> Picture:
    """The page at a lower resolution, by a lens that is not sharp."""
    blurred = cv2.GaussianBlur(picture, (0, 0), dice.uniform(0.4, 1.0) / factor / 2)
    small = cv2.resize(blurred, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return jpeg(noisy(np.asarray(small, np.uint8), dice, 2), dice.choice((70, 85, 95)))


def made(count: int) -> Iterator[Spoiled]:
    """The pictures that need no data."""
    for kind, (task, spoil) in MADE.items():
        for number in range(count):
            dice = random.Random(f"{kind} {number}")
            clean, truth = page(dice)
            yield Spoiled(kind, task, spoil(clean, dice), truth)


def _askew(picture: Picture, dice: random.Random) -> Picture:
    return turned(picture, dice.choice((-1, 1)) * dice.uniform(2, 15))


MADE: dict[str, tuple[str, Callable[[Picture, random.Random], Picture]]] = {
    "drawn, askew": ("DeskewImage", _askew),
    "drawn, askew on a table": (
        "DeskewImage",
        lambda p, dice: on_a_table(p, dice, degrees=dice.choice((-1, 1)) * dice.uniform(2, 14), aside=0.01, bend=0),
    ),
    "drawn, from aside": (
        "DewarpImage",
        lambda p, dice: on_a_table(p, dice, degrees=dice.uniform(-6, 6), aside=0.07, bend=0),
    ),
    "drawn, bent": (
        "DewarpImage",
        lambda p, dice: on_a_table(p, dice, degrees=dice.uniform(-6, 6), aside=0.04, bend=dice.uniform(0.03, 0.09)),
    ),
    "drawn, x-height of 4 to 6 pixels": ("UpscaleImage", lambda p, dice: made_small(p, dice, dice.uniform(0.33, 0.45))),
    "drawn, x-height of 6 to 9 pixels": ("UpscaleImage", lambda p, dice: made_small(p, dice, dice.uniform(0.45, 0.7))),
    "drawn, dark": ("BinarizeImage", in_the_dark),
}
"""The task type that each kind of drawn pictures is for, and what makes it."""


def found(data: Path, count: int) -> Iterator[Spoiled]:
    """The pictures of the data, and what the same spoiling makes of its scans."""
    photos = data / "photos"
    for entry in json.loads((photos / "truth.json").read_text(encoding="utf-8"))[: 2 * count]:
        bent = Document((photos / entry["file"]).read_bytes()).page(1).picture
        yield Spoiled("photos/", "DewarpImage", bent, entry["truth"])
    scans = sorted((data / "pages").glob("*.txt"))
    ways = {
        "pages/, askew": ("DeskewImage", _askew),
        "pages/, small": ("UpscaleImage", lambda p, dice: made_small(p, dice, 10 / 30)),
        "pages/, dark": ("BinarizeImage", in_the_dark),
    }
    for kind, (task, spoil) in ways.items():
        for text in scans[:: max(1, len(scans) // count)][:count]:
            image = next(file for file in sorted(text.parent.glob(f"{text.stem}.*")) if file.suffix != ".txt")
            clean = grey(Document(image.read_bytes()).page(1).picture)
            yield Spoiled(kind, task, spoil(clean, random.Random(f"{kind} {text.stem}")), text.read_text("utf-8"))
    for folder, task in CASES.items():
        picture = Document(next((data / "cases" / folder).glob("input.*")).read_bytes()).page(1).picture
        truth = (data / "cases" / folder / "expected.txt").read_text("utf-8").replace("----\n", "")
        yield Spoiled("cases/", task, picture, truth)


CASES = {"31-gradient": "BinarizeImage", "72-receipt-photo": "DewarpImage", "59-min": "UpscaleImage"}


def by_whaleline(picture: Picture) -> str:
    """What the service reads with its filters."""
    (reading,) = read_regions(picture)
    return reading.page.text if reading else ""


def without_filters(picture: Picture) -> str:
    """What it reads where its filters are off."""
    (reading,) = read_regions(picture, skew_correction=False, contrast_correction=False)
    return reading.page.text if reading else ""


def by_tesseract(picture: Picture) -> str:
    """What Tesseract reads in the bare picture."""
    assert ENGLISH is not None
    models = languages.locate(ENGLISH, languages.folders())
    assert models is not None
    blocks = tesseract(models).read(np.ascontiguousarray(grey(picture)), Shape.PAGE)
    return "\n".join(line.text for block in blocks for line in block.lines)


READERS = {"service": by_whaleline, "without filters": without_filters, "Tesseract": by_tesseract}

LEAST = {"service": 1.05, "without filters": 1.0, "Tesseract": 1.0}
"""The error after a task, in that before, that it may have at most; half a point is chance."""


def error(truth: str, text: str) -> float:
    """Character error in %."""
    wanted, got = (" ".join(one.replace('"', "").replace("'", "").split()) for one in (truth, text))
    return min(100.0, 100 * Levenshtein.distance(wanted, got) / max(1, len(wanted)))


def main() -> None:
    """Print the table, and what misses."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of the measuring data")
    parser.add_argument("--only", action="append", default=[], help="kinds or task types")
    parser.add_argument("--count", type=int, default=12, help="pictures of each kind")
    parser.add_argument("--expect", action="store_true")
    arguments = parser.parse_args()
    errors: dict[tuple[str, str], list[list[float]]] = {}
    pictures = made(arguments.count)
    for one in (*pictures, *(found(arguments.data, arguments.count) if arguments.data else ())):
        if arguments.only and one.kind not in arguments.only and one.task not in arguments.only:
            continue
        _, improve = IMPROVEMENTS[one.task]
        after = improve(one.picture, 256_000_000)
        row = [error(one.truth, read(each)) for read in READERS.values() for each in (one.picture, after)]
        errors.setdefault((one.task, one.kind), []).append(row)
    print(f"| task type | pictures | n | {' | '.join(f'{reader}, before | after' for reader in READERS)} |")
    print("|---" * (3 + 2 * len(READERS)) + "|")
    missed = []
    for (task, kind), rows in sorted(errors.items()):
        means = [fmean(column) for column in zip(*rows, strict=True)]
        print(f"| {task} | {kind} | {len(rows)} | {' | '.join(f'{mean:.2f}' for mean in means)} |")
        for place, reader in enumerate(READERS):
            before, behind = means[2 * place : 2 * place + 2]
            if behind > LEAST[reader] * before + 0.5:
                missed.append(f"{task}, {kind}, {reader}: {behind:.2f} after {before:.2f}")
    print(*(f"missed: {line}" for line in missed), sep="\n")
    sys.exit(bool(arguments.expect and missed))


if __name__ == "__main__":
    main()
