"""Are the words on photographs of products, signs and packages found, and read right?

usage: python benchmarks/labels.py [--count N] [--seed N] [--data DIR] [--modes] [--keep DIR] [--expect]

Draws pictures: one to five short lines on a label, in one of 20 fonts, dark on light and light on dark, in colours,
level or at any angle, flat or around a bottle or along an arc, seen from aside, on a ground with a texture, with the
blur and noise of a camera. Told is of each kind how many of the words are among those that RecognizeLabel gives
(recall) and how many of those given are on the picture (precision), without regard to case; with --modes the same of
RecognizeRegions in the modes that look for single words. With DIR, in how many of its crops/ of displays the digits
before the point are among the words. With --expect the exit code is 1 where recall is below 90 % or precision below
95 %.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from wordfreq import top_n_list

from whaleline import read_regions
from whaleline.documents import Document, PagePicture
from whaleline.imaging.picture import Picture
from whaleline.operations.recognize_label import RecognizeLabelSettings, read_label
from whaleline.recognition.modes import DsrMode
from whaleline.settings import Settings

FONTS = Path("/usr/share/fonts/truetype")
FACES = (
    "dejavu/DejaVuSans.ttf", "dejavu/DejaVuSans-Bold.ttf", "dejavu/DejaVuSans-Oblique.ttf",
    "dejavu/DejaVuSansCondensed.ttf", "dejavu/DejaVuSansCondensed-Bold.ttf", "dejavu/DejaVuSans-ExtraLight.ttf",
    "dejavu/DejaVuSerif.ttf", "dejavu/DejaVuSerif-Bold.ttf", "dejavu/DejaVuSerif-Italic.ttf",
    "dejavu/DejaVuSerifCondensed.ttf", "dejavu/DejaVuSansMono.ttf", "dejavu/DejaVuSansMono-Bold.ttf",
    "noto/NotoSans-Regular.ttf", "noto/NotoSans-Bold.ttf", "noto/NotoSans-Italic.ttf", "noto/NotoSerif-Regular.ttf",
    "noto/NotoSerif-Bold.ttf", "noto/NotoSerif-Italic.ttf", "noto/NotoSansDisplay-Bold.ttf",
    "humor-sans/Humor-Sans.ttf",
)  # fmt: skip

RECALL, PRECISION = 90.0, 95.0

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Made:
    """A picture with its words."""

    kind: str
    picture: Picture
    words: tuple[str, ...]


def ground(dice: random.Random, width: int, height: int) -> Floats:
    """A texture in two colours: grain, stripes, checks, blots or a slope."""
    rng = np.random.default_rng(dice.getrandbits(32))
    first, second = (np.array([dice.uniform(20, 235) for _ in range(3)], np.float32) for _ in range(2))
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    kind = dice.choice(("grain", "stripes", "checks", "blots", "slope"))
    pitch = dice.uniform(8, 60)
    if kind == "stripes":
        turn = dice.uniform(0, np.pi)
        part = 0.5 + 0.5 * np.sin(2 * np.pi * (x * np.cos(turn) + y * np.sin(turn)) / pitch)
    elif kind == "checks":
        part = ((x // pitch + y // pitch) % 2).astype(np.float32)
    elif kind == "slope":
        part = x / width * dice.random() + y / height * dice.random()
    else:
        size = (height // (4 if kind == "grain" else 40) + 2, width // (4 if kind == "grain" else 40) + 2)
        part = cv2.resize(rng.random(size, np.float32), (width, height), interpolation=cv2.INTER_CUBIC).clip(0, 1)
    mix = dice.uniform(0.2, 1) * part[..., None]
    return np.asarray((1 - mix) * first + mix * second, np.float32)


def colours(dice: random.Random) -> tuple[Floats, Floats]:
    """Of a label and of its print, light on dark as often as dark on light."""
    while True:
        label, print_ = (np.array([dice.uniform(0, 255) for _ in range(3)], np.float32) for _ in range(2))
        weights = np.array([0.299, 0.587, 0.114])
        if abs(float((label - print_) @ weights)) > 90:
            return label, print_


def written(dice: random.Random) -> tuple[Floats, tuple[str, ...]]:
    """A label's print as a mask from 0 to 1 with room around it, and its words."""
    vocabulary = [word for word in top_n_list("en", 6000) if len(word) > 1 and word.isalpha()]
    size = dice.randint(28, 80)
    lines = []
    for _ in range(dice.randint(1, 5)):
        words = [dice.choice(vocabulary) for _ in range(dice.choice((1, 1, 2, 2, 3)))]
        if dice.random() < 0.2:
            words[-1] = dice.choice(
                (f"{dice.randint(1, 9)}{dice.choice(('00', '50', '5'))}", str(dice.randint(10, 2040)))
            )
        form = dice.choice((str.upper, str.upper, str.capitalize, str.lower))
        lines.append([form(word) for word in words])
    faces = [ImageFont.truetype(FONTS / dice.choice(FACES), round(size * dice.choice((1, 1, 1, 1.6)))) for _ in lines]
    if dice.random() < 0.7:
        faces = faces[:1] * len(lines)
    texts = [" ".join(line) for line in lines]
    boxes = [face.getbbox(text, anchor="ls") for face, text in zip(faces, texts, strict=True)]
    pitches = [1.3 * face.size for face in faces]
    margin = size
    width = round(max(box[2] - box[0] for box in boxes) + 2 * margin)
    mask = Image.new("L", (width, round(sum(pitches) + 2 * margin)), 0)
    draw, down = ImageDraw.Draw(mask), float(margin)
    centred = dice.random() < 0.6
    for face, text, box, pitch in zip(faces, texts, boxes, pitches, strict=True):
        left = (width - box[2] + box[0]) / 2 if centred else margin
        draw.text((left, down + face.size), text, fill=255, font=face, anchor="ls")
        down += pitch
    return np.asarray(np.asarray(mask) / 255, np.float32), tuple(word.lower() for line in lines for word in line)


