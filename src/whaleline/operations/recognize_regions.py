"""RecognizeRegions: read the given rectangles of an image, each by itself."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from whaleline.documents import Document
from whaleline.errors import InvalidRequest
from whaleline.forms import values
from whaleline.forms.field_reading import write_field
from whaleline.forms.template import Template
from whaleline.imaging.geometry import Rectangle
from whaleline.operations.operation import Operation, Outcome, ResponseStatusCode
from whaleline.operations.pages import Place, read_places
from whaleline.operations.read_form import page_notes, read_page, rest_notes
from whaleline.operations.reading import check, notes_of, read_rectangles
from whaleline.operations.region_settings import RecognizeRegionsSettings, RegionSettings
from whaleline.recognition import languages, spelling
from whaleline.results import Reading, Result, ResultType, write
from whaleline.settings import Settings
from whaleline.wording import quoted


@dataclass(frozen=True, slots=True)
class _Asked:
    """A region or field of a request, its page and its place in the results."""

    name: str
    page: int
    order: int


def _asked(request: RecognizeRegionsSettings) -> tuple[_Asked, ...]:
    if request.template is None:
        return tuple(_Asked(f"region {at}", each.page, each.order) for at, each in enumerate(request.regions, 1))
    return tuple(_Asked(f"field {each.name!r}", each.page, 0) for each in _form(request).fields)


def _form(request: RecognizeRegionsSettings) -> Template:
    if not isinstance(request.template, Template):
        raise TypeError("a template's name is looked up before a page is read")
    return request.template


def _check(data: bytes, request: RecognizeRegionsSettings, settings: Settings) -> None:
    check(data, request, settings)
    if request.template is None:
        return
    if isinstance(request.template, str):
        raise InvalidRequest("settings.template", f"settings.template: there is no template {quoted(request.template)}")
    values.check(request.template.fields, "settings.template.fields")
    for name in dict.fromkeys(field.language for field in request.template.fields):
        language = languages.find(name)
        assert language is not None  # noqa: S101 - the template's validator found it
        if lack := languages.how_to_add(language, languages.folders(settings.tessdata)):
            raise InvalidRequest("settings.template", f"settings.template: {lack}")


def _pages(document: Document, request: RecognizeRegionsSettings) -> tuple[int, ...]:
    return tuple(number for number in _numbers(request) if number <= len(document))


def _numbers(request: RecognizeRegionsSettings) -> list[int]:
    """The pages that are asked for, each once and in order; the first where nothing else is said."""
    return sorted({each.page for each in _asked(request)}) or [1]


def _read(document: Document, number: int, request: RecognizeRegionsSettings, settings: Settings) -> bytes:
    """The results and messages of the regions of a page, in their order in the request, as JSON of `_Part`."""
    if request.template is not None:
        return _read_fields(document, number, request, settings)
    page = document.page(number)
    here: list[tuple[int, RegionSettings | None]]
    here = [(position, each) for position, each in enumerate(request.regions, 1) if each.page == number]

    def read(rectangles: list[Rectangle]) -> list[Reading | None]:
        return read_rectangles(page, rectangles, request, settings)

    name = "the image" if len(document) == 1 else f"page {number}"
    regions: list[_Region] = []
    readings = read_places(page, [Place(each.rect.rectangle, each.dpi) for _, each in here if each], read)
    for (position, asked), reading in zip(here or [(0, None)], readings, strict=True):
        named = f"region {position}" if position else name
        if reading is None:
            outside = f"{named} ({asked.rect.rectangle}) lies outside {name} and was not read" if asked else ""
            regions.append(_Region(None, (outside,)))
            continue
        messages = [f"{named}: {note}" for note in notes_of(reading, request.rotate)]
        results = write(request.result_type, reading)
        data = tuple(base64.b64encode(result.data).decode("ascii") for result in results)
        regions.append(_Region(data, tuple(messages), has_text=bool(reading.page.blocks)))
    notes = [note if len(document) == 1 else f"page {number}: {note}" for note in page.notes]
    return orjson.dumps(_Part(tuple(notes), tuple(regions)))


def _read_fields(document: Document, number: int, request: RecognizeRegionsSettings, settings: Settings) -> bytes:
    """The same of the fields of a form's page."""
    page = document.page(number)
    name = "the image" if len(document) == 1 else f"page {number}"
    recognizes = request.result_type is not ResultType.ImagePNG
    form = _form(request)
    fields = read_page(
        page,
        form,
        number,
        tessdata=settings.tessdata,
        recognize=recognizes,
        max_region_pixels=settings.max_region_pixels,
    )
    told = [f"{name}: {note}" if len(document) > 1 else note for note in page.notes]
    told += page_notes(form, fields, name)
    regions: list[_Region] = []
    for each in fields:
        data = tuple(base64.b64encode(result.data).decode("ascii") for result in write_field(request.result_type, each))
        notes = [
            *(each.value.reasons if each.corners is not None else ()),
            *(notes_of(each.reading, 0) if each.reading else ()),
        ]
        told_of_it = tuple(f"field {each.field.name!r}: {note}" for note in notes)
        regions.append(_Region(data, told_of_it, has_text=bool(each.text), lacks=each.reading is None))
    return orjson.dumps(_Part(tuple(told), tuple(regions)))


