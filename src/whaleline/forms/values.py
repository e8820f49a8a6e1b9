"""What a field says: its text as printed, its value in a normal form, and whether it is valid."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final

from babel.core import get_global

from whaleline import recognition
from whaleline.errors import InvalidRequest
from whaleline.forms import expressions
from whaleline.forms.template import Kind, Scheme, TemplateField
from whaleline.imaging import marks
from whaleline.imaging.picture import Picture
from whaleline.recognition import field as fields
from whaleline.recognition import languages, zones
from whaleline.recognition.barcodes import barcodes
from whaleline.recognition.field import Constraint, FieldLine, FieldText, constraint
from whaleline.recognition.line import LineReader
from whaleline.recognition.page import Page
from whaleline.recognition.pattern import alternatives
from whaleline.values import mrz, phones
from whaleline.values.amounts import decimal_mark_of, read_amount
from whaleline.values.dates import DateOrder, order_of, read_date
from whaleline.values.identifiers import RULES, read_identifier

_MOST_PLACES: Final = 40_000
"""Characters that the patterns of a form may stand for together: some seconds of work when it is taken in."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """What a field says.

    Attributes:
        text: as printed; empty where nothing is.
        value: in a normal form: a date by ISO 8601, a decimal number with a point, a telephone number by E.164, a
            mark's state, `signed` for a signature; None where there is none.
        confidence: 0 to 100, that the text was read right.
        valid: whether it is what the field asks for.
        reasons: why it is not valid; or, where it is, what is doubtful; clauses.
        currency: ISO 4217, of an amount; empty where none is printed.
        other: what it may say as well, in the same form.
    """

    text: str
    value: str | None
    confidence: float
    valid: bool = True
    reasons: tuple[str, ...] = ()
    currency: str = ""
    other: str = ""

    def fault(self, reason: str) -> FieldValue:
        """The same, not valid for a further reason."""
        return replace(self, valid=False, reasons=(*self.reasons, reason))

    def doubt(self, reason: str) -> FieldValue:
        """The same, doubtful for a further reason."""
        return replace(self, reasons=(*self.reasons, reason))


def read_value(
    field: TemplateField, picture: Picture, blank: Picture | None = None, *, tessdata: Path | None = None
) -> FieldValue:
    """Read a field.

    Args:
        field: of the template.
        picture: of the field in the scan, upright; grey or colour.
        blank: of the field on the empty form, where there is one; it may be of another size.
        tessdata: a folder of traineddata files, looked into before the bundled and the system's.

    Raises:
        ConfigurationError: the field's language is not installed.
        InvalidRequest: its pattern is not supported; see `check`.
    """
    if field.kind in _DRAWN:
        found = _DRAWN[field.kind](field, picture, blank)
    else:
        found = _printed(field, picture, recognition.line_reader(_language(field), tessdata=tessdata))
    return _looked_at(field, found)


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
    weigh: Callable[[str], float] | None = expressions.look_of_amount if field.kind is Kind.AMOUNT else None
    if field.scheme is not None and field.scheme is not Scheme.MRZ:
        rule = RULES[field.scheme]
        weigh = fields.passes(
            lambda text: not read_identifier(field.scheme or "", text, _region(field)).fault, rule.one_in
        )
    return constraint(field.pattern or _expression(field), field.characters, weigh)


def _expression(field: TemplateField) -> str:
    if field.scheme is not None and field.scheme is not Scheme.MRZ:
        return RULES[field.scheme].expression
    if field.kind is Kind.CHOICE:
        return alternatives(field.choices)
    if field.kind is Kind.DATE:
        return expressions.date(_tag(field))
    return {Kind.NUMBER: expressions.NUMBER, Kind.AMOUNT: expressions.AMOUNT, Kind.PHONE: phones.EXPRESSION}.get(
        field.kind, fields.ANYTHING
    )


def _printed(field: TemplateField, picture: Picture, reader: LineReader) -> FieldValue:
    seen = fields.look(picture, reader)
    if not seen:
        return FieldValue("", None, 100.0)
    if field.scheme is Scheme.MRZ:
        return _zone(seen)
    told = constraint_of(field)
    if field.kind is Kind.TEXT and not field.pattern:
        return _free(field, seen, told)
    read = max((fields.decide(line, told) for line in seen), key=lambda text: text.weight)
    if not read.fits:
        whole = " ".join(line.plain[0] for line in seen if line.plain[0])
        return FieldValue(whole, None, read.confidence).fault(_MISFIT.get(field.kind, "it does not fit the pattern"))
    found = _MEANINGS.get(field.kind, _as_it_is)(field, told.automaton.plain(read.text), read)
    if read.other:
        found = found.doubt(f"it may also be {read.other}")
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


def _zone(seen: list[FieldLine]) -> FieldValue:
    """A machine readable zone: the lines at the field's bottom, in the layout that they fit best."""
    told = zones.whole([(line.plain[0], *(each.text for each in line.evidence.seen)) for line in seen])
    best: tuple[float, mrz.Layout, list[FieldText]] | None = None
    for layout in mrz.LAYOUTS if told is None else (told[0],):
        if len(layout.lines) > len(seen):
            continue
        own = seen[-len(layout.lines) :]
        read = [fields.decide(line, _of_zone(layout, number)) for number, line in enumerate(own)]
        score = sum(each.score for each in read)
        if all(each.fits for each in read) and (best is None or score > best[0]):
            best = score, layout, read
    if told is not None and (
        best is None or _failed(told[0], told[1]) < _failed(told[0], [each.text for each in best[2]])
    ):
        # No search gets the number of fillers right where many are not seen.
        layout, lines = told
        sure = min(line.plain[1] for line in seen[-len(lines) :])
        printed = lines
    elif best is not None:
        layout = best[1]
        printed = [each.text for each in best[2]]
        sure = min(each.confidence for each in best[2])
    else:
        whole = "\n".join(line.plain[0] for line in seen)
        return FieldValue(whole, None, 0.0).fault("no size of document has such lines")
    lines = [each.replace(" ", "") for each in printed]
    found = FieldValue("\n".join(printed), "\n".join(lines), sure)
    fault = mrz.faults(layout, lines)
    return found.fault(fault) if fault else found


