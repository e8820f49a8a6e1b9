"""DjVu2PDF: a searchable PDF of a DjVu document."""

from __future__ import annotations

from typing import Annotated

from whaleline.operations import whole_pages
from whaleline.operations.operation import Operation
from whaleline.operations.reading import check
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.operations.schema import choice
from whaleline.results import ResultType


class DjVu2PDFSettings(ReadingSettings):
    """OCRSettingsDjVu2PDF; the default result is a PDF, as the name of the type says."""

    result_type: Annotated[ResultType, choice(ResultType)] = ResultType.Pdf


DJVU_TO_PDF = Operation(
    name="DjVu2PDF",
    summary="Make a searchable PDF of a DjVu document, or of another one",
    settings_model=DjVu2PDFSettings,
    check=check,
    pages=whole_pages.pages,
    read=whole_pages.read,
    join=whole_pages.join,
)
