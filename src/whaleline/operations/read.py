"""Read: a whole document or its fields, as plain JSON; the task type behind /api/read.

It is not a type of the protocol. Its one result is JSON: pages with their words, or fields with their values.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Final

import numpy as np
import orjson
from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from whaleline.documents import Document, PagePicture
from whaleline.errors import InvalidRequest, UnreadableImage
from whaleline.forms import values
from whaleline.forms.field_reading import FieldReading, described, told
from whaleline.forms.field_value import FieldValue
from whaleline.forms.template import Kind, NamedOrWhole, Template, TemplateField
from whaleline.imaging.geometry import Rectangle
from whaleline.operations import reading
from whaleline.operations.operation import Operation, Outcome, ResponseStatusCode
from whaleline.operations.read_form import missing, page_notes, read_page, rest_notes
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.recognition import languages
from whaleline.results import Reading, Result
from whaleline.settings import Settings
from whaleline.wording import counted, quoted

_CORNERS: Final = ("left", "top", "right", "bottom")
_PAGES: Final = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?")
_ALL: Final = "1-999999"


class RegionField(TemplateField):
    """A field without a template: as a template has it, with `left`, `top`, `right`, `bottom` in pixels of the page."""

    @model_validator(mode="before")
    @classmethod
    def _plain_corners(cls, value: object) -> object:
        if isinstance(value, list):
            value = dict(zip(_CORNERS, value, strict=False))
        if not isinstance(value, dict) or "rect" in value or "rectangle" in value:
            return value
        corners = [value.get(name) for name in _CORNERS]
        if any(type(corner) is not int for corner in corners):
            raise ValueError(f"it needs whole numbers for {', '.join(_CORNERS)}")
        keys = ("topLeftX", "topLeftY", "bottomRightX", "bottomRightY")
        rest = {key: item for key, item in value.items() if key not in _CORNERS}
        return rest | {"rect": dict(zip(keys, corners, strict=True))}


def _regions(value: object, info: ValidationInfo) -> object:
    """Regions from a list, each with a name."""
    if not isinstance(value, list | tuple):
        return value
    if isinstance(info.context, Settings) and len(value) > info.context.max_regions:
        raise ValueError(f"{len(value)} regions are more than the limit of {info.context.max_regions}")
    named = []
    for number, each in enumerate(value, 1):
        plain = dict(zip(_CORNERS, each, strict=False)) if isinstance(each, list) else each
        named.append({"name": f"region {number}"} | plain if isinstance(plain, dict) else plain)
    names = Counter(str(each.get("name")) for each in named if isinstance(each, dict))
    for name, times in names.items():
        if times > 1:
            raise ValueError(f"{times} regions are called {quoted(name)}; give each a name of its own, or none")
    return named


def _page_list(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not all(0 < first <= last for first, last in _ranges(value)):
        raise ValueError(f"{quoted(value)} is not a list of pages such as 1-3,5")
    return value


def _ranges(pages: str) -> list[tuple[int, int]]:
    """First and last page of each part of a list, (0, 0) of what is none."""
    found = [_PAGES.fullmatch(part.strip()) for part in pages.split(",")]
    return [(int(each[1]), int(each[2] or each[1])) if each else (0, 0) for each in found]


class ReadSettings(ReadingSettings):
    """What POST /api/read accepts beside the file."""

    regions: Annotated[tuple[RegionField, ...], BeforeValidator(_regions)] = Field(
        (), description="Fields to read, by their rectangles. Without them, whole pages are read."
    )
    template: NamedOrWhole | None = Field(
        None, description="Instead of regions: the name of a stored template, or all of it."
    )
    pages: Annotated[str, BeforeValidator(_page_list)] = Field(
        _ALL, description="Which pages to read, for example 1-3,5. All by default."
    )

    @field_validator("pages")
    @classmethod
    def _is_for_whole_pages(cls, value: str, info: ValidationInfo) -> str:
        if value != _ALL and (info.data.get("template") is not None or info.data.get("regions")):
            raise ValueError("it is for whole pages only; regions and templates say which pages they are on")
        return value

    @model_validator(mode="after")
    def _has_one_of_both(self) -> ReadSettings:
        if self.template is not None and self.regions:
            raise ValueError("regions and template: send one of them, not both")
        return self


def _check(data: bytes, request: ReadSettings, settings: Settings) -> None:
    try:
        reading.check(data, request, settings)
    except InvalidRequest as error:
        field = error.field.removeprefix("settings.").replace("image", "file")
        raise InvalidRequest(field, re.sub(r"^(settings\.)?(image|language):", f"{field}:", str(error))) from None
    places = languages.folders(settings.tessdata)
    at = "regions" if request.template is None else "template.fields"
    values.check(_asked(request), at)
    for number, region in enumerate(_asked(request)):
        language = languages.find(region.language)
        if language is not None and (lack := languages.how_to_add(language, places)):
            raise InvalidRequest(f"{at}[{number}].language", f"{at}[{number}].language: {lack}")


def _asked(request: ReadSettings) -> Sequence[TemplateField]:
    """The fields that are to be read; none where whole pages are."""
    return request.template.fields if isinstance(request.template, Template) else request.regions


def _pages(document: Document, request: ReadSettings) -> tuple[int, ...]:
    if wanted := _asked(request):
        return tuple(sorted({field.page for field in wanted if field.page <= len(document)}))
    asked: set[int] = set()
    for first, last in _ranges(request.pages):
        asked.update(range(first, min(last, len(document)) + 1))
    return tuple(sorted(asked))


def _read(document: Document, number: int, request: ReadSettings, settings: Settings) -> bytes:
    page = document.page(number)
    height, width = page.picture.shape[:2]
    facts: dict[str, Any] = {"page": number, "width": width, "height": height, "dpi": page.dpi and round(page.dpi, 3)}
    messages = list(page.notes)
    if isinstance(request.template, Template):
        read_fields = read_page(
            page, request.template, number, tessdata=settings.tessdata, max_region_pixels=settings.max_region_pixels
        )
        facts["fields"] = [_form_field(each) for each in read_fields]
        messages += page_notes(request.template, read_fields)
    elif request.regions:
        here = [region for region in request.regions if region.page == number]
        _check_size(page, here, settings)
        facts["fields"] = [_field(page, region, request, settings) for region in here]
    else:
        (read,) = reading.read_rectangles(page, [], request, settings)
        assert read is not None  # noqa: S101 - all of a page lies inside it
        messages += reading.notes_of(read, request.rotate)
        facts |= {"text": read.page.text, "words": _words(read)}
    return orjson.dumps(facts | {"messages": messages})


def _form_field(read: FieldReading) -> dict[str, Any]:
    """A field of a form in plain words, with its place in the scan."""
    return described(read) | {"words": _words(read.reading) if read.reading else []}


def _check_size(page: PagePicture, regions: Sequence[RegionField], settings: Settings) -> None:
    whole = Rectangle(0, 0, page.picture.shape[1], page.picture.shape[0])
    inside = [region.rectangle.intersection(whole) for region in regions]
    pixels = sum(each.width * each.height for each in inside if not each.is_empty)
    if pixels > settings.max_region_pixels:
        raise UnreadableImage(
            f"The {len(regions)} regions have {pixels} pixels together;"
            f" at most {settings.max_region_pixels} are allowed."
        )


def _words(read: Reading) -> list[dict[str, Any]]:
    """The words of a page with the numbers of their lines, boxes in the page's pixels."""
    lines = [line for block in read.page.blocks for line in block.lines]
    return [
        {"text": word.text, "line": number, "confidence": round(word.confidence, 1)}
        | _box(read.placement.bounds(word.box))
        for number, line in enumerate(lines, 1)
        for word in line.words
    ]