def _failed(layout: mrz.Layout, lines: Sequence[str]) -> int:
    """How many check digits of a zone do not hold."""
    texts = [line.replace(" ", "") for line in lines]
    return mrz.held(layout, texts).count(False)


def _of_zone(layout: mrz.Layout, number: int) -> Constraint:
    own = replace(
        layout,
        checks=tuple(
            each for each in layout.checks if each[0] == number and all(part[0] == number for part in each[2])
        ),
    )
    weigh = fields.passes(lambda holds: holds == "1", 10)

    def of_line(text: str) -> float:
        lines = [""] * len(layout.lines)
        lines[number] = text.replace(" ", "")
        return sum(weigh("1" if holds else "0") for holds in mrz.held(own, lines))

    return constraint(layout.lines[number], None, of_line if own.checks else None)


def _as_it_is(field: TemplateField, plain: str, read: FieldText) -> FieldValue:
    if field.kind is Kind.IDENTIFIER and field.scheme is not None:
        told = read_identifier(field.scheme, plain, _region(field))
        found = FieldValue(read.text, told.value, read.confidence)
        return found.fault(told.fault) if told.fault else found
    return FieldValue(read.text, plain, read.confidence)


def _number(field: TemplateField, plain: str, read: FieldText) -> FieldValue:
    percent = plain.removesuffix("%")
    told = read_amount(percent.removeprefix("+"), decimal_mark_of(_tag(field)))
    if told is None:
        return FieldValue(read.text, None, read.confidence).fault("its digits are not grouped as in a number")
    found = FieldValue(read.text, format(told.value, "f"), read.confidence, currency=told.currency)
    if told.other is not None and not _is_settled(field):
        other = format(told.other, "f")
        return replace(found, other=other).doubt(f"it may also be {other}: the language does not decide")
    return found


