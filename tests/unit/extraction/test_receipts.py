"""Fields of till slips. The slips are made up, each for a kind."""

from __future__ import annotations

import datetime
import time
from decimal import Decimal

import pytest

from slips import placed
from whaleline.extraction import receipts
from whaleline.extraction.receipts import Receipt
from whaleline.extraction.words import rows_of

TILL = """
          3170425
     KEDAI SERI MAJU SDN BHD
          (204913-K)
   NO 12, JALAN BUNGA RAYA 3,
   TAMAN SERI,
   47301 PETALING JAYA, SELANGOR
   TEL: 03-55512345
   GST ID: 000123456789
         TAX INVOICE
Doc No: CS0042       Date: 04/11/2017
Cashier: USER        Time: 14:31:00
Description      Qty   Price  Amount
BLUE PEN          2     1.50    3.00 SR
NOTE BOOK         1     5.80    5.80 SR
Total Qty:        3             8.80
Total Sales (Excluding GST) :   8.80
Total GST :                     0.53
Rounding :                      0.02
Total Sales (Inclusive of GST): 9.35
CASH :                         10.00
CHANGE :                        0.65
GST SUMMARY     Amt(RM)      Tax(RM)
SR   6            8.80          0.53
Total :           8.80          0.53
Thank you. Please come again.
"""


def read(slip: str, language: str = "en") -> Receipt:
    return receipts.extract(rows_of(placed(slip)), language)


def test_a_till_slip_gives_all_its_fields() -> None:
    receipt = read(TILL)
    assert receipt.company is not None
    assert receipt.company.value == "KEDAI SERI MAJU SDN BHD"
    assert receipt.address is not None
    assert receipt.address.value == "NO 12, JALAN BUNGA RAYA 3, TAMAN SERI, 47301 PETALING JAYA, SELANGOR"
    assert receipt.date is not None
    assert receipt.date.value == datetime.date(2017, 11, 4)
    assert receipt.time is not None
    assert receipt.time.value == datetime.time(14, 31)
    assert receipt.total is not None
    assert receipt.total.value == Decimal("9.35")
    assert receipt.tax is not None
    assert receipt.tax.value == Decimal("0.53")
    assert receipt.currency is not None
    assert receipt.currency.value == "MYR"
    assert [(item.text, item.quantity, item.price, item.amount) for item in receipt.items] == [
        ("BLUE PEN", Decimal(2), Decimal("1.50"), Decimal("3.00")),
        ("NOTE BOOK", Decimal(1), Decimal("5.80"), Decimal("5.80")),
    ]


def test_a_field_says_where_it_stands() -> None:
    total = read(TILL).total
    assert total is not None
    assert (total.text, total.page) == ("9.35", 1)
    assert total.place is not None
    assert total.place.width == 38  # of its own word alone


@pytest.mark.parametrize(
    ("rows", "total"),
    [
        ("Sub Total  20.00\nTotal  20.00\nCash  50.00\nChange  30.00", "20.00"),
        ("Total  20.02\nRounding Adj  -0.02\nRounded Total  20.00\nCash 20.00", "20.00"),
        ("Total  71.02\nRounding Adj: -0.02\nTOTAL: 71.00\nCASH: 71.00", "71.00"),
        ("TOTAL EXCL.GST 28.11\nADD: GST 6% 1.69\n 29.80\nCASH 50.00\nCHANGE 20.20", "29.80"),
        ("TOTAL AMOUNT\nCASH    RM 6.00", "6.00"),
        ("Grand Total RM8.35\nCash RM10.50\nChange RM2.15\nTotal saving 1.20", "8.35"),
        ("Subtotal 100.00\nService Charge 10.00\nNett Total 110.00\nVISA 110.00", "110.00"),
        ("Total Item 4\nTotal Discount 2.00\nlotal 18.00\nTunai 20.00\nBaki 2.00", "18.00"),
        ("SUMME EUR 12,40\nBAR EUR 20,00\nRÜCKGELD EUR 7,60\nMwSt 19% 1,98", "12.40"),
        ("TOTAL TTC 15,20 €\nCARTE BANCAIRE 15,20 €\ndont TVA 1,38 €", "15.20"),
        ("Totaal 8,95\nPinnen 8,95\nBTW 9% 0,74", "8.95"),
        ("TOTALE COMPLESSIVO 7,00\ndi cui IVA 0,64\nContante 10,00\nResto 3,00", "7.00"),
        ("SUB-TOTAL (GST) 80.20\nROUNDING 0.70\nTOTAL 80.90\nCASH 80.90", "80.90"),
        ("TOTAL SALES INCL GST 23.62\nTOTAL AFTER ADJ INCL GST 23.60\nCASH 50.00\nCHANGE AMT 26.40", "23.60"),
        ("SUMA PLN 23,50\nGotówka 30,00\nReszta 6,50", "23.50"),
    ],
)
def test_the_total_is_what_was_to_be_paid(rows: str, total: str) -> None:
    found = read(f"THE SHOP LTD\n12 HIGH STREET\nGoods  5.00\n{rows}").total
    assert found is not None
    assert str(found.value) == total


