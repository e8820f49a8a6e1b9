"""RecognizePdf: read all pages of a document."""

from __future__ import annotations

from whaleline.operations import whole_pages
from whaleline.operations.operation import Operation
from whaleline.operations.reading import check
from whaleline.operations.reading_settings import ReadingSettings


class RecognizePdfSettings(ReadingSettings):
    """OCRSettingsRecognizePdf."""


RECOGNIZE_PDF = Operation(
    name="RecognizePdf",
    summary="Read all pages of a PDF or another document",
    settings_model=RecognizePdfSettings,
    check=check,
    pages=whole_pages.pages,
    read=whole_pages.read,
    join=whole_pages.join,
)