@dataclass(frozen=True, slots=True)
class _Region:
    """What became of a region.

    Attributes:
        results: the data of its results in Base64; None where it lies outside its page.
        messages: what is to be told of it.
        has_text: whether anything was read.
        lacks: whether it is a field that could not be read.
    """

    results: tuple[str, ...] | None = None
    messages: tuple[str, ...] = ()
    has_text: bool = False
    lacks: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """What became of a page: what is to be told of it as a whole, and of its regions, in the request's order."""

    messages: tuple[str, ...]
    regions: tuple[_Region, ...]


def _join(
    document: Document, parts: Sequence[bytes | None], request: RecognizeRegionsSettings, _settings: Settings
) -> Outcome:
    recognizes = request.result_type is not ResultType.ImagePNG
    asked = _asked(request)
    told: list[str] = []
    found: dict[int, _Region] = {}
    numbers = _numbers(request)[: len(parts)]  # pages that the document does not have would be the last ones
    is_lost = False
    for number, data in zip(numbers, parts, strict=True):
        is_lost |= data is None
        positions = [position for position, each in enumerate(asked, 1) if each.page == number] or [0]
        part = orjson.loads(data) if data is not None else {"messages": (), "regions": [{}] * len(positions)}
        told += part["messages"]
        found |= {position: _Region(**each) for position, each in zip(positions, part["regions"], strict=True)}
    for position, each in enumerate(asked, 1):
        if each.page not in numbers:
            why = f"{each.name} lies on page {each.page}, which the document does not have, and was not read"
            found[position] = _Region(None, (why,))
    if request.template is not None:
        told += rest_notes(_form(request), len(document))
    told += [message for _, each in sorted(found.items(), key=lambda item: item[0]) for message in each.messages]
    results: list[Result] = []
    # Positions count from 1 in the request's order; results go by `order`, and equal orders as they were given.
    for position in sorted(found, key=lambda position: (asked[position - 1].order if position else 0, position)):
        encoded = found[position].results or ("",) * len(request.result_type.parts)
        results += [
            Result(part, base64.b64decode(each)) for part, each in zip(request.result_type.parts, encoded, strict=True)
        ]
    language = languages.find(request.language)
    if recognizes and request.make_spell_check and language is not None and (lack := spelling.how_to_add(language)):
        told.append(lack)
    lacks = any(each.results is None or each.lacks for each in found.values())
    is_form = request.template is not None
    # Fields that could not be read are not empty.
    if recognizes and not is_lost and not (is_form and lacks) and not any(each.has_text for each in found.values()):
        told.append("no text was found")
        return Outcome(ResponseStatusCode.NO_ANY_RESULT_DATA, tuple(results), tuple(told))
    code = ResponseStatusCode.PARTIALLY_NOT_FOUND if lacks else ResponseStatusCode.OK
    return Outcome(code, tuple(results), tuple(told))


RECOGNIZE_REGIONS = Operation(
    name="RecognizeRegions",
    summary="Read rectangles of an image, each by itself",
    settings_model=RecognizeRegionsSettings,
    check=_check,
    pages=_pages,
    read=_read,
    join=_join,
)
