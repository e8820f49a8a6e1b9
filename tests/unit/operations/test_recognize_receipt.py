"""RecognizeReceipt, without a service."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from harness import draw
from slips import drawn
from whaleline.operations.operation import Outcome, ResponseStatusCode, open_document
from whaleline.operations.recognize_receipt import RECOGNIZE_RECEIPT, RecognizeReceiptSettings
from whaleline.settings import Settings

SLIP = """
GOOD HARDWARE SDN BHD
NO 3, JALAN BESAR,
56100 KUALA LUMPUR.
Date: 25/03/2018     10:18
Hammer                       32.50
Nails                         4.00
Total                   RM   36.50
"""


def run(image: bytes, **settings: Any) -> Outcome:
    return RECOGNIZE_RECEIPT.run(image, RecognizeReceiptSettings.model_validate(settings), Settings())


@pytest.mark.parametrize("tilt", [0.0, 4.0])
def test_the_text_has_each_amount_on_the_line_of_its_item(tilt: float) -> None:
    (result,) = run(drawn(SLIP, tilt=tilt)).results
    assert result.type == "Text"
    assert result.data.decode().splitlines()[-3:] == ["Hammer 32.50", "Nails 4.00", "Total RM 36.50"]


def test_json_has_the_fields_and_where_they_stand() -> None:
    (result,) = run(drawn(SLIP), resultType="JSON").results
    answer = orjson.loads(result.data)
    assert {name: value for name, value in answer.items() if name not in ("fields", "blocks")} == {
        "company": "GOOD HARDWARE SDN BHD",
        "address": "NO 3, JALAN BESAR, 56100 KUALA LUMPUR.",
        "date": "2018-03-25",
        "time": "10:18:00",
        "total": 36.5,
        "tax": None,
        "currency": "MYR",
        "items": [
            {"text": "Hammer", "quantity": None, "price": None, "amount": 32.5},
            {"text": "Nails", "quantity": None, "price": None, "amount": 4.0},
        ],
    }
    total = answer["fields"]["total"]
    assert (total["text"], total["page"]) == ("36.50", 1)
    assert 50 + 44 * 6 <= (total["topLeftY"] + total["bottomRightY"]) / 2 <= 50 + 44 * 7
    assert answer["blocks"][0]["text"].endswith("Total RM 36.50")


def test_a_combined_type_gives_its_parts() -> None:
    results = run(draw(["Tea 4.50"]), resultType="TextAndPdfAndHocr").results
    assert [result.type for result in results] == ["Text", "Pdf", "Hocr"]
    assert results[1].data.startswith(b"%PDF")
    assert b"4.50" in results[2].data


def test_an_empty_picture_says_that_no_text_was_found() -> None:
    outcome = run(draw([""]))
    assert outcome.code is ResponseStatusCode.NO_ANY_RESULT_DATA
    assert outcome.messages == ("no text was found",)
    assert [result.data for result in outcome.results] == [b""]


def test_a_lost_page_leaves_the_others() -> None:
    request, settings = RecognizeReceiptSettings(), Settings()
    document = open_document(drawn(SLIP), settings)
    page = RECOGNIZE_RECEIPT.read(document, 1, request, settings)
    outcome = RECOGNIZE_RECEIPT.join(document, [None, page], request, settings)
    assert outcome.results[0].data.decode().splitlines()[0] == "GOOD HARDWARE SDN BHD"
