"""Invoices and receipts: which fields are found.

usage: python benchmarks/invoices.py --data DIR [--expect] [--made N] [--pictures] [--files] [--receipts]
       [--fields FILE] [--cache DIR] [--failures] [--seed N]

DIR holds invoices/ (truth.json, pictures, PDFs) and real/ (regions.json with receipts box by box). Without a choice all
are measured:

--pictures  the invoices from their pictures alone: share of printed fields that are exact, by field and by layout, and
            how many of the numbers that are given stand nowhere on the invoice
--files     the same from the PDFs, which mostly carry their data
--made N    N invoices that benchmarks/invoice_maker.py makes, with words and places of its own (80 by default)
--receipts  the rows of the receipts, their fields by the boxes that benchmarks/receipt_marks.json names, and on those
            where it names them the items: name and amount, and the amount alone

Fields are compared without signs, spaces and case, names without a legal form at the end, amounts without their sign (a
credit note's print and data differ in it), dates and amounts as values. FILE is a JSON object of receipts' own fields,
by picture, with company, address, date and total as printed, in place of the marks. With --expect the exit status is 1
where a share is less than expected. --cache keeps what was read, for trying rules. --seed is that of the first invoice
made.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import io
import json
import os
import pickle
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import pypdfium2

import invoice_maker
from whaleline.documents import Document
from whaleline.extraction import receipts
from whaleline.extraction.invoices import embedded, printed
from whaleline.extraction.invoices.invoice import NUMBERS, Invoice
from whaleline.extraction.invoices.merging import merged
from whaleline.extraction.vocabulary import folded, kinds_of
from whaleline.extraction.words import PlacedWord, rows_of
from whaleline.imaging.geometry import Rectangle
from whaleline.operations.placed_words import placed_words, read_page
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.recognition import languages
from whaleline.settings import Settings
from whaleline.values import amounts, dates

os.environ.setdefault("OMP_THREAD_LIMIT", "1")

EXPECTED = {"pictures": 90.0, "files": 90.0, "made": 80.0}
EXPECTED_RECEIPTS = {"order": 98.0, "total": 93.0, "date": 95.0, "company": 85.0, "address": 75.0}
LANGUAGES = {"de": "German", "fr": "French", "en": "English", "nl": "Dutch"}

NAMES = {
    "number": "invoice_number", "buyer_order": "order_number", "date": "issue_date", "delivery_date": "delivery_date",
    "due_date": "due_date", "net_total": "net_amount", "tax_total": "vat", "grand_total": "total_amount",
    "due": "amount_due", "prepaid": "prepaid_amount", "line_total": "lines_total", "currency": "currency",
    "seller_name": "supplier_name", "seller_street": "supplier_street", "seller_postcode": "supplier_postcode",
    "seller_city": "supplier_city", "seller_tax_id": "supplier_tax_number", "seller_vat_id": "supplier_vat_id",
    "buyer_name": "receiver_name", "buyer_street": "receiver_street", "buyer_postcode": "receiver_postcode",
    "buyer_city": "receiver_city", "buyer_vat_id": "receiver_vat_id", "iban": "account",
    "payment_reference": "payment_reference", "issuer": "supplier_name", "amount": "total_amount", "amount_tax": "vat",
    "amount_untaxed": "net_amount", "date_due": "due_date", "invoice_number": "invoice_number",
    "static_vat": "supplier_vat_id", "bic": "bic", "telephone": "supplier_phone", "partner_email": "supplier_email",
    "partner_zip": "supplier_postcode", "partner_city": "supplier_city", "partner_street": "supplier_street",
}  # fmt: skip
"""The data's names of fields, and ours."""


