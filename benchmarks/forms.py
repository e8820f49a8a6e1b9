"""How well scans and photographs of forms are laid against their templates, and other forms told.

usage: python benchmarks/forms.py [--forms N] [--first SEED] [--others N] [--alone] [--rows FILE] [--data DIR]
                                  [--read N] [--expect]

Makes N forms by seeds, fills them in, scans and photographs each (tests/paper_forms.py, tests/scanners.py): shift, any
turn, scale, skew, perspective up to 15 degrees, curl, shadow, noise, JPEG, 100 to 300 dpi, black and white. A template
is the empty form at 100 to 200 dpi, or a scan of one that is filled in otherwise. Measured are

scans, photographs   the share in which each field's corner lies within 3 pixels of 150 dpi of where it is, of those
                     corners that the picture shows
untold               those in which a field is off by more than 10 such pixels and not told as unsure
others               templates of other forms that a picture was taken for
relatives            pictures of another form that has the same head and 50 to 85 % of the print, taken for the form
twins                pictures of another form with the same rules and other words throughout, taken for the form
versions             fields of newer versions of the form, with two rows that changed places or with other labels, that
                     are not read: of those that changed, and of the others
time                 processor's seconds of a registration; with --read, its part of reading the page
reading              with --read, fields of scans that are read exactly, beside those of the same scans unmoved

--data takes the real sheets of DIR/forms: each sheet of a group is laid against the group's first one and back, and
against sheets of the other groups. Behind a count, the bound is the share that the true one lies under with a
probability of 95 %. With --rows, a run can be made in parts, also at the same time; with --alone and few --others it is
much shorter, for relatives cost as much as all else. `--expect` exits with 1 where an expectation is missed: 99 % of
scans, 95 % of photographs, no wrong one untold, no other form taken for this one, and less than a third of the time.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import os
import re
import statistics
import sys
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict, TypeVar

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as a worker has it

import cv2
import numpy as np

from whaleline.documents import Document, Limits
from whaleline.forms.form_picture import FormPicture, form_picture
from whaleline.forms.laying import SURE
from whaleline.forms.registration import Registration, ScanPicture, register
from whaleline.forms.template import Template, TemplateField, TemplatePage
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, grey
from whaleline.library import read_form, read_regions

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from paper_forms import DPI, PaperForm, draw, fill, relative, reordered
from scanners import Taken, photograph, scan

Result = TypeVar("Result")

EVERY = 4  # scans, of which one is read as a whole page
TOLERANCE, GROSS = 3.0, 10.0  # pixels of 150 dpi
COARSE = 100  # dpi
SAME_FORM = {"omrchecker_UPSC_mock": "omrchecker_sample3"}  # seen by eye: the same printed sheet in two groups
TURNED = "openmcr_rotation/"  # these are said to be of the form with 75 questions, and are of that with 150


@dataclass(frozen=True, eq=False)
class Case:
    """A form by its seed: its template's picture and fields, and the filled page."""

    layout: str
    form: FormPicture
    picture: Picture
    fields: tuple[Rectangle, ...]
    dpi: float
    filled: Picture
    texts: dict[int, str]

    @property
    def template(self) -> Template:
        """Of the form, with fields of free text."""
        height, width = self.picture.shape
        page = TemplatePage(width=width, height=height, picture=png(self.picture))
        named = tuple(TemplateField(name=str(at), rectangle=each) for at, each in enumerate(self.fields))
        return Template(name="form", pages=(page,), fields=named)


def png(picture: Picture) -> bytes:
    """A picture as a file."""
    return bytes(cv2.imencode(".png", picture)[1])


class Row(TypedDict):
    """A picture: how it was laid against its form, and how sure each other form was."""

    seed: int
    kind: str
    layout: str
    told: str
    off: float
    sure: float
    seconds: float
    untold: bool
    unsure: int
    right: int
    fields: int
    other: int
    others: list[float]
    relative: float | None
    twin: float | None
    version: Version | None


