"""RecognizeImage: read an image, or all pages of a document."""

from __future__ import annotations

from whaleline.operations import whole_pages
from whaleline.operations.operation import Operation
from whaleline.operations.reading import check
from whaleline.operations.reading_settings import ReadingSettings


class RecognizeImageSettings(ReadingSettings):
    """OCRSettingsRecognizeImage; the whole image is read, whatever `regions` says."""


RECOGNIZE_IMAGE = Operation(
    name="RecognizeImage",
    summary="Read an image, or all pages of a document",
    settings_model=RecognizeImageSettings,
    check=check,
    pages=whole_pages.pages,
    read=whole_pages.read,
    join=whole_pages.join,
)
