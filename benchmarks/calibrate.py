"""Fit the weights by which the readings of two engines are chosen, and the confidences of the words.

usage: python benchmarks/calibrate.py --data DIR [--keep FILE] [--write]

DIR holds development data of Latin script with truths: real/ (receipts, documents, old print), regions.json with pages/
(clean lines and fields), lines/ (single lines of several languages). Each is decoded, prepared and shown to both
engines as the service does. Where their readings differ, the candidates that bring the line nearest to its truth
should win: the weights of the features are fitted to that (a conditional logit with a quadratic penalty). Then the
words of the chosen readings, right and wrong, calibrate the confidences (logistic, one for each way in which a word
comes about).

Figures are cross-fitted: five parts by image, each judged by the weights that the other four gave. With --write
calibration.json is written beside its module, with these figures. With --keep the engines' output is kept in a file
and a further run asks them no more.
"""

from __future__ import annotations

import argparse
import json
import pickle
import re
import sys
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from whaleline.documents import Document, Limits
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, ink
from whaleline.imaging.region import prepare
from whaleline.recognition import line_reader
from whaleline.recognition.accents import accented
from whaleline.recognition.calibration import Calibration, logistic
from whaleline.recognition.candidates import candidates, pieces
from whaleline.recognition.certain import is_certain
from whaleline.recognition.chooser import Found, best, explained, is_doubtful, legible
from whaleline.recognition.emission import Emission
from whaleline.recognition.frequency import frequency
from whaleline.recognition.languages import find
from whaleline.recognition.page import Line
from whaleline.recognition.windows import doubtful

LANGUAGES = {  # of the folders of lines/
    "spa": "Spanish",
    "fra": "French",
    "dan": "Danish",
    "ces": "Czech",
    "slk": "Slovak",
    "eng": "English",
    "deu_typed": "German",
}
PENALTY = 0.5  # on the squares of the weights
LOST_AT_ALL = 0.5  # of a line's letters; where more are wrong, truth and picture do not belong together
PARTS = 5
EDGES = (0, 50, 70, 80, 90, 95, 98, 101)  # of the confidences that are told apart

Features = Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Item:
    """One line, what it says, and what the engines read; if `certain`, PP-OCRv6 would be asked alone."""

    kind: str
    image: str
    language: str
    truth: str
    first: Line | None
    seen: tuple[Emission, ...]
    height: int
    certain: bool


@dataclass(frozen=True, eq=False)
class Case:
    """A place where the readings differ: each candidate's features, and the edits that the line is off with it."""

    kind: str
    image: str
    features: list[Features]
    edits: list[int]


