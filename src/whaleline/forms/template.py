"""A form, described once: its fields by name, and the pictures that they were drawn on.

The models here are the JSON of templates, too: the API takes and gives it, the page exports it, and its schema is
published at /api/templates/schema.
"""

from __future__ import annotations

from collections import Counter
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic.alias_generators import to_camel

from whaleline.forms.template_values import (
    Country,
    FieldRectangle,
    LanguageName,
    Name,
    PictureFile,
    TemplateName,
    at_most,
)
from whaleline.imaging.geometry import Rectangle

_MOST_FIELDS, _MOST_PAGES, _MOST_CHOICES = 1_000, 100, 1_000
_LONGEST_SIDE = 65_535


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
    language: LanguageName = "English"
    region: Country | None = Field(
        None,
        description="Country by ISO 3166-1, for dates, amounts, phone and VAT numbers; the language's, if absent.",
    )
    scheme: Scheme | None = Field(None, description="What an identifier is, where its check digits are known.")
    pattern: str | None = Field(None, min_length=1, max_length=1_000, description="A regular expression for all of it.")
    characters: str | None = Field(None, min_length=1, max_length=1_000, description="All characters that may occur.")
    choices: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...],
        Field(max_length=_MOST_CHOICES),
        at_most(_MOST_CHOICES),
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
    pages: Annotated[tuple[TemplatePage, ...], Field(min_length=1, max_length=_MOST_PAGES), at_most(_MOST_PAGES)]
    fields: Annotated[tuple[TemplateField, ...], Field(min_length=1, max_length=_MOST_FIELDS), at_most(_MOST_FIELDS)]

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
