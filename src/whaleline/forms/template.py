"""A form, described once: its fields by name, and the pictures that they were drawn on.

The models here are the JSON of templates, too: the API takes and gives it, the page exports it, and its schema is
published at /api/templates/schema.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from enum import StrEnum
from typing import Annotated, Any, Final, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    PlainSerializer,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic.alias_generators import to_camel

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition import languages

MAX_PICTURE: Final = 2 * 2**20
"""Bytes of a page's picture at most."""

_MOST_FIELDS, _MOST_PAGES, _MOST_CHOICES = 1_000, 100, 1_000
_LONGEST_SIDE = 65_535
_CORNERS = ("topLeftX", "topLeftY", "bottomRightX", "bottomRightY")


class Kind(StrEnum):
    """What stands in a field."""

    TEXT = "text"
    NUMBER = "number"
    AMOUNT = "amount"
    DATE = "date"
    CHOICE = "choice"
    IDENTIFIER = "identifier"
    PHONE = "phone"
    CHECKMARK = "checkmark"
    BARCODE = "barcode"
    SIGNATURE = "signature"
    PICTURE = "picture"


class Scheme(StrEnum):
    """What an identifier is, where its check digits are known."""

    IBAN = "iban"
    MRZ = "mrz"
    ISBN = "isbn"
    EAN = "ean"
    LUHN = "luhn"
    VAT = "vat"


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
    if not isinstance(value, str):
        return value
    if len(value) > MAX_PICTURE * 4 // 3 + 4:
        raise ValueError(f"it has {len(value) * 3 // 4} bytes; a picture may have {MAX_PICTURE}")
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise ValueError("it is not Base64") from None


def _language(value: object) -> object:
    found = languages.find(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(languages.unknown(value))
    return found.wire


def _list_languages(schema: dict[str, Any]) -> None:
    schema["enum"] = [language.wire for language in languages.languages()]


def _at_most(limit: int) -> BeforeValidator:
    # Counted before they are looked at: the objects and errors of a million fields would take a gigabyte.
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
    Field(max_length=MAX_PICTURE),
    PlainSerializer(lambda data: base64.b64encode(data).decode(), str, when_used="json"),
    WithJsonSchema({"type": "string", "contentEncoding": "base64", "maxLength": MAX_PICTURE * 4 // 3 + 4}),
]


def _printable(value: str) -> str:
    if value != value.strip() or not value.isprintable():
        raise ValueError("it begins or ends with a blank, or has characters that cannot be printed")
    return value


def _segment(value: str) -> str:
    if "/" in value or value in (".", "..", "schema"):
        raise ValueError("it has a slash, or is a name that the service needs itself: ., .., schema")
    return value


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_printable)]
TemplateName = Annotated[Name, AfterValidator(_segment)]
"""A part of the path /api/templates/NAME."""


class _Model(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, validate_by_name=True, frozen=True, extra="forbid", allow_inf_nan=False
    )


class TemplateField(_Model):
    """A field of a form."""

    name: Name
    page: int = Field(1, ge=1, description="The first page is 1.")
    rectangle: FieldRectangle = Field(alias="rect")
    kind: Kind = Kind.TEXT
    language: Annotated[
        str, BeforeValidator(_language), Field(json_schema_extra=_list_languages, description=languages.NAMING)
    ] = "English"
    region: str | None = Field(
        None,
        pattern="^[A-Z]{2}$",
        description="Country by ISO 3166-1, for dates, amounts, phone and VAT numbers; the language's, if absent.",
    )
    scheme: Scheme | None = Field(None, description="What an identifier is, where its check digits are known.")
    pattern: str | None = Field(None, min_length=1, max_length=1_000, description="A regular expression for all of it.")
    characters: str | None = Field(None, min_length=1, max_length=1_000, description="All characters that may occur.")
    choices: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...],
        Field(max_length=_MOST_CHOICES),
        _at_most(_MOST_CHOICES),
    ] = ()
    required: bool = False
    least_confidence: float = Field(
        0, ge=0, le=100, description="Below this confidence, 0 to 100, the field is reported as doubtful."
    )

    @model_validator(mode="after")
    def _has_what_its_kind_needs(self) -> TemplateField:
        if (self.kind is Kind.CHOICE) != bool(self.choices):
            raise ValueError(f"choices: the kind {self.kind} {'needs some' if not self.choices else 'has none'}")
        if self.scheme is not None and self.kind is not Kind.IDENTIFIER:
            raise ValueError(f"scheme: the kind {self.kind} has none")
        return self


class TemplatePage(_Model):
    """A page of a form: its size in pixels, and its picture if there is one."""

    width: int = Field(ge=1, le=_LONGEST_SIDE)
    height: int = Field(ge=1, le=_LONGEST_SIDE)
    picture: PictureFile | None = Field(
        None, description="An image file of this size, which scans are compared with; at most 2 MiB."
    )

    @property
    def rectangle(self) -> Rectangle:
        """All of the page."""
        return Rectangle(0, 0, self.width, self.height)


class Template(_Model):
    """The description of a form.

    Attributes:
        version: counted by the service; ignored in a file.
        pages: the pages that the fields are on.
        fields: the fields, in the order of the results; their names are unique.
    """

    format: Literal["whaleline-template"] = "whaleline-template"
    version: int = Field(1, ge=1)
    name: TemplateName
    pages: Annotated[tuple[TemplatePage, ...], Field(min_length=1, max_length=_MOST_PAGES), _at_most(_MOST_PAGES)]
    fields: Annotated[tuple[TemplateField, ...], Field(min_length=1, max_length=_MOST_FIELDS), _at_most(_MOST_FIELDS)]

    @model_validator(mode="after")
    def _fits_together(self) -> Template:
        for name, times in Counter(field.name for field in self.fields).items():
            if times > 1:
                raise ValueError(f"{times} fields are called {name!r}; names are unique in a template")
        for field in self.fields:
            if field.page > len(self.pages):
                raise ValueError(f"the field {field.name!r} lies on page {field.page} of {len(self.pages)}")
            page = self.pages[field.page - 1].rectangle
            if field.rectangle.intersection(page) != field.rectangle:
                raise ValueError(
                    f"the field {field.name!r} ({field.rectangle}) reaches beyond its page of {page.right} x"
                    f" {page.bottom} pixels"
                )
        return self


NamedOrWhole = Annotated[
    Annotated[str, Tag("name")] | Annotated[Template, Tag("")],
    Discriminator(lambda value: "name" if isinstance(value, str) else ""),
]
"""A template in a request: its name, or all of it. What is wrong is told of that one of the two that was meant."""


def schema() -> dict[str, Any]:
    """The JSON schema of a template (draft 2020-12)."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Template.model_json_schema()}
