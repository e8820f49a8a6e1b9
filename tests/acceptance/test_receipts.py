"""Receipts and invoices, read by the running service for the official Python client as it comes from PyPI."""

from __future__ import annotations

import base64
import json

import aspose_ocr_cloud as sdk

from harness import ServiceProcess, b64
from slips import drawn

SLIP = """
GOOD HARDWARE SDN BHD
Hammer                       32.50
Total                   RM   32.50
"""


def test_the_official_client_reads_a_receipt(service: ServiceProcess) -> None:
    with sdk.ApiClient(sdk.Configuration(host=service.url, access_token=service.token())) as client:
        api = sdk.RecognizeReceiptApi(client)
        bodies = [
            sdk.OCRRecognizeReceiptBody(image=b64(drawn(SLIP)), settings=sdk.OCRSettingsRecognizeReceipt(**settings))
            for settings in ({}, {"resultType": sdk.ResultType.JSON})
        ]
        text, fields = (
            base64.b64decode(api.get_recognize_receipt(id=api.post_recognize_receipt(body)).results[0].data)
            for body in bodies
        )
    assert text.decode() == "GOOD HARDWARE SDN BHD\nHammer 32.50\nTotal RM 32.50"
    assert json.loads(fields)["total"] == 32.5


def test_the_official_client_reads_an_invoice(service: ServiceProcess) -> None:
    invoice = drawn("Nordlicht GmbH\nHafen 12\n28195 Bremen\nInvoice date:  03.04.2021\nTotal EUR   119.00")
    with sdk.ApiClient(sdk.Configuration(host=service.url, access_token=service.token())) as client:
        api = sdk.RecognizeAndParseInvoiceApi(client)
        settings = sdk.OCRSettingsRecognizeAndParseInvoice()
        task = api.post_recognize_and_parse_invoice(
            sdk.OCRRecognizeAndParseInvoiceBody(image=b64(invoice), settings=settings)
        )
        (result,) = api.get_recognize_and_parse_invoice(id=task).results
    fields = json.loads(base64.b64decode(result.data))
    assert result.type == "Text"
    assert (fields["supplier_name"], fields["issue_date"], fields["total_amount"], fields["vat"]) == (
        "Nordlicht GmbH",
        "2021-04-03",
        119.0,
        -1,
    )
