"""Are tables found, and their cells? By the 2013 competition's measure, from pictures alone.

    python benchmarks/tables.py --data DIR [--pages N] [--others PYTHON] [--cache FOLDER] [--failures] [--expect]

DIR/tables holds truth.json, pictures and PDFs. Each page is read once; then its tables are found on the page, and by
the box of each true table. Printed for both: adjacency precision, recall and F1 (of each document, then the mean, as
the competition has it), the share of grids that are exact with their spans, TEDS, and the characters of cells that are
right. PYTHON is one that has img2table and camelot (benchmarks/table_others.py says how); they are measured by the
same lines: img2table gets our words, camelot the PDF. FOLDER keeps what was read for the next run. With --expect the
exit code is 1 if one of EXPECTED is missed.
"""

from __future__ import annotations

import argparse
import json
import pickle
import statistics
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from table_scores import Found, common, exact, relations, teds, text_error, truth
from whaleline.documents import Document
from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.layout import tables
from whaleline.layout.table import Table
from whaleline.operations.page_layout import PageLayout, lay_out
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.settings import Settings

EXPECTED = {
    ("box given", "F1"): 95.0,
    ("on the page", "F1"): 92.0,
    ("box given", "exact"): 65.0,
    ("box given", "characters"): 99.0,
}
"""Per cent at least; and nowhere less than img2table, where that is measured."""

RIM = 4
"""Pixels around a true box, which bounds the text and not its rules."""


@dataclass
class Score:
    """What a program came to: by document the true relations found, true ones and found ones; and by table."""

    documents: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0, 0]))
    exact: list[bool] = field(default_factory=list)
    teds: list[float] = field(default_factory=list)
    wrong: int = 0
    characters: int = 0

    def add(self, document: str, true: list[Found], found: list[Found]) -> None:
        """A true table and what was found of it."""
        wanted, given = relations(true), relations(found)
        counts = self.documents[document]
        for index, more in enumerate(((wanted & given).total(), wanted.total(), given.total())):
            counts[index] += more
        self.exact.append(exact(true, found))
        self.teds.append(teds(true, found))
        wrong, characters = text_error(true, found)
        self.wrong += wrong
        self.characters += characters

    def add_spurious(self, document: str, found: list[Found]) -> None:
        """A table where there is none."""
        self.documents[document][2] += relations(found).total()

    def figures(self) -> dict[str, float]:
        """Per cent."""
        counts = list(self.documents.values())
        precision = statistics.mean(right / found if found else 0.0 for right, _, found in counts)
        recall = statistics.mean(right / true for right, true, _ in counts)
        return {
            "precision": 100 * precision,
            "recall": 100 * recall,
            "F1": 200 * precision * recall / (precision + recall) if precision + recall else 0.0,
            "exact": 100 * statistics.mean(self.exact),
            "TEDS": 100 * statistics.mean(self.teds),
            "characters": 100 * (1 - self.wrong / self.characters),
        }


