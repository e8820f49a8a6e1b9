"""Dates and times as they are printed, in the languages of Europe: 05.03.2018, 5 mars 2018, MAR 5 2018, 2018-03-05."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.dates import get_date_format, get_month_names


class DateOrder(StrEnum):
    """Which part of a date in digits comes first, where the year does not."""

    DAY_FIRST = "DMY"
    MONTH_FIRST = "MDY"


@dataclass(frozen=True, slots=True)
class PrintedDate:
    """A date.

    Attributes:
        text: as it is printed.
        value: what it says.
        other: what it says in the other order, where day and month may be either.
        start: of the text within the text that it was found in.
        end: just behind it.
    """

    text: str
    value: datetime.date
    other: datetime.date | None = None
    start: int = 0
    end: int = 0


def read_date(text: str, language: str = "", order: DateOrder | None = None) -> PrintedDate | None:
    """The date that a text is, with nothing else in it but a time or the name of a day.

    Args:
        text: for example `5. März 2018`, `03/05/18`, `20180305`.
        language: of the document (BCP 47), for the names of months.
        order: of day and month; the language's if absent.

    Returns:
        None if the text is no date, or more than one.
    """
    found = list(find_dates(text, language, order, _EARLIEST_YEAR))
    if len(found) == 1:
        date = found[0]
        rest = _TIME.sub("", text[: date.start] + " " + text[date.end :])
        return date if len(re.findall(r"\w{3,}|\d", rest)) <= 1 and not re.search(r"\d", rest) else None
    if not found and (compact := re.fullmatch(r"\s*((?:1[5-9]|20)\d\d)(\d\d)(\d\d)\s*", text)):
        value = _date(*(int(part) for part in compact.groups()))
        return PrintedDate(text.strip(), value) if value else None
    return None


def find_dates(
    text: str, language: str = "", order: DateOrder | None = None, first_year: int = 1900
) -> Iterator[PrintedDate]:
    """All dates of a text from left to right, none before the first year: numbers of other kinds look like them."""
    order = order or order_of(language)
    at = 0
    while (match := _DATE.search(text, at)) is not None:
        values = [value for value in _values(match, language, order) if value.year >= first_year]
        at = match.end() if values else match.start() + 1  # in "17 vom 03.04.2020" the date begins later
        if values:
            start, end = match.span()
            yield PrintedDate(text[start:end], values[0], values[1] if len(values) > 1 else None, start, end)


def order_of(language: str) -> DateOrder:
    """How a language (BCP 47) writes dates in digits; a plain `en` counts as American, DAY_FIRST if it is not known."""
    try:
        pattern = str(get_date_format("short", Locale.parse(language, sep="-")))
    except (UnknownLocaleError, ValueError):
        return DateOrder.DAY_FIRST
    day, month = pattern.lower().find("d"), pattern.lower().find("m")
    return DateOrder.MONTH_FIRST if 0 <= month < day and not pattern.lower().startswith("y") else DateOrder.DAY_FIRST


def order_seen(texts: Iterable[str]) -> DateOrder | None:
    """The order that the dates of a document show by a part that can be no month; None if none shows it, or both do."""
    seen = set()
    for text in texts:
        for match in _DATE.finditer(text):
            if match["a"]:
                first, second = int(match["a"]), int(match["b"])
                if _MONTHS < first <= _DAYS and second <= _MONTHS:
                    seen.add(DateOrder.DAY_FIRST)
                elif _MONTHS < second <= _DAYS and first <= _MONTHS:
                    seen.add(DateOrder.MONTH_FIRST)
    return seen.pop() if len(seen) == 1 else None


def find_times(text: str) -> Iterator[tuple[str, datetime.time]]:
    """All times of day with a colon, as they are printed and what they say."""
    for match in _TIME.finditer(text):
        hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
        half = (match["half"] or "").replace(".", "").lower()
        if half:
            if not 1 <= hour <= _MONTHS:
                half = ""  # 19:53 PM
            else:
                hour = hour % 12 + (12 if half == "pm" else 0)
        if hour < 24 and minute < 60 and second < 60:  # noqa: PLR2004 - of a clock
            yield match.group().strip(), datetime.time(hour, minute, second)


def _values(match: re.Match[str], language: str, order: DateOrder) -> list[datetime.date]:
    """What a date may say, the likelier first."""
    if year := match["y"] or match["y2"]:
        return _dates((int(year), int(match["m"] or match["m2"]), int(match["d"] or match["d2"])))
    if match["a"]:
        year, first, second = _year(match["c"]), int(match["a"]), int(match["b"])
        day_first, month_first = (year, second, first), (year, first, second)
        if order is DateOrder.MONTH_FIRST:
            return _dates(month_first, day_first)
        return _dates(day_first, month_first)
    month = _month(match["name"] or match["name2"], language)
    day, printed = match["day"] or match["day2"], match["year"] or match["year2"]
    return _dates((_year(printed), month, int(day))) if month else []


def _dates(*parts: tuple[int, int, int]) -> list[datetime.date]:
    found = [date for each in parts if (date := _date(*each))]
    return found[:1] if len(found) == len(parts) > 1 and found[0] == found[1] else found


def _date(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day) if year >= _EARLIEST_YEAR else None
    except ValueError:
        return None


def _year(text: str) -> int:
    year = int(text.lstrip("'\u2019"))
    return year if year >= 100 else year + (2000 if year < _PIVOT else 1900)  # noqa: PLR2004 - two digits


def _month(name: str, language: str) -> int:
    """1 to 12; 0 if no language here calls a month so."""
    folded = _folded(name)
    for names in map(_month_names, (language.partition("-")[0], *_LANGUAGES)):
        if folded in names:
            return names[folded]
    return 0


@cache
def _month_names(language: str) -> dict[str, int]:
    """Names and short names without accents, full stops and capitals."""
    names: dict[str, int] = {}
    try:
        locale = Locale.parse(language)
    except (UnknownLocaleError, ValueError):
        return names
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            for number, name in get_month_names(width, context, locale).items():
                folded = _folded(name)
                if folded.isalpha():
                    names.setdefault(folded, number)
                    if width == "wide" and language in ("en", "de", "nl"):
                        names.setdefault(folded[:3], number)
    if language == "en":
        names["sept"] = 9
    return names


def _folded(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name.casefold().replace("ß", "ss").replace("ł", "l"))
    return "".join(sign for sign in plain if sign.isalpha())


_MONTHS, _DAYS = 12, 31
_PIVOT = 70
"""Years of two digits from here on are of the last century."""
_EARLIEST_YEAR = 1500
"""Before the Gregorian calendar, dates mean something else."""
_LANGUAGES = ("en", "de", "fr", "nl", "es", "it", "pt", "pl", "sv", "da", "nb", "fi", "cs", "ro", "hu")

_DATE = re.compile(
    r"""
    (?<!\w)(?<!\d[/.,:-])
    (?:
        (?P<y>(?:1[5-9]|20)\d\d)(?P<s>[-/.]|\.[ ])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)
      | (?P<y2>(?:1[5-9]|20)\d\d)年(?P<m2>\d{1,2})月(?P<d2>\d{1,2})日
      | (?P<a>\d{1,2})(?P<t>[ ]?[-/.\u2013][ ]?)(?P<b>\d{1,2})(?P=t)(?P<c>\d{4}|['\u2019]?\d{2})(?!\d|[.,/-]\d)
      | (?P<day>\d{1,2})(?:\.|st|nd|rd|th|er|º|°)?[ ]?[-/.,]?[ ]?(?:de[ ]|of[ ]|d['\u2019])?
        (?P<name>[^\W\d_]{3,12})\.?[ ]?[-/.,]?[ ]?(?:de[ ]|del[ ])?(?P<year>(?:1[5-9]|20)\d\d|['\u2019]?\d{2})(?![\d:])
      | (?P<name2>[^\W\d_]{3,12})\.?[ ]?[-/.]?[ ]?(?P<day2>\d{1,2})(?:st|nd|rd|th)?
        (?:[ ]?[-/,.][ ]?|[ ])(?P<year2>(?:1[5-9]|20)\d\d|['\u2019]\d{2})(?!\d)
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_TIME = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\s?(?P<half>[AP]\.?M\b\.?)?(?![\d:])",
    re.IGNORECASE,
)
