"""Identifiers, machine readable zones and telephone numbers."""

from __future__ import annotations

import re

import pytest

from whaleline.values.identifiers import RULES, read_identifier
from whaleline.values.mrz import LAYOUTS, check_digit, faults, held
from whaleline.values.phones import EXPRESSION, read_phone

# The specimens of ICAO Doc 9303.
PASSPORT = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
CARD = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
SMALL = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")
VISA = ("V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L8988901C4XXX4009078F96121096ZE184226B<<<<<<")


@pytest.mark.parametrize(
    ("scheme", "text", "value"),
    [
        ("iban", "DE89 3704 0044 0532 0130 00", "DE89370400440532013000"),
        ("isbn", "ISBN 978-0-471-11709-4", "9780471117094"),
        ("isbn", "0-306-40615-2", "9780306406157"),
        ("ean", "4006381333931", "4006381333931"),
        ("luhn", "4539 1488-0343 6467", "4539148803436467"),
        ("vat", "DE 136 695 976", "DE136695976"),
        ("vat", "CHE-107.787.577 IVA", "CHE107787577IVA"),
    ],
)
def test_a_valid_identifier_has_its_value(scheme: str, text: str, value: str) -> None:
    found = read_identifier(scheme, text)
    assert (found.value, found.fault) == (value, "")
    assert re.fullmatch(RULES[scheme].expression, text.replace(" ", ""))


@pytest.mark.parametrize(
    ("scheme", "text", "fault"),
    [
        ("iban", "DE89 3704 0044 0532 0130 01", "the check digits of the IBAN do not fit"),
        ("iban", "DE89 3704", "characters like these|check digits|not written"),
        ("ean", "4006381333932", "check digits of the EAN"),
        ("luhn", "7895", "check digits"),
        ("vat", "123456789", "does not exist"),
    ],
)
def test_what_is_wrong_with_an_identifier_is_told(scheme: str, text: str, fault: str) -> None:
    assert re.search(fault, read_identifier(scheme, text).fault)


@pytest.mark.parametrize("lines", [PASSPORT, CARD, SMALL, VISA], ids=["TD3", "TD1", "TD2", "MRV-A"])
def test_the_specimens_hold(lines: tuple[str, ...]) -> None:
    fitting = [
        layout
        for layout in LAYOUTS
        if len(layout.lines) == len(lines)
        and all(re.fullmatch(expression, line) for expression, line in zip(layout.lines, lines, strict=True))
    ]
    assert len(fitting) == 1
    assert all(len(line) == fitting[0].width for line in lines)
    assert all(held(fitting[0], lines))
    assert faults(fitting[0], lines) == ""


def test_a_misread_digit_is_told() -> None:
    layout = LAYOUTS[0]
    wrong = (PASSPORT[0], PASSPORT[1].replace("740812", "740813"))
    assert faults(layout, wrong) == "the check digit of the date of birth and the whole does not fit"
    assert check_digit("740812") == "2"


@pytest.mark.parametrize(
    ("text", "region", "value", "fault"),
    [
        ("030 / 901820", "DE", "+4930901820", ""),
        ("+44 20 7946 0958", "", "+442079460958", ""),
        ("030 901820", "", "", "no country code"),
        ("1", "DE", "", "not a telephone number"),
        ("+1 555", "", "+1555", "too short"),
    ],
)
def test_a_telephone_number(text: str, region: str, value: str, fault: str) -> None:
    found = read_phone(text, region)
    assert found.value == value
    assert fault in found.fault
    assert bool(found.fault) == bool(fault)


def test_a_telephone_number_is_printed_as_the_expression_says() -> None:
    assert re.fullmatch(EXPRESSION, "(030)/90-18.20")
    assert re.fullmatch(EXPRESSION, "+442079460958")