def main() -> None:
    """Fit, print the figures, and write them if asked to."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the development data")
    parser.add_argument("--keep", type=Path, help="file that keeps the engines' output from one run to the next")
    parser.add_argument("--write", action="store_true", help="write calibration.json")
    arguments = parser.parse_args()
    items = kept(arguments.keep) or read_all(arguments.data)
    if arguments.keep and not arguments.keep.exists():
        arguments.keep.write_bytes(pickle.dumps(items))
    cases = list(differing(items))
    weights = fitted_choice(cases)
    crossed: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    words: list[tuple[Found, bool, int]] = []
    for part in range(PARTS):
        own = fitted_choice([case for case in cases if part_of(case.image) != part])
        for case in cases:
            if part_of(case.image) == part:
                count(crossed[case.kind], case, own)
        calibration = Calibration(own, {})
        for item in items:
            if part_of(item.image) == part:
                words += [(found, right, part) for found, right in judged(item, calibration)]
    confidences = fitted_confidence([(found, right) for found, right, _ in words])
    figures = {
        "lines": len(items),
        "places that differ": len(cases),
        "edits lost, by kind: places, chosen, PP-OCRv6, Tesseract": dict(sorted(crossed.items())),
        "words right in %, by confidence": curve(words),
    }
    print(json.dumps(figures, indent=1))
    print(json.dumps(weights, indent=1))
    if arguments.write:
        content = {"figures": figures, "choice": weights, "confidence": confidences}
        target = Path(str(files("whaleline.recognition").joinpath("calibration.json")))
        target.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def kept(file: Path | None) -> list[Item]:
    """The items of an earlier run; none where there was none."""
    return list(pickle.loads(file.read_bytes())) if file and file.exists() else []


def read_all(data: Path) -> list[Item]:
    """Every line of the data, read."""
    with ProcessPoolExecutor(2) as pool:
        return [item for part in pool.map(read_image, sources(data)) for item in part]


def sources(data: Path) -> Iterator[tuple[str, Path, str, list[tuple[list[int] | None, str]]]]:
    """Kind, image file, language, and the rectangles with their texts."""
    for page in json.loads((data / "real" / "regions.json").read_text(encoding="utf-8")):
        if page["language"] in ("English", "German"):
            regions = [(region["rect"], region["text"]) for region in page["regions"]]
            yield page["set"], data / "real" / "images" / page["image"], page["language"], regions
    for page in json.loads((data / "regions.json").read_text(encoding="utf-8")):
        regions = [(region["rect"], region["text"]) for region in page["regions"] if region["kind"] != "block"]
        yield "clean", data / "pages" / page["page"], "English", regions
    for line in json.loads((data / "lines" / "truth.json").read_text(encoding="utf-8")):
        if language := LANGUAGES.get(line["file"].split("/")[0]):
            yield "lines", data / "lines" / line["file"], language, [(None, line["truth"])]


def read_image(source: tuple[str, Path, str, list[tuple[list[int] | None, str]]]) -> list[Item]:
    """What the engines read in the rectangles of one image."""
    kind, file, wire, regions = source
    language = find(wire)
    assert language is not None
    reader = line_reader(language)
    image: Picture = Document(file.read_bytes(), Limits(max_pixels=sys.maxsize)).page(1).picture
    items = []
    for rectangle, truth in regions:
        whole = Rectangle(*rectangle) if rectangle else Rectangle(0, 0, image.shape[1], image.shape[0])
        if tidy(truth) and not whole.intersection(Rectangle(0, 0, image.shape[1], image.shape[0])).is_empty:
            evidence = reader.evidence(prepare(image, whole, deskew=True).sight)
            seen = tuple(
                Emission(one.matrix.astype(np.float16), one.alphabet, one.step, one.start) for one in evidence.seen
            )
            height = evidence.picture.shape[0]
            known = reader.first.characters if reader.first else frozenset[str]()
            certain = bool(seen) and is_certain(evidence.seen[0], ink(evidence.picture), reader.frequency, known)
            first, main = evidence.first, best(evidence.seen)
            if first is not None and main is not None:
                first = accented(first, main.symbols, known, reader.frequency)
            items.append(Item(kind, file.name, language.tag, truth, first, seen, height, certain))
    return items


def differing(items: Sequence[Item]) -> Iterator[Case]:
    """The places where the readings differ, as far as one of them is nearer to the truth."""
    for item in items:
        main = best(item.seen)
        if item.certain or item.first is None or main is None or not main.symbols:
            continue
        as_judged = judge(item.kind)
        truth = as_judged(item.truth)
        parts = pieces(item.first, main.symbols)
        texts = [part.second for part in parts]
        if Levenshtein.normalized_distance(as_judged(" ".join(texts)), truth) > LOST_AT_ALL:
            continue
        for place, part in enumerate(parts):
            if part.first == part.second and not is_doubtful(part):
                continue
            found = candidates(parts, place, legible(item.seen), frequency(item.language))
            edits = [
                Levenshtein.distance(as_judged(" ".join([*texts[:place], one.text, *texts[place + 1 :]])), truth)
                for one in found
            ]
            if len(set(edits)) > 1:
                yield Case(item.kind, item.image, [one.features for one in found], edits)


def judge(kind: str) -> Callable[[str], str]:
    """How a text of a kind is compared: receipts have truths in capitals, and their spaces are not reliable."""
    if kind == "receipts":
        return lambda text: "".join(text.casefold().split())
    if kind == "clean":  # its truths have quotes of any kind
        return lambda text: " ".join(text.replace('"', "").replace("'", "").split())
    return tidy


def tidy(text: str) -> str:
    """A text in one normal form, with single spaces and plain hyphens."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).replace("\u00ac", "-")).strip()