@pytest.mark.parametrize(
    ("head", "company", "address"),
    [
        (
            "TAN AH KOW\nBUKU BAIK (M) SDN BHD\n789417-W\nNO. 5 & 7, JALAN SAGU 18,\n81100 JOHOR BAHRU,\nJOHOR.",
            "BUKU BAIK (M) SDN BHD",
            "NO. 5 & 7, JALAN SAGU 18, 81100 JOHOR BAHRU, JOHOR.",
        ),
        (
            "TAN AH KOW\nBUKU BAIK(TAMAN DAYA) SDN BND\n18 JUN 2018 18:17\nNO.53 JALAN SAGU 18,\n81100 JOHOR BAHRU",
            "BUKU BAIK(TAMAN DAYA) SDN BND",
            "NO.53 JALAN SAGU 18, 81100 JOHOR BAHRU",
        ),
        ("CASH BILL\nHAPPY MART\nSDN BHD\nLOT 3, JALAN BESAR\n56100 KL\nTel 123", "HAPPY MART SDN BHD",
         "LOT 3, JALAN BESAR 56100 KL"),
        ("GOOD FUEL ENTERPRISE\nCompany No: MA0057-M\nSite: 2076\nLot 2, Jalan Dua\n52100 Kepong\nTelephone: 03-1",
         "GOOD FUEL ENTERPRISE", "Lot 2, Jalan Dua 52100 Kepong"),
        ("QUICK STOP S/B (519537-X)\nLOT P.T. 11, JALAN ANGSA,\n41150 KLANG, SELANGOR\n1320-TMN BATU\nGST ID: 1",
         "QUICK STOP S/B", "LOT P.T. 11, JALAN ANGSA, 41150 KLANG, SELANGOR"),
        ("Bäckerei Sonne GmbH\nHauptstraße 5\n12345 Neustadt\nTel. 030 1234", "Bäckerei Sonne GmbH",
         "Hauptstraße 5 12345 Neustadt"),
        ("Moonlight\nNo 4, Main Road\n50000 Town\nTel: 1", "Moonlight", "No 4, Main Road 50000 Town"),
    ],
)  # fmt: skip
def test_the_head_gives_company_and_address(head: str, company: str, address: str) -> None:
    receipt = read(f"{head}\nTAX INVOICE\nDate: 01/02/2018\nTea 5.00\nTotal 5.00")
    assert receipt.company is not None
    assert receipt.company.value == company
    assert receipt.address is not None
    assert receipt.address.value == address


@pytest.mark.parametrize(
    ("printed", "date", "time"),
    [
        ("Date: 25 Mar 2018 9:27PM", "2018-03-25", "21:27:00"),
        ("07:49PM   563094   14-12-16", "2016-12-14", "19:49:00"),
        ("24-01-16 11:44 SH01 B003", "2016-01-24", "11:44:00"),
        ("12APR2018 18:22", "2018-04-12", "18:22:00"),
        ("Expiry 01/01/2020\nDate : 15/01/2019 11:05:16 AM", "2019-01-15", "11:05:16"),
        ("SALES DATE   :29/03/2018 20:37:46", "2018-03-29", "20:37:46"),
        ("27.03 2018  No. CS-20242\nTime 11 : 44 : 44", "2018-03-27", "11:44:44"),
    ],
)
def test_date_and_time_of_the_sale(printed: str, date: str, time: str) -> None:
    receipt = read(f"THE SHOP LTD\n{printed}\nTea 5.00\nTotal 5.00\nOpen daily 10:00am to 09:00pm")
    assert receipt.date is not None
    assert receipt.date.value.isoformat() == date
    assert receipt.time is not None
    assert receipt.time.value.isoformat() == time


