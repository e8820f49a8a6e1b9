"""Check boxes, the bubbles of answer sheets, and barcodes: how many are told right.

usage: python benchmarks/marks.py --data DIR [--failures] [--expect]

DIR holds checkboxes/ (crops of boxes with their states), forms/ (sheets of open-mcr's form with 75 questions, of which
the answers are known) and barcodes/. The bubbles are cut out by the four marks in the sheet's corners and told twice:
each by itself, and compared with the empty form, for which the lighter pixels of several sheets stand. Barcodes are
compared with what zxing-cpp reads by itself. --expect exits with 1 where 99 % of the boxes, 98 % of the bubbles, or as
many barcodes as zxing-cpp alone are missed.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import zxingcpp

from whaleline.documents import Document, Limits
from whaleline.imaging.marks import State, mark
from whaleline.imaging.picture import Picture, grey
from whaleline.recognition.barcodes import barcodes

BOXES, BUBBLES = 0.99, 0.98
"""Expected shares."""

WIDTH, HEIGHT = 1700, 2200
CORNERS = ((127, 175), (1565, 175), (127, 2100), (1565, 2100))
"""Of a sheet of that size, where its four marks have their outer corners."""

PITCH, GROUP, ROW = 40.15, 279.8, 40.2  # pixels between bubbles, groups of questions, and questions
HALF = 18  # pixels from a bubble's middle to the edge of its field
LETTERS = "ABCDE"


def main() -> None:
    """Tell everything and print how much of it was right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the measuring data")
    parser.add_argument("--failures", action="store_true", help="name what is told wrongly")
    parser.add_argument("--expect", action="store_true")
    arguments = parser.parse_args()
    boxes = list(check_boxes(arguments.data / "checkboxes"))
    alone, compared = (list(bubbles(arguments.data / "forms", compare=compare)) for compare in (False, True))
    codes = list(codes_of(arguments.data / "barcodes"))
    print("| what | number | right |")
    print("|---|---|---|")
    shares = {}
    for name, each in (("check boxes", boxes), ("bubbles, alone", alone), ("bubbles, with the empty form", compared)):
        shares[name] = sum(right for _, right in each) / max(1, len(each))
        print(f"| {name} | {len(each)} | {100 * shares[name]:.2f} % |")
    ours, plain = sum(right for _, right, _ in codes), sum(right for _, _, right in codes)
    print(f"| barcodes | {len(codes)} | {ours}; by zxing-cpp alone {plain} |")
    if arguments.failures:
        told = (*boxes, *alone, *compared, *((name, right) for name, right, _ in codes))
        print("\n".join(name for name, right in told if not right))
    missed = shares["check boxes"] < BOXES or ours < plain
    missed |= min(shares["bubbles, alone"], shares["bubbles, with the empty form"]) < BUBBLES
    sys.exit(missed and arguments.expect)


def picture_of(file: Path) -> Picture:
    """The first page of a file."""
    return Document(file.read_bytes(), Limits()).page(1).picture


def check_boxes(folder: Path) -> Iterator[tuple[str, bool]]:
    """Each box and whether its state is told right."""
    for one in json.loads((folder / "truth.json").read_text(encoding="utf-8")):
        found = mark(picture_of(folder / one["file"])).state
        yield one["file"], found is (State.TICKED if one["truth"] == "checked" else State.EMPTY)


