"""The settings that all task types for text share: one object of the protocol under many names."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from whaleline.operations.own_text import TextLayer
from whaleline.operations.schema import Int32, WireModel, choice
from whaleline.recognition import languages
from whaleline.recognition.modes import DsrConfidence, DsrMode
from whaleline.results import ResultType


class ResultTypeTable(StrEnum):
    """What a table is written as; of effect on tables alone, yet checked like every value."""

    TEXT = "Text"
    EXCEL = "Excel"
    CSV = "Csv"
    CSV_AND_EXCEL = "CsvAndExcel"


def _language(value: object) -> str:
    found = languages.find(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if found is None:
        raise ValueError(languages.unknown(value))
    return found.wire


def _language_names() -> list[str]:
    return [language.wire for language in languages.languages()]


def _list_languages(schema: dict[str, Any]) -> None:
    schema["enum"] = _language_names()


class ReadingSettings(WireModel):
    """What the protocol's settings objects have in common, with the defaults that its documentation promises.

    A type whose defaults differ says so in a class of its own. `regions` stands where rectangles are read.
    """

    language: Annotated[
        str, BeforeValidator(_language), Field(json_schema_extra=_list_languages, description=languages.NAMING)
    ] = "English"
    result_type: Annotated[ResultType, choice(ResultType)] = ResultType.Text
    make_skew_correct: bool = True
    make_binarization: bool = False
    make_contrast_correction: bool = True
    make_upsampling: bool = False
    make_spell_check: bool = False
    rotate: Int32 = Field(0, alias="Rotate")
    dsr_mode: Annotated[DsrMode, choice(DsrMode, CraftPoly=DsrMode.POLYGONAL_TEXT_DETECTOR)] = DsrMode.REGIONS
    dsr_confidence: Annotated[DsrConfidence, choice(DsrConfidence)] = DsrConfidence.DEFAULT
    text_layer: Annotated[TextLayer, choice(TextLayer)] = Field(
        TextLayer.AUTO,
        description="Whether to take the text that a PDF page contains: auto if it is visible and correct, never, or"
        " always. An addition to the protocol.",
    )
    result_type_table: Annotated[ResultTypeTable, choice(ResultTypeTable)] = ResultTypeTable.TEXT
