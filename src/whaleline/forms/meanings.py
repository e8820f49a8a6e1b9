"""What the text of a field means, by its kind, its language and its region."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from babel.core import get_global

from whaleline.forms.field_value import FieldValue
from whaleline.forms.template import Kind, TemplateField
from whaleline.recognition import languages
from whaleline.recognition.field import FieldText
from whaleline.values import phones
from whaleline.values.amounts import decimal_mark_of, read_amount
from whaleline.values.countries import written_in
from whaleline.values.dates import DateOrder, order_of, read_date
from whaleline.values.identifiers import read_identifier


def meaning_of(field: TemplateField, plain: str, read: FieldText) -> FieldValue:
    """What the text of a field means; `plain` is the text without spaces that nobody thinks of."""
    return _MEANINGS.get(field.kind, _as_it_is)(field, plain, read)


def _as_it_is(field: TemplateField, plain: str, read: FieldText) -> FieldValue:
    if field.kind is Kind.IDENTIFIER and field.scheme is not None:
        told = read_identifier(field.scheme, plain, region_of(field))
        found = FieldValue(read.text, told.value, read.confidence)
        return found.fault(told.fault) if told.fault else found
    return FieldValue(read.text, plain, read.confidence)


def _number(field: TemplateField, plain: str, read: FieldText) -> FieldValue:
    percent = plain.removesuffix("%")
    told = read_amount(percent.removeprefix("+"), decimal_mark_of(tag_of(field)), region_of(field))
    if told is None:
        return FieldValue(read.text, None, read.confidence).fault("its digits are not grouped as in a number")
    found = FieldValue(read.text, format(told.value, "f"), read.confidence, currency=told.currency)
    if told.other is not None and not is_settled(field):
        other = format(told.other, "f")
        return replace(found, other=other).doubt(f"it may also be {other}: the language does not decide")
    return found


def _date(field: TemplateField, plain: str, read: FieldText) -> FieldValue:
    tag, language = tag_of(field), language_of(field).tag
    told = read_date(read.text, language, order_of(tag)) or read_date(plain, language, order_of(tag))
    if told is None or (plain.isdigit() and not _COMPACT.fullmatch(read.text)):
        return FieldValue(read.text, None, read.confidence).fault("there is no such date")
    found = FieldValue(read.text, told.value.isoformat(), read.confidence)
    if told.other is not None and not is_settled(field):
        other = told.other.isoformat()
        first = "day" if order_of(tag) is DateOrder.DAY_FIRST else "month"
        return replace(found, other=other).doubt(f"it may also be {other}: that the {first} comes first is a guess")
    return found


_COMPACT: Final = re.compile(r"\d{4} ?\d\d ?\d\d|(\d ){7}\d")  # 18 11 1008 is no day of 1811


def _phone(field: TemplateField, plain: str, read: FieldText) -> FieldValue:
    told = phones.read_phone(plain, region_of(field))
    found = FieldValue(read.text, told.value or None, read.confidence)
    return found.fault(told.fault) if told.fault else found


_MEANINGS: Final[Mapping[Kind, Callable[[TemplateField, str, FieldText], FieldValue]]] = MappingProxyType(
    {Kind.NUMBER: _number, Kind.AMOUNT: _number, Kind.DATE: _date, Kind.PHONE: _phone}
)


def language_of(field: TemplateField) -> languages.Language:
    """The field's language."""
    language = languages.find(field.language)
    assert language is not None  # noqa: S101 - the template's validator found it
    return language


def tag_of(field: TemplateField) -> str:
    """BCP 47 of the field's language, as its region writes it."""
    tag = language_of(field).tag
    return written_in(field.region, tag) if field.region else tag


def region_of(field: TemplateField) -> str:
    """ISO 3166-1; that in which most speak the language, where the field has none and the language is not English."""
    if field.region or not is_settled(field):
        return field.region or ""
    likely = str(get_global("likely_subtags").get(language_of(field).tag.split("-")[0], ""))
    return likely.rpartition("_")[2] if "_" in likely else ""


def is_settled(field: TemplateField) -> bool:
    """Whether language and region decide how numbers and dates are written: English, the default, alone does not."""
    return field.region is not None or field.language != "English"
