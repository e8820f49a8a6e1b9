"""Fields of invoices as they are printed. The invoices are made up, each for a kind."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal

import pytest

from slips import placed
from whaleline.extraction.invoices import printed
from whaleline.extraction.invoices.invoice import Invoice, InvoiceItem
from whaleline.extraction.words import rows_of

GERMAN = """
Nordlicht Werkzeuge GmbH
Hafenstraße 12
28195 Bremen
Tel.: 0421 555 123                                   Rechnungsnummer:   NW-2021/0815
post@nordlicht.example                               Rechnungsdatum:    3. März 2021
                                                     Kundennummer:      40017
                                                     Fällig am:         17.03.2021
Rechnung an:
Südwind Montage KG
Frau Ilse Beispiel
Am Markt 7
80331 München

Pos   Bezeichnung               Menge   Einzelpreis      Betrag
1     Bohrmaschine                  2        620,00    1.240,00
2     Bohrer 8 mm                  10          1,50       15,00

                              Nettobetrag              1.255,00
                              zzgl. 19 % MwSt            238,45
                              Gesamtbetrag EUR         1.493,45

Bank: Sparkasse Bremen    IBAN: DE89 3704 0044 0532 0130 00    BIC: COBADEFFXXX
USt-IdNr.: DE136695976
"""

ENGLISH = """
INVOICE

From                              Bill to
Blue Kettle Ltd                   Green Door Limited
4 Mill Lane                       77 Long Street
London SE1 9GF                    Bristol BS1 5TY
VAT No: GB123456789

Invoice No       Invoice Date       Due Date       Order No
INV-0042         02/11/2020         02/12/2020     PO-778

Description            Qty        Rate        Amount
Copper kettle            3       40.00        120.00

                       Subtotal               £120.00
                       VAT 20%                 £24.00
                       Total                  £144.00
                       Amount paid             £44.00
                       Balance due            £100.00
"""


def read(text: str, language: str = "en") -> Invoice:
    return printed.extract(rows_of(placed(text)), language)


def values(invoice: Invoice) -> dict[str, object]:
    return {name: field.value for name, field in invoice.fields.items()}


def test_a_german_letter_gives_its_fields() -> None:
    found = values(read(GERMAN, "de"))
    assert (
        found.items()
        >= {
            "invoice_number": "NW-2021/0815",
            "issue_date": datetime.date(2021, 3, 3),
            "due_date": datetime.date(2021, 3, 17),
            "supplier_name": "Nordlicht Werkzeuge GmbH",
            "supplier_address": "Hafenstraße 12 28195 Bremen",
            "supplier_email": "post@nordlicht.example",
            "supplier_phone": "0421 555 123",
            "supplier_tax_id": "DE136695976",
            "receiver_name": "Südwind Montage KG",
            "receiver_street": "Am Markt 7",
            "receiver_postcode": "80331",
            "receiver_city": "München",
            "currency": "EUR",
            "net_amount": Decimal("1255.00"),
            "vat": Decimal("238.45"),
            "total_amount": Decimal("1493.45"),
            "bank_name": "Sparkasse Bremen",
            "account": "DE89 3704 0044 0532 0130 00",
            "bic": "COBADEFFXXX",
        }.items()
    )


def test_an_english_form_with_labels_above_values_gives_its_fields() -> None:
    found = values(read(ENGLISH))
    assert (
        found.items()
        >= {
            "invoice_number": "INV-0042",
            "order_number": "PO-778",
            "issue_date": datetime.date(2020, 11, 2),
            "due_date": datetime.date(2020, 12, 2),
            "currency": "GBP",
            "net_amount": Decimal("120.00"),
            "vat": Decimal("24.00"),
            "total_amount": Decimal("144.00"),
            "prepaid_amount": Decimal("44.00"),
            "amount_due": Decimal("100.00"),
            "supplier_vat_id": "GB123456789",
        }.items()
    )


def test_goods_are_listed_with_quantity_and_price() -> None:
    assert read(ENGLISH).items == (InvoiceItem("Copper kettle", Decimal(3), Decimal(40), Decimal(120)),)


def test_the_price_may_stand_before_the_quantity() -> None:
    swapped = GERMAN.replace(" 2        620,00 ", " 620,00        2 ")
    first, _ = read(swapped, "de").items
    assert (first.quantity, first.price) == (Decimal(2), Decimal(620))


def test_a_sentence_about_an_account_is_no_bank() -> None:
    sentence = "Bankverbindung: wir buchen den Beitrag wie vereinbart von dem uns bekannten Konto ab"
    assert "bank_name" not in values(read(re.sub("Bank: Sparkasse Bremen .*", sentence, GERMAN), "de"))


def test_a_field_says_where_it_stands() -> None:
    total = read(ENGLISH).fields["total_amount"]
    assert total.text == "£144.00"
    assert total.place is not None
    assert (total.place.left, total.page) == (1000 + 46 * 10, 1)


SUMS = """
{0}      {1}
1000 Lisboa

