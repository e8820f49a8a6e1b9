"""What a country decides about numbers and dates."""

from __future__ import annotations

import pytest

from whaleline.values.countries import find_country, written_in


@pytest.mark.parametrize(
    ("code", "country"),
    [("DE", "DE"), (" gb ", "GB"), ("UK", "GB"), ("EU", None), ("ZZ", None), ("D", None), ("", None)],
)
def test_a_country_is_found_by_its_code(code: str, country: str | None) -> None:
    assert find_country(code) == country


@pytest.mark.parametrize(
    ("country", "language", "tag"),
    [
        ("DE", "en", "en-DE"),
        ("BR", "en", "pt-BR"),
        ("TR", "fr", "tr-TR"),
        ("CA", "fr", "fr-CA"),
        ("TW", "en", "zh-Hant-TW"),
    ],
)
def test_a_country_writes_in_its_own_way(country: str, language: str, tag: str) -> None:
    assert written_in(country, language) == tag
