"""What whole pages lose: of the print that truths tell, what is answered, misread, lacking and told, lacking silently.

usage: python benchmarks/lost.py --data DIR [--only NAME ...] [--every N] [--workers N] [--list]

DIR holds real/ (boxes with their texts on receipts, filings, forms and slides) and regions.json with pages/ (lines,
fields and blocks of clean scans). `accuracy.py` reads each box by itself; here each image is read as a whole, the way
RecognizeImage does, and receipts the way RecognizeReceipt does, too. Then the words that the reading has at a box are
compared with the box's text, letters and digits alone and without regard to capitals. Of each word of the truth is told
whether it is

answered  all of it stands there
misread   some of it, or something else
lacking   nothing stands in its place: told, where the page says at the box that print was not read, or else silently

in % of the letters and digits of all words. `told of lacking` is the share of what is lacking that is told; `fires` is
the share of the images where nothing is lacking on which print is told as not read all the same. A clean page lacks
nothing where no stretch of its whole text is lacking. With --list each word that is not answered is printed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("OMP_THREAD_LIMIT", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from rapidfuzz.distance import Levenshtein

from accuracy import clean, lacks
from whaleline import read_regions
from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.modes import DsrMode
from whaleline.recognition.page import Word

SETS = ("receipts", "documents", "clean")
OUTCOMES = ("answered", "misread", "told", "silent")
COVERED = 0.3  # of the smaller one, from which on a word stands at a box
LEAST_WORDS = 4  # boxes of an image, for it to be a page and not a line


@dataclass(frozen=True)
class Job:
    """One image, how it is read, its boxes with their texts, and its whole text where that is known."""

    name: str
    file: Path
    mode: DsrMode
    boxes: tuple[tuple[Rectangle, str], ...]
    text: str = ""


@dataclass
class Score:
    """Letters and digits of the words of each outcome, and images: read whole, and with print told among these."""

    letters: Counter[str] = field(default_factory=Counter)
    whole: int = 0
    fired: int = 0
    images: int = 0
    lines: list[str] = field(default_factory=list)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the measuring data")
    parser.add_argument("--only", nargs="+", choices=SETS, default=SETS, help="sets to read")
    parser.add_argument("--every", type=int, default=1, help="of so many images one, for a quick look")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--list", action="store_true", help="print each word that is not answered")
    arguments = parser.parse_args()
    chosen = list(jobs(arguments.data, arguments.only))[:: arguments.every]
    total: dict[str, Score] = defaultdict(Score)
    with ProcessPoolExecutor(arguments.workers) as pool:
        for job, score in zip(chosen, pool.map(scored, chosen), strict=True):
            own = total[job.name]
            own.letters += score.letters
            own.whole, own.fired, own.images = own.whole + score.whole, own.fired + score.fired, own.images + 1
            if arguments.list:
                print("\n".join(score.lines), flush=True)
    print("| images | n | letters | answered, % | misread, % | lacking, told, % | lacking, silently, % |", end="")
    print(" told of lacking, % | fires, % |\n" + "|---" * 9 + "|")
    for name, score in total.items():
        letters = score.letters
        shares = " | ".join(f"{percent(letters[each], letters.total()):.2f}" for each in OUTCOMES)
        told = percent(letters["told"], letters["told"] + letters["silent"])
        fires = f"{percent(score.fired, score.whole):.1f} ({score.whole})"
        print(f"| {name} | {score.images} | {letters.total()} | {shares} | {told:.0f} | {fires} |")


def jobs(data: Path, only: Sequence[str]) -> Iterator[Job]:
    """The images of the sets, receipts twice."""
    for page in json.loads((data / "real" / "regions.json").read_text(encoding="utf-8")):
        if page["set"] in only and len(page["regions"]) >= LEAST_WORDS:
            boxes = tuple((Rectangle(*each["rect"]), each["text"]) for each in page["regions"])
            file = data / "real" / "images" / page["image"]
            yield Job(page["set"], file, DsrMode.REGIONS, boxes)
            if page["set"] == "receipts":
                yield Job("receipts, by RecognizeReceipt", file, DsrMode.TEXT_DETECTOR, boxes)
    if "clean" in only:
        for page in json.loads((data / "regions.json").read_text(encoding="utf-8")):
            boxes = tuple((Rectangle(*each["rect"]), each["text"]) for each in page["regions"])
            file = data / "pages" / page["page"]
            yield Job("clean", file, DsrMode.REGIONS, boxes, file.with_suffix(".txt").read_text(encoding="utf-8"))


def scored(job: Job) -> Score:
    """What became of the print of one image."""
    (reading,) = read_regions(job.file, mode=job.mode, max_pixels=sys.maxsize)
    unread = [reading.placement.bounds(box) for box in reading.page.unread]
    return judged(job, reading.text, reading.words, unread)


def judged(job: Job, read: str, words: Sequence[Word], unread: Sequence[Rectangle]) -> Score:
    """What became of an image's print by the text and the words that were read, and the places that are told."""
    score = Score()
    for box, text in job.boxes:
        here = [word.text for word in words if stands_at(word, box)]
        is_told = any(not box.intersection(place).is_empty for place in unread)
        for word, outcome in outcomes(text, here):
            told = ("told" if is_told else "silent") if outcome == "lacking" else outcome
            score.letters[told] += len(word)
            if told != "answered":
                score.lines.append(f"{job.name} {job.file.name} {box} {told}: {word!r} of {text!r}, read as {here}")
    lacking = score.letters["told"] + score.letters["silent"]
    if not lacking and not (job.text and lacks(clean(job.text), clean(read))):
        score.whole, score.fired = 1, int(bool(unread))
        if unread:
            score.lines.append(f"{job.name} {job.file.name} fires: {', '.join(map(str, unread))}")
    return score


def outcomes(truth: str, read: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The words of a truth in letters and digits alone, each with what became of it."""
    words = [word for each in truth.split() if (word := bare(each))]
    kinds = ["lacking"] * sum(map(len, words))
    for step in Levenshtein.opcodes("".join(words), bare("".join(read))):
        if step.tag in ("equal", "replace"):
            span = range(step.src_start, step.src_end)
            kinds[step.src_start : step.src_end] = ["answered" if step.tag == "equal" else "misread" for _ in span]
    found: list[tuple[str, str]] = []
    place = 0
    for word in words:
        own = set(kinds[place : place + len(word)])
        found.append((word, own.pop() if len(own) == 1 else "misread"))
        place += len(word)
    spare = Counter(map(bare, read)) - Counter(word for word, outcome in found if outcome == "answered")
    for word, outcome in found:  # the words of a line may stand in another order
        is_there = outcome != "answered" and spare[word] > 0
        spare[word] -= is_there
        yield word, "answered" if is_there else outcome


def stands_at(word: Word, box: Rectangle) -> bool:
    """Whether a word lies on a box's level and has a good part of its width in common with it."""
    middle = (word.box.top + word.box.bottom) / 2
    level = box.top <= middle < box.bottom or word.box.top <= (box.top + box.bottom) / 2 < word.box.bottom
    common = word.box.intersection(box)
    return level and not common.is_empty and common.width >= COVERED * min(word.box.width, box.width)


def bare(text: str) -> str:
    """Letters and digits, without regard to capitals."""
    return "".join(filter(str.isalnum, text.casefold()))


def percent(part: int, whole: int) -> float:
    """The share; 0 of nothing."""
    return 100 * part / whole if whole else 0.0


if __name__ == "__main__":
    main()
