"""Character error of readings, with every filter on and off.

usage: python benchmarks/accuracy.py --data DIR [--pages] [--only NAME ...] [--cost]

DIR holds regions.json, score_regions.py and score.py, and pages/ with the images and their published errors;
the readings go through the same decode, prepare and read as the service's and are scored by DIR's own
scripts. With --pages the whole pages are read as one region each, instead of the rectangles. Figures are given for all
pages, and for those with odd and even numbers apart: what is calibrated is calibrated on the odd ones.

With --cost each is also read by Tesseract alone, in turns, and the ratio of the two processor times is given.
With --keep what the engines read is kept in a file, with the time that it took, and a further run asks them only for
what is not there. With --set a step is measured by what it is without it, or with another threshold:

    python benchmarks/accuracy.py --data DIR --keep FILE --set second.GATE=85
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import statistics
import sys
import tempfile
import time
from ast import literal_eval
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from rapidfuzz.distance import Levenshtein

from kept_readings import KeptReadings
from whaleline import recognition
from whaleline.imaging.decode import decode
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.imaging.region import prepare
from whaleline.recognition import languages

SETTINGS: dict[str, dict[str, bool]] = {
    "none": {},
    "skew, binarize (the defaults)": {"deskew": True, "binarize": True},
    "skew": {"deskew": True},
    "binarize": {"binarize": True},
    "contrast": {"contrast": True},
    "skew, contrast (where nothing is said)": {"deskew": True, "contrast": True},
    "upsample": {"upsample": True},
    "all": {"deskew": True, "binarize": True, "contrast": True, "upsample": True},
}
HALVES = ("all", "odd", "even")
ENGLISH = languages.languages()[0]


def main() -> None:
    """Print the scores of each setting."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the measuring data")
    parser.add_argument("--pages", action="store_true", help="read whole pages instead of regions")
    parser.add_argument("--only", nargs="+", choices=list(SETTINGS), default=list(SETTINGS), help="settings to run")
    parser.add_argument("--cost", action="store_true", help="the time of both engines over that of Tesseract alone")
    parser.add_argument("--keep", type=Path, help="file that keeps what the engines read from one run to the next")
    parser.add_argument("--set", nargs="+", default=[], metavar="MODULE.NAME=VALUE", help="of whaleline.recognition")
    arguments = parser.parse_args()
    for change in arguments.set:
        change_constant(change)
    kept = KeptReadings(arguments.keep) if arguments.keep else None
    for name in arguments.only:
        start = time.perf_counter()
        cost = Cost(kept) if arguments.cost else None
        with tempfile.TemporaryDirectory() as folder:
            score = score_pages if arguments.pages else score_regions
            scores = score(arguments.data, Path(folder), SETTINGS[name], cost)
        print(f"{name}  ({time.perf_counter() - start:.0f} s)\n{scores}{cost or ''}", flush=True)


class Cost:
    """Processor seconds by kind, of both engines and of Tesseract alone."""

    def __init__(self, kept: KeptReadings | None) -> None:
        self.kept = kept
        self.seconds: dict[str, list[float]] = {}

    def compare(self, kind: str, image: Picture, rectangle: Rectangle, filters: dict[str, bool]) -> str:
        """Read it both ways, and return what both engines together read."""
        found, spent = "", [0.0, 0.0]
        for place, both in enumerate((False, True)):
            start = self.clock()
            found = text(image, rectangle, filters, both=both)
            spent[place] = self.clock() - start
        total = self.seconds.setdefault(kind, [0.0, 0.0])
        self.seconds[kind] = [total[0] + spent[0], total[1] + spent[1]]
        return found

    def clock(self) -> float:
        """Processor seconds, and those that kept readings took when they were taken."""
        return time.process_time() + (self.kept.saved if self.kept else 0.0)

    def __str__(self) -> str:
        return "".join(
            f"{kind}: {both / alone:.2f} times Tesseract alone\n" for kind, (alone, both) in self.seconds.items()
        )


def change_constant(change: str) -> None:
    """Give a constant of a module of whaleline.recognition another value, for example `second.GATE=85`."""
    place, _, value = change.partition("=")
    name, _, constant = place.rpartition(".")
    module = import_module(f"whaleline.recognition.{name}")
    before = getattr(module, constant)
    setattr(module, constant, type(before)(literal_eval(value)))


def score_regions(data: Path, results: Path, filters: dict[str, bool], cost: Cost | None) -> str:
    """Read every rectangle of regions.json; what score_regions.py prints of it."""
    truths = json.loads((data / "regions.json").read_text(encoding="utf-8"))
    pages = json.loads((data / "regions.json").read_text(encoding="utf-8"))
    for page in pages:
        image = load(data / "pages" / page["page"])
        for region in page["regions"]:
            rectangle = Rectangle(*region["rect"])
            region["text"] = (
                cost.compare(region["kind"], image, rectangle, filters) if cost else text(image, rectangle, filters)
            )
    readings, truth = results / "results.json", results / "truth.json"
    readings.write_text(json.dumps(pages), encoding="utf-8")
    scorer, printout = script(data / "score_regions.py"), ""
    for half in HALVES:
        truth.write_text(json.dumps([page for page in truths if in_half(page["page"], half)]), encoding="utf-8")
        printout += f"{half} pages\n{printed(scorer, readings, truth)}"
    return printout


def score_pages(data: Path, results: Path, filters: dict[str, bool], cost: Cost | None) -> str:
    """Read every page of pages/published.tsv; what score.py prints of it, without its list of the worst."""
    scorer = script(data / "score.py")
    rows = (data / "pages" / "published.tsv").read_text(encoding="utf-8").splitlines()[1:]
    errors: dict[str, float] = {}
    for row in rows:
        name = row.split("\t")[0]
        image = load(data / "pages" / name)
        whole = Rectangle(0, 0, image.shape[1], image.shape[0])
        reading = cost.compare("page", image, whole, filters) if cost else text(image, whole, filters)
        (results / f"{Path(name).stem}.txt").write_text(reading, encoding="utf-8")
        truth = (data / "pages" / name).with_suffix(".txt").read_text(encoding="utf-8")
        errors[name] = (
            100 * Levenshtein.distance(scorer.clean(truth), scorer.clean(reading)) / len(truth) if truth else 0.0
        )
    printout = printed(scorer, results).splitlines()[-1] + "\n"
    for half in HALVES[1:]:
        found = [error for name, error in errors.items() if in_half(name, half)]
        printout += f"{half} pages: mean {statistics.mean(found):.3f} median {statistics.median(found):.3f}\n"
    return printout


def in_half(page: str, half: str) -> bool:
    """Whether a page's number, the digits in its name, is odd or even as asked."""
    number = int("".join(filter(str.isdigit, Path(page).stem)))
    return half == "all" or (half == "odd") == bool(number % 2)


def load(file: Path) -> Picture:
    """The image in a file."""
    return decode(file.read_bytes(), max_pixels=sys.maxsize)


def text(image: Picture, rectangle: Rectangle, filters: dict[str, bool], *, both: bool = True) -> str:
    """What the product reads in a rectangle; without `both`, what Tesseract alone reads."""
    return recognition.read(prepare(image, rectangle, **filters).grey, ENGLISH, both=both).text


def script(file: Path) -> ModuleType:
    """The scoring script as a module."""
    spec = spec_from_file_location(file.stem, file)
    if spec is None or spec.loader is None:
        raise SystemExit(f"{file} is not a Python script")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def printed(scorer: ModuleType, *arguments: Any) -> str:
    """What a scoring script prints."""
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        scorer.main(*arguments)
    return output.getvalue()


if __name__ == "__main__":
    main()
