"""Fields of real documents for benchmarks/fields.py: their pictures, what stands there, and what is known of them.

They are the boxes of receipts and filings whose truth is a number, a date, an amount or a code and nothing else, and
what the truths of the invoices name, where the PDF's own text says it stands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pypdfium2
from stdnum import iban

from whaleline.documents import Document, Limits
from whaleline.imaging.picture import Picture

Known = Mapping[str, Any]
"""What a template says of a field beside its name and place."""

CODE: Final = r"[A-Z]+[\-/]?\d[A-Z0-9]*([\-/][A-Z0-9]+)*"
"""An identifier of letters and digits without a check digit."""

KNOWN: Final[Mapping[str, Known]] = {
    "digits": {"kind": "text", "characters": "0123456789"},
    "date": {"kind": "date"},
    "amount": {"kind": "amount"},
    "code": {"kind": "identifier", "pattern": CODE},
    "iban": {"kind": "identifier", "scheme": "iban"},
}
_LOOKS: Final[Mapping[str, str]] = {
    "digits": r"\d[\d ]{2,}",
    "date": r"\d{1,4}([./-])\d{1,2}\1\d{2,4}|\d{1,2}\. [A-Z][a-z]+ \d{4}",
    "amount": r"-?(RM|\$|EUR)? ?-?\d{1,3}([,.]?\d{3})*[.,]\d\d",
    "code": rf"(?=.*\d){CODE}",
}
"""By which the kind of a box is told: its truth is nothing else."""

_LANGUAGES: Final = {"de": "German", "fr": "French", "en": "English", "nl": "Dutch"}
_BESIDE, _ABOVE = 0.3, 0.25  # of the print's height, that a field is larger


def kind_of(text: str) -> str:
    """Which kind of field a text is all of; empty where none."""
    return next((kind for kind, look in _LOOKS.items() if re.fullmatch(look, text)), "")


def boxes(data: Path) -> Iterator[tuple[str, Picture, str, Known]]:
    """Boxes on receipts and filings: kind, picture, truth, and what is known."""
    for page in json.loads((data / "real" / "regions.json").read_text(encoding="utf-8")):
        if page["set"] not in ("receipts", "documents"):
            continue
        wanted = [(kind, one) for one in page["regions"] if (kind := kind_of(one["text"]))]
        if not wanted:
            continue
        picture = Document((data / "real" / "images" / page["image"]).read_bytes(), Limits()).page(1).picture
        for kind, one in wanted:
            left, top, right, bottom = one["rect"]
            yield f"real {kind}", np.ascontiguousarray(picture[top:bottom, left:right]), one["text"], KNOWN[kind]


def invoices(data: Path) -> Iterator[tuple[str, Picture, str, Known]]:
    """The same of what invoices name, in their pictures."""
    for one in json.loads((data / "invoices" / "truth.json").read_text(encoding="utf-8")):
        pages = [Document((data / "invoices" / each).read_bytes(), Limits()).page(1).picture for each in one["images"]]
        file = pypdfium2.PdfDocument(data / "invoices" / one["file"])
        known = {"language": _LANGUAGES.get(one.get("language", ""), "English")}
        texts = {(name, each["printed"]) for name, each in one["truth"].items() if each.get("printed")}
        done = set()
        for name, text in sorted(texts):
            kind = "iban" if iban.is_valid(text) else kind_of(text) if name != "iban" else ""
            if not kind or text in done:
                continue
            done.add(text)
            for page, picture in zip(file, pages, strict=False):
                if (found := _where(page, text, picture)) is not None:
                    yield f"invoice {kind}", *found, {**KNOWN[kind], **known}
                    break


def _where(page: pypdfium2.PdfPage, text: str, picture: Picture) -> tuple[Picture, str] | None:
    """The picture of the first place at which a text stands by itself, and the text with its minus if one is printed.

    None where it stands nowhere.
    """
    words = page.get_textpage()
    found = words.search(text, match_case=True, match_whole_word=True).get_next()
    if found is None:
        return None
    start, length = found
    if start and words.get_text_range(start - 1, 1) == "-":
        start, length, text = start - 1, length + 1, f"-{text}"
    own = [words.get_charbox(place, loose=True) for place in range(start, start + length)]
    left, low, right, high = (
        extreme(side) for extreme, side in zip((min, min, max, max), zip(*own, strict=True), strict=True)
    )
    width, height = page.get_size()
    across, down = picture.shape[1] / width, picture.shape[0] / height
    beside, above = _BESIDE * (high - low), _ABOVE * (high - low)
    rows = slice(max(0, int((height - high - above) * down)), int((height - low + above) * down) + 1)
    columns = slice(max(0, int((left - beside) * across)), int((right + beside) * across) + 1)
    return np.ascontiguousarray(picture[rows, columns]), text
