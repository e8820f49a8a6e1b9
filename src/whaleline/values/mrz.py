"""The machine readable zone of passports, visas and identity cards (ICAO Doc 9303, parts 3 to 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

WEIGHTS: Final = (7, 3, 1)
"""Of the characters that a check digit is made of, in turn."""

VALUES: Final[Mapping[str, int]] = MappingProxyType(
    {"<": 0} | {sign: int(sign, 36) for sign in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
)
"""Of each character, for a check digit: letters count from 10, a filler as 0."""

_BIRTH = r"\d{2}(0\d|1[0-2]|<<)([0-2]\d|3[01]|<<)"  # month and day may not be known
_EXPIRY = r"\d{2}(0\d|1[0-2])([0-2]\d|3[01])"
_NAMES = "[A-Z]+(<<?[A-Z]+)*<*"  # fillers in longer rows stand at the end
_STATE = "([A-Z]{2}[A-Z<]|D<<)"  # Germany alone has one letter


@dataclass(frozen=True, slots=True)
class Layout:
    """A size of document.

    Attributes:
        name: of the size.
        lines: an expression for each line of that width.
        checks: for each check digit, its line, its place, and the stretches (line, first, end) that it is made of.
    """

    name: str
    lines: tuple[str, ...]
    checks: tuple[tuple[int, int, tuple[tuple[int, int, int], ...]], ...]

    @property
    def width(self) -> int:
        """Characters of a line."""
        return {"TD1": 30, "TD2": 36, "MRV-B": 36}.get(self.name, 44)


def _machine(optional: int, *, composite: bool) -> str:
    """The second line of all but cards of the size TD1."""
    end = r"[0-9<]\d" if composite and optional == 14 else r"\d" if composite else ""  # noqa: PLR2004 - passports
    return rf"[A-Z0-9<]{{9}}[0-9<]{_STATE}{_BIRTH}\d[MFX<]{_EXPIRY}\d[A-Z0-9<]{{{optional}}}{end}"


_SECOND = ((1, 9, ((1, 0, 9),)), (1, 19, ((1, 13, 19),)), (1, 27, ((1, 21, 27),)))

LAYOUTS: Final[Sequence[Layout]] = (
    Layout(
        "TD3",
        (rf"P[A-Z<]{_STATE}{_NAMES}", _machine(14, composite=True)),
        (*_SECOND, (1, 42, ((1, 28, 42),)), (1, 43, ((1, 0, 10), (1, 13, 20), (1, 21, 43)))),
    ),
    Layout(
        "TD2",
        (rf"[ACI][A-Z<]{_STATE}{_NAMES}", _machine(7, composite=True)),
        (*_SECOND, (1, 35, ((1, 0, 10), (1, 13, 20), (1, 21, 35)))),
    ),
    Layout("MRV-A", (rf"V[A-Z<]{_STATE}{_NAMES}", _machine(16, composite=False)), _SECOND),
    Layout("MRV-B", (rf"V[A-Z<]{_STATE}{_NAMES}", _machine(8, composite=False)), _SECOND),
    Layout(
        "TD1",
        (
            rf"[ACI][A-Z0-9<]{_STATE}[A-Z0-9<]{{9}}[0-9<][A-Z0-9<]{{15}}",
            rf"{_BIRTH}\d[MFX<]{_EXPIRY}\d{_STATE}[A-Z0-9<]{{11}}\d",
            _NAMES,
        ),
        (
            (0, 14, ((0, 5, 14),)),
            (1, 6, ((1, 0, 6),)),
            (1, 14, ((1, 8, 14),)),
            (1, 29, ((0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29))),
        ),
    ),
)

_CHECKED: Final[Mapping[int, str]] = MappingProxyType({0: "number", 1: "date of birth", 2: "date of expiry"})


def check_digit(text: str) -> str:
    """The check digit of a stretch."""
    return str(sum(VALUES[sign] * WEIGHTS[place % len(WEIGHTS)] for place, sign in enumerate(text)) % 10)


def held(layout: Layout, lines: Sequence[str]) -> list[bool]:
    """Whether each check digit holds; of a line that is empty none is told."""
    result = []
    for line, place, parts in layout.checks:
        if all(lines[number] for number, _, _ in (*parts, (line, 0, 0))):
            wanted = check_digit("".join(lines[number][first:end] for number, first, end in parts))
            found = lines[line][place]
            blank = all(set(lines[number][first:end]) == {"<"} for number, first, end in parts)
            result.append(found == wanted or (blank and found == "<"))
    return result


def faults(layout: Layout, lines: Sequence[str]) -> str:
    """Which check digits do not fit, as a clause; empty where all do."""
    wrong = [
        _CHECKED.get(index, "whole" if index == len(layout.checks) - 1 else "optional part")
        for index, holds in enumerate(held(layout, lines))
        if not holds
    ]
    return f"the check digit of the {' and the '.join(wrong)} does not fit" if wrong else ""
