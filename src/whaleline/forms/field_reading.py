"""The reading of a field, and its results."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from whaleline.forms.field_value import FieldValue
from whaleline.forms.template import TemplateField
from whaleline.imaging.geometry import Point, Rectangle
from whaleline.results import Reading, Result, ResultType, write


@dataclass(frozen=True, eq=False)
class FieldReading:
    """A field of a form, as it was found in a scan.

    Attributes:
        field: the template's field.
        reading: its picture and words, in pixels of the scan; None if it was not read.
        value: its value. If the field was not read, the value is not valid, and its reasons say why.
        corners: its corners in the scan, in the order top left, top right, bottom right and bottom left of the
            template; None if they are not known.
        certainty: how sure its place is, 0 to 100; None if the template has no picture to compare with.
        scaled: whether its rectangle was only scaled, because the scan has another size than the template.
    """

    field: TemplateField
    reading: Reading | None
    value: FieldValue
    corners: tuple[Point, Point, Point, Point] | None
    certainty: float | None
    scaled: bool = False

    @property
    def text(self) -> str:
        """The text as printed; empty if it was not read."""
        return self.value.text

    @property
    def box(self) -> Rectangle | None:
        """The upright rectangle around the field in the scan; None if it is not known."""
        if self.corners is None:
            return None
        x, y = zip(*self.corners, strict=True)
        return Rectangle(round(min(x)), round(min(y)), round(max(x)), round(max(y)))

    @property
    def placed(self) -> dict[str, Any]:
        """How it was found, for JSON: its corners, and how sure they are."""
        return {
            "corners": None if self.corners is None else [[round(x), round(y)] for x, y in self.corners],
            "registration": None if self.certainty is None else round(self.certainty, 1),
            "scaled": self.scaled,
        }


def told(field: TemplateField, found: FieldValue) -> dict[str, Any]:
    """A field in plain words, without its place."""
    words: dict[str, Any] = {
        "name": field.name,
        "page": field.page,
        "kind": field.kind,
        "text": found.text,
        "value": found.value,
        "confidence": round(found.confidence, 1),
        "valid": found.valid,
        "reasons": found.reasons,
    }
    return (
        words
        | ({"currency": found.currency} if found.currency else {})
        | ({"other": found.other} if found.other else {})
    )


def described(read: FieldReading) -> dict[str, Any]:
    """A field in plain words, with its place in the scan."""
    names, box = ("left", "top", "right", "bottom"), read.box
    corners = (None,) * len(names) if box is None else (box.left, box.top, box.right, box.bottom)
    return told(read.field, read.value) | dict(zip(names, corners, strict=True)) | read.placed


def write_field(result_type: ResultType, read: FieldReading) -> tuple[Result, ...]:
    """A field's result: as for a region, but that JSON tells of the field, and is there where it was not read."""
    parts = write(result_type, read.reading) if read.reading else tuple(Result(part, b"") for part in result_type.parts)
    return tuple(Result(part.type, _own(read, part)) for part in parts)


def _own(read: FieldReading, part: Result) -> bytes:
    if part.type == ResultType.JSON:
        return _json(read, part.data)
    return read.text.encode() if part.type == ResultType.Text else part.data


def _json(read: FieldReading, blocks: bytes) -> bytes:
    """An array with one block: the field with its corners, its lines and what belongs to a field alone."""
    found = orjson.loads(blocks) if blocks else []
    block: dict[str, Any] = {"text": read.text}
    if read.corners is not None:
        for name, (x, y) in zip(("topLeft", "topRight", "bottomRight", "bottomLeft"), read.corners, strict=True):
            block |= {f"{name}X": round(x), f"{name}Y": round(y)}
    block["lines"] = [line for each in found for line in each["lines"]]
    keys, box = ("topLeftX", "topLeftY", "bottomRightX", "bottomRightY"), read.box
    placed = None if box is None else dict(zip(keys, (box.left, box.top, box.right, box.bottom), strict=True))
    block["field"] = told(read.field, read.value) | {"box": placed} | read.placed
    return orjson.dumps([block])