{2}      200,00
{3}       42,00
{4}      242,00
"""


@pytest.mark.parametrize(
    ("language", "date", "net", "tax", "gross"),
    [
        ("fr", "Date de facture :", "Total HT", "TVA 21%", "Total TTC"),
        ("nl", "Factuurdatum", "Subtotaal excl. btw", "Btw 21%", "Totaal incl. 21% btw"),
        ("es", "Fecha de emisión:", "Base imponible", "IVA 21%", "Total factura"),
        ("it", "Data fattura", "Imponibile", "IVA 21%", "Totale fattura"),
        ("pt", "Data de emissão", "Total sem IVA", "Total IVA", "Total com IVA"),
        ("pl", "Data wystawienia:", "Wartość netto", "Kwota VAT", "Wartość brutto"),
        ("sv", "Fakturadatum", "Summa exkl. moms", "Moms 21%", "Summa inkl. moms"),
        ("de", "Rechnungsdatunn", "Summe (netto)", "Umsatzsteuer 21 %", "Gesamtbetrag (brutto)"),
    ],
)
def test_labels_of_other_languages_are_known(language: str, date: str, net: str, tax: str, gross: str) -> None:
    found = values(read(SUMS.format(date, "04.05.2022", net, tax, gross), language))
    assert found["issue_date"] == datetime.date(2022, 5, 4)
    assert [found.get(name) for name in ("net_amount", "vat", "total_amount")] == [
        Decimal(each) for each in (200, 42, 242)
    ]


def test_sums_that_agree_are_taken_before_those_that_do_not() -> None:
    rows = ("Total   5", "Subtotal   100.00", "Shipping   12.00", "Total   112.00", "VAT   22.40", "Total   134.40")
    found = values(read("\n".join(rows)))
    assert [str(found[name]) for name in ("net_amount", "vat", "total_amount")] == ["112.00", "22.40", "134.40"]


def test_no_number_is_worked_out_that_is_not_printed() -> None:
    found = values(read("Net total   100.00\nGross total   119.00"))
    assert "vat" not in found
    assert (str(found["net_amount"]), str(found["total_amount"])) == ("100.00", "119.00")


def test_sums_without_labels_are_found_by_arithmetic() -> None:
    found = values(read("abc   80,00\nxyz    16,80\nqqq    96,80", "fi"))
    assert [str(found[name]) for name in ("net_amount", "vat", "total_amount")] == ["80.00", "16.80", "96.80"]


def test_an_american_date_is_known_by_another_date_or_by_the_dollar() -> None:
    assert values(read("Invoice date 11/03/2017\nPaid on 11/17/2017"))["issue_date"] == datetime.date(2017, 11, 3)
    assert values(read("Invoice date 11/03/2017\nTotal $ 5.00"))["issue_date"] == datetime.date(2017, 11, 3)
    assert values(read("Invoice date 11/03/2017\nTotal £ 5.00"))["issue_date"] == datetime.date(2017, 3, 11)


def test_an_address_in_one_line_is_the_sender_s() -> None:
    text = """
Nordlicht GmbH - Hafenstraße 12 - 28195 Bremen

Südwind KG
Am Markt 7
80331 München

Rechnung Nr. 17 vom 03.04.2020
"""
    found = values(read(text, "de"))
    assert (found["supplier_name"], found["supplier_city"]) == ("Nordlicht GmbH", "Bremen")
    assert (found["receiver_name"], found["receiver_street"]) == ("Südwind KG", "Am Markt 7")
    assert found["issue_date"] == datetime.date(2020, 4, 3)


def test_an_iban_with_wrong_check_digits_counts_only_where_it_is_called_one() -> None:
    assert values(read("IBAN: DE12 1234 4321 9876 00"))["account"] == "DE12 1234 4321 9876 00"
    assert "account" not in values(read("Order: DE12 1234 4321 9876 00"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "Total",
        "Invoice Invoice Invoice",
        "12345 Town",
        "1 2 3 " * 400,
        "IBAN " * 200,
        "a@" * 20_000,
        "1" * 50_000,
    ],
)
def test_anything_is_an_invoice_with_few_fields(text: str) -> None:
    assert not {"total_amount", "issue_date"} & set(values(read(text)))
