"""What a field says: its text as printed, its value in a normal form, and whether it is valid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from whaleline import recognition
from whaleline.errors import InvalidRequest
from whaleline.forms import expressions, meanings, text_reading, zone_fields
from whaleline.forms.drawn_fields import DRAWN
from whaleline.forms.field_value import FieldValue
from whaleline.forms.template import Kind, Scheme, TemplateField
from whaleline.imaging import marks
from whaleline.imaging.picture import Picture
from whaleline.recognition import field as fields
from whaleline.recognition import field_lines, round_signs
from whaleline.recognition.field import Constraint, FieldText, constraint
from whaleline.recognition.field_lines import FieldLine
from whaleline.recognition.page import Page
from whaleline.recognition.pattern import alternatives
from whaleline.values import phones
from whaleline.values.identifiers import RULES, read_identifier

_MOST_PLACES: Final = 40_000
"""Characters that the patterns of a form may stand for together: some seconds of work when it is taken in."""

_READ_SURELY: Final = 75.0
"""Confidence, 0 to 100, of text that is taken for writing whatever the form's picture shows there."""


def read_value(
    field: TemplateField, picture: Picture, blank: Picture | None = None, *, tessdata: Path | None = None
) -> FieldValue:
    """Read a field.

    Args:
        field: of the template.
        picture: of the field in the scan, upright; grey or colour.
        blank: of the field on the form's picture, where there is one; empty, as a rule, and maybe of another size.
        tessdata: a folder of traineddata files, looked into before the bundled and the system's.

    Raises:
        ConfigurationError: the field's language is not installed.
        InvalidRequest: its pattern is not supported; see `check`.
    """
    if field.kind in DRAWN:
        found = DRAWN[field.kind](field, picture, blank)
    else:
        found = _printed(field, picture, tessdata)
        found = _or_empty(found, picture, blank)
    return _looked_at(field, found)


def empty(field: TemplateField, picture: Picture, blank: Picture | None = None) -> FieldValue | None:
    """The value of a printed field in which there is certainly nothing; None where it has to be read.

    Args: as of `read_value`.
    """
    if field.kind in DRAWN or blank is None or marks.has_writing(blank)[0] or not marks.is_bare(picture, blank):
        return None
    return _looked_at(field, FieldValue("", None, 100.0))


def _or_empty(found: FieldValue, picture: Picture, blank: Picture | None) -> FieldValue:
    """Nothing, where what was read with doubt is the form's own print: nobody wrote in the field.

    A form that was itself filled in tells nothing: writing at the same place would pass for its print.
    """
    if blank is None or found.confidence >= _READ_SURELY:
        return found
    if marks.has_writing(blank)[0] or not marks.is_untouched(picture, blank):
        return found
    return FieldValue("", None, 100.0)


def _looked_at(field: TemplateField, found: FieldValue) -> FieldValue:
    """The value, and what the field asks for beside its kind."""
    if field.required and not found.value and field.kind is not Kind.PICTURE:
        found = found.fault("it is required and empty" if found.valid else "it is required")
    if found.text and found.confidence < field.least_confidence:
        found = found.doubt(
            f"its confidence is {found.confidence:.0f}, less than the {field.least_confidence:g} that is required"
        )
    return found


def check(fields: Sequence[TemplateField], at: str) -> None:
    """Look whether the patterns of a form's fields are supported.

    Args:
        fields: of the form.
        at: where they stand in a request, for messages.

    Raises:
        InvalidRequest: one is not, or they are too long together; the message says what of it.
    """
    places: dict[tuple[str, str | None], int] = {}  # the same pattern costs its time once
    for number, field in enumerate(fields):
        try:
            own = constraint_of(field).automaton
        except InvalidRequest as error:
            raise InvalidRequest(f"{at}[{number}].{error.field}", f"{at}[{number}].{error}") from None
        places[own.expression, field.characters] = own.places
        if sum(places.values()) > _MOST_PLACES:
            why = f"the patterns and choices of all fields stand for more than {_MOST_PLACES} characters together"
            raise InvalidRequest(at, f"{at}: {why}")


def constraint_of(field: TemplateField) -> Constraint:
    """What may stand in a printed field; of a machine readable zone each line has its own, which is not told here."""
    weigh: Callable[[str], float] | None = _LOOKS.get(field.kind)
    if field.scheme is not None and field.scheme is not Scheme.MRZ:
        rule = RULES[field.scheme]
        weigh = fields.passes(
            lambda text: not read_identifier(field.scheme or "", text, meanings.region_of(field)).fault, rule.one_in
        )
    return constraint(field.pattern or _expression(field), field.characters, weigh)