class Version(TypedDict):
    """Fields of a newer version of a form: those that changed, and of them those that are not read; and the others."""

    changed: int
    told: int
    same: int
    told_same: int


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forms", type=int, default=100, help="how many are made; 3000 for the whole measure")
    parser.add_argument("--first", type=int, default=10_000, help="seed of the first; below 1000 is for tuning")
    parser.add_argument("--others", type=int, default=10, help="how many other forms each picture is shown to")
    parser.add_argument("--alone", action="store_true", help="leave out relatives, twins and versions")
    parser.add_argument("--rows", type=Path, help="file of JSON lines that results are added to; figures are of all")
    parser.add_argument("--data", type=Path, help="folder of the measuring data, for real sheets")
    parser.add_argument("--read", type=int, default=0, help="how many scans are read, moved and unmoved")
    parser.add_argument("--expect", action="store_true", help="exit with 1 where an expectation is missed")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    rows: list[Row] = []
    if arguments.rows and arguments.rows.exists():
        rows += map(json.loads, arguments.rows.read_text(encoding="utf-8").splitlines())
    for row in measure(arguments.forms, arguments.first, arguments.others, alone=arguments.alone):
        rows.append(row)
        if arguments.rows:
            with arguments.rows.open("a", encoding="utf-8") as file:
                file.write(f"{json.dumps(row)}\n")
    missed = told(rows) if rows else []
    if arguments.read:
        missed += measure_reading(arguments.read, arguments.first)
    if arguments.data:
        missed += measure_real(arguments.data / "forms")
    for each in missed:
        print(f"missed: {each}")
    if missed and arguments.expect:
        sys.exit(1)


