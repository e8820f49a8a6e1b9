"""How values are printed: a regular expression for each kind, spaces aside."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.dates import get_month_names

from whaleline.recognition.pattern import alternatives
from whaleline.values.amounts import COMMON

_GROUPED: Final = (
    r"(\d{1,3}(\.\d{3})+(,\d{1,4})?|\d{1,3}(,\d{3})+(\.\d{1,4})?|\d{1,3}('\d{3})+(\.\d{1,4})?|\d+([.,]\d+)?)"
)
NUMBER: Final = rf"[(+\-]?{_GROUPED}[)\-%]?"

_SIGN: Final = rf"({'|'.join(COMMON)}|[$€£¥]|Fr\.|kr\.?|zł|Kč|Ft|RM|Rs\.?)"
AMOUNT: Final = rf"-?{_SIGN}?-?{_GROUPED}([.,]-+)?-?{_SIGN}?"

_CENTS: Final = re.compile(r"[.,]\d\d(?!\d)")
_TORN: Final = re.compile(r"\d \d{1,2}(?!\d)")
_LONG: Final = re.compile(r"(?<![\d.,'])0\d|[.,]\d{4}")  # 089.50, 406.34440
_OF_CENTS, _OF_TORN, _OF_LONG = 3.0, 6.0, 3.0


def look_of_amount(text: str) -> float:
    """How much the look of an amount speaks for it, a natural logarithm.

    Most have two decimals and no gap there; hardly any begin with a 0, or have four decimals.
    """
    usual = _OF_CENTS * bool(_CENTS.search(text)) - _OF_TORN * bool(_TORN.search(text))
    return usual - _OF_LONG * bool(_LONG.search(text))


_YEAR_OF: Final = re.compile(r"(?<!\d)((?:1[5-9]|20)\d\d)(?:\d{4})?(?!\d)")
_LIKELY, _POSSIBLE = range(1920, 2041), range(1900, 2101)
_OF_POSSIBLE, _OF_STRANGE = 3.0, 5.0


def look_of_date(text: str) -> float:
    """How much the look of a date speaks for it, a natural logarithm: forms ask for the days of people who live."""
    found = _YEAR_OF.search(text.replace(" ", "") if text.replace(" ", "").isdigit() else text)
    if found is None or int(found[1]) in _LIKELY:
        return 0.0
    return -_OF_POSSIBLE if int(found[1]) in _POSSIBLE else -_OF_STRANGE


_DAY, _MONTH, _YEAR = r"(0?[1-9]|[12]\d|3[01])", r"(0?[1-9]|1[0-2])", r"((1[5-9]|20)\d\d|\d\d)"
_DIGITS: Final = "|".join(
    [
        *(rf"{_DAY}{mark}{_MONTH}{mark}{_YEAR}" for mark in (r"\.", "/", "-")),
        *(rf"{_MONTH}{mark}{_DAY}{mark}{_YEAR}" for mark in ("/", "-")),
        *(rf"(1[5-9]|20)\d\d{mark}{_MONTH}{mark}{_DAY}" for mark in (r"\.", "/", "-")),
        r"(1[5-9]|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])",
    ]
)


@lru_cache(maxsize=64)
def date(language: str) -> str:
    """How dates are printed in a language (BCP 47): in digits, or with the names of its months or the English ones."""
    names: set[str] = set()
    for tag in (language, "en"):
        try:
            locale = Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
        for width in ("wide", "abbreviated"):
            for name in get_month_names(width, "format", locale).values():
                plain = name.rstrip(".").replace(" ", "")
                names |= {plain, plain.upper(), plain.title()}
    months = f"({alternatives(tuple(sorted(names)))})"
    day = r"(0?[1-9]|[12]\d|3[01])(\.|st|nd|rd|th|er|º)?"
    return rf"{_DIGITS}|{day}[\-/.]?(de)?{months}\.?[\-/.,]?(de)?{_YEAR}|{months}\.?{day}[,\-/]?{_YEAR}"