@dataclass
class Score:
    """Fields that are right, of those that are printed.

    Attributes:
        right: by field.
        of: by field.
        by_layout: right and of, by layout.
        numbers: amounts that were given.
        foreign: those of them that stand nowhere on the page.
        wrong: what was given for what.
    """

    right: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    by_layout: dict[str, list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    numbers: int = 0
    foreign: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def take(self, name: str, layout: str, found: Invoice, truth: dict[str, Any], on_page: set[Decimal] | None) -> None:
        """Compare one invoice."""
        values = {key: each.value for key, each in found.fields.items()}
        for key, wanted in truth.items():
            given = values.get(key)
            exact = given is not None and normal(key, given) == normal(key, wanted)
            self.of[key] += 1
            self.by_layout[layout][1] += 1
            if exact:
                self.right[key] += 1
                self.by_layout[layout][0] += 1
            else:
                self.wrong.append(f"{name} {key}: {given!s} for {wanted!s}")
        for key, value in values.items():
            if key in NUMBERS and on_page is not None:
                self.numbers += 1
                if abs(Decimal(str(value))) not in on_page:
                    self.foreign.append(f"{name} {key}: {value}")

    @property
    def share(self) -> float:
        """In %."""
        return 100 * sum(self.right.values()) / max(1, sum(self.of.values()))

    def tell(self, title: str) -> None:
        """Print it."""
        print(f"\n{title}: {sum(self.right.values())} of {sum(self.of.values())} fields, {self.share:.1f} %")
        for key in sorted(self.of, key=lambda each: -self.of[each]):
            print(f"  {key:22} {self.right[key]:4} of {self.of[key]:4}")
        for layout, (right, of) in sorted(self.by_layout.items()):
            print(f"  layout {layout:45} {right:4} of {of:4}  {100 * right / of:.0f} %")
        if self.numbers:
            print(f"  numbers that stand nowhere on the page: {len(self.foreign)} of {self.numbers}")


def normal(key: str, value: Any) -> Any:
    """A value as it is compared."""
    if key in NUMBERS:
        return abs(Decimal(str(value))).quantize(Decimal("0.01"))
    if key.endswith("_date"):
        return str(value)
    text = re.sub(r"\W", "", str(value).casefold())
    if key == "currency":
        return amounts.currency_of(str(value)) or text
    return re.sub(r"(sarl|gmbh)$", "", text) if key.endswith("_name") else text


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--expect", action="store_true")
    parser.add_argument("--made", type=int)
    for name in ("pictures", "files", "receipts", "failures"):
        parser.add_argument(f"--{name}", action="store_true")
    parser.add_argument("--fields", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1000)
    options = parser.parse_args()
    everything = not (options.pictures or options.files or options.receipts or options.made)
    reader = Reader(options.cache, options.workers)
    missed = []
    invoices = options.data / "invoices"
    scores: dict[str, Score] = {}
    if options.pictures or everything:
        scores["pictures"] = from_pictures(invoices, reader)
    if options.files or everything:
        scores["files"] = from_files(invoices, reader)
    count = options.made if options.made is not None else 80 if everything else 0
    if count:
        scores["made"] = from_made(range(options.seed, options.seed + count), reader)
    for name, score in scores.items():
        score.tell(name)
        if options.failures:
            print("\n".join(f"    {each}" for each in score.wrong + score.foreign))
        if score.share < EXPECTED[name]:
            missed.append(f"{name} {score.share:.1f} % < {EXPECTED[name]} %")
        if name == "pictures" and score.foreign:
            missed.append(f"{len(score.foreign)} numbers stand nowhere on the page")
    if options.receipts or everything:
        missed += measure_receipts(options.data / "real", options.fields, reader, failures=options.failures)
    if options.expect and missed:
        sys.exit("missed: " + "; ".join(missed))


@dataclass(frozen=True)
class Reader:
    """Reads pages, some at a time, and keeps them where it is told to."""

    cache: Path | None
    workers: int

    def read(self, jobs: Sequence[tuple[bytes, str]]) -> list[list[PlacedWord]]:
        """The words of each file, by the language on the wire."""
        began = time.monotonic()
        with ProcessPoolExecutor(self.workers) as pool:
            words = list(pool.map(_read, jobs, [self.cache] * len(jobs)))
        print(f"read {len(jobs)} files in {time.monotonic() - began:.0f} s", file=sys.stderr)
        return words


def _read(job: tuple[bytes, str], cache: Path | None) -> list[PlacedWord]:
    data, language = job
    kept = cache / hashlib.sha256(data + language.encode()).hexdigest() if cache else None
    if kept is not None and kept.exists():
        loaded: list[PlacedWord] = pickle.loads(kept.read_bytes())
        return loaded
    document = Document(data)
    request = ReadingSettings(language=language)
    words: list[PlacedWord] = []
    for number in range(1, len(document) + 1):
        _, reading = read_page(document, number, request, Settings())
        words += placed_words(reading, number)
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(pickle.dumps(words))
    return words


def entries(folder: Path) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The invoices of the data, and their truths by our names."""
    for entry in json.loads((folder / "truth.json").read_text(encoding="utf-8")):
        truth = {NAMES[key]: each["value"] for key, each in entry["truth"].items() if key in NAMES}
        yield entry, truth


def from_pictures(folder: Path, reader: Reader) -> Score:
    """Fields from the pages' pictures, those of one invoice together."""
    score = Score()
    listed = list(entries(folder))
    jobs = [((folder / image).read_bytes(), LANGUAGES[e["language"]]) for e, _ in listed for image in e["images"]]
    pages = iter(reader.read(jobs))
    for entry, truth in listed:
        words = [
            PlacedWord(word.text, word.box, word.place, word.confidence, number)
            for number, _ in enumerate(entry["images"], 1)
            for word in next(pages)
        ]
        found = printed.extract(rows_of(words), entry["language"])
        score.take(entry["file"], str(Path(entry["source"]).parent), found, truth, _numbers(folder / entry["file"]))
    return score


def from_files(folder: Path, reader: Reader) -> Score:
    """Fields from the PDFs: their data, and what is printed where that lacks a field, which changes no other."""
    score = Score()
    listed = list(entries(folder))
    own: dict[str, Invoice] = {}
    for entry, _ in listed:
        attached = Document((folder / entry["file"]).read_bytes()).attachments()
        found = next((invoice for _, xml in attached if (invoice := embedded.read(xml)) is not None), None)
        own[entry["file"]] = found or Invoice()
    short = [entry for entry, truth in listed if not set(truth) <= set(own[entry["file"]].fields)]
    pages = reader.read([((folder / entry["file"]).read_bytes(), LANGUAGES[entry["language"]]) for entry in short])
    words = dict(zip((entry["file"] for entry in short), pages, strict=True))
    for entry, truth in listed:
        print_ = printed.extract(rows_of(words.get(entry["file"], ())), entry["language"])
        both = merged(print_, own[entry["file"]])
        score.take(entry["file"], str(Path(entry["source"]).parent), Invoice(both.fields), truth, None)
    return score


def _numbers(pdf: Path) -> set[Decimal]:
    """All amounts of a PDF's text."""
    document = pypdfium2.PdfDocument(pdf)
    text = "\n".join(page.get_textpage().get_text_range() for page in document)
    text += "\n" + re.sub(r"(?<=\d) (?=[.,])", "", text)
    seen = {each for amount in amounts.find_amounts(text) for each in (amount.value, amount.other) if each is not None}
    seen |= {each.value for line in text.splitlines() for word in line.split() if (each := amounts.read_amount(word))}
    return {abs(each) for each in seen}


def from_made(seeds: Iterable[int], reader: Reader) -> Score:
    """Fields of invoices that were made."""
    score = Score()
    made = [(seed, invoice_maker.make(seed)) for seed in seeds]
    jobs = []
    for _, each in made:
        png = io.BytesIO()
        each.picture.save(png, "PNG")
        jobs.append((png.getvalue(), each.language))
    known = kinds_of("invoice_words")
    labels = [label for _, each in made for label in each.labels]
    share = sum(folded(label).replace(" ", "") in known for label in labels) / len(labels)
    print(f"labels of the made invoices that the rules' table has: {100 * share:.0f} %")
    for (seed, each), words in zip(made, reader.read(jobs), strict=True):
        language = languages.find(each.language)
        assert language is not None
        found = printed.extract(rows_of(words), language.tag)
        truth = dict(each.truth)
        for party in ("supplier", "receiver"):
            town = str(truth.pop(f"{party}_town"))
            given = " ".join(str(found.fields[f"{party}_{part}"].value) for part in ("postcode", "city")
                             if f"{party}_{part}" in found.fields)  # fmt: skip
            same = sorted(re.findall(r"\w+", town)) == sorted(re.findall(r"\w+", given))
            score.of[f"{party}_town"] += 1
            score.right[f"{party}_town"] += same
            if not same:
                score.wrong.append(f"made {seed} {party}_town: {given} for {town}")
        score.take(f"made {seed}", language.tag, found, truth, each.numbers)
    return score


def measure_receipts(folder: Path, fields: Path | None, reader: Reader, *, failures: bool) -> list[str]:
    """Order of boxes, and fields; what is less than expected."""
    pages = json.loads((folder / "regions.json").read_text(encoding="utf-8"))
    pages = [page for page in pages if page["set"] == "receipts"]
    marks = json.loads(Path(__file__).with_name("receipt_marks.json").read_text(encoding="utf-8"))
    own = json.loads(fields.read_text(encoding="utf-8")) if fields else {}
    read = reader.read([((folder / "images" / page["image"]).read_bytes(), page["language"]) for page in pages])
    right: Counter[str] = Counter()
    of: Counter[str] = Counter()
    for page, words in zip(pages, read, strict=True):
        good, pairs = order(page["regions"], words)
        right["order"] += good
        of["order"] += pairs
        name = page["image"]
        truth = own.get(name) or page.get("fields") or marked(page["regions"], marks.get(name, {}))
        receipt = receipts.extract(rows_of(words), "en")
        goods = Counter(
            (_goods(page["regions"][text]["text"]), _money(page["regions"][amount]["text"]))
            for text, amount in marks.get(name, {}).get("items", ())
        )
        given = Counter((_goods(each.text), each.amount) for each in receipt.items)
        for key, least in (("items", 0), ("amounts of items", 1)) if goods else ():
            both, found_ = (Counter(pair[least:] for pair in each.elements()) for each in (goods, given))
            right[key] += (both & found_).total()
            of[key] += both.total()
        if failures and goods - given:
            print(f"    {name} items: {list(given - goods)} for {list(goods - given)}")
        for key, wanted in truth.items():
            if key not in _COMPARED:
                continue
            found = getattr(receipt, key)
            exact = found is not None and _COMPARED[key](found.value) == _COMPARED[key](wanted)
            of[key] += 1
            right[key] += exact
            if failures and not exact:
                print(f"    {name} {key}: {found.value if found else None} for {wanted}")
    print(f"\nreceipts: {len(pages)}")
    missed = []
    for key in of:
        share = 100 * right[key] / of[key]
        print(f"  {key:10} {right[key]:6} of {of[key]:6}  {share:.1f} %")
        if share < EXPECTED_RECEIPTS.get(key, 0):
            missed.append(f"receipts' {key} {share:.1f} % < {EXPECTED_RECEIPTS[key]} %")
    return missed


def marked(regions: Sequence[dict[str, Any]], marks: dict[str, list[int]]) -> dict[str, str]:
    """A receipt's fields: the texts of the boxes that are marked; its items are the boxes of a name and an amount."""
    return {
        key: " ".join(regions[at]["text"] for at in boxes) for key, boxes in marks.items() if key in _COMPARED and boxes
    }


def _goods(name: str) -> str:
    """The name of an item without the number or count before it."""
    return re.sub(r"[^A-Z0-9]", "", re.sub(r"^[\d\s]+(?=[A-Z]{2})", "", name.upper()))


def _name(value: Any) -> str:
    text = re.sub(r"[\s(]*\d{4,7}\s*-?\s*[A-Z]\)?$", "", str(value).upper())
    return re.sub(r"[^A-Z0-9]", "", text)


def _day(value: Any) -> str:
    if isinstance(value, datetime.date):
        return value.isoformat()
    found = next(dates.find_dates(str(value), "en-GB"), None)
    return found.value.isoformat() if found else str(value)


def _hour(value: Any) -> str:
    if isinstance(value, datetime.time):
        return value.isoformat()
    found = next(dates.find_times(str(value).replace(" : ", ":")), None)
    return found[1].isoformat() if found else str(value)


def _money(value: Any) -> Decimal:
    if isinstance(value, Decimal):
        return value
    found = [each for each in amounts.find_amounts(str(value), ".") if each.decimals == 2]
    return found[-1].value if found else Decimal(-1)


_COMPARED: dict[str, Callable[[Any], Any]] = {
    "company": _name,
    "address": _name,
    "date": _day,
    "time": _hour,
    "total": _money,
    "tax": _money,
}


def order(regions: Sequence[dict[str, Any]], words: Sequence[PlacedWord]) -> tuple[int, int]:
    """Pairs of boxes that stand in the order that people read them in, and all pairs.

    A pair is in order if both are on one row and the left one comes first there, or the upper one's row comes first.
    """
    boxes = [
        PlacedWord(str(at), Rectangle(*each["rect"]), Rectangle(*each["rect"]), 100) for at, each in enumerate(regions)
    ]
    wanted = {int(box.text): place for place, box in _places(boxes)}
    given: dict[int, tuple[int, int]] = {}
    for place, word in _places(words):
        x, y = (word.place.left + word.place.right) / 2, (word.place.top + word.place.bottom) / 2
        for at, each in enumerate(regions):
            left, top, right, bottom = each["rect"]
            if left <= x < right and top <= y < bottom:
                given.setdefault(at, place)
    good = 0
    pairs = list(combinations(range(len(regions)), 2))
    for one, other in pairs:
        if one in given and other in given:
            (a, b), (c, d) = (wanted[one], wanted[other]), (given[one], given[other])
            same = a[0] == b[0]
            good += same == (c[0] == d[0]) and (a < b) == (c < d)
    return good, len(pairs)


def _places(words: Sequence[PlacedWord]) -> Iterator[tuple[tuple[int, int], PlacedWord]]:
    for number, row in enumerate(rows_of(words)):
        for at, word in enumerate(row.words):
            yield (number, at), word


if __name__ == "__main__":
    main()
