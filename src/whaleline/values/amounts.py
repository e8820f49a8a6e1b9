"""Amounts as they are printed: 1.234,56 and 1,234.56 and 1'234.50, with a currency or without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from babel import Locale, UnknownLocaleError
from babel.numbers import get_currency_symbol, get_decimal_symbol, list_currencies

from whaleline.values.countries import currency_in


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount.

    Attributes:
        text: as it is printed, with its sign and currency.
        value: what it says.
        currency: ISO 4217; empty where none is printed.
        other: what it says as well, where a lone mark has three digits behind it (1.234 is 1234 or 1.234).
        start: of the text within the text that it was found in.
        end: just behind it.
    """

    text: str
    value: Decimal
    currency: str = ""
    other: Decimal | None = None
    start: int = 0
    end: int = 0

    @property
    def decimals(self) -> int:
        """Digits behind the decimal mark."""
        exponent = self.value.as_tuple().exponent
        return max(0, -exponent) if isinstance(exponent, int) else 0


def read_amount(text: str, decimal_mark: str = "", country: str = "") -> Amount | None:
    """The amount that a text is, with nothing else in it.

    Args:
        text: for example `EUR 1.250,75`, `(12.00)`, `1'234.50-`.
        decimal_mark: of the document, `.` or `,`; decides what can be read both ways.
        country: of the document (ISO 3166-1); decides what a sign of several currencies stands for.

    Returns:
        None if the text is no amount, or more than one.
    """
    stripped = text.strip()
    for amount in find_amounts(stripped, decimal_mark, country):
        rest = stripped[: amount.start] + stripped[amount.end :]
        return amount if not rest.strip(" :*=") else None
    return None


def find_amounts(text: str, decimal_mark: str = "", country: str = "") -> Iterator[Amount]:
    """All amounts of a text from left to right; digits within words, dates and times are none."""
    for match in _AMOUNT.finditer(text):
        values = _values(match["number"], decimal_mark)
        if not values:
            continue
        negative = bool(match["minus"] or match["inner"] or match["behind"] or (match["open"] and match["close"]))
        value, *others = [-each if negative else each for each in values]
        currency = currency_of(match["before"] or "", country) or currency_of(match["after"] or "", country)
        start, end = match.span()
        while text[start].isspace():
            start += 1
        while text[end - 1].isspace():
            end -= 1
        yield Amount(text[start:end], value, currency, others[0] if others else None, start, end)


def currency_of(text: str, country: str = "") -> str:
    """The currency that a sign or code stands for; empty if it stands for none.

    A dollar without more is USD and kr is SEK, unless the country (ISO 3166-1) is one whose own currency has this sign.
    """
    return (country and text and currency_in(country, text)) or _currencies().get(text.strip().strip(".").upper(), "")


def decimal_mark_of(language: str) -> str:
    """The decimal mark that a language (BCP 47) writes: `.` or `,`; empty where it is not known."""
    try:
        mark = get_decimal_symbol(Locale.parse(language, sep="-"))
    except (UnknownLocaleError, ValueError):
        return ""
    return mark if mark in (".", ",") else ""


def _values(number: str, decimal_mark: str) -> list[Decimal]:
    """What a number may say, the likelier first."""
    plain = re.sub(r"\s|['\u2019`]", "", number)
    plain = _DASHES.sub("", plain)
    marks = [sign for sign in plain if sign in ".,"]
    if not marks:
        return [Decimal(plain)]
    last = marks[-1]
    head, _, tail = plain.rpartition(last)
    if len(marks) == 1:
        as_decimal = Decimal(f"{head or '0'}.{tail}") if tail else Decimal(head)
        if len(tail) != _GROUP or not 1 <= len(head) <= _GROUP or head.startswith("0"):
            return [as_decimal]
        as_group = Decimal(head + tail)
        return [as_decimal, as_group] if decimal_mark == last else [as_group, as_decimal]
    if len(set(marks)) == 1:  # 1.234.567
        return [Decimal(plain.replace(last, ""))] if _grouped(plain.split(last)) else []
    other = "," if last == "." else "."
    if marks.count(last) > 1 or not _grouped(head.split(other)):
        return []
    return [Decimal(f"{head.replace(other, '')}.{tail}")]


