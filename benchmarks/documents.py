"""Do files of all formats open as they should, and is what they show read?

    python benchmarks/documents.py --data DIR [--expect]

DIR/documents holds files and truth.json, a list of {file, truth}: `opens`, `needs_password`, `pages`, `page_sizes_pt`,
`width`, `height` and `human_text`, of which each is checked that is there. With --expect the exit code is 1 if a file
does not do what its truth says, but for the formats that are not read on purpose.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

from rapidfuzz.distance import Levenshtein

from whaleline import read_regions
from whaleline.documents import Document, PagePicture
from whaleline.errors import UnreadableImage

MOST_ERRORS = 5.0
"""Per cent of the letters of a page that may be read otherwise; its truth is lightly corrected OCR."""

REFUSED = ("JPEG XL",)
"""Formats among the files that are not read here."""


def main() -> None:
    """Check each file and print what is wrong, with the seconds that its first page took."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--data", type=Path, required=True)
    arguments.add_argument("--expect", action="store_true")
    given = arguments.parse_args()
    folder = given.data / "documents"
    rows = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    wrong = refused = 0
    for row in rows:
        begin = time.process_time()
        faults = check((folder / row["file"]).read_bytes(), row["truth"])
        seconds = time.process_time() - begin
        if any(name in fault for fault in faults for name in REFUSED):
            refused += 1
            continue
        wrong += bool(faults)
        if faults or seconds > 5:
            print(f"{row['file']}: {seconds:.1f} s: {'; '.join(faults) or 'right, and slow'}")
    print(f"{len(rows) - wrong - refused} of {len(rows)} files do what their truth says, {wrong} do not,")
    print(f"{refused} are of formats that are not read ({', '.join(REFUSED)})")
    sys.exit(1 if given.expect and wrong else 0)


def check(data: bytes, truth: dict[str, Any]) -> list[str]:
    """What a file does otherwise than its truth says."""
    opens = truth["opens"] and not truth.get("needs_password")
    try:
        document = Document(data)
        page = document.page(1)
    except UnreadableImage as error:
        return [f"refused: {error}"] if opens and truth.get("pages") != 0 else []
    if not opens:
        return ["opened, and should not"]
    return [fault for fault in faults(len(document), page, truth) if fault]


def faults(pages: int, page: PagePicture, truth: dict[str, Any]) -> list[str]:
    """The same of one that was opened; empty strings where it is right."""
    height, width = page.picture.shape[:2]
    told = []
    if truth.get("pages", pages) not in (pages, 0):  # 0 pages: the program that the truth is from found none
        told.append(f"{pages} pages for {truth['pages']}")
    if "width" in truth and (width, height) != (truth["width"], truth["height"]):
        told.append(f"{width} x {height} pixels for {truth['width']} x {truth['height']}")
    if truth.get("page_sizes_pt"):
        wide, high = truth["page_sizes_pt"][0]
        if abs(width / height * high / wide - 1) > 0.02:
            told.append(f"{width} x {height} pixels for a page of {wide} x {high} points")
    if "human_text" in truth:
        (reading,) = read_regions(page.picture)
        read = "".join(reading.text.split())
        right = "".join(truth["human_text"].split())
        error = 100 * Levenshtein.distance(read, right) / len(right)
        if error > MOST_ERRORS:
            told.append(f"{error:.1f} % of the letters are wrong")
    return told


if __name__ == "__main__":
    main()
