"""RecognizeRegions: read the given rectangles of an image, each by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from whaleline import recognition
from whaleline.errors import InvalidRequest, UnreadableImage
from whaleline.imaging import decode, region
from whaleline.imaging.geometry import Rectangle
from whaleline.operations.operation import Operation, Outcome, ResponseStatusCode
from whaleline.operations.schema import Int32, WireModel, choice, quoted
from whaleline.recognition import languages, spelling
from whaleline.recognition.modes import DsrConfidence, DsrMode
from whaleline.recognition.page import Page
from whaleline.results import Reading, Result, ResultType, write
from whaleline.settings import Settings


class ResultTypeTable(StrEnum):
    """What a table is written as; of no effect on regions, yet checked like every value."""

    TEXT = "Text"
    EXCEL = "Excel"
    CSV = "Csv"
    CSV_AND_EXCEL = "CsvAndExcel"


def _language(value: object) -> str:
    found = languages.find(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if found is None:
        raise ValueError(f"{quoted(value)} is not one of {', '.join(_language_names())}")
    return found.wire


def _language_names() -> list[str]:
    return [language.wire for language in languages.languages()]


def _list_languages(schema: dict[str, Any]) -> None:
    schema["enum"] = _language_names()


class RectangleSettings(WireModel):
    """OCRRect: corners in the submitted image's pixels; the bottom right one is just outside."""

    top_left_x: Int32 = Field(0, alias="topLeftX")
    top_left_y: Int32 = Field(0, alias="topLeftY")
    bottom_right_x: Int32 = Field(0, alias="bottomRightX")
    bottom_right_y: Int32 = Field(0, alias="bottomRightY")

    @model_validator(mode="after")
    def _has_area(self) -> RectangleSettings:
        if self.rectangle.is_empty:
            raise ValueError(
                f"the rectangle {self.rectangle} has no area: bottomRightX must be more than topLeftX, and"
                " bottomRightY more than topLeftY"
            )
        return self

    @property
    def rectangle(self) -> Rectangle:
        """The same as a rectangle."""
        return Rectangle(self.top_left_x, self.top_left_y, self.bottom_right_x, self.bottom_right_y)


class RegionSettings(WireModel):
    """OCRRegion: a rectangle, and its place in the results."""

    rect: RectangleSettings
    order: Int32 = 0


def _not_too_many(value: object, info: ValidationInfo) -> object:
    # Counted before they are looked at: the objects and errors of a million regions would take a gigabyte.
    if isinstance(value, list) and isinstance(info.context, Settings) and len(value) > info.context.max_regions:
        raise ValueError(f"{len(value)} regions are more than the limit of {info.context.max_regions}")
    return value


class RecognizeRegionsSettings(WireModel):
    """OCRSettingsRecognizeRegions, with the defaults that the protocol's documentation promises for absent keys."""

    language: Annotated[str, BeforeValidator(_language), Field(json_schema_extra=_list_languages)] = "English"
    regions: Annotated[tuple[RegionSettings, ...], BeforeValidator(_not_too_many)] = ()
    result_type: Annotated[ResultType, choice(ResultType)] = ResultType.Text
    make_skew_correct: bool = True
    make_binarization: bool = False
    make_contrast_correction: bool = True
    make_upsampling: bool = False
    make_spell_check: bool = False
    rotate: Int32 = Field(0, alias="Rotate")
    dsr_mode: Annotated[DsrMode, choice(DsrMode, CraftPoly=DsrMode.POLYGONAL_TEXT_DETECTOR)] = DsrMode.REGIONS
    dsr_confidence: Annotated[DsrConfidence, choice(DsrConfidence)] = DsrConfidence.DEFAULT
    result_type_table: Annotated[ResultTypeTable, choice(ResultTypeTable)] = ResultTypeTable.TEXT


