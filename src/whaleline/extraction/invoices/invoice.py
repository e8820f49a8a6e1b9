"""The fields of an invoice."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from whaleline.extraction.found import Found

Value = str | datetime.date | Decimal

CONTRACT = (
    "issue_date", "due_date", "supplier_name", "supplier_address", "supplier_email", "supplier_phone",
    "supplier_tax_id", "receiver_name", "receiver_address", "receiver_tax_id", "currency", "total_amount", "vat",
    "net_amount", "bank_name", "bic", "account",
)  # fmt: skip
"""The keys of the protocol, in its order."""

MORE = (
    "invoice_number", "order_number", "payment_reference", "delivery_date", "amount_due", "prepaid_amount",
    "lines_total", "supplier_street", "supplier_postcode", "supplier_city", "supplier_vat_id", "supplier_tax_number",
    "receiver_street", "receiver_postcode", "receiver_city", "receiver_vat_id",
)  # fmt: skip
"""What is told beyond the protocol."""

NUMBERS = frozenset({"total_amount", "vat", "net_amount", "amount_due", "prepaid_amount", "lines_total"})


@dataclass(frozen=True, slots=True)
class InvoiceItem:
    """A row of goods or services; what is not there is None."""

    text: str
    quantity: Decimal | None = None
    price: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """What one source says of an invoice.

    Attributes:
        fields: by the names of CONTRACT and MORE; what is not there is left out.
        items: in their order.
    """

    fields: Mapping[str, Found[Value]] = field(default_factory=dict)
    items: tuple[InvoiceItem, ...] = ()