def _grouped(parts: list[str]) -> bool:
    """Whether digits stand in threes, or in twos before the last three as in India."""
    first, *middle, last = parts
    return 1 <= len(first) <= _GROUP and len(last) == _GROUP and all(len(part) in (2, _GROUP) for part in middle)


@cache
def _currencies() -> dict[str, str]:
    found = {code: code for code in list_currencies()}
    for locale in _SYMBOLS_OF:
        for code in COMMON:
            found.setdefault(get_currency_symbol(code, locale).upper().strip("."), code)
    return found | _NAMED


_GROUP = 3
_SYMBOLS_OF = ("en", "de", "fr", "nl", "es", "it", "pt", "pl", "cs", "sv", "da", "nb", "hu", "ro")
COMMON = (
    "EUR", "USD", "GBP", "CHF", "JPY", "CNY", "INR", "MYR", "SGD", "AUD", "CAD", "NZD", "HKD", "BRL", "MXN", "PLN",
    "CZK", "HUF", "RON", "SEK", "DKK", "NOK", "ISK", "BGN", "TRY", "RUB", "UAH", "ILS", "KRW", "THB", "VND", "IDR",
    "PHP", "ZAR", "AED", "SAR", "MAD",
)  # fmt: skip
_NAMED = {
    "$": "USD", "US$": "USD", "RM": "MYR", "EURO": "EUR", "EUROS": "EUR", "€": "EUR", "£": "GBP", "¥": "JPY",
    "FR": "CHF", "SFR": "CHF", "KR": "SEK", "ZŁ": "PLN", "ZL": "PLN", "KČ": "CZK", "FT": "HUF", "LEI": "RON",
    "RS": "INR", "R$": "BRL", "₹": "INR", "₽": "RUB", "₺": "TRY", "S$": "SGD", "A$": "AUD", "C$": "CAD",
    "DH": "MAD", "DHS": "MAD",
}  # fmt: skip
_DASHES = re.compile(r"[.,][-\u2013\u2014]+$")  # 12,-- and 5.-
_SIGN = r"(?:[A-Z]{3}|RM|EUROS?|Euros?|US\$|S\$|A\$|C\$|R\$|SFr\.?|Fr\.|kr\.?|z[łl]|K[čc]|Ft|lei|Rs\.?|DHs?|[$€£¥₹₽₺])"
_SPACE = "[ \u00a0\u202f]"
_AMOUNT = re.compile(
    rf"""
    (?<!\w)(?<!\d[.,:/#])(?<!\w[-\u2013])(?<!\#)                   # not within a word, a date, a time, an identifier
    (?P<open>\()?
    (?P<minus>[-\u2212\u2013]{_SPACE}?)?
    (?:(?P<before>{_SIGN})[:.]?{_SPACE}?)?
    (?P<inner>[-\u2212\u2013]{_SPACE}?)?
    (?P<number>
        \d{{1,3}}(?:{_SPACE}\d{{3}})+(?:[.,]\d{{1,4}})?(?!\d)  # 1 234,56
      | \d{{1,3}}(?:['\u2019`]\d{{3}})+(?:[.,]\d{{1,4}})?      # 1'234.50
      | \d+(?:[.,]\d+)*(?:[.,][-\u2013\u2014]{{1,2}})?
      | [.,]\d{{2}}
    )
    (?P<behind>[-\u2212](?!\w))?
    (?P<close>\))?
    (?:{_SPACE}?(?P<after>{_SIGN})(?!\w))?
    (?![\w/:]|[.,-]\d|\s?%)
    """,
    re.VERBOSE,
)
