"""How well regions and pages are read, how sure the words are, and what it costs: the tables of docs/recognition.md.

usage: python benchmarks/accuracy.py --data DIR [--only NAME ...] [--every N] [--workers N] [--write]

DIR holds real/ (boxes on receipts, filings, old print and more), regions.json and pages/ (lines, fields, blocks and
whole pages of clean scans), lines/ (single lines in many languages) and cases/ (small inputs of single kinds), each
with its truth. What is missing is left out. Everything goes the service's way: prepare, read. Beside it each
engine reads the same picture alone. Times are processor seconds in the same run, models being loaded, as ratios.

Exact: a region's text is the truth's, without regard to capitals and spaces for real/ (its truths have neither
reliably), to quotes for clean scans. Error: edits in % of the truth's characters, 100 at most; those of whole pages are
as the vendor of the hosted original publishes them for its own. With --write the tables replace those in
docs/recognition.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import fmean
from typing import Any

os.environ.setdefault("OMP_THREAD_LIMIT", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from rapidfuzz.distance import Levenshtein

from whaleline import read_regions
from whaleline.documents import Document, Limits
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.imaging.sight import Sight
from whaleline.recognition import line_reader, read
from whaleline.recognition.languages import Language, find

DOCUMENT = Path(__file__).parents[1] / "docs" / "recognition.md"
START, END = "<!-- figures: benchmarks/accuracy.py -->\n", "<!-- end of figures -->\n"
FOLDERS = {  # of lines/, and their languages
    "ces": "Czech", "dan": "Danish", "deu_fraktur": "German", "deu_typed": "German", "eng": "English", "fra": "French",
    "grc": "Greek", "kan": "Kannada", "rus": "Russian", "slk": "Slovak", "spa": "Spanish",
}  # fmt: skip
EDGES = (0, 50, 70, 80, 90, 95, 98, 101)  # of the confidences that are told apart
LEAST_LACK = 6  # characters of a page that are lacking at one place, for it to be read in part


@dataclass(frozen=True)
class Job:
    """One image: its set, language, and rectangles with their truths; a rectangle of None is the whole image."""

    name: str
    file: Path
    language: str
    regions: tuple[tuple[tuple[int, int, int, int] | None, str, str], ...]
    binarization: bool = False
    contrast: bool = True
    alone: bool = False


@dataclass(frozen=True)
class Result:
    """What was read of one region: by the product, by each engine alone, and processor seconds of the three."""

    kind: str
    truth: str
    text: str
    words: tuple[tuple[str, float], ...]
    unread: int
    seconds: tuple[float, float, float]
    tesseract: str = ""
    ppocr: str = ""


def main() -> None:
    """Measure what is asked for, and print or write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the measuring data")
    names = ["real", "client", "clean", "pages", "lines", "cases"]
    parser.add_argument("--only", nargs="+", choices=names, default=names, help="parts to run")
    parser.add_argument("--every", type=int, default=1, help="of so many images one, for a quick look")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/recognition.md")
    arguments = parser.parse_args()
    found: dict[str, list[Result]] = defaultdict(list)
    with ProcessPoolExecutor(arguments.workers) as pool:
        for name, results in pool.map(measured, list(jobs(arguments.data, arguments.only))[:: arguments.every]):
            found[name] += results
    text = "\n".join(tables(found))
    if "cases" in arguments.only:
        text += "\n" + cases(arguments.data / "cases")
    print(text)
    if arguments.write:
        document = DOCUMENT.read_text(encoding="utf-8")
        before, rest = document.split(START)
        DOCUMENT.write_text(f"{before}{START}\n{text}\n{END}{rest.split(END)[1]}", encoding="utf-8")


