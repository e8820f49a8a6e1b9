"""RecognizeAndParseInvoice, without a service."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from einvoices import CII, pdf_with
from harness import draw
from slips import drawn
from whaleline.errors import InvalidRequest
from whaleline.extraction.invoices.invoice import CONTRACT
from whaleline.operations.operation import Outcome, ResponseStatusCode
from whaleline.operations.recognize_invoice import RECOGNIZE_AND_PARSE_INVOICE, RecognizeAndParseInvoiceSettings
from whaleline.settings import Settings

INVOICE = """
Nordlicht GmbH
Hafen 12
28195 Bremen

Invoice Number:   NW-0815
Invoice Date:     03.04.2021

Subtotal          100.00
VAT 19 %           19.00
Total EUR         119.00
"""


def run(image: bytes, **settings: Any) -> Outcome:
    request = RecognizeAndParseInvoiceSettings.model_validate(settings)
    RECOGNIZE_AND_PARSE_INVOICE.check(image, request, Settings())
    return RECOGNIZE_AND_PARSE_INVOICE.run(image, request, Settings())


def answer(image: bytes, **settings: Any) -> Any:
    (result,) = run(image, **settings).results
    return orjson.loads(result.data)


def test_the_text_is_json_with_exactly_the_keys_of_the_protocol() -> None:
    (result,) = run(drawn(INVOICE)).results
    found = orjson.loads(result.data)
    assert result.type == "Text"
    assert tuple(found) == CONTRACT
    assert (found["issue_date"], found["due_date"]) == ("2021-04-03", "")
    assert (found["net_amount"], found["vat"], found["total_amount"]) == (100.0, 19.0, 119.0)
    assert (found["supplier_name"], found["bank_name"]) == ("Nordlicht GmbH", "")


def test_json_says_where_a_field_stands() -> None:
    found = answer(drawn(INVOICE), resultType="JSON")
    assert found["invoice_number"] == "NW-0815"
    assert found["due_date"] is None
    total = found["fields"]["total_amount"]
    assert (total["source"], total["page"]) == ("print", 1)
    assert 50 + 44 * 9 <= (total["topLeftY"] + total["bottomRightY"]) / 2 <= 50 + 44 * 10


def test_a_pdf_is_taken_at_its_word_and_what_is_printed_otherwise_is_told() -> None:
    pdf = pdf_with("factur-x.xml", CII, lines=("Total EUR 991.00", "Bank: Sparkasse Bremen"))
    found = answer(pdf, resultType="JSON")
    assert found["embedded"] == "factur-x.xml"
    assert (found["total_amount"], found["bank_name"]) == (119.0, "Sparkasse Bremen")
    assert found["fields"]["total_amount"]["source"] == "embedded"
    assert found["differing"]["total_amount"]["embedded"] == 119.0
    assert found["differing"]["total_amount"]["print"] == 991.0
    assert found["items"] == [{"text": "Hammer", "quantity": 4.0, "price": 25.0, "amount": 100.0}]


@pytest.mark.parametrize("data", [b"<a/>", b"\x00\xff", b"<!DOCTYPE a [<!ENTITY b 'c'>]><Invoice>&b;</Invoice>"])
def test_an_attachment_that_is_no_invoice_changes_nothing(data: bytes) -> None:
    found = answer(pdf_with("invoice.xml", data, lines=("Total EUR 991.00",)), resultType="JSON")
    assert (found["embedded"], found["total_amount"]) == (None, 991.0)


def test_an_empty_picture_says_that_no_text_was_found() -> None:
    outcome = run(draw([""]))
    assert outcome.code is ResponseStatusCode.NO_ANY_RESULT_DATA
    assert outcome.messages == ("no text was found",)
    assert orjson.loads(outcome.results[0].data)["total_amount"] == -1


def test_another_result_type_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="'Pdf' is not available for invoices"):
        run(draw(["x"]), resultType="Pdf")