def read_regions(
    image: bytes | Path,
    regions: Sequence[Rectangle | tuple[int, int, int, int]] = (),
    *,
    language: str = "English",
    rotate: int = 0,
    skew_correction: bool = True,
    binarization: bool = False,
    contrast_correction: bool = True,
    upsampling: bool = False,
    mode: DsrMode = DsrMode.REGIONS,
    confidence: DsrConfidence = DsrConfidence.DEFAULT,
    spell_check: bool = False,
    recognize: bool = True,
    tessdata: Path | None = None,
    max_pixels: int = 128_000_000,
    max_side: int = decode.MAX_SIDE,
    max_region_pixels: int = 256_000_000,
) -> list[Reading | None]:
    """Read rectangles of an image in this process, without any server.

    Args:
        image: the file's bytes or its path: PNG, JPEG, BMP, GIF, TIFF or WebP, of which the first frame counts.
        regions: (left, top, right, bottom) in the image's pixels, right and bottom exclusive. None given, the whole
            image is one region.
        language: a name of the protocol, for example German.
        rotate: degrees clockwise by which each region is turned about its centre before it is read.
        skew_correction: level lines that are askew by up to 15 degrees.
        binarization: make the region's picture black and white.
        contrast_correction: strengthen faint print.
        upsampling: enlarge small print.
        mode: how text is looked for in a region.
        confidence: how sure a line must be.
        spell_check: replace words that are surely misread; without effect where the language has no dictionary here
            (docs/spelling.md).
        recognize: False to prepare the pictures only; the pages are empty then.
        tessdata: a folder of traineddata files, looked into before the bundled and the system's.
        max_pixels: width times height of the image at most.
        max_side: width and height of the image at most.
        max_region_pixels: pixels of all regions together at most, turned and enlarged.

    Returns:
        One reading for each region in the order given; None where a region lies outside the image.

    Raises:
        UnreadableImage: the image cannot be decoded, or it or its regions have more pixels than allowed.
        InvalidRequest: there is no such language.
        ConfigurationError: the language's data is not installed.
        OSError: the path cannot be read.
    """
    found = languages.find(language)
    if found is None:
        raise InvalidRequest("language", f"{quoted(language)} is not a language of the protocol")
    data = image if isinstance(image, bytes) else Path(image).read_bytes()
    picture = decode.decode(data, max_pixels=max_pixels, max_side=max_side)
    whole = Rectangle(0, 0, picture.shape[1], picture.shape[0])
    wanted = [each if isinstance(each, Rectangle) else Rectangle(*each) for each in regions or [whole]]
    inside = [rectangle.intersection(whole) for rectangle in wanted]
    # Regions may overlap, so that even a small image has any number of pixels to read: looked at before the first.
    total = sum(region.check_size(each, rotate, max_region_pixels) for each in inside if not each.is_empty)
    if total > max_region_pixels:
        raise UnreadableImage(
            f"The {len(wanted)} regions have {total} pixels together; at most {max_region_pixels} are read."
        )
    spare = max_region_pixels - total
    readings: list[Reading | None] = []
    for rectangle, cut in zip(wanted, inside, strict=True):
        if cut.is_empty:
            readings.append(None)
            continue
        plain = region.check_size(cut, rotate, max_region_pixels)
        prepared = region.prepare(
            picture,
            rectangle,
            rotate=rotate,
            contrast=contrast_correction,
            binarize=binarization,
            deskew=skew_correction,
            upsample=upsampling,
            max_pixels=plain + spare,
        )
        height, width = prepared.grey.shape
        spare -= height * width - plain
        page = (
            recognition.read(prepared.grey, found, mode=mode, confidence=confidence, tessdata=tessdata)
            if recognize
            else Page(width, height, (), found.tag, found.right_to_left)
        )
        if prepared.cut and recognize:
            letters = "1 letter" if prepared.cut == 1 else f"{prepared.cut} letters"
            page = replace(page, notes=(*page.notes, f"the edge cuts through {letters}, left out of the text"))
        if spell_check:
            page = spelling.corrected(page, found)
        readings.append(Reading(prepared.rectangle, prepared.shown, page, prepared.placement))
    return readings


def _check(data: bytes, request: RecognizeRegionsSettings, settings: Settings) -> None:
    if decode.sniff(data) is None:
        raise InvalidRequest("image", f"image: {decode.describe(data)} is not read; send {', '.join(decode.FORMATS)}")
    language = languages.find(request.language)
    assert language is not None  # noqa: S101 - the request's validator found it
    if lack := languages.how_to_add(language, languages.folders(settings.tessdata)):
        raise InvalidRequest("settings.language", f"settings.language: {lack}")


def _run(data: bytes, request: RecognizeRegionsSettings, settings: Settings) -> Outcome:
    # Positions count from 1 in the request's order; results go by `order`, and equal orders as they were given.
    regions = sorted(enumerate(request.regions, 1), key=lambda numbered: numbered[1].order)
    recognizes = request.result_type is not ResultType.ImagePNG
    readings = read_regions(
        data,
        [region.rect.rectangle for _, region in regions],
        language=request.language,
        rotate=request.rotate,
        skew_correction=request.make_skew_correct,
        binarization=request.make_binarization,
        contrast_correction=request.make_contrast_correction,
        upsampling=request.make_upsampling,
        mode=request.dsr_mode,
        confidence=request.dsr_confidence,
        spell_check=request.make_spell_check,
        recognize=recognizes,
        tessdata=settings.tessdata,
        max_pixels=settings.max_pixels,
        max_side=settings.max_side,
        max_region_pixels=settings.max_region_pixels,
    )
    results: list[Result] = []
    messages: list[tuple[int, str]] = []
    for place, reading in enumerate(readings):
        if reading is None:
            results += [Result(part, b"") for part in request.result_type.parts]
        else:
            results += write(request.result_type, reading)
        position, asked = (regions[place][0], regions[place][1].rect.rectangle) if regions else (0, None)
        named = f"region {position}" if position else "the image"
        if reading is None:
            messages.append((position, f"{named} ({asked}) lies outside the image and was not read"))
            continue
        if asked is not None and reading.rectangle != asked:
            messages.append((position, f"{named} reaches beyond the image and was cut to {reading.rectangle}"))
        messages += [(position, f"{named}: {note}") for note in _notes(reading.page, request.rotate)]
    told = [text for _, text in sorted(messages, key=lambda message: message[0])]
    language = languages.find(request.language)
    if recognizes and request.make_spell_check and language is not None and (lack := spelling.how_to_add(language)):
        told.append(lack)
    if recognizes and not any(reading and reading.page.blocks for reading in readings):
        told.append("no text was found")
        return Outcome(ResponseStatusCode.NO_ANY_RESULT_DATA, tuple(results), tuple(told))
    lost = any(reading is None for reading in readings)
    code = ResponseStatusCode.PARTIALLY_NOT_FOUND if lost else ResponseStatusCode.OK
    return Outcome(code, tuple(results), tuple(told))


def _notes(page: Page, rotate: int) -> list[str]:
    """What the user should know about a reading."""
    notes = list(page.notes)
    if page.turn:
        notes.append(f"the text seems to be turned; it should read better with Rotate {(rotate + page.turn) % 360}")
    return notes


RECOGNIZE_REGIONS = Operation(
    name="RecognizeRegions",
    summary="Read rectangles of an image, each by itself",
    settings_model=RecognizeRegionsSettings,
    check=_check,
    run=_run,
)
