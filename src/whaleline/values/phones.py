"""Telephone numbers, by Google's library: as printed in a country, and as they are dialled from anywhere (E.164)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import phonenumbers

EXPRESSION: Final = r"[+(]?[0-9][0-9()/.\-]{3,20}[0-9]"
"""How a number is printed, spaces aside."""

_REASONS: Final = {
    phonenumbers.ValidationResult.TOO_SHORT: "it is too short for a telephone number",
    phonenumbers.ValidationResult.TOO_LONG: "it is too long for a telephone number",
    phonenumbers.ValidationResult.INVALID_COUNTRY_CODE: "there is no such country code",
    phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "it lacks its area code",
}


@dataclass(frozen=True, slots=True)
class Phone:
    """A telephone number.

    Attributes:
        value: in E.164; empty where it is not a number at all.
        fault: why it is not valid, as a clause; empty where it is.
    """

    value: str
    fault: str = ""


def read_phone(text: str, region: str = "") -> Phone:
    """What a text says as a telephone number.

    Args:
        text: as printed.
        region: ISO 3166-1, of numbers without a country code.
    """
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException as error:
        lacks = error.error_type == phonenumbers.NumberParseException.INVALID_COUNTRY_CODE and not region
        return Phone("", "it has no country code, and the field no region" if lacks else "it is not a telephone number")
    value = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if phonenumbers.is_valid_number(number):
        return Phone(value)
    reason = phonenumbers.is_possible_number_with_reason(number)
    return Phone(value, _REASONS.get(reason, "there is no such number in its country"))