def bent(mask: Floats, dice: random.Random, kind: str) -> Floats:
    """A label around a bottle, whose lines hang down and whose ends are narrower; or lines along an arc."""
    height, width = mask.shape
    if kind == "bottle":
        half = dice.uniform(0.5, 1.1)  # of the radian that is seen
        wide = round(width * np.sin(half) / half)
        sag = dice.uniform(0.1, 0.3) * wide * dice.choice((-1, 1))
        u = np.linspace(-1, 1, wide)
        x = (np.arcsin(u * np.sin(half)) / half + 1) / 2 * (width - 1)
        down = sag * (np.sqrt(1 - (u * np.sin(half)) ** 2) - np.cos(half)) / (1 - np.cos(half))
        room = round(abs(sag))
        y = np.arange(height + room)[:, None] - down[None, :] - (room if sag < 0 else 0)
        across = np.broadcast_to(x, y.shape).astype(np.float32)
        return np.asarray(cv2.remap(mask, across, y.astype(np.float32), cv2.INTER_LINEAR), np.float32)
    radius = width / dice.uniform(0.8, 1.8)
    side = round(2 * (radius + height))
    x, y = np.meshgrid(np.arange(side) - side / 2, np.arange(side) - side / 2)
    distance, angle = np.hypot(x, y), np.arctan2(x, -y)
    turned = cv2.remap(
        mask,
        (angle * radius + width / 2).astype(np.float32),
        (radius + height - distance).astype(np.float32),
        cv2.INTER_LINEAR,
    )
    rows, columns = np.flatnonzero(turned.any(axis=1)), np.flatnonzero(turned.any(axis=0))
    return np.asarray(np.pad(turned[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], 20), np.float32)


KINDS = ("level", "aslant", "any angle", "from aside", "bottle", "arc", "on a texture", "small")


