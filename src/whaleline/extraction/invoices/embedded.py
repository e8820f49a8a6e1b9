"""The data that an electronic invoice carries as XML: Factur-X, ZUGFeRD and XRechnung, in CII or UBL."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from whaleline.extraction.found import Found
from whaleline.extraction.invoices.invoice import NUMBERS, Invoice, InvoiceItem, Value

_MOST_BYTES = 16 * 2**20
"""Of an XML file; each element of four bytes takes a hundred when it is read."""


class _NoDoctype(ElementTree.TreeBuilder):
    """Refuses a document type, and with it all entities: no invoice has one."""

    def doctype(self, name: str, *_: object) -> None:
        raise ValueError(f"a document type {name}")


def read(data: bytes) -> Invoice | None:
    """The invoice that an XML file is; None if it is none, is not sound XML, or has more than 16 MiB.

    The semantic names are those of EN 16931; ZUGFeRD 1 and 2 call some elements by other names, which are both known.
    """
    if len(data) > _MOST_BYTES:
        return None
    try:
        root = ElementTree.XML(data, ElementTree.XMLParser(target=_NoDoctype()))  # noqa: S314 - without entities
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
    if _name(root) in ("CrossIndustryInvoice", "CrossIndustryDocument"):
        return _invoice(root, _CII, _CII_ITEM)
    if _name(root) in ("Invoice", "CreditNote"):
        return _invoice(root, _UBL, _UBL_ITEM)
    return None


def _invoice(root: Element, paths: Mapping[str, str], item: Mapping[str, str]) -> Invoice:
    fields: dict[str, Found[Value]] = {}
    for name, path in paths.items():
        text = _text(root, path)
        value = _value(name, text)
        if value is not None:
            fields[name] = Found(value, text, confidence=100.0)
    for party in ("supplier", "receiver"):
        parts = [fields.get(f"{party}_{part}") for part in ("street", "extra", "postcode", "city")]
        address = " ".join(part.text for part in parts if part)
        fields.pop(f"{party}_extra", None)
        if address:
            fields[f"{party}_address"] = Found(address, address, confidence=100.0)
        number = fields.get(f"{party}_vat_id") or fields.get(f"{party}_tax_number")
        if number is not None:
            fields[f"{party}_tax_id"] = number
    fields.pop("receiver_tax_number", None)
    return Invoice(fields, tuple(_items(root, item)))


def _items(root: Element, paths: Mapping[str, str]) -> Iterator[InvoiceItem]:
    for line in _all(root, paths["lines"]):
        numbers = {name: _number(_text(line, paths[name])) for name in ("quantity", "price", "amount")}
        yield InvoiceItem(_text(line, paths["text"]), **numbers)


def _value(name: str, text: str) -> Value | None:
    if name in NUMBERS:
        return _number(text)
    if name.endswith("_date"):
        return _date(text)
    return text or None


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < _MOST else None


def _date(text: str) -> datetime.date | None:
    digits = re.match(r"(\d{4})-?(\d\d)-?(\d\d)", text)
    try:
        return datetime.date(*map(int, digits.groups())) if digits else None
    except ValueError:
        return None


def _text(element: Element, path: str) -> str:
    """The text of the first element at one of the paths, which bars divide, in single spaces."""
    for each in path.split(" | "):
        for found in _all(element, each):
            if text := " ".join("".join(found.itertext()).split()):
                return text
    return ""


def _all(element: Element, path: str) -> list[Element]:
    """The elements at a path of local names; `A[x=B]` asks for an attribute, `*B` for any name that ends so."""
    found = [element]
    for step in path.split("/"):
        name, attribute, wanted = _STEP.fullmatch(step).groups()  # type: ignore[union-attr]
        found = [
            child
            for each in found
            for child in each
            if (_name(child).endswith(name[1:]) if name.startswith("*") else _name(child) == name)
            and (attribute is None or child.get(attribute) == wanted)
        ]
    return found


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


_MOST = Decimal("1e15")
_STEP = re.compile(r"([*\w]+)(?:\[(\w+)=(\w+)\])?")

_AGREEMENT = "*SupplyChainTradeTransaction/*TradeAgreement"
_DELIVERY = "*SupplyChainTradeTransaction/*TradeDelivery"
_SETTLEMENT = "*SupplyChainTradeTransaction/*TradeSettlement"
_SUMS = f"{_SETTLEMENT}/*MonetarySummation"


def _cii_party(prefix: str, element: str) -> dict[str, str]:
    party = f"{_AGREEMENT}/{element}"
    return {
        f"{prefix}_name": f"{party}/Name",
        f"{prefix}_street": f"{party}/PostalTradeAddress/LineOne",
        f"{prefix}_extra": f"{party}/PostalTradeAddress/LineTwo",
        f"{prefix}_postcode": f"{party}/PostalTradeAddress/PostcodeCode",
        f"{prefix}_city": f"{party}/PostalTradeAddress/CityName",
        f"{prefix}_vat_id": f"{party}/SpecifiedTaxRegistration/ID[schemeID=VA]",
        f"{prefix}_tax_number": f"{party}/SpecifiedTaxRegistration/ID[schemeID=FC]",
    }


_CII = {
    "invoice_number": "*ExchangedDocument/ID",
    "issue_date": "*ExchangedDocument/IssueDateTime/DateTimeString",
    "order_number": f"{_AGREEMENT}/BuyerOrderReferencedDocument/IssuerAssignedID"
    f" | {_AGREEMENT}/BuyerOrderReferencedDocument/ID",
    "delivery_date": f"{_DELIVERY}/ActualDeliverySupplyChainEvent/OccurrenceDateTime/DateTimeString",
    "due_date": f"{_SETTLEMENT}/SpecifiedTradePaymentTerms/DueDateDateTime/DateTimeString",
    "payment_reference": f"{_SETTLEMENT}/PaymentReference",
    "currency": f"{_SETTLEMENT}/InvoiceCurrencyCode",
    "total_amount": f"{_SUMS}/GrandTotalAmount",
    "vat": f"{_SUMS}/TaxTotalAmount",
    "net_amount": f"{_SUMS}/TaxBasisTotalAmount",
    "amount_due": f"{_SUMS}/DuePayableAmount",
    "prepaid_amount": f"{_SUMS}/TotalPrepaidAmount",
    "lines_total": f"{_SUMS}/LineTotalAmount",
    "account": f"{_SETTLEMENT}/SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID"
    f" | {_SETTLEMENT}/SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/ProprietaryID",
    "bic": f"{_SETTLEMENT}/SpecifiedTradeSettlementPaymentMeans/PayeeSpecifiedCreditorFinancialInstitution/BICID",
    "bank_name": f"{_SETTLEMENT}/SpecifiedTradeSettlementPaymentMeans/PayeeSpecifiedCreditorFinancialInstitution/Name",
    "supplier_email": f"{_AGREEMENT}/SellerTradeParty/DefinedTradeContact/EmailURIUniversalCommunication/URIID",
    "supplier_phone": f"{_AGREEMENT}/SellerTradeParty/DefinedTradeContact/TelephoneUniversalCommunication"
    "/CompleteNumber",
    **_cii_party("supplier", "SellerTradeParty"),
    **_cii_party("receiver", "BuyerTradeParty"),
}
_CII_ITEM = {
    "lines": "*SupplyChainTradeTransaction/IncludedSupplyChainTradeLineItem",
    "text": "SpecifiedTradeProduct/Name",
    "quantity": "*TradeDelivery/BilledQuantity",
    "price": "*TradeAgreement/NetPriceProductTradePrice/ChargeAmount",
    "amount": "*TradeSettlement/*MonetarySummation/LineTotalAmount",
}


def _ubl_party(prefix: str, element: str) -> dict[str, str]:
    party = f"{element}/Party"
    return {
        f"{prefix}_name": f"{party}/PartyLegalEntity/RegistrationName | {party}/PartyName/Name",
        f"{prefix}_street": f"{party}/PostalAddress/StreetName",
        f"{prefix}_extra": f"{party}/PostalAddress/AdditionalStreetName",
        f"{prefix}_postcode": f"{party}/PostalAddress/PostalZone",
        f"{prefix}_city": f"{party}/PostalAddress/CityName",
        f"{prefix}_vat_id": f"{party}/PartyTaxScheme/CompanyID",
    }


_UBL = {
    "invoice_number": "ID",
    "issue_date": "IssueDate",
    "due_date": "DueDate | PaymentMeans/PaymentDueDate",
    "delivery_date": "Delivery/ActualDeliveryDate",
    "order_number": "OrderReference/ID",
    "payment_reference": "PaymentMeans/PaymentID",
    "currency": "DocumentCurrencyCode",
    "total_amount": "LegalMonetaryTotal/TaxInclusiveAmount",
    "vat": "TaxTotal/TaxAmount",
    "net_amount": "LegalMonetaryTotal/TaxExclusiveAmount",
    "amount_due": "LegalMonetaryTotal/PayableAmount",
    "prepaid_amount": "LegalMonetaryTotal/PrepaidAmount",
    "lines_total": "LegalMonetaryTotal/LineExtensionAmount",
    "account": "PaymentMeans/PayeeFinancialAccount/ID",
    "bic": "PaymentMeans/PayeeFinancialAccount/FinancialInstitutionBranch/ID",
    "supplier_email": "AccountingSupplierParty/Party/Contact/ElectronicMail",
    "supplier_phone": "AccountingSupplierParty/Party/Contact/Telephone",
    **_ubl_party("supplier", "AccountingSupplierParty"),
    **_ubl_party("receiver", "AccountingCustomerParty"),
}
_UBL_ITEM = {
    "lines": "*Line",
    "text": "Item/Name",
    "quantity": "*edQuantity",
    "price": "Price/PriceAmount",
    "amount": "LineExtensionAmount",
}
