"""RecognizeTable and DetectRegions, run as a worker runs them."""

from __future__ import annotations

import json
from typing import Any

import pytest

import corpus
from corpus import Sheet
from drawn_tables import table
from harness import draw
from whaleline.operations.detect_regions import DETECT_REGIONS, DetectRegionsSettings
from whaleline.operations.operation import Outcome, ResponseStatusCode
from whaleline.operations.recognize_regions import RECOGNIZE_REGIONS
from whaleline.operations.recognize_table import RECOGNIZE_TABLE, RecognizeTableSettings
from whaleline.operations.region_settings import RecognizeRegionsSettings
from whaleline.settings import Settings

ROWS = [["Ship", "Men"], ["Pequod", "30"], ["Rachel", "26"]]
PAGE = table(ROWS, [300, 300], above=["The ships of the voyage"])
CSV = b"Ship,Men\nPequod,30\nRachel,26\n"


def run(data: bytes, **settings: Any) -> Outcome:
    return RECOGNIZE_TABLE.run(data, RecognizeTableSettings.model_validate(settings), Settings())


@pytest.mark.parametrize(
    ("settings", "types"),
    [
        ({}, ["Text"]),
        ({"resultTypeTable": "csv"}, ["Csv"]),
        ({"resultType": "Csv"}, ["Csv"]),
        ({"resultType": "Text", "resultTypeTable": "CsvAndExcel"}, ["Csv", "Excel"]),
        ({"resultType": "JSON"}, ["JSON"]),
        ({"resultType": 9}, ["JSON"]),
        ({"resultTypeTable": 2}, ["Excel"]),
        ({"resultTypeTable": "Html"}, ["Html"]),
        ({"resultType": "Pdf"}, ["Text"]),
    ],
)
def test_the_format_stands_in_either_key_and_the_newer_one_counts(settings: dict[str, Any], types: list[str]) -> None:
    assert list(RecognizeTableSettings.model_validate(settings).written_as.parts) == types


def test_a_format_that_nothing_has_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'Word' is not one of Text, Excel, Csv, CsvAndExcel, Html, JSON"):
        RecognizeTableSettings.model_validate({"resultTypeTable": "Word"})
    with pytest.raises(ValueError, match=r"'Xlsx' is not one of Text, Pdf, .* JSON, Excel, Csv, CsvAndExcel, Html"):
        RecognizeTableSettings.model_validate({"resultType": "Xlsx"})


def test_the_settings_outlast_the_database() -> None:
    request = RecognizeTableSettings.model_validate({"resultType": "Csv"})
    assert RecognizeTableSettings.model_validate_json(request.model_dump_json(by_alias=True)) == request


def test_tables_of_all_pages_are_read() -> None:
    sheet = Sheet((PAGE.width * 0.36, PAGE.height * 0.36), PAGE)
    outcome = run(corpus.pdf(sheet, sheet), resultTypeTable="Csv")
    assert outcome.results[0].data == CSV + b"\n" + CSV
    assert (outcome.code, outcome.messages) == (ResponseStatusCode.OK, ())


def test_a_page_without_a_table_says_so_and_gives_its_text() -> None:
    outcome = run(draw(["Call me Ishmael."]))
    assert (outcome.results[0].data, outcome.messages) == (b"Call me Ishmael.", ("no table was found",))


def test_regions_are_lines_and_cells_in_reading_order() -> None:
    outcome = DETECT_REGIONS.run(corpus.saved(PAGE, "PNG"), DetectRegionsSettings(), Settings())
    (result,) = outcome.results
    assert result.type == "Other"
    assert b", " in result.data
    boxes = json.loads(result.data)
    assert len(boxes) == 1 + 6
    assert boxes[0][1] < boxes[1][1] == boxes[2][1] < boxes[3][1]
    assert boxes[1][0] < boxes[2][0]


def test_regions_of_all_pages_come_as_json_that_can_be_sent_to_be_read() -> None:
    sheet = Sheet((PAGE.width * 0.36, PAGE.height * 0.36), PAGE)
    file = corpus.pdf(sheet, sheet)
    request = DetectRegionsSettings.model_validate({"resultType": "JSON"})
    (result,) = DETECT_REGIONS.run(file, request, Settings()).results
    regions = json.loads(result.data)
    assert result.type == "JSON"
    assert [each["page"] for each in regions] == [1] * 7 + [2] * 7
    (first,) = DETECT_REGIONS.run(file, DetectRegionsSettings(), Settings()).results
    assert json.loads(first.data) == [list(each["rect"].values()) for each in regions[:7]]
    sent = RecognizeRegionsSettings.model_validate({"regions": [regions[7], regions[8]]})
    read = RECOGNIZE_REGIONS.run(file, sent, Settings()).results
    assert [each.data for each in read] == [b"The ships of the voyage", b"Ship"]


def test_a_blank_page_has_no_regions() -> None:
    outcome = DETECT_REGIONS.run(draw([""]), DetectRegionsSettings(), Settings())
    assert (outcome.results[0].data, outcome.code) == (b"[]", ResponseStatusCode.NO_ANY_RESULT_DATA)


def test_a_region_that_holds_a_grid_is_read_row_by_row_with_every_cell() -> None:
    grid = table([["Day", "Ships", "Whales"], ["Monday", "1", "0"], ["Tuesday", "7", "4"]], [250, 200, 200])
    request = RecognizeRegionsSettings.model_validate({"resultType": "JSON"})
    (result,) = RECOGNIZE_REGIONS.run(corpus.saved(grid, "PNG"), request, Settings()).results
    (block,) = json.loads(result.data)
    assert block["text"] == "Day Ships Whales\nMonday 1 0\nTuesday 7 4"
    cells = [(cell["row"], cell["column"], cell["text"]) for cell in block["table"]["cells"]]
    assert cells[3:6] == [(1, 0, "Monday"), (1, 1, "1"), (1, 2, "0")]