def _box(box: Rectangle) -> dict[str, int]:
    return dict(zip(_CORNERS, (box.left, box.top, box.right, box.bottom), strict=True))


def _field(page: PagePicture, region: RegionField, request: ReadSettings, settings: Settings) -> dict[str, Any]:
    height, width = page.picture.shape[:2]
    inside = region.rectangle.intersection(Rectangle(0, 0, width, height))
    words: list[dict[str, Any]] = []
    if inside.is_empty:
        found = FieldValue("", None, 0.0).fault(f"it lies outside the page of {width} x {height} pixels")
    elif region.kind is Kind.TEXT and not region.pattern and not region.characters:
        own = request.model_copy(update={"language": region.language})
        (read,) = reading.read_rectangles(page, [inside], own, settings)
        assert read is not None  # noqa: S101 - it is not empty
        words = _words(read)
        found = values.of_text(region, read.page, read.picture)
    else:
        cut = page.picture[inside.top : inside.bottom, inside.left : inside.right]
        found = values.read_value(region, np.ascontiguousarray(cut), tessdata=settings.tessdata)
        if inside != region.rectangle:
            found = found.doubt("it reaches beyond the page and was cut")
    return told(region, found) | {"words": words} | _box(inside if not inside.is_empty else region.rectangle)


def _join(document: Document, parts: Sequence[bytes | None], request: ReadSettings, _settings: Settings) -> Outcome:
    pages: list[dict[str, Any]] = []
    fields: dict[str, dict[str, Any]] = {}
    messages: list[str] = []
    numbers = _pages(document, request)
    for number, data in zip(numbers, parts, strict=True):
        if data is None:
            continue  # the task's own messages say why
        facts = orjson.loads(data)
        name = f"page {number}: " if len(document) > 1 else ""
        messages += [f"{name}{message}" for message in facts.pop("messages")]
        fields |= {field["name"]: field for field in facts.pop("fields", ())}
        pages.append(facts)
    asked = _asked(request)
    if isinstance(request.template, Template):
        messages += rest_notes(request.template, len(document))
    for field in asked if isinstance(request.template, Template) else ():
        if field.page > len(document):
            fields[field.name] = _form_field(missing(field, len(document)))
    for region in request.regions:
        if region.page > len(document):
            why = f"it lies on page {region.page} of a document with {len(document)}"
            lacking = FieldValue("", None, 0.0).fault(why)
            fields[region.name] = told(region, lacking) | {"words": []} | _box(region.rectangle)
    ordered = [fields[each.name] for each in asked if each.name in fields]
    beyond = [str(first) for first, _ in _ranges(request.pages) if first > len(document)]
    if not asked and beyond:
        messages.append(f"the document has {counted(len(document), 'page')}, and no page {', '.join(beyond)}")
    body = orjson.dumps({"pages": pages, "fields": ordered})
    return Outcome(ResponseStatusCode.OK, (Result("JSON", body),), tuple(messages))


READ: Final = Operation(
    name="Read",
    summary="Read a document or its fields, with a plain answer",
    settings_model=ReadSettings,
    check=_check,
    pages=_pages,
    read=_read,
    join=_join,
)