def fitted_choice(cases: Sequence[Case]) -> dict[str, float]:
    """The weights under which the best candidates are most probable."""
    names = sorted({name for case in cases for features in case.features for name in features})
    most = max(len(case.features) for case in cases)
    x = np.zeros((len(cases), most, len(names)))
    absent, good = np.full((len(cases), most), -1e9), np.zeros((len(cases), most))
    for index, case in enumerate(cases):
        for place, features in enumerate(case.features):
            x[index, place] = [features.get(name, 0.0) for name in names]
            absent[index, place] = 0.0
            good[index, place] = case.edits[place] == min(case.edits)
    importance = np.array([min(3, max(case.edits) - min(case.edits)) for case in cases], float)

    def gradient(weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        all_ = softmax(x @ weights + absent)
        best_ = softmax(x @ weights + absent + np.where(good > 0, 0.0, -1e9))
        pull = (importance[:, None, None] * (best_ - all_)[:, :, None] * x).sum(axis=(0, 1))
        return np.asarray(PENALTY * weights - pull)

    return dict(zip(names, descended(gradient, len(names), len(cases)).round(4).tolist(), strict=True))


def fitted_confidence(words: Sequence[tuple[Found, bool]]) -> dict[str, dict[str, float]]:
    """For each way, the weights of a word's features under which right words are probable and wrong ones are not."""
    result = {}
    for way in sorted({found.way for found, _ in words}):
        own = [(found, right) for found, right in words if found.way == way]
        names = sorted({name for found, _ in own for name in found.features})
        x = np.array([[found.features.get(name, 0.0) for name in names] for found, _ in own])
        y = np.array([float(right) for _, right in own])

        def gradient(
            weights: npt.NDArray[np.float64], x: npt.NDArray[np.float64] = x, y: npt.NDArray[np.float64] = y
        ) -> npt.NDArray[np.float64]:
            return x.T @ (1 / (1 + np.exp(-(x @ weights))) - y) + PENALTY * weights

        weights = descended(gradient, len(names), len(own)).round(4).tolist()
        result[way] = dict(zip(names, weights, strict=True))
    return result


def descended(
    gradient: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]], size: int, count: int
) -> npt.NDArray[np.float64]:
    """Where a convex function is least, by Adam (D. Kingma, J. Ba, ICLR 2015)."""
    weights, mean, square = np.zeros(size), np.zeros(size), np.zeros(size)
    for step in range(1, 4001):
        slope = gradient(weights) / count
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights -= 0.02 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights


def softmax(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Probabilities from logarithms of odds, by rows."""
    grown = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(grown / grown.sum(axis=1, keepdims=True))


def judged(item: Item, weights: Calibration) -> Iterator[tuple[Found, bool]]:
    """The words of a line as chosen, and those that are left to Tesseract on a page; and whether each is right."""
    usual = frequency(item.language)
    first, seen = (None, item.seen[:1]) if item.certain else (item.first, item.seen)
    yield from compared(item, explained(first, seen, usual, item.height, weights))
    if item.first is not None:
        asked = {place for start, end in doubtful(item.first, usual) for place in range(start, end)}
        alone = list(compared(item, explained(item.first, (), usual, item.height, weights)))
        yield from (told for place, told in enumerate(alone) if place not in asked)


def compared(item: Item, found: Sequence[Found]) -> Iterator[tuple[Found, bool]]:
    """Words of a line, and whether each is right: none of its letters is in an edit."""
    fold = str.casefold if item.kind == "receipts" else str
    truth = "".join(fold(tidy(item.truth)).split())
    texts = [fold(one.word.text) for one in found]
    reading = "".join(texts)
    wrong = set()
    for step in Levenshtein.opcodes(reading, truth):
        if step.tag == "insert":
            wrong |= {step.src_start - 1, step.src_start} if step.src_start else {0}
        elif step.tag != "equal":
            wrong |= set(range(step.src_start, step.src_end))
    place = 0
    for one, text in zip(found, texts, strict=True):
        yield one, wrong.isdisjoint(range(place, place + len(text)))
        place += len(text)


def count(total: list[int], case: Case, weights: Mapping[str, float]) -> None:
    """Add the edits by which choices are off from the best: by the weights, PP-OCRv6's always, Tesseract's always."""
    scores = [sum(weights.get(name, 0.0) * value for name, value in one.items()) for one in case.features]
    least = min(case.edits)
    total[0] += 1
    total[1] += case.edits[scores.index(max(scores))] - least
    total[2] += case.edits[0] - least
    total[3] += case.edits[1] - least


def curve(words: Sequence[tuple[Found, bool, int]]) -> dict[str, str]:
    """Share of right words by confidence, cross-fitted, and the number of words."""
    told: list[tuple[float, bool]] = []
    for part in range(PARTS):
        fit = fitted_confidence([(found, right) for found, right, own in words if own != part])
        for found, right, own in words:
            if own == part:
                coefficients = fit.get(found.way, {})
                score = sum(coefficients.get(name, 0.0) * value for name, value in found.features.items())
                told.append((100 * logistic(score), right))
    rows = {}
    for low, high in (*pairwise(EDGES), (95, 101)):
        own_ = [right for confidence, right in told if low <= confidence < high]
        if own_:
            rows[f"{low} to {min(high, 100)}"] = f"{100 * float(np.mean(own_)):.2f} of {len(own_)} words"
    rows["95 and more, of all words"] = f"{100 * sum(c >= 95 for c, _ in told) / len(told):.1f} %"
    return rows


def part_of(image: str) -> int:
    """The part of the data that an image belongs to; the same in every run."""
    return sum(image.encode()) % PARTS


if __name__ == "__main__":
    main()
