"""What a country decides: how numbers and dates are written in it, and which currency its signs stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from babel import Locale, UnknownLocaleError
from babel.languages import get_official_languages
from babel.numbers import get_currency_symbol, get_territory_currencies

_NO_COUNTRIES: Final = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})
"""Codes of two letters that CLDR uses for something else."""


def find_country(code: str) -> str | None:
    """The country's code of ISO 3166-1, in capitals; for UK, which many take for it, GB."""
    capitals = code.strip().upper()
    country = "GB" if capitals == "UK" else capitals
    return country if country in _countries() else None


def written_in(country: str, language: str) -> str:
    """The tag (BCP 47) by which numbers and dates are written in a country.

    Args:
        country: by ISO 3166-1.
        language: of the text (BCP 47). Where nothing is known of it there, the country's own language decides.
    """
    own = (f"{each.replace('_', '-')}-{country}" for each in _languages_of(country))
    wanted = f"{language.partition('-')[0]}-{country}"
    return next(filter(_is_known, (wanted, *own)), wanted)


@cache
def currency_in(country: str, sign: str) -> str:
    """The country's own currency (ISO 4217) if this sign stands for it there; empty otherwise."""
    plain = sign.strip(" .").upper()
    for code in get_territory_currencies(country):
        for language in _languages_of(country):
            tag = f"{language}_{country}"
            if _is_known(tag.replace("_", "-")) and get_currency_symbol(code, tag).strip(" .").upper() == plain:
                return code
    return ""


@cache
def _countries() -> frozenset[str]:
    names: Mapping[str, str] = Locale("en").territories
    return frozenset(code for code in names if re.fullmatch("[A-Z]{2}", code)) - _NO_COUNTRIES


def _languages_of(country: str) -> tuple[str, ...]:
    return tuple(get_official_languages(country, de_facto=True))


def _is_known(tag: str) -> bool:
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True
