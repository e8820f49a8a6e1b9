"""The data within electronic invoices."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest

from einvoices import CII, UBL
from whaleline.extraction.found import Found
from whaleline.extraction.invoices import embedded
from whaleline.extraction.invoices.invoice import Invoice, InvoiceItem
from whaleline.extraction.invoices.merging import merged


@pytest.mark.parametrize("data", [CII, UBL], ids=["CII", "UBL"])
def test_an_electronic_invoice_gives_its_fields(data: bytes) -> None:
    invoice = embedded.read(data)
    assert invoice is not None
    found = {name: field.value for name, field in invoice.fields.items()}
    assert (
        found.items()
        >= {
            "invoice_number": "R-1",
            "issue_date": datetime.date(2021, 3, 3),
            "due_date": datetime.date(2021, 3, 17),
            "supplier_name": "Nordlicht GmbH",
            "supplier_address": "Hafenstraße 12 28195 Bremen",
            "supplier_tax_id": "DE136695976",
            "receiver_name": "Südwind KG",
            "currency": "EUR",
            "net_amount": Decimal("100.00"),
            "vat": Decimal("19.00"),
            "total_amount": Decimal("119.00"),
            "account": "DE89370400440532013000",
        }.items()
    )
    (item,) = invoice.items
    assert item == InvoiceItem("Hammer", Decimal(4), Decimal("25.00"), Decimal("100.00"))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<a/>",
        b"no xml",
        b"<Invoice",
        b'<!DOCTYPE Invoice [<!ENTITY a "aaaa">]><Invoice><ID>&a;</ID></Invoice>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><Invoice/>',
        b'<?xml version="1.0" encoding="nonsense"?><Invoice/>',
        b"<Invoice>%b</Invoice>" % (b" " * 2**24),
    ],
)
def test_what_is_no_invoice_or_brings_entities_or_has_no_end_is_not_read(data: bytes) -> None:
    assert embedded.read(data) is None


def test_numbers_and_dates_that_are_none_are_left_out() -> None:
    sums = "<TaxInclusiveAmount>NaN</TaxInclusiveAmount><PayableAmount>1e999999</PayableAmount>"
    data = (
        f"<Invoice><ID>1</ID><IssueDate>2021-99-99</IssueDate><LegalMonetaryTotal>{sums}</LegalMonetaryTotal></Invoice>"
    ).encode()
    invoice = embedded.read(data)
    assert invoice is not None
    assert set(invoice.fields) == {"invoice_number"}


def test_the_file_s_own_word_counts_and_what_is_printed_otherwise_is_told() -> None:
    def said(**fields: str) -> Invoice:
        return Invoice({name: Found(value, value) for name, value in fields.items()})

    both = merged(
        said(supplier_name="NORDLICHT GMBH", receiver_name="Other KG", bank_name="Sparkasse"),
        said(supplier_name="Nordlicht GmbH", receiver_name="Südwind KG"),
    )
    assert {name: field.value for name, field in both.fields.items()} == {
        "supplier_name": "Nordlicht GmbH",
        "receiver_name": "Südwind KG",
        "bank_name": "Sparkasse",
    }
    assert both.embedded == {"supplier_name", "receiver_name"}
    assert {name: field.value for name, field in both.differing.items()} == {"receiver_name": "Other KG"}
