"""Identifiers with check digits: bank accounts, books, goods, cards, VAT numbers. python-stdnum knows their rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from string import ascii_uppercase
from types import MappingProxyType
from typing import Final

from stdnum import ean, get_cc_module, iban, isbn, luhn, numdb
from stdnum.eu import vat as eu_vat
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidLength, ValidationError


@dataclass(frozen=True, slots=True)
class Identifier:
    """What an identifier says.

    Attributes:
        value: without spaces and marks, in capitals.
        fault: why it is not valid, as a clause; empty where it is.
    """

    value: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of identifier.

    Attributes:
        name: for messages.
        expression: how it is printed, spaces aside, as a regular expression.
        one_in: how many texts of that look there are for one whose check digits hold.
        check: gives the value of a text and a country; raises stdnum's ValidationError where it is not valid.
    """

    name: str
    expression: str
    one_in: int
    check: Callable[[str, str], str]


def read_identifier(scheme: str, text: str, region: str = "") -> Identifier:
    """What a text says as an identifier.

    Args:
        scheme: a key of RULES.
        text: as printed.
        region: ISO 3166-1, for VAT numbers that do not name their country.
    """
    rule = RULES[scheme]
    plain = "".join(sign for sign in text.upper() if sign.isalnum())
    try:
        return Identifier(rule.check(text.upper(), region))
    except InvalidChecksum:
        return Identifier(plain, f"the check digits of the {rule.name} do not fit")
    except InvalidLength:
        return Identifier(plain, f"no {rule.name} has {len(plain)} characters like these")
    except InvalidComponent:
        return Identifier(plain, f"a part of the {rule.name}, such as its country, does not exist")
    except ValidationError:
        return Identifier(plain, f"it is not written as the {rule.name} is")


def _isbn(text: str, _region: str) -> str:
    return str(isbn.to_isbn13(isbn.validate(text.removeprefix("ISBN").lstrip(" :"))))


def _vat(text: str, region: str) -> str:
    plain = "".join(sign for sign in text if sign.isalnum())
    country = plain[:2] if plain[:2].isalpha() else region
    if country in ("EL", "XI") or country.lower() in eu_vat.MEMBER_STATES:
        prefix = "" if plain[:2].isalpha() else country
        return str(eu_vat.validate(prefix + plain))
    module = get_cc_module(country.lower(), "vat") if country else None
    if module is None:
        raise InvalidComponent
    return str(module.validate(text))


@cache
def _iban_expression() -> str:
    """The IBANs of all countries that have one, each with its own length, letters and digits."""
    registry = numdb.get("iban")
    signs = {"n": r"\d", "a": "[A-Z]", "c": "[0-9A-Z]"}
    found = []
    for country in map("".join, product(ascii_uppercase, repeat=2)):
        known = registry.info(country)[0][1]
        if "bban" in known:
            parts = re.findall(r"(\d+)!([nac])", known["bban"])
            found.append(rf"{country}\d\d" + "".join(f"{signs[kind]}{{{times}}}" for times, kind in parts))
    return "|".join(found)


RULES: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "iban": Rule("IBAN", _iban_expression(), 97, lambda text, _: str(iban.validate(text))),
        "isbn": Rule("ISBN", r"(ISBN:?)?(97[89]-?)?(\d-?){9}[\dX]", 10, _isbn),
        "ean": Rule("EAN", r"\d{8}|\d{12,14}", 10, lambda text, _: str(ean.validate(text))),
        "luhn": Rule(
            "number", r"(\d-?){3,31}\d", 10, lambda text, _: str(luhn.validate("".join(filter(str.isdigit, text))))
        ),
        "vat": Rule("VAT number", r"[A-Z]{2,3}-?[0-9A-Z][0-9A-Z.\-]{5,15}|\d[0-9.\-]{6,15}", 10, _vat),
    }
)