def made(kind: str, number: int, seed: int) -> Made:
    """The picture of that number."""
    dice = random.Random(f"{seed} {kind} {number}")
    mask, words = written(dice)
    if kind in ("bottle", "arc"):
        mask = bent(mask, dice, kind)
    high, wide = mask.shape
    degrees = {
        "aslant": dice.uniform(-40, 40), "any angle": dice.uniform(-180, 180), "from aside": dice.uniform(-15, 15),
    }.get(kind, dice.uniform(-4, 4))  # fmt: skip
    aside = 0.16 if kind == "from aside" else 0.02
    turn = np.radians(degrees)
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], float)
    shifted = corners + np.array([[dice.uniform(-aside, aside) * side for side in (wide, high)] for _ in range(4)])
    shifted = shifted @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    room = dice.uniform(10, 120)
    shifted += room - shifted.min(axis=0)
    width, height = (int(side) for side in np.ceil(shifted.max(axis=0) + room))
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), shifted.astype(np.float32))
    print_ = cv2.warpPerspective(mask, matrix, (width, height), flags=cv2.INTER_LINEAR)[..., None]
    on = cv2.warpPerspective(np.ones_like(mask), matrix, (width, height), flags=cv2.INTER_LINEAR)[..., None]
    label, ink = colours(dice)
    scene = ground(dice, width, height)
    # What it is printed on shows its texture, which on cloth, wood and brick is as strong as anything.
    grain = dice.uniform(0.25, 0.5) if kind == "on a texture" else dice.uniform(0, 0.15)
    own = label + grain * (ground(dice, width, height) - 128)
    picture = (1 - on) * scene + on * own
    picture = (1 - print_) * picture + print_ * ink
    light = 1 - dice.uniform(0, 0.5) * np.linspace(0, 1, width)[None, :, None]
    picture = cv2.GaussianBlur(picture * light, (0, 0), dice.uniform(0.5, 1.6))
    factor = dice.uniform(0.22, 0.4) if kind == "small" else min(1.0, 1600 / max(width, height))
    if factor < 1:
        picture = cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(dice.getrandbits(32)).normal(0, dice.uniform(1, 5), picture.shape)
    shot = (picture + noise).clip(0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", shot[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, dice.choice((75, 85, 95))])
    seen = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
    return Made(kind, np.ascontiguousarray(seen[..., ::-1]), words)


def by_label(picture: Picture) -> tuple[str, ...]:
    """The words that RecognizeLabel gives."""
    reading = read_label(PagePicture(picture), RecognizeLabelSettings(), Settings())
    return tuple(word.text for word in reading.page.words)


def by_mode(mode: DsrMode, picture: Picture) -> tuple[str, ...]:
    """The words that RecognizeRegions gives."""
    (reading,) = read_regions(picture, mode=mode)
    return tuple(word.text for word in reading.page.words) if reading else ()


WAYS: dict[str, Callable[[Picture], tuple[str, ...]]] = {
    "RecognizeLabel": by_label,
    **{str(mode.value): partial(by_mode, mode) for mode in (DsrMode.REGIONS, DsrMode.POLYGONAL_TEXT_DETECTOR)},
}


def bare(word: str) -> str:
    """A word without case and without signs at its ends."""
    return re.sub(r"^\W+|\W+$", "", word.lower())


def in_crops(data: Path) -> Iterator[bool]:
    """Of each photograph of a display, whether its digits are among the words."""
    for entry in json.loads((data / "crops" / "truth.json").read_text(encoding="utf-8")):
        if "segment" not in entry["kind"]:
            continue
        picture = Document((data / "crops" / entry["file"]).read_bytes()).page(1).picture
        yield entry["truth"] in {re.sub(r"[.,].*", "", bare(word)) for word in by_label(picture)}


@dataclass
class Score:
    """What was counted.

    Attributes:
        pictures: how many.
        wanted: words on them.
        given: words that were read.
        right: words that are both.
        seconds: of the processor.
    """

    pictures: int = 0
    wanted: int = 0
    given: int = 0
    right: int = 0
    seconds: float = 0.0

    def add(self, wanted: Counter[str], given: Counter[str], seconds: float) -> None:
        """Count a picture."""
        self.pictures += 1
        self.wanted += wanted.total()
        self.given += given.total()
        self.right += (wanted & given).total()
        self.seconds += seconds

    @property
    def recall(self) -> float:
        """Per cent of the wanted words."""
        return 100 * self.right / max(1, self.wanted)

    @property
    def precision(self) -> float:
        """Per cent of the given words."""
        return 100 * self.right / max(1, self.given)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=15, help="pictures of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", default=[], choices=KINDS)
    parser.add_argument("--data", type=Path, help="folder of the measuring data")
    parser.add_argument("--modes", action="store_true", help="also the modes of RecognizeRegions")
    parser.add_argument("--keep", type=Path, help="write the pictures to this folder, and tell what is wrong in each")
    parser.add_argument("--expect", action="store_true")
    arguments = parser.parse_args()
    ways = WAYS if arguments.modes else {"RecognizeLabel": by_label}
    kinds = arguments.only or KINDS
    scores = {way: {kind: Score() for kind in (*kinds, "all")} for way in ways}
    for kind in kinds:
        for number in range(arguments.count):
            one = made(kind, number, arguments.seed)
            wanted = Counter(map(bare, one.words))
            for way, read in ways.items():
                start = time.process_time()
                given = Counter(word for word in map(bare, read(one.picture)) if word)
                spent = time.process_time() - start
                for row in (kind, "all"):
                    scores[way][row].add(wanted, given, spent)
                if arguments.keep and way == "RecognizeLabel":
                    Image.fromarray(one.picture).save(arguments.keep / f"{kind}-{number}.png")
                    if wanted != given:
                        print(f"{kind}-{number}: lacks {[*(wanted - given)]}, has {[*(given - wanted)]}", flush=True)
    print("| pictures | n | words |" + "".join(f" {way}: recall, % | precision, % |" for way in ways))
    print("|---" * (3 + 2 * len(ways)) + "|")
    for row, own in scores["RecognizeLabel"].items():
        cells = [f"{score[row].recall:.1f} | {score[row].precision:.1f}" for score in scores.values()]
        print(f"| {row} | {own.pictures} | {own.wanted} | {' | '.join(cells)} |")
    spans = [f"{way} {1000 * score['all'].seconds / score['all'].pictures:.0f} ms" for way, score in scores.items()]
    print(f"\nProcessor time a picture: {', '.join(spans)}")
    if arguments.data:
        found = [*in_crops(arguments.data)]
        print(f"Digits of displays: {sum(found)} of {len(found)}")
    total = scores["RecognizeLabel"]["all"]
    missed = [
        f"missed: {name} {value:.1f}, expected {least}"
        for name, value, least in (("recall", total.recall, RECALL), ("precision", total.precision, PRECISION))
        if value < least
    ]
    print(*missed, sep="\n")
    sys.exit(bool(arguments.expect and missed))


if __name__ == "__main__":
    main()