def jobs(data: Path, only: Sequence[str]) -> Iterator[Job]:
    """All images of the parts that are asked for, as far as they are there."""
    if (real := data / "real" / "regions.json").exists():
        pages = json.loads(real.read_text(encoding="utf-8"))
        for name in ("real", "client"):  # the official clients ask for binarization and for no contrast correction
            for page in pages if name in only else ():
                regions = tuple((tuple(one["rect"]), one["text"], page["set"]) for one in page["regions"])
                file = real.parent / "images" / page["image"]
                yield Job(name, file, page["language"], regions, name == "client", name == "real", name == "real")
    if "clean" in only and (clean := data / "regions.json").exists():
        for page in json.loads(clean.read_text(encoding="utf-8")):
            regions = tuple((tuple(one["rect"]), one["text"], f"clean {one['kind']}s") for one in page["regions"])
            yield Job("clean", data / "pages" / page["page"], "English", regions, alone=True)
    if "pages" in only:
        for truth in sorted((data / "pages").glob("*.txt")):
            image = next(file for file in sorted(truth.parent.glob(f"{truth.stem}.*")) if file.suffix != ".txt")
            text = truth.read_text(encoding="utf-8")
            yield Job("pages", image, "English", ((None, text, "pages"),), alone=True)
    if "lines" in only and (lines := data / "lines" / "truth.json").exists():
        for one in json.loads(lines.read_text(encoding="utf-8")):
            folder = one["file"].split("/")[0]
            yield Job("lines", lines.parent / one["file"], FOLDERS[folder], ((None, one["truth"], folder),))


def measured(job: Job) -> tuple[str, list[Result]]:
    """What is read in one image."""
    data = job.file.read_bytes()
    language = loaded(job.language)
    image = Document(data, Limits(max_pixels=sys.maxsize)).page(1)
    results = []
    for rectangle, truth, kind in job.regions:
        start = time.process_time()
        (reading,) = read_regions(
            image.picture,
            [rectangle] if rectangle else (),
            language=job.language,
            binarization=job.binarization,
            contrast_correction=job.contrast,
        )
        spent = time.process_time() - start
        page = reading.page
        words = tuple((word.text, word.confidence) for word in page.words)
        alone = by_each(image.picture, rectangle, language, kind) if job.alone else ("", 0.0, "", 0.0)
        tesseract, first, ppocr, second = alone
        seconds = (spent, first, second)
        results.append(Result(kind, truth, page.text, words, len(page.unread), seconds, tesseract, ppocr))
    return job.name, results


@cache
def loaded(name: str) -> Language:
    """A language whose models and words are loaded, as in a worker that has read something before."""
    language = find(name)
    assert language is not None
    lines = line_reader(language)
    lines.evidence(Sight(np.full((40, 200), 255, np.uint8)))
    lines.frequency("word")
    return language


def by_each(
    image: Picture, rectangle: tuple[int, int, int, int] | None, language: Language, kind: str
) -> tuple[str, float, str, float]:
    """What Tesseract and PP-OCRv6 read alone, each with its processor seconds; PP-OCRv6 reads single lines only."""
    whole = Rectangle(0, 0, image.shape[1], image.shape[0])
    inside = Rectangle(*rectangle).intersection(whole) if rectangle else whole
    cut = image[inside.top : inside.bottom, inside.left : inside.right].copy()
    start = time.process_time()
    first = read(cut, language, both=False).text
    between = time.process_time()
    engine = line_reader(language).second
    if engine is None or kind in ("clean blocks", "pages"):
        return first, between - start, "", 0.0
    between_loaded = time.process_time()
    second = engine.look(cut).text
    return first, between - start, second, time.process_time() - between_loaded