def main() -> None:
    """Measure all and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--pages", type=int)
    parser.add_argument("--others")
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--failures", action="store_true")
    parser.add_argument("--expect", action="store_true")
    given = parser.parse_args()
    folder = given.data / "tables"
    pages = json.loads((folder / "truth.json").read_text(encoding="utf-8"))[: given.pages]
    scores: dict[tuple[str, str], Score] = defaultdict(Score)
    others = subprocess.Popen(
        [given.others, "-I", str(Path(__file__).with_name("table_others.py"))],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    ) if given.others else None  # fmt: skip
    for page in pages:
        found = laid_out(folder / page["file"], given.cache)
        document = Path(page["pdf"]).stem
        true = [truth(table) for table in page["tables"]]
        boxes = [[round(value) for value in table["box"]] for table in page["tables"]]
        ours = {"page": [cells(table, found) for table in found.tables], "boxes": [by_box(box, found) for box in boxes]}
        programs = {"whaleline": ours}
        if others is not None:
            programs |= ask(others, folder, page, found, boxes)
        for name, answer in programs.items():
            for box, wanted, given_cells in zip(boxes, true, answer["boxes"], strict=True):
                scores[name, "box given"].add(document, wanted, given_cells)
                if given.failures and name == "whaleline" and not exact(wanted, given_cells):
                    print(f"{page['file']} {box}: {len(wanted)} cells, not the true grid")
            on_page(scores[name, "on the page"], document, true, boxes, answer["page"])
    if others is not None and others.stdin is not None:
        others.stdin.close()
        others.wait()
    print(f"{len(pages)} pages, {sum(len(page['tables']) for page in pages)} tables")
    print(f"| {'program':9} | {'':11} | precision | recall | F1 | exact grids | TEDS | characters |\n|{'---|' * 8}")
    for (name, way), score in scores.items():
        print(f"| {name:9} | {way:11} | " + " | ".join(f"{value:.1f}" for value in score.figures().values()) + " |")
    if others is None:
        print("img2table and camelot were not measured: name a Python that has them by --others")
    missed = [
        f"{way}: {name} {scores['whaleline', way].figures()[name]:.1f} of {least}"
        for (way, name), least in EXPECTED.items()
        if scores["whaleline", way].figures()[name] < least
    ]
    for way in ("box given", "on the page"):
        if ("img2table", way) in scores:
            mine, other = scores["whaleline", way].figures(), scores["img2table", way].figures()
            missed += [f"{way}: {key} less than img2table" for key in mine if mine[key] <= other[key]]
    print("\n".join(f"missed: {each}" for each in missed) or "all expectations are met")
    sys.exit(1 if given.expect and missed else 0)


def laid_out(file: Path, cache: Path | None) -> PageLayout:
    """A page, read; what was read is kept, tables are found anew."""
    kept = cache / f"{file.stem}.pickle" if cache else None
    if kept is not None and kept.exists():
        old = pickle.loads(kept.read_bytes())
        return PageLayout(old.reading, old.words, old.rules, tuple(tables.find(old.words, old.rules)))
    found = lay_out(Document(file.read_bytes()).page(1), ReadingSettings(), Settings())
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(found))
    return found


def cells(table: Table | None, found: PageLayout) -> list[Found]:
    """The cells with text, in the picture's pixels as it came."""
    placed = found.reading.placement.bounds
    return [
        Found(
            cell.row,
            cell.column,
            cell.row + cell.rows - 1,
            cell.column + cell.columns - 1,
            cell.text,
            corners(placed(cell.box)),
        )
        for cell in (table.cells if table else ())
        if cell.text
    ]


def corners(box: Rectangle) -> tuple[float, float, float, float]:
    """A box as truths have it."""
    return (box.left, box.top, box.right, box.bottom)


def by_box(box: list[int], found: PageLayout) -> list[Found]:
    """The table that fills a true box."""
    around = Rectangle(box[0] - RIM, box[1] - RIM, box[2] + RIM, box[3] + RIM)
    placement = found.reading.placement
    assert isinstance(placement, Affine), "scans are not made flat"
    inside = placement.inverse().bounds(around)
    return cells(tables.table_in(inside, found.words, found.rules), found)


def on_page(
    score: Score, document: str, true: list[list[Found]], boxes: list[list[int]], found: list[list[Found]]
) -> None:
    """Give each true table the found one that shares most with it; those that are left are spurious."""
    left = list(found)
    for box, wanted in zip(boxes, true, strict=True):
        place = (box[0], box[1], box[2], box[3])
        shares = [sum(common(place, cell.box) for cell in table) for table in left]
        best = max(range(len(left)), key=lambda index: shares[index], default=None)
        taken = left.pop(best) if best is not None and shares[best] > 0 else []
        score.add(document, wanted, taken)
    for table in left:
        score.add_spurious(document, table)


def ask(
    others: subprocess.Popen[str], folder: Path, page: dict[str, Any], found: PageLayout, boxes: list[list[int]]
) -> dict[str, Any]:
    """What the other programs find on a page."""
    assert others.stdin is not None
    assert others.stdout is not None
    placed = found.reading.placement.bounds
    job = {
        "picture": str(folder / page["file"]),
        "pdf": str(folder / page["pdf"]),
        "page": page["page"],
        "dpi": page["dpi"],
        "height": page["height"],
        "words": [[word.text, *map(int, corners(placed(word.box)))] for word in found.words],
        "boxes": [[box[0] - RIM, box[1] - RIM, box[2] + RIM, box[3] + RIM] for box in boxes],
    }
    others.stdin.write(json.dumps(job) + "\n")
    others.stdin.flush()
    answer = json.loads(others.stdout.readline())
    return {
        name: {
            "page": [list(map(_found, table["cells"])) for table in each["page"]],
            "boxes": [list(map(_found, table)) for table in each["boxes"]],
        }
        for name, each in answer.items()
    }


def _found(cell: dict[str, Any]) -> Found:
    left, top, right, bottom = cell.pop("box")
    return Found(**cell, box=(left, top, right, bottom))


if __name__ == "__main__":
    main()
