"""RecognizeLabel: the words on photographs of products, signs and packages, one a line."""

from __future__ import annotations

from whaleline import recognition
from whaleline.documents import Document, PagePicture
from whaleline.imaging import region
from whaleline.imaging.geometry import Rectangle
from whaleline.operations import whole_pages
from whaleline.operations.operation import Operation
from whaleline.operations.reading import check
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.recognition import languages
from whaleline.results import Reading
from whaleline.settings import Settings


class RecognizeLabelSettings(ReadingSettings):
    """OCRSettingsRecognizeLabel; words are found as they lie, so that `makeSkewCorrect` and `dsrMode` say nothing."""


def read_label(page: PagePicture, request: RecognizeLabelSettings, settings: Settings) -> Reading:
    """The words of a picture; raises what `region.prepare` and `recognition.read_label` raise."""
    language = languages.find(request.language)
    assert language is not None  # noqa: S101 - the request's validator found it
    height, width = page.picture.shape[:2]
    prepared = region.prepare(
        page.picture,
        Rectangle(0, 0, width, height),
        rotate=request.rotate,
        contrast=request.make_contrast_correction,
        binarize=request.make_binarization,
        upsample=request.make_upsampling,
        max_pixels=settings.max_region_pixels,
    )
    words = recognition.read_label(prepared.plain, language, tessdata=settings.tessdata)
    return Reading(prepared.rectangle, prepared.filtered, words, prepared.placement)


def _read(document: Document, number: int, request: RecognizeLabelSettings, settings: Settings) -> bytes:
    page = document.page(number)
    reading = read_label(page, request, settings)
    words = "\n".join(word.text.lower() for word in reading.page.words)
    return whole_pages.part_of(document, number, page, reading, request, own_text=words.encode())


RECOGNIZE_LABEL = Operation(
    name="RecognizeLabel",
    summary="Read the words on the photograph of a product, a sign or a package",
    settings_model=RecognizeLabelSettings,
    check=check,
    pages=whole_pages.pages,
    read=_read,
    join=whole_pages.join,
)
