"""Dates and times as they are printed."""

from __future__ import annotations

import datetime

import pytest

from whaleline.values import dates
from whaleline.values.dates import DateOrder


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("05.03.2018", "de", "2018-03-05"),
        ("5. März 2018", "de", "2018-03-05"),
        ("5. Marz 2018", "de", "2018-03-05"),
        ("24. Januar 2014", "en", "2014-01-24"),
        ("2018-03-05", "", "2018-03-05"),
        ("2018/03/05", "", "2018-03-05"),
        ("20180305", "", "2018-03-05"),
        ("25-DEC-17", "", "2017-12-25"),
        ("25/12/2018 8:13:39 PM", "en", "2018-12-25"),
        ("Mon 25-12-17", "", "2017-12-25"),
        ("25 / 12 / 2018", "", "2018-12-25"),
        ("March 25, 2018", "en", "2018-03-25"),
        ("MAR 25 2018", "en", "2018-03-25"),
        ("25 Mar'18", "en", "2018-03-25"),
        ("25th March 2018", "en", "2018-03-25"),
        ("1er août 2018", "fr", "2018-08-01"),
        ("16 février 2017", "fr", "2017-02-16"),
        ("3 de mayo de 2019", "es", "2019-05-03"),
        ("8-9-2022", "nl", "2022-09-08"),
        ("8 september 2022", "nl", "2022-09-08"),
        ("12 października 2020", "pl", "2020-10-12"),
        ("12 lis 2020", "pl", "2020-11-12"),
        ("2018年3月5日", "ja", "2018-03-05"),
        ("31/12/99", "", "1999-12-31"),
        ("1 August 1819", "en", "1819-08-01"),
        ("1588-08-08", "", "1588-08-08"),
    ],
)
def test_a_date_is_read_in_its_language(text: str, language: str, value: str) -> None:
    date = dates.read_date(text, language)
    assert date is not None
    assert date.value.isoformat() == value


@pytest.mark.parametrize(
    "text", ["", "31.02.2018", "12:30", "1.234,56", "5 items 2018", "05.03.2018 6.3.2018", "1/2", "1 Augus t19"]
)
def test_what_is_no_date_is_none(text: str) -> None:
    assert dates.read_date(text) is None


def test_what_looks_like_an_old_date_is_not_found_among_other_text() -> None:
    assert list(dates.find_dates("Call 030-12-1645 before 5. März 2018")) == list(
        dates.find_dates(" " * 24 + "5. März 2018")
    )


def test_a_date_that_may_be_two_says_both() -> None:
    day_first = dates.read_date("05/03/2018", order=DateOrder.DAY_FIRST)
    month_first = dates.read_date("05/03/2018", "en")
    assert day_first is not None
    assert month_first is not None
    assert (str(day_first.value), str(day_first.other)) == ("2018-03-05", "2018-05-03")
    assert (str(month_first.value), str(month_first.other)) == ("2018-05-03", "2018-03-05")


def test_a_part_over_twelve_shows_the_order_of_all_dates() -> None:
    assert dates.order_seen(["due 04/05/2018", "of 04/25/2018"]) is DateOrder.MONTH_FIRST
    assert dates.order_seen(["25/04/2018"]) is DateOrder.DAY_FIRST
    assert dates.order_seen(["04/05/2018"]) is None
    assert dates.order_seen(["25/04/2018", "04/25/2018"]) is None


@pytest.mark.parametrize(
    ("language", "order"),
    [
        ("en", DateOrder.MONTH_FIRST),
        ("en-GB", DateOrder.DAY_FIRST),
        ("de", DateOrder.DAY_FIRST),
        ("", DateOrder.DAY_FIRST),
    ],
)
def test_the_order_is_the_languages(language: str, order: str) -> None:
    assert dates.order_of(language).value == order


def test_dates_of_a_line_are_found_with_their_places() -> None:
    assert [each.text for each in dates.find_dates("Nr. 17 vom 03.04.2020", "de")] == ["03.04.2020"]
    line = "Zeitraum vom 06.12.2013 bis zum 06.12.2014, Nr. 01.234.567.8"
    assert [line[each.start : each.end] for each in dates.find_dates(line, "de")] == ["06.12.2013", "06.12.2014"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("at 20:13", "20:13"),
        ("8:13:39 PM", "20:13:39"),
        ("12:05 am", "00:05"),
        ("19:53 PM", "19:53"),
        ("8:05 a.m.", "08:05"),
    ],
)
def test_a_time_of_day_is_found(text: str, value: str) -> None:
    assert [time for _, time in dates.find_times(text)] == [datetime.time.fromisoformat(value)]


@pytest.mark.parametrize("text", ["25:00", "12:60", "1:2:3:4"])
def test_what_is_no_time_is_not_found(text: str) -> None:
    assert not list(dates.find_times(text))
