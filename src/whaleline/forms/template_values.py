"""How the values of a template stand in its JSON: rectangles, pictures, names, languages."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, WithJsonSchema

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition import languages
from whaleline.values.countries import find_country

MAX_PICTURE: Final = 2 * 2**20
"""Bytes of a page's picture at most."""

_CORNERS = ("topLeftX", "topLeftY", "bottomRightX", "bottomRightY")


def _rectangle(value: object) -> Rectangle:
    """A rectangle from the protocol's four keys (OCRRect)."""
    if isinstance(value, Rectangle):
        return value
    if not isinstance(value, dict) or any(type(value.get(key)) is not int for key in _CORNERS):
        raise ValueError(f"it needs whole numbers for {', '.join(_CORNERS)}")
    rectangle = Rectangle(*(value[key] for key in _CORNERS))
    if rectangle.is_empty:
        raise ValueError(
            f"the rectangle {rectangle} has no area: bottomRightX must be more than topLeftX, and bottomRightY more"
            " than topLeftY"
        )
    return rectangle


def _corners(rectangle: Rectangle) -> dict[str, int]:
    return dict(
        zip(_CORNERS, (rectangle.left, rectangle.top, rectangle.right, rectangle.bottom), strict=True),
    )


def _picture(value: object) -> object:
    if isinstance(value, str) and len(value) <= MAX_PICTURE * 4 // 3 + 4:
        try:
            value = base64.b64decode(value, validate=True)
        except binascii.Error:
            raise ValueError("it is not Base64") from None
    if isinstance(value, str | bytes) and len(value) > MAX_PICTURE:
        size = len(value) if isinstance(value, bytes) else len(value) * 3 // 4
        raise ValueError(f"it has {size} bytes; a picture may have {MAX_PICTURE}, so save it as JPEG")
    return value


def _language(value: object) -> object:
    found = languages.find(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(languages.unknown(value))
    return found.wire


def _country(value: object) -> object:
    found = find_country(value) if isinstance(value, str) else value
    if found is None and value is not None:
        raise ValueError(f"{value!r} is not the code of a country, such as GB or DE (ISO 3166-1)")
    return found


def _list_languages(schema: dict[str, Any]) -> None:
    schema["enum"] = [language.wire for language in languages.languages()]


def at_most(limit: int) -> BeforeValidator:
    """A list with so many values at most, counted before they are looked at: a million would take a gigabyte."""

    def count(value: object) -> object:
        if isinstance(value, list | tuple) and len(value) > limit:
            raise ValueError(f"{len(value)} are more than the limit of {limit}")
        return value

    return BeforeValidator(count)


FieldRectangle = Annotated[
    Rectangle,
    BeforeValidator(_rectangle),
    PlainSerializer(_corners, dict[str, int]),
    WithJsonSchema(
        {
            "type": "object",
            "properties": {key: {"type": "integer", "minimum": 0} for key in _CORNERS},
            "required": list(_CORNERS),
        }
    ),
]
"""In pixels of the template's page; the bottom right corner is just outside."""

PictureFile = Annotated[
    bytes,
    BeforeValidator(_picture),
    PlainSerializer(lambda data: base64.b64encode(data).decode(), str, when_used="json"),
    WithJsonSchema({"type": "string", "contentEncoding": "base64", "maxLength": MAX_PICTURE * 4 // 3 + 4}),
]


def _printable(value: str) -> str:
    if value != value.strip() or not value.isprintable():
        raise ValueError("it begins or ends with a space, or has characters that cannot be printed")
    return value


def _segment(value: str) -> str:
    if "/" in value or value in (".", "..", "schema"):
        raise ValueError("it has a slash, or is a name that the service needs itself: ., .., schema")
    return value


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_printable)]
TemplateName = Annotated[Name, AfterValidator(_segment)]
"""A part of the path /api/templates/NAME."""

Country = Annotated[str, BeforeValidator(_country), WithJsonSchema({"type": "string", "pattern": "^[A-Za-z]{2}$"})]
"""By ISO 3166-1."""

LanguageName = Annotated[
    str, BeforeValidator(_language), Field(json_schema_extra=_list_languages, description=languages.NAMING)
]
"""By the protocol's name for it."""
