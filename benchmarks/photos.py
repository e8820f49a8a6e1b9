"""Photographs and turned pages.

usage: python benchmarks/photos.py --data DIR [--sheets] [--turns] [--scans]

DIR holds photos/ (truth.json, with a bent photograph and the flat original of each page), and pages/ with scanned pages
that are upright. Without a choice all three are measured:

--sheets  the character error of the photographs and of their flat originals, spaces as one, and the ratio of the two
--turns   how often the way up of the scanned pages is found, when they are turned by 0, 90, 180 and 270 degrees
--scans   the scanned pages that are taken for a photographed sheet, and the time of the look at each
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from rapidfuzz.distance import Levenshtein

from whaleline import read_regions, recognition
from whaleline.imaging.picture import Picture
from whaleline.recognition import languages

ENGLISH = languages.languages()[0]


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the measuring data")
    measures = {"sheets": measure_sheets, "turns": measure_turns, "scans": measure_scans}
    for name in measures:
        parser.add_argument(f"--{name}", action="store_true")
    arguments = parser.parse_args()
    chosen = [name for name in measures if getattr(arguments, name)] or list(measures)
    for name in chosen:
        measures[name](arguments.data)


def measure_sheets(data: Path) -> None:
    """Errors in % of bent and of flat, for each kind of bending and for all."""
    errors: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for entry in json.loads((data / "photos" / "truth.json").read_text(encoding="utf-8")):
        bent, flat = (error(data / "photos" / entry[name], entry["truth"]) for name in ("file", "flat"))
        errors[entry["kind"]].append((bent, flat))
        errors["all"].append((bent, flat))
        print(f"{Path(entry['file']).stem}  {bent:.2f}  {flat:.2f}", flush=True)
    for kind in sorted(errors, key=lambda kind: (kind == "all", kind)):
        bent, flat = (statistics.mean(side) for side in zip(*errors[kind], strict=True))
        print(f"{kind} ({len(errors[kind])}): bent {bent:.2f}, flat {flat:.2f}, ratio {bent / flat:.2f}")


def error(file: Path, truth: str) -> float:
    """Character error in % of what is read in a whole image."""
    (reading,) = read_regions(file)
    found = "" if reading is None else reading.page.text
    clean, wanted = (" ".join(text.replace('"', "").replace("'", "").split()) for text in (found, truth))
    return 100 * Levenshtein.distance(wanted, clean) / len(wanted)


def measure_turns(data: Path) -> None:
    """How often the way up is found, by the degrees that a page was turned."""
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for name, picture in scans(data):
        for turned in (0, 90, 180, 270):
            found = recognition.turn(np.ascontiguousarray(np.rot90(picture, -turned // 90)), ENGLISH)
            right = (360 - turned) % 360
            outcome = "not found" if found is None else "found" if found == right else "mistaken"
            counts[turned][outcome] += 1
            if outcome != "found":
                print(f"{name} turned by {turned}: {outcome} ({found})", flush=True)
    for turned, outcomes in counts.items():
        print(f"turned by {turned}: {', '.join(f'{count} {outcome}' for outcome, count in outcomes.items())}")


def measure_scans(data: Path) -> None:
    """Which scans would be made flat, and the processor time of the look at each."""
    seconds = []
    for name, picture in scans(data):
        start = time.process_time()
        found = recognition.flattened(picture, ENGLISH)
        seconds.append(time.process_time() - start)
        if found is not None:
            print(f"{name}: taken for a sheet, tilt {found.tilt:.1f}, bend {found.bend:.1f}, turn {found.turn}")
    print(f"{len(seconds)} scans, {1000 * statistics.median(seconds):.0f} ms each at the median")


def scans(data: Path) -> Iterator[tuple[str, Picture]]:
    """The scanned pages by name."""
    for file in sorted((data / "pages").iterdir()):
        if file.suffix in (".tif", ".tiff", ".png"):
            yield file.name, np.asarray(Image.open(file).convert("L"))


if __name__ == "__main__":
    main()