def bubbles(folder: Path, *, compare: bool) -> Iterator[tuple[str, bool]]:
    """Each bubble of the sheets and whether its state is told right; an answer of more than one letter has them all."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    # The turned sheets are said to be of this form, and are of the one with 150 questions.
    sheets = {
        one["file"]: one["truth"]
        for one in truth
        if one["form"] == "open-mcr 75 questions" and not one["file"].startswith("openmcr_rotation/")
    }
    pictures = {file: picture for file in sheets if (picture := level(grey(picture_of(folder / file)))) is not None}
    empty: dict[str, Picture] = {}
    if compare:
        for group in {file.partition("/")[0] for file in pictures}:
            own = np.stack([picture for file, picture in pictures.items() if file.startswith(group)])
            empty[group] = np.percentile(own, 80 if len(own) > 4 else 50, axis=0).astype(np.uint8)
    for file, picture in pictures.items():
        for name, x, y, ticked in answers(sheets[file]):
            place = np.s_[round(y) - HALF : round(y) + HALF, round(x) - HALF : round(x) + HALF]
            blank = empty[file.partition("/")[0]][place] if compare else None
            found = mark(np.ascontiguousarray(picture[place]), blank).state
            yield f"{file} {name}", (found is not State.EMPTY) == ticked


def answers(truth: dict[str, str]) -> Iterator[tuple[str, float, float, bool]]:
    """Each bubble whose state is known: its name, where its middle is, and whether it is ticked."""
    for question in range(75):
        if (said := truth.get(f"Q{question + 1}")) is not None:
            chosen = set(re.findall("[A-E]", said))
            for place, letter in enumerate(LETTERS):
                x, y = 226 + GROUP * (question // 15) + PITCH * place, 1478 + ROW * (question % 15)
                yield f"Q{question + 1}{letter}", x, y, letter in chosen
    for name, top in (("Student ID", 314), ("Course ID", 836)):
        number = truth.get(name, "")
        for column, digit in enumerate(number if re.fullmatch(r"\d{10}", number) else ""):
            for each in range(10):
                yield f"{name} {column} {each}", 1145 + PITCH * column, top + PITCH * each, int(digit) == each


def level(sheet: Picture) -> Picture | None:
    """The sheet upright and of one size, by the marks in its corners; None where they are not found."""
    for _ in range(4):
        found = corners(sheet)
        if found is not None and found[1]:
            matrix = cv2.getPerspectiveTransform(found[0], np.array(CORNERS, np.float32))
            whole = cv2.warpPerspective(sheet, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_AREA, borderValue=(255,))
            return np.asarray(whole, np.uint8)
        sheet = np.ascontiguousarray(np.rot90(sheet))
    return None


def corners(sheet: Picture) -> tuple[Picture, bool] | None:
    """The outer corners of the marks nearest to the sheet's corners, and whether the larger one is top left."""
    factor = WIDTH / min(sheet.shape)
    small = cv2.resize(sheet, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    dark = cv2.threshold(cv2.GaussianBlur(small, (0, 0), 2.5), 150, 255, cv2.THRESH_BINARY_INV)[1]
    dark = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    count, _, statistics, _ = cv2.connectedComponentsWithStats(np.asarray(dark, np.uint8))
    marks = [statistics[part] for part in range(1, count) if all(20 <= side <= 75 for side in statistics[part][2:4])]
    height, width = small.shape[:2]
    places, sizes = [], []
    for right, bottom in ((0, 0), (1, 0), (0, 1), (1, 1)):
        outer = [(x + right * w, y + bottom * h, w * h) for x, y, w, h, _ in marks]
        if not outer:
            return None
        x, y, size = min(outer, key=lambda at: float(np.hypot(at[0] - right * width, at[1] - bottom * height)))
        places.append((x / factor, y / factor))
        sizes.append(size)
    return np.array(places, np.float32), sizes[0] == max(sizes)


def codes_of(folder: Path) -> Iterator[tuple[str, bool, bool]]:
    """Each barcode's picture, whether it is read right, and whether zxing-cpp alone does so."""
    for one in json.loads((folder / "truth.json").read_text(encoding="utf-8")):
        picture = picture_of(folder / one["file"])
        wanted = tidy(one["truth"]["text"])
        ours = {tidy(code.text) for code in barcodes(picture)}
        alone = {tidy(code.text) for code in zxingcpp.read_barcodes(np.ascontiguousarray(grey(picture)))}
        yield one["file"], wanted in ours, wanted in alone


def tidy(text: str) -> str:
    """A code's text without brackets, blanks and control characters, as the truths are compared."""
    return re.sub(r"[\s()\[\]\x00-\x1f\u2400-\u243f]", "", text).replace("<GS>", "")


if __name__ == "__main__":
    main()