def case(seed: int) -> Case:
    """A form and what is needed of it."""
    random = np.random.default_rng([seed, 9])
    paper = draw(seed)
    dpi = int(random.choice([100, 150, 200]))
    source = paper.page
    if random.random() < 0.3:
        source = scan(fill(paper, seed + 1, share=0.5), DPI, seed, plain=True).picture
    height, width = (round(side * dpi / DPI) for side in paper.page.shape)
    picture = np.asarray(cv2.resize(source, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    scale = width / paper.page.shape[1]
    fields = tuple(
        Rectangle(*(round(side * scale) for side in (each.left, each.top, each.right, each.bottom)))
        for each in paper.fields.values()
    )
    written: dict[str, str] = {}
    filled = fill(paper, seed, stamps=int(random.integers(0, 3)), texts=written)
    texts = {number: written[name] for number, name in enumerate(paper.fields) if name in written}
    return Case(paper.layout, form_picture(picture, fields), picture, fields, scale * DPI, filled, texts)


def strays(found: Registration, taken: Taken, one: Case) -> list[tuple[float, float]]:
    """For each field by how many pixels of 150 dpi it is off at most, and how sure it is."""
    at = np.array([corner for field in one.fields for corner in field.corners], np.float64)
    there, right, below = (taken.place((at + step) * DPI / one.dpi) for step in ([0, 0], [1, 0], [0, 1]))
    across, down = right - there, below - there
    scale = np.sqrt(np.abs(across[:, 0] * down[:, 1] - across[:, 1] * down[:, 0]))
    off = np.hypot(*(found.placement.points(at) - there).T) / scale * 150 / one.dpi
    height, width = taken.picture.shape
    unseen = (there < 0).any(axis=1) | (there[:, 0] > width) | (there[:, 1] > height)
    worst = np.where(unseen, 0, off).reshape(-1, 4).max(axis=1)
    return [(float(each), found.certainty_of(field)) for each, field in zip(worst, one.fields, strict=True)]


def measure(count: int, first: int, others: int, *, alone: bool) -> Iterator[Row]:
    """Scans, photographs and other forms."""
    before: deque[FormPicture] = deque(maxlen=others)
    for seed in range(first, first + count):
        one = case(seed)
        for kind, take in (("scans", scan), ("photographs", photograph)):
            taken = take(one.filled, DPI, seed)
            # Alternately a scan and a photograph, for each relative costs as much as all others.
            related = not alone and (kind == "scans") == (seed % 2 == 0)
            start = time.process_time()
            shown = ScanPicture(taken.picture)
            found = register(one.form, shown)
            seconds = time.process_time() - start
            off = strays(found, taken, one) if found else [(999.0, 0.0)]
            foreign = [register(other, shown) for other in before]
            row = Row(
                seed=seed,
                kind=kind,
                layout=one.layout,
                told=taken.told,
                off=max(each for each, _ in off),
                sure=found.certainty if found else 0.0,
                seconds=seconds,
                untold=any(each > GROSS and sure >= SURE for each, sure in off),
                unsure=sum(sure < SURE for each, sure in off if each <= TOLERANCE),
                right=sum(each <= TOLERANCE for each, _ in off),
                fields=len(one.fields),
                other=sum(map(found.is_other_at, one.fields)) if found and found.certainty >= SURE else 0,
                others=[other.certainty if other else 0.0 for other in foreign],
                relative=sure_of_other(one, relative(draw(seed), seed), take, seed) if related else None,
                twin=sure_of_other(one, draw(seed, renamed=1.0), take, seed) if related else None,
                version=told_of_version(one, take, seed) if related else None,
            )
            if (
                row["off"] > TOLERANCE
                or row["untold"]
                or max([*row["others"], row["relative"] or 0, row["twin"] or 0]) >= SURE
            ):
                print(row, flush=True)
            yield row
        before.append(one.form)


def sure_of_other(one: Case, other: PaperForm, take: Callable[[Picture, int, int], Taken], seed: int) -> float:
    """How sure it is that another form is the form."""
    found = register(one.form, ScanPicture(take(fill(other, seed, stamps=1), DPI, seed).picture))
    return found.certainty if found else 0.0


def told_of_version(one: Case, take: Callable[[Picture, int, int], Taken], seed: int) -> Version:
    """What is told of a newer version of the form."""
    former = draw(seed)
    newer = reordered(former, seed) if seed % 4 < 2 else draw(seed, renamed=0.15)
    found = register(one.form, ScanPicture(take(fill(newer, seed, stamps=1), DPI, seed).picture))
    counts = Version(changed=0, told=0, same=0, told_same=0)
    for at, (name, before) in zip(one.fields, former.fields.items(), strict=True):
        has_changed = newer.fields[name] != before or former.labels.get(name) in newer.renamed
        is_told = found is None or found.certainty_of(at) < SURE or found.is_other_at(at)
        counts["changed" if has_changed else "same"] += 1
        counts["told" if has_changed else "told_same"] += is_told
    return counts


def told(rows: list[Row]) -> list[str]:
    """Print the figures of scans, photographs and other forms; what of them misses an expectation."""
    missed = []
    for kind, wanted in (("scans", 0.99), ("photographs", 0.95)):
        own = [row for row in rows if row["kind"] == kind]
        for layout in ("all", *sorted({row["layout"] for row in own})):
            within = [row["off"] <= TOLERANCE for row in own if layout in ("all", row["layout"])]
            print(f"{kind}, {layout}: {sum(within)} of {len(within)} ({100 * statistics.mean(within):.1f} %)")
        coarse = [row["off"] <= TOLERANCE for row in own if is_coarse(row["told"])]
        if coarse:
            print(f"{kind}: of these in black and white with 100 dpi or less: {sum(coarse)} of {len(coarse)}")
        share = statistics.mean(row["off"] <= TOLERANCE for row in own)
        untold = sum(row["untold"] for row in own)
        unsure = 100 * sum(row["unsure"] for row in own) / max(1, sum(row["right"] for row in own))
        worst = statistics.median(row["off"] for row in own)
        print(f"{kind}: worst corner {worst:.2f} pixels off at the median, {untold} of {len(own)} wrong and untold")
        print(f"{kind}: {unsure:.2f} % of right fields told as unsure")
        other = sum(row["other"] for row in own)
        print(f"{kind}: {other} of {sum(row['fields'] for row in own)} fields told for other print beside them")
        missed += [f"{kind}: {100 * share:.1f} % within {TOLERANCE:g} pixels"] if share < wanted else []
        missed += [f"{kind}: {untold} wrong and untold"] if untold else []
    untold = sum(row["untold"] for row in rows)
    print(f"wrong and untold: {untold} of {len(rows)}{bound(untold, len(rows))}")
    others = [sure for row in rows for sure in row["others"]]
    taken_for, most = sum(sure >= SURE for sure in others), max(others, default=0)
    print(f"others: {taken_for} of {len(others)} taken for this form{bound(taken_for, len(others))}")
    print(f"others: {most:.0f} sure at most")
    taken_for_akin = 0
    for key in ("relative", "twin"):
        akin = [row[key] for row in rows if row[key] is not None]
        taken_for_akin += (wrong := sum(sure is not None and sure >= SURE for sure in akin))
        print(f"{key}s: {wrong} of {len(akin)} taken for this form")
    versions = [row["version"] for row in rows if row["version"] is not None]
    changed, same = (sum(each[key] for each in versions) for key in ("changed", "same"))
    print(
        f"versions: {sum(each['told'] for each in versions)} of {changed} fields that changed are not read, and"
        f" {sum(each['told_same'] for each in versions)} of {same} others"
    )
    seconds = [row["seconds"] for row in rows]
    print(f"{statistics.median(seconds):.2f} s each at the median, 95 % within {np.quantile(seconds, 0.95):.2f} s")
    missed += [f"{taken_for_akin} taken for a relative or a twin"] if taken_for_akin else []
    return missed + ([f"{taken_for} taken for another form"] if taken_for else [])


def is_coarse(told: str) -> bool:
    """Whether a scan has so few pixels that a threshold loses much of the print."""
    dpi, zoom = map(float, re.findall(r"[\d.]+", told)[:2])
    return "bilevel" in told and dpi * zoom <= COARSE


def bound(count: int, total: int) -> str:
    """What share of a rare kind is not exceeded, with a probability of 95 %, where so many were seen (Poisson)."""
    low, high = 0.0, 10.0 + 3 * count
    for _ in range(40):
        middle = (low + high) / 2
        fewer = math.exp(-middle) * sum(middle**each / math.factorial(each) for each in range(count + 1))
        low, high = (middle, high) if fewer > 0.05 else (low, middle)
    return f" (at most {1000 * high / max(1, total):.2f} in 1000)"


def timed(work: Callable[[], Result]) -> tuple[Result, float]:
    """What some work gives, and the processor's seconds that it took."""
    start = time.process_time()
    return work(), time.process_time() - start


def measure_reading(count: int, first: int) -> list[str]:
    """A registration as a part of reading the page, and fields of scans read exactly where they moved and where not."""
    shares, of_fields = [], []
    right = {"moved": 0, "unmoved": 0}
    total = 0
    for seed in range(first, first + count):
        one = case(seed)
        packed, still = (png(scan(one.filled, DPI, seed, plain=plain).picture) for plain in (False, True))
        template = one.template
        moved, form = timed(lambda: read_form(packed, template))  # noqa: B023 - called at once
        unmoved = read_form(still, template)
        if seed % EVERY == 0:
            _, alone = timed(lambda: register(one.form, ScanPicture(Document(packed, Limits()).page(1).picture)))  # noqa: B023
            _, page = timed(lambda: read_regions(packed))  # noqa: B023
            shares.append(alone / page)
            of_fields.append(alone / form)
        total += len(one.texts)
        for name, every in zip(right, (moved, unmoved), strict=True):
            right[name] += sum(every[number].text.split() == text.split() for number, text in one.texts.items())
        print(f"{seed} {one.layout}: {total} fields so far, {right}", flush=True)
    share, part = statistics.median(shares), statistics.median(of_fields)
    print(
        f"a registration takes {100 * share:.0f} % of reading the page, {100 * min(shares):.0f} to"
        f" {100 * max(shares):.0f} % ({len(shares)} scans); {100 * part:.0f} % of reading its fields"
    )
    exact = [100 * number / max(1, total) for number in right.values()]
    print(f"read exactly of {total} fields of {count} scans: {exact[0]:.1f} % moved, {exact[1]:.1f} % unmoved")
    missed = [f"a registration takes {100 * share:.0f} % of reading the page"] if share > 1 / 3 else []
    return missed + ([f"{exact[1] - exact[0]:.1f} points fewer fields where moved"] if exact[1] - exact[0] > 1 else [])


def measure_real(data: Path) -> list[str]:
    """Real sheets: how often those of a form are known for it, and where points come back to, there and back."""
    sheets: dict[str, list[tuple[str, FormPicture, ScanPicture]]] = defaultdict(list)
    seen: set[bytes] = set()
    for entry in json.loads((data / "truth.json").read_text(encoding="utf-8")):
        file = data / entry["file"]
        if file.exists() and file.read_bytes() not in seen:
            seen.add(file.read_bytes())
            picture = grey(Document(file.read_bytes(), Limits()).page(1).picture)
            name = SAME_FORM.get(entry["form"], entry["form"])
            name = "open-mcr 150 questions" if entry["file"].startswith(TURNED) else name
            sheets[name].append((entry["file"], form_picture(picture, ()), ScanPicture(picture)))
    known = total = taken_for = others = 0
    for name, own in sorted(sheets.items()):
        first, form, first_shown = own[0]
        for other, back, shown in own[1:]:
            found, returned = register(form, shown), register(back, first_shown)
            total += 1
            if found is None or returned is None or found.certainty < SURE:
                print(
                    f"{name}: {other} is not known by {first}, {found.certainty if found else 0:.0f} sure", flush=True
                )
                continue
            known += 1
            grid = np.array(list(itertools.product(np.linspace(0.1, 0.9, 5), repeat=2))) * [form.width, form.height]
            apart = np.hypot(*(returned.placement.points(found.placement.points(grid)) - grid).T)
            worst = float(apart.max()) * 1754 / max(form.width, form.height)
            print(
                f"{name}: {other} by {first}: {found.certainty:.0f} sure, {worst:.1f} pixels there and back", flush=True
            )
        for file, form, _ in own:
            for other, _, shown in (every[0] for foreign, every in sheets.items() if foreign != name):
                found = register(form, shown)
                others += 1
                if found is not None and found.certainty >= SURE:
                    taken_for += 1
                    print(f"{name}: {other} is taken for it by {file}, {found.certainty:.0f} sure", flush=True)
    print(f"real: {known} of {total} known for their form; {taken_for} of {others} taken for another")
    return [f"real: {taken_for} taken for another form"] if taken_for else []


if __name__ == "__main__":
    main()