def test_letters_that_look_like_digits_are_read_as_digits_in_an_amount() -> None:
    receipt = read("THE SHOP LTD\nTea RM7.9O\n6% GST RMO.47\nTotal 8 .37")
    assert receipt.tax is not None
    assert receipt.tax.value == Decimal("0.47")
    assert receipt.total is not None
    assert receipt.total.value == Decimal("8.37")


@pytest.mark.parametrize(
    "slip", ["", "x", "1.00", "12345", ":::\n---", "Total", "(1)", "No\n" * 40, "a" * 50_000, "1." * 20_000]
)
def test_anything_is_a_slip_with_few_fields(slip: str) -> None:
    receipt = read(slip)
    assert receipt.date is None


@pytest.mark.parametrize(
    ("rows", "items"),
    [
        ("2 x 0,45\nBrötchen        0,90 A\nKaffee          2,80 B", [("Brötchen", 2, "0.45"), ("Kaffee", None, None)]),
        ("KAFFEE     12,00    2    24,00", [("KAFFEE", 2, "12.00")]),
        ("BANANEN          2,38 B\n 1,590 kg x 1,50 EUR/kg", [("BANANEN", Decimal("1.590"), "1.50")]),
        ("BIO MILCH 3,5%    1,29 B", [("BIO MILCH 3,5%", None, None)]),
        ("FOCACCIA     10%    2,50", [("FOCACCIA", None, None)]),
    ],
)
def test_goods_of_slips_of_europe(rows: str, items: list[tuple[str, object, str | None]]) -> None:
    found = read(f"Forno GmbH\nHafenstr. 12\n20457 Hamburg\n{rows}\nSUMME EUR        9,99\n", "de").items
    wanted = [(text, count, None if price is None else Decimal(price)) for text, count, price in items]
    assert [(each.text, each.quantity, each.price) for each in found] == wanted


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("GREEN TEA            1.20", "GREEN TEA"),
        ("TEA                  1.20 ZRL", "TEA"),
        ("BLUE PEN      2 1.50 3.00 SR", "BLUE PEN"),
        ("RICE 5 KG            9.90", "RICE 5"),
        ("7 UP CAN             1.90", "UP CAN"),
        ("5725 CAP STRAW AS    4.95 Z", "CAP STRAW AS"),
        ("WHITE 2.13  3 0 M 3  6.39", "WHITE"),
        ("RED 26 X 33\n1.00 PKT * 8.0000  8.00", "RED 26 X 33"),
        ("HOOK 1526\nMG12/3-32\n9068722  2 X 2.30  4.60", "HOOK 1526"),
        ("QTY  DESCRIPTION  TOTAL\n1 D  30.00 SR\nFISH ITEM", "FISH ITEM"),
        ("HOOK 1526  4.60\nITEM(S): 1   QTY(S): 13", "HOOK 1526"),
    ],
)
def test_the_name_of_goods_is_what_is_left_of_their_row(row: str, name: str) -> None:
    assert [item.text for item in read(f"Forno\n{row}\nTOTAL   1.20\n").items] == [name]


def test_goods_go_on_below_a_sum_of_some_of_them_where_they_tell_their_price() -> None:
    slip = "Forno\nWHITE  2.13  3  6.39\nTOTAL 0%  6.39\nCHOCO  0.72  11  7.92\nGST  0.48\nTOTAL PAYABLE  14.79\n"
    assert [(item.text, item.quantity) for item in read(slip).items] == [("WHITE", Decimal(3)), ("CHOCO", Decimal(11))]


def test_a_row_of_thousands_of_numbers_takes_no_longer_for_each() -> None:
    began = time.process_time()
    read(f"Forno\nPEN {'1 ' * 20_000}x 1.00\nTOTAL   1.00\n")
    assert time.process_time() - began < 10


def test_taxes_of_several_rates_are_not_one_tax() -> None:
    rates = "SUMME EUR      6,90\nMwSt  7%   4,10   0,27\nMwSt 19%   2,80   0,45\n"
    assert read(f"Forno GmbH\nBrot   6,90\n{rates}", "de").tax is None
    assert read("Forno GmbH\nBrot   6,90\nSUMME EUR      6,90\nMwSt  7%   6,45   0,45\n", "de").tax is not None