def tables(found: dict[str, list[Result]]) -> Iterator[str]:
    """The tables, line by line."""
    yield (
        "| set | n | exact, % | exact with capitals and spaces, % | mean error, % | empty | Tesseract alone, exact, % |"
        " PP-OCRv6 alone, exact, % |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for name in ("real", "client", "clean"):
        for kind, results in by_kind(found[name]).items():
            shown = f"{kind}, as clients ask" if name == "client" else kind
            alone = [share(results, loose(kind), one) for one in ("tesseract", "ppocr")]
            told = [
                f"{value:.1f}" if any(getattr(r, one) for r in results) else ""
                for value, one in zip(alone, ("tesseract", "ppocr"), strict=True)
            ]
            yield (
                f"| {shown} | {len(results)} | {share(results, loose(kind)):.1f} | {share(results, spaced):.1f} |"
                f" {fmean(error(loose(kind), r) for r in results):.2f} | {sum(not r.text for r in results)} |"
                f" {told[0]} | {told[1]} |"
            )
    if found["lines"]:
        yield "\n| single lines | n | exact, % | mean error, % | empty |"
        yield "|---|---|---|---|---|"
        for kind, results in by_kind(found["lines"]).items():
            wrong = fmean(error(spaced, r) for r in results)
            empty = sum(not r.text for r in results)
            yield f"| {kind} | {len(results)} | {share(results, spaced):.1f} | {wrong:.2f} | {empty} |"
    if pages := found["pages"]:
        yield "\n| whole pages | |"
        yield "|---|---|"
        yield f"| mean error, % ({len(pages)} pages) | {fmean(published(r.truth, r.text) for r in pages):.2f} |"
        yield f"| Tesseract alone | {fmean(published(r.truth, r.tesseract) for r in pages):.2f} |"
        kept = fmean(published(r.truth, without_extra(clean(r.truth), clean(r.text))) for r in pages)
        yield f"| without lines that the truths leave out | {kept:.2f} |"
        printed = fmean(published(re.sub(r"[ \t]+(?=\n)", "", r.truth.replace("\r", "")), r.text) for r in pages)
        yield f"| without blanks at the ends of the truths' lines | {printed:.2f} |"
        whole = [r for r in pages if not lacks(clean(r.truth), clean(r.text))]
        false = 100 * fmean(r.unread > 0 for r in whole)
        yield f"| pages read whole on which print is told as unread, % | {false:.1f} |"
    yield from confidence_table(found)
    yield from cost_table(found)


def confidence_table(found: dict[str, list[Result]]) -> Iterator[str]:
    """How many of the words of each confidence are right."""
    rows = {
        "real": [r for r in found["real"] if r.kind in ("receipts", "documents", "cards", "photos")],
        "clean": [r for r in found["clean"] if r.kind != "clean blocks"],
    }
    if not any(rows.values()):
        return
    spans = [*pairwise(EDGES), (95, 101)]
    columns = " | ".join(f"{low}-{min(high, 100)}" for low, high in spans)
    yield f"\n| words right, %, by confidence | {columns} | of all words, 95 and more |"
    yield "|---" * (len(spans) + 2) + "|"
    for name, results in rows.items():
        told = [pair for result in results for pair in judged(result)]
        cells = []
        for low, high in spans:
            own = [right for confidence, right in told if low <= confidence < high]
            cells.append(f"{100 * fmean(own):.1f} ({len(own)})" if own else "")
        if told:
            sure = 100 * fmean(confidence >= 95 for confidence, _ in told)
            yield f"| {name} | {' | '.join(cells)} | {sure:.1f} % |"


def cost_table(found: dict[str, list[Result]]) -> Iterator[str]:
    """Processor time of the product over that of an engine alone."""
    yield "\n| processor time over that of | Tesseract alone | PP-OCRv6 alone |"
    yield "|---|---|---|"
    for name in ("real", "clean", "pages"):
        for kind, results in by_kind(found[name]).items():
            total, first, second = (sum(r.seconds[place] for r in results) for place in range(3))
            yield f"| {kind} | {total / first:.2f} | {f'{total / second:.2f}' if second else ''} |"


def by_kind(results: Sequence[Result]) -> dict[str, list[Result]]:
    """The results of regions that hold text, by their kind."""
    kinds: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        if bare(result.truth):
            kinds[result.kind].append(result)
    return kinds


Form = Callable[[str], str]


def loose(kind: str) -> Form:
    """The form in which texts of a kind are compared."""
    return clean if kind.startswith(("clean", "pages")) else bare


def bare(text: str) -> str:
    """Without regard to capitals and spaces."""
    return "".join(text.casefold().split())


def spaced(text: str) -> str:
    """With capitals and single spaces, in normal form C."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text).replace("\u00ac", "-")).strip()


def clean(text: str) -> str:
    """Without quotes, as the truths of clean scans are."""
    text = text.replace("\r", "\n").replace('"', "").replace("'", "")
    return re.sub(r"[ \t]+", " ", re.sub(r"\n+", "\n", text)).strip()


def share(results: Sequence[Result], form: Form, reading: str = "text") -> float:
    """Percentage of exact readings."""
    return 100 * fmean(form(r.truth) == form(getattr(r, reading)) for r in results)


def error(form: Form, result: Result, text: str | None = None) -> float:
    """Edits in % of the truth's characters, 100 at most."""
    truth, reading = form(result.truth), form(result.text if text is None else text)
    return min(100.0, 100 * Levenshtein.distance(truth, reading) / max(1, len(truth)))


def published(truth: str, reading: str) -> float:
    """Edits of a page in % of the characters of its truth's file; blanks at the ends of lines count, too."""
    return min(100.0, 100 * Levenshtein.distance(clean(truth), clean(reading)) / max(1, len(truth)))


def lacks(truth: str, reading: str) -> bool:
    """Whether a page's reading lacks a stretch of its truth."""
    steps = Levenshtein.opcodes(truth, reading)
    return any((s.src_end - s.src_start) - (s.dest_end - s.dest_start) >= LEAST_LACK for s in steps)


def without_extra(truth: str, reading: str) -> str:
    """A reading without the lines that its truth has nothing of: stamps, notes and print that it leaves out."""
    known = truth.split("\n")
    return "\n".join(
        line
        for line in reading.split("\n")
        if any(Levenshtein.normalized_similarity(line, one) > 0.4 or line in one or one in line for one in known)
    )


def judged(result: Result) -> Iterator[tuple[float, bool]]:
    """Each word's confidence, and whether none of its letters is in an edit."""
    truth = bare(result.truth)
    texts = [bare(text) for text, _ in result.words]
    wrong: set[int] = set()
    for step in Levenshtein.opcodes("".join(texts), truth):
        if step.tag == "insert":
            wrong |= {step.src_start - 1, step.src_start}
        elif step.tag != "equal":
            wrong |= set(range(step.src_start, step.src_end))
    place = 0
    for text, (_, confidence) in zip(texts, result.words, strict=True):
        yield confidence, wrong.isdisjoint(range(place, place + len(text)))
        place += len(text)


def cases(folder: Path) -> str:
    """How many of the small cases are read as printed, and which are not."""
    wrong = []
    found = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    for case in found:
        settings: dict[str, Any] = json.loads((case / "request.json").read_text(encoding="utf-8")).get("settings") or {}
        names = {
            "makeSkewCorrect": "skew_correction", "makeBinarization": "binarization", "Rotate": "rotate",
            "makeContrastCorrection": "contrast_correction", "makeUpsampling": "upsampling",
            "makeSpellCheck": "spell_check", "rotate": "rotate", "language": "language",
        }  # fmt: skip
        options = {names[key]: value for key, value in settings.items() if key in names}
        corners = ("topLeftX", "topLeftY", "bottomRightX", "bottomRightY")
        regions = sorted(settings.get("regions") or [], key=lambda region: region.get("order") or 0)
        boxes = [Rectangle(*(region["rect"][corner] for corner in corners)) for region in regions]
        readings = read_regions(next(case.glob("input.*")).read_bytes(), boxes, **options)
        texts = [reading.text for reading in readings]
        expected = re.split(r"^-{4}\n", (case / "expected.txt").read_text(encoding="utf-8"), flags=re.MULTILINE)
        if [tidy(text) for text in texts] != [tidy(text) for text in expected]:
            wrong.append(case.name)
    return f"Small cases as printed: {len(found) - len(wrong)} of {len(found)}; not: {', '.join(wrong) or 'none'}.\n"


def tidy(text: str) -> str:
    """A text without spaces at the ends of lines."""
    return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())


if __name__ == "__main__":
    main()
