"""Reading a form by its template: each field by name, wherever it lies in the scan."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import orjson

from whaleline.documents import PagePicture
from whaleline.errors import InvalidRequest, UnreadableImage
from whaleline.forms.cutting import cut, size
from whaleline.forms.field_reading import FieldReading
from whaleline.forms.field_value import FieldValue
from whaleline.forms.laying import SURE, Lie, blank, lay
from whaleline.forms.template import Kind, Template, TemplateField
from whaleline.forms.values import check, empty, of_text, read_value
from whaleline.imaging.geometry import Affine, Point
from whaleline.operations.regions import read_regions
from whaleline.operations.schema import parse
from whaleline.results import Reading
from whaleline.wording import counted

Corners = tuple[Point, Point, Point, Point]

_DIM: Final = "the page is too faint or blurred to be compared with this form"


def missing(field: TemplateField, pages: int) -> FieldReading:
    """A field on a page that a document of so many does not have."""
    return _unread(field, f"it lies on page {field.page} of a document with {pages}", 0.0)


def _unread(
    field: TemplateField, why: str, certainty: float | None, corners: Corners | None = None, *, scaled: bool = False
) -> FieldReading:
    value = FieldValue("", None, 0.0).fault(why)
    return FieldReading(field, None, value, corners, certainty, scaled)


def load_template(source: Mapping[str, Any] | bytes | str | os.PathLike[str]) -> Template:
    """A template from its JSON.

    Raises:
        InvalidRequest: it is not one.
        OSError: the path cannot be read.
    """
    if isinstance(source, Mapping):
        return checked(parse(Template, dict(source)))
    try:
        decoded = orjson.loads(source if isinstance(source, bytes) else Path(source).read_bytes())
    except orjson.JSONDecodeError as error:
        raise InvalidRequest("template", f"template: it is not JSON: {error}") from None
    return checked(parse(Template, decoded))


def checked(template: Template) -> Template:
    """Raises InvalidRequest where a field's pattern has what is not supported."""
    check(template.fields, "fields")
    return template


def read_page(
    page: PagePicture,
    template: Template,
    number: int,
    *,
    tessdata: Path | None = None,
    recognize: bool = True,
    max_region_pixels: int = 256_000_000,
) -> list[FieldReading]:
    """Read the fields that lie on one page of a form.

    Args:
        page: of the scan.
        template: of the form.
        number: of the page, from 1.
        tessdata: as for `library.read_form`.
        recognize: False to cut the fields' pictures only.
        max_region_pixels: as for `library.read_form`.

    Raises:
        UnreadableImage: the template's picture cannot be read, or the fields have more pixels than allowed.
    """
    lie = lay(template, number, page.picture)
    fields = [field for field in template.fields if field.page == number]
    if lie.placement is not None and lie.is_sure:
        pixels = sum(math.prod(size(page.picture, lie.placement, field.rectangle)) for field in fields)
        if pixels > max_region_pixels:
            raise UnreadableImage(
                f"The {len(fields)} fields have {pixels} pixels together; at most {max_region_pixels} are allowed."
            )
    return [_read_field(page, lie, template, field, tessdata=tessdata, recognize=recognize) for field in fields]


def page_notes(template: Template, fields: Sequence[FieldReading], name: str = "the page") -> list[str]:
    """Messages about a page, from its fields; clauses."""
    if fields and all(each.corners is None for each in fields):
        if all(_DIM in each.value.reasons for each in fields):
            return [
                f"{name} is too faint or blurred to be compared with the form {template.name!r}, so it was not read"
            ]
        sure = max(each.certainty or 0 for each in fields)
        return [f"{name} does not look like the form {template.name!r} ({sure:.0f} of 100), so it was not read"]
    if any(each.scaled for each in fields):
        return [f"{name} has another size than the template {template.name!r}; its fields were scaled"]
    return []


def rest_notes(template: Template, count: int) -> list[str]:
    """Messages about the pages behind the form's, in a document of so many: often they are further forms."""
    last = len(template.pages)
    if count <= last:
        return []
    rest = f"page {count} was" if count == last + 1 else f"pages {last + 1} to {count} were"
    form = f"the form {template.name!r} has {counted(last, 'page')}"
    return [f"{form}, and the document {count}: {rest} not read"]


def _read_field(
    page: PagePicture, lie: Lie, template: Template, field: TemplateField, *, tessdata: Path | None, recognize: bool
) -> FieldReading:
    if lie.placement is None or not lie.is_sure:
        return _unread(field, _DIM if lie.is_dim else "the page does not look like this form", lie.certainty)
    certainty = lie.certainty_of(field.rectangle)
    corners = lie.placement.corners(field.rectangle)
    if certainty is not None and certainty < SURE:
        why = f"its place is uncertain ({certainty:.0f} of 100), so it was not read"
        return _unread(field, why, certainty, corners)
    if lie.is_other_at(field.rectangle):
        why = "the print beside it is not the template's, so it was not read"
        return _unread(field, why, certainty, corners)
    try:
        picture, placement = cut(page.picture, lie.placement, field.rectangle)
    except UnreadableImage as error:
        return _unread(field, f"{error} and was not read", certainty, corners, scaled=lie.scaled)
    own = blank(template, field)
    is_free = field.kind is Kind.TEXT and not field.pattern and not field.characters
    nothing = empty(field, picture, own) if recognize else None  # to look for print in bare paper takes a second
    (found,) = read_regions(
        PagePicture(picture, page.dpi),
        language=field.language,
        skew_correction=False,  # it is level already
        recognize=recognize and is_free and nothing is None,
        tessdata=tessdata,
    )
    assert found is not None  # noqa: S101 - all of a picture lies inside it
    assert isinstance(found.placement, Affine)  # noqa: S101 - nothing was flattened
    if nothing is not None:
        value = nothing
    elif is_free:
        value = of_text(field, found.page, picture, own)
    elif recognize:
        value = read_value(field, picture, own, tessdata=tessdata)
    else:
        value = FieldValue("", None, 0.0)
    reading = Reading(placement.bounds(found.rectangle), found.shown, found.page, placement @ found.placement)
    return FieldReading(field, reading, value, corners, certainty, lie.scaled)