_LOOKS: Final[Mapping[Kind, Callable[[str], float]]] = MappingProxyType(
    {Kind.AMOUNT: expressions.look_of_amount, Kind.DATE: expressions.look_of_date}
)


def _expression(field: TemplateField) -> str:
    if field.scheme is not None and field.scheme is not Scheme.MRZ:
        return RULES[field.scheme].expression
    if field.kind is Kind.CHOICE:
        return alternatives(field.choices)
    if field.kind is Kind.DATE:
        return expressions.date(meanings.language_of(field).tag)
    return {Kind.NUMBER: expressions.NUMBER, Kind.AMOUNT: expressions.AMOUNT, Kind.PHONE: phones.EXPRESSION}.get(
        field.kind, fields.ANYTHING
    )


def _printed(field: TemplateField, picture: Picture, tessdata: Path | None) -> FieldValue:
    language = meanings.language_of(field)
    seen = field_lines.look(picture, recognition.line_reader(language, tessdata=tessdata))
    if not seen:
        return FieldValue("", None, 100.0)
    told = constraint_of(field)
    if field.kind is Kind.TEXT and not field.pattern:
        return _free(field, seen, told)
    is_zone = field.scheme is Scheme.MRZ
    read = None if is_zone else max((fields.decide(line, told) for line in seen), key=lambda text: text.weight)
    found = _meant(field, seen, told, read) if read else zone_fields.read_zone(seen)
    if zone_fields.PART.intersection(found.reasons) or (found.valid and found.confidence >= _READ_SURELY):
        return found
    page = recognition.read(picture, language, tessdata=tessdata)
    if read is None:
        return text_reading.zone_of(page) or found
    other = text_reading.value_of(page, told.automaton) if text_reading.is_surrounded(page) else None
    if other is None or other.weight <= read.weight or round_signs.is_same(other.text, read.text):
        return found
    return _meant(field, seen, told, other)


def _meant(field: TemplateField, seen: list[FieldLine], told: Constraint, read: FieldText) -> FieldValue:
    if not read.fits:
        whole = " ".join(line.plain[0] for line in seen if line.plain[0])
        return FieldValue(whole, None, read.confidence).fault(_misfit(field))
    found = meanings.meaning_of(field, told.automaton.plain(read.text), read)
    if read.other:
        second = meanings.meaning_of(field, told.automaton.plain(read.other), replace(read, text=read.other))
        found = replace(found, other=found.other or second.value or read.other).doubt(f"it may also be {read.other}")
    return found


def _free(field: TemplateField, seen: list[FieldLine], told: Constraint) -> FieldValue:
    """Text of any number of lines."""
    if field.characters is None:
        read = [line.plain for line in seen if line.plain[0]]
    else:
        decided = [fields.decide(line, told) for line in seen]
        read = [(text.text, text.confidence) for text in decided if text.fits and text.text]
    text = "\n".join(each for each, _ in read)
    confidence = sum(each * len(line) for line, each in read) / max(1, sum(len(line) for line, _ in read))
    return FieldValue(text, text or None, confidence)


def _misfit(field: TemplateField) -> str:
    if field.scheme is not None:
        name = RULES[field.scheme].name
        return f"it does not look like {'an' if name[0] in 'EI' else 'a'} {name}"
    return _MISFIT.get(field.kind, "it does not fit the pattern")


_MISFIT: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.NUMBER: "it is not a number",
        Kind.AMOUNT: "it is not an amount",
        Kind.DATE: "it is not a date",
        Kind.CHOICE: "it is not one of the choices",
        Kind.PHONE: "it is not a telephone number",
    }
)


def of_text(field: TemplateField, page: Page, picture: Picture, blank: Picture | None = None) -> FieldValue:
    """The value of a field of free text that was read as any region is; `picture` and `blank` as in `read_value`."""
    words = page.words
    confidence = sum(word.confidence for word in words) / len(words) if words else 0.0 if page.unread else 100.0
    found = FieldValue(page.text, page.text or None, confidence)
    found = _or_empty(found.doubt("something in it was not read") if page.unread else found, picture, blank)
    return _looked_at(field, found)
