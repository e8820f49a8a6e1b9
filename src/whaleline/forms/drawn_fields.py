"""Fields that are looked at and not read: marks, signatures, barcodes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from whaleline.forms.field_value import FieldValue
from whaleline.forms.template import Kind, TemplateField
from whaleline.imaging import marks
from whaleline.imaging.picture import Picture
from whaleline.recognition.barcodes import barcodes
from whaleline.recognition.pattern import compiled


def _mark(_field: TemplateField, picture: Picture, blank: Picture | None) -> FieldValue:
    found = marks.mark(picture, blank)
    value = FieldValue("", found.state, found.confidence)
    return value.doubt("it was crossed out") if found.state is marks.State.CROSSED_OUT else value


def _signature(_field: TemplateField, picture: Picture, blank: Picture | None) -> FieldValue:
    is_signed, confidence = marks.has_writing(picture, blank)
    return FieldValue("", "signed" if is_signed else None, confidence)


def _barcode(field: TemplateField, picture: Picture, _blank: Picture | None) -> FieldValue:
    automaton = compiled(field.pattern or "", field.characters)
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
DRAWN: Final[Mapping[Kind, _Drawn]] = MappingProxyType(
    {Kind.CHECKMARK: _mark, Kind.SIGNATURE: _signature, Kind.BARCODE: _barcode, Kind.PICTURE: _picture}
)
