"""The words by which fields are known, in tables beside this file."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType


@cache
def words(table: str, kind: str) -> tuple[str, ...]:
    """The words of a kind in all languages, longest first.

    Args:
        table: name of the file without its ending; its columns are kind, language and words, which a bar divides.
        kind: of the words, for example `total`.
    """
    with files(__package__).joinpath(f"{table}.tsv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE) if row["kind"] == kind]
    found = {folded(word) for row in rows for word in row["words"].split("|")}
    if not found:
        raise KeyError(f"{table}.tsv has no kind {kind}")
    return tuple(sorted(found, key=lambda word: (-len(word), word)))


@cache
def pattern(table: str, *kinds: str) -> re.Pattern[str]:
    """Finds the words of the kinds as whole words in folded text."""
    alternatives = "|".join(re.escape(word) for kind in kinds for word in words(table, kind))
    return re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)")


@cache
def kinds_of(table: str) -> Mapping[str, tuple[str, ...]]:
    """For each word of a table, without spaces, the kinds that it may be of, in the table's order."""
    with files(__package__).joinpath(f"{table}.tsv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    found: dict[str, list[str]] = {}
    for row in rows:
        for word in row["words"].split("|"):
            kinds = found.setdefault(folded(word).replace(" ", ""), [])
            if row["kind"] not in kinds:
                kinds.append(row["kind"])
    return MappingProxyType({word: tuple(kinds) for word, kinds in found.items()})


def folded(text: str) -> str:
    """Lower case without accents, signs as spaces, single spaces: as words are compared."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l").replace("ø", "o").replace("æ", "ae"))
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.findall(r"\w+|%|#", kept))