def _date(field: TemplateField, plain: str, read: FieldText) -> FieldValue:
    tag = _tag(field)
    told = read_date(read.text, tag, order_of(tag)) or read_date(plain, tag, order_of(tag))
    if told is None:
        return FieldValue(read.text, None, read.confidence).fault("there is no such date")
    found = FieldValue(read.text, told.value.isoformat(), read.confidence)
    if told.other is not None and not _is_settled(field):
        other = told.other.isoformat()
        first = "day" if order_of(tag) is DateOrder.DAY_FIRST else "month"
        return replace(found, other=other).doubt(f"it may also be {other}: that the {first} comes first is a guess")
    return found


def _phone(field: TemplateField, plain: str, read: FieldText) -> FieldValue:
    told = phones.read_phone(plain, _region(field))
    found = FieldValue(read.text, told.value or None, read.confidence)
    return found.fault(told.fault) if told.fault else found


def _mark(_field: TemplateField, picture: Picture, blank: Picture | None) -> FieldValue:
    found = marks.mark(picture, blank)
    value = FieldValue("", found.state, found.confidence)
    return value.doubt("it was crossed out") if found.state is marks.State.CROSSED_OUT else value


def _signature(_field: TemplateField, picture: Picture, blank: Picture | None) -> FieldValue:
    is_signed, confidence = marks.has_writing(picture, blank)
    return FieldValue("", "signed" if is_signed else None, confidence)


def _barcode(field: TemplateField, picture: Picture, _blank: Picture | None) -> FieldValue:
    automaton = constraint_of(field).automaton
    found = barcodes(picture)
    if not found:
        return FieldValue("", None, 50.0)
    fitting = [code for code in found if not automaton.expression or automaton.matches(code.text)]
    code = (fitting or found)[0]
    value = FieldValue(code.text, code.text, code.confidence)
    if not fitting:
        return value.fault("it does not fit the pattern")
    return value.doubt(f"there are {len(fitting)} codes") if len(fitting) > 1 else value


def _picture(_field: TemplateField, _picture: Picture, _blank: Picture | None) -> FieldValue:
    return FieldValue("", None, 100.0)


_Drawn = Callable[[TemplateField, Picture, Picture | None], FieldValue]
_DRAWN: Final[Mapping[Kind, _Drawn]] = MappingProxyType(
    {Kind.CHECKMARK: _mark, Kind.SIGNATURE: _signature, Kind.BARCODE: _barcode, Kind.PICTURE: _picture}
)
_MEANINGS: Final[Mapping[Kind, Callable[[TemplateField, str, FieldText], FieldValue]]] = MappingProxyType(
    {Kind.NUMBER: _number, Kind.AMOUNT: _number, Kind.DATE: _date, Kind.PHONE: _phone}
)
_MISFIT: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.NUMBER: "it is not a number",
        Kind.AMOUNT: "it is not an amount",
        Kind.DATE: "it is not a date",
        Kind.CHOICE: "it is not one of the choices",
        Kind.PHONE: "it is not a telephone number",
    }
)


def _language(field: TemplateField) -> languages.Language:
    language = languages.find(field.language)
    assert language is not None  # noqa: S101 - the template's validator found it
    return language


def _tag(field: TemplateField) -> str:
    """BCP 47 of the field's language, as its region writes it."""
    tag = _language(field).tag
    return f"{tag.split('-')[0]}-{field.region}" if field.region else tag


def _region(field: TemplateField) -> str:
    """ISO 3166-1; that in which most speak the language, where the field has none and the language is not English."""
    if field.region or not _is_settled(field):
        return field.region or ""
    likely = str(get_global("likely_subtags").get(_tag(field).split("-")[0], ""))
    return likely.rpartition("_")[2] if "_" in likely else ""


def _is_settled(field: TemplateField) -> bool:
    """Whether language and region decide how numbers and dates are written: English, the default, alone does not."""
    return field.region is not None or field.language != "English"


def of_text(field: TemplateField, page: Page) -> FieldValue:
    """The value of a field of free text that was read as any region is."""
    words = page.words
    confidence = sum(word.confidence for word in words) / len(words) if words else 100.0
    found = FieldValue(page.text, page.text or None, confidence)
    return _looked_at(field, found)
