"""Amounts of money as they are printed."""

from __future__ import annotations

import pytest

from whaleline.values import amounts


@pytest.mark.parametrize(
    ("text", "value", "currency"),
    [
        ("1.234,56", "1234.56", ""),
        ("1,234.56", "1234.56", ""),
        ("EUR 1.250,75", "1250.75", "EUR"),
        ("11,000.00", "11000.00", ""),
        ("1'234.50", "1234.50", ""),
        ("Fr. 1’234.50", "1234.50", "CHF"),
        ("1 234,56 €", "1234.56", "EUR"),
        ("12 345 678,90", "12345678.90", ""),
        ("RM14.10", "14.10", "MYR"),
        ("RM 14.10", "14.10", "MYR"),
        ("$ 5.00", "5.00", "USD"),
        ("-4.50", "-4.50", ""),
        ("4,50-", "-4.50", ""),
        ("(4.50)", "-4.50", ""),
        ("-€12.00", "-12.00", "EUR"),
        ("€ -12.00", "-12.00", "EUR"),
        ("\u22124,10 €", "-4.10", "EUR"),
        (".50", "0.50", ""),
        ("12,--", "12", ""),
        ("5.-", "5", ""),
        ("1,23,456.00", "123456.00", ""),
        ("1.234.567", "1234567", ""),
        ("0,123", "0.123", ""),
        ("43,2000", "43.2000", ""),
        ("1 200,00 Kč", "1200.00", "CZK"),
        ("100 zł", "100", "PLN"),
    ],
)
def test_an_amount_is_read_as_it_is_written_somewhere(text: str, value: str, currency: str) -> None:
    amount = amounts.read_amount(text)
    assert amount is not None
    assert (str(amount.value), amount.currency, amount.other) == (value, currency, None)


@pytest.mark.parametrize(
    ("mark", "value", "other"), [("", "1234", "1.234"), (",", "1234", "1.234"), (".", "1.234", "1234")]
)
def test_what_can_be_read_both_ways_says_both(mark: str, value: str, other: str) -> None:
    amount = amounts.read_amount("1.234", mark)
    assert amount is not None
    assert (str(amount.value), str(amount.other)) == (value, other)


@pytest.mark.parametrize(
    "text", ["", "A4", "05.03.2018", "12:30", "19 %", "19%", "1.2.3", "12,34,5", "A-12", "201/113/40209", "1.00 2.00"]
)
def test_what_is_no_amount_is_none(text: str) -> None:
    assert amounts.read_amount(text) is None


def test_amounts_of_a_line_are_found_with_their_places() -> None:
    line = "2 x 4,50 = 9,00 EUR am 05.03.2018 um 12:30, 19% MwSt"
    found = list(amounts.find_amounts(line))
    assert [(str(each.value), each.currency) for each in found] == [("2", ""), ("4.50", ""), ("9.00", "EUR")]
    assert [line[each.start : each.end] for each in found] == ["2", "4,50", "9,00 EUR"]
    assert [each.decimals for each in found] == [0, 2, 2]


@pytest.mark.parametrize(("language", "mark"), [("en", "."), ("de", ","), ("fr", ","), ("pt-BR", ","), ("xx", "")])
def test_the_decimal_mark_is_the_languages(language: str, mark: str) -> None:
    assert amounts.decimal_mark_of(language) == mark


@pytest.mark.parametrize(
    ("text", "country", "currency"),
    [
        ("kr 1 250,00", "NO", "NOK"),
        ("1.250,00 kr.", "DK", "DKK"),
        ("1 250 kr", "SE", "SEK"),
        ("$12.50", "CA", "CAD"),
        ("$12.50", "DE", "USD"),
        ("US$ 12.50", "CA", "USD"),
        ("EUR 12.50", "NO", "EUR"),
        ("¥12", "CN", "CNY"),
        ("12.50", "NO", ""),
    ],
)
def test_a_sign_stands_for_the_currency_of_its_country(text: str, country: str, currency: str) -> None:
    amount = amounts.read_amount(text, country=country)
    assert amount is not None
    assert amount.currency == currency
