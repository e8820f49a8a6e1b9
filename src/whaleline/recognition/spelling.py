"""Spell check of pages: the words of a language's dictionary in the place of those that are surely misread.

docs/spelling.md has the figures.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import hunspell

from whaleline.recognition.frequency import frequency, listed
from whaleline.recognition.languages import Language
from whaleline.recognition.page import Block, Line, Page
from whaleline.recognition.speller import Speller

FOLDERS: Final = (Path("/usr/share/hunspell"), Path(hunspell.__file__).parent / "dictionaries")
"""Where dictionaries are looked for: the system's, and the English one that the binding brings."""

_ENDS: Final = frozenset(".!?:")
_HYPHENS: Final = ("-", "\u2010", "\u00ad", "\u2014", "\u00ac")


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Where the words of a language are.

    Attributes:
        names: of Hunspell files without their endings, of which those there are taken together (British and American);
            empty where a list of frequent words serves instead (Finnish, which has no such dictionary).
        package: the Debian package that brings them.
    """

    names: tuple[str, ...]
    package: str


def dictionaries() -> dict[str, Dictionary]:
    """By name on the wire, the languages whose spelling can be checked."""
    return _dictionaries()


def how_to_add(language: Language, folders: Sequence[Path] | None = None) -> str:
    """One sentence why the spelling of a language cannot be checked; empty where it can.

    For example: the spelling of German was not checked; add its dictionary with: apt-get install hunspell-de-de
    """
    dictionary = dictionaries().get(language.wire)
    if dictionary is None:
        return f"the spelling of {language.wire} was not checked: there is no dictionary for it"
    if dictionary.names and not _files(dictionary, folders):
        return (
            f"the spelling of {language.wire} was not checked; add its dictionary with:"
            f" apt-get install {dictionary.package}"
        )
    return ""


def corrected(page: Page, language: Language) -> Page:
    """The page with its misread words replaced; the same where there is no dictionary."""
    speller = speller_of(language)
    if speller is None:
        return page
    blocks = []
    parted = False
    for block in page.blocks:
        lines = []
        for line in block.lines:
            lines.append(_line(line, speller, parted=parted))
            parted = line.words[-1].text.endswith(_HYPHENS)
        blocks.append(Block(tuple(lines)))
    return replace(page, blocks=tuple(blocks))


def speller_of(language: Language, folders: Sequence[Path] | None = None) -> Speller | None:
    """The process's speller of a language, loaded at the first call; None where its dictionary is not there."""
    dictionary = dictionaries().get(language.wire)
    if dictionary is None:
        return None
    found = _files(dictionary, folders)
    return None if dictionary.names and not found else _speller(language.tag, found)


@lru_cache(maxsize=4)
def _speller(tag: str, found: tuple[Path, ...]) -> Speller:
    words = [hunspell.Hunspell(file.stem, hunspell_data_dir=str(file.parent)) for file in found]
    counted = _LISTS.get(tag, tag)
    return Speller(words, frequency(counted) if listed(counted) else None, _ACCENTS.get(tag, ""))


_LISTS: Final = {"no": "nb", "hr": "sh", "bs": "sh"}
"""Languages whose frequent words are listed under another tag."""

_ACCENTS: Final = {
    "de": "äöüß",
    "fr": "àâçéèêëîïôùûœ",
    "it": "àèéìòù",
    "es": "áéíñóúü",
    "pt": "áâãàçéêíóôõú",
    "pl": "ąćęłńóśźż",
    "sl": "čšž",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "nl": "ëïéè",
    "lt": "ąčęėįšųūž",
    "lv": "āčēģīķļņšūž",
    "da": "æøå",
    "no": "æøå",
    "fi": "äö",
    "hr": "čćđšž",
    "bs": "čćđšž",
    "cs": "áčďéěíňóřšťúůýž",
    "sv": "åäö",
    "et": "äöõüšž",
    "ro": "ăâîșț",
    "tr": "çğıöşü",
    "hu": "áéíóöőúüű",
    "ca": "àçéèíïóòúü",
    "gl": "áéíñóú",
    "oc": "àáçèéíòóú",
}
"""Letters with marks, by language tag: an engine loses the mark, or gives a letter another's."""


def _line(line: Line, speller: Speller, *, parted: bool) -> Line:
    """The line, corrected.

    Args:
        line: as it was read.
        speller: of its language.
        parted: whether its first word is the rest of one that a hyphen parts; like the other half, it stays.
    """
    words = []
    starts = True
    for word in line.words:
        kept = parted or word.text.rstrip("\"'\u201d\u2019").endswith(_HYPHENS)
        parted = False
        text = word.text if kept else speller.corrected(word.text, starts_sentence=starts, alternative=word.alternative)
        words.append(word if text == word.text else replace(word, text=text))
        starts = word.text[-1] in _ENDS
    return Line(tuple(words))


def _files(dictionary: Dictionary, folders: Sequence[Path] | None) -> tuple[Path, ...]:
    """The dictionary's .dic files, each from the first folder that has it; FOLDERS are looked into if none is given."""
    columns = ([folder / f"{name}.dic" for folder in folders or FOLDERS] for name in dictionary.names)
    firsts = (next((file for file in column if file.with_suffix(".aff").is_file()), None) for column in columns)
    return tuple(file for file in firsts if file is not None and file.is_file())


@cache
def _dictionaries() -> dict[str, Dictionary]:
    with files(__package__).joinpath("dictionaries.tsv").open(encoding="utf-8") as table:
        return {
            row["wire"]: Dictionary(tuple(filter(None, row["files"].split(","))), row["package"])
            for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE)
        }
