"""Fields of every kind, drawn."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
import zxingcpp
from PIL import Image, ImageDraw

from drawing import DEJAVU, font
from emissions import line as words
from whaleline.errors import InvalidRequest
from whaleline.forms.expressions import look_of_amount, look_of_date
from whaleline.forms.meanings import meaning_of
from whaleline.forms.template import TemplateField
from whaleline.forms.values import check, empty, of_text, read_value
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.recognition.field import FieldText
from whaleline.recognition.page import Block, Page

PASSPORT = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"


def field(**known: Any) -> TemplateField:
    return TemplateField.model_validate({"name": "it", "rectangle": Rectangle(0, 0, 9, 9), **known})


def shown(text: str, size: int = 26) -> Picture:
    face = font(DEJAVU, size)
    lines = text.split("\n")
    picture = Image.new("L", (int(max(map(face.getlength, lines))) + 40, 40 * len(lines) + 20), 250)
    for number, line in enumerate(lines):
        ImageDraw.Draw(picture).text((20, 12 + 40 * number), line, 20, font=face)
    return np.asarray(picture, np.uint8)


@pytest.mark.sampled(6)
@pytest.mark.parametrize(
    ("known", "printed", "value"),
    [
        ({"kind": "text"}, "Harbour Street 12", "Harbour Street 12"),
        ({"kind": "text", "characters": "0123456789"}, "4O7l", "4071"),
        ({"kind": "text", "pattern": r"[A-Z]{2}-\d{4}"}, "AB-1O04", "AB-1004"),
        ({"kind": "number"}, "1,234.50", "1234.50"),
        ({"kind": "number", "language": "German"}, "1.234,50", "1234.50"),
        ({"kind": "amount"}, "EUR 12.30", "12.30"),
        ({"kind": "date", "region": "US"}, "03/04/2026", "2026-03-04"),
        ({"kind": "date", "region": "GB"}, "03/04/2026", "2026-04-03"),
        ({"kind": "date", "language": "German"}, "O3.04.2026", "2026-04-03"),
        ({"kind": "choice", "choices": ["male", "female", "other"]}, "fema1e", "female"),
        ({"kind": "identifier", "scheme": "iban"}, "DE89 37O4 0044 0532 0130 00", "DE89370400440532013000"),
        ({"kind": "identifier", "scheme": "mrz"}, PASSPORT, PASSPORT),
        ({"kind": "phone", "region": "DE"}, "030 / 901820", "+4930901820"),
    ],
)
def test_a_printed_field_has_its_value(known: dict[str, Any], printed: str, value: str) -> None:
    found = read_value(field(**known), shown(printed))
    assert found.value == value
    assert found.valid
    assert found.reasons == ()
    assert found.confidence > 50


@pytest.mark.parametrize(
    ("known", "printed", "value"),
    [
        ({"kind": "date", "language": "French"}, "3 février 2026", "2026-02-03"),
        ({"kind": "number"}, "1,234", "1.234"),
    ],
)
def test_a_country_decides_in_a_language_of_other_countries(known: dict[str, Any], printed: str, value: str) -> None:
    found = read_value(field(region="BR", **known), shown(printed))
    assert (found.value, found.valid, found.reasons) == (value, True, ())


def test_a_value_in_a_picture_is_read_as_text_is() -> None:
    scene = np.full((600, 800), 235, np.uint8)
    scene[150:300, 150:650] = 70
    face = font(DEJAVU, 90)
    picture = Image.fromarray(scene)
    ImageDraw.Draw(picture).text((230, 170), "49.00", 15, font=face)
    ImageDraw.Draw(picture).text((300, 340), "LITRES", 15, font=font(DEJAVU, 60))
    found = read_value(field(kind="text", pattern=r"\d{1,6}(\.\d{1,2})?"), np.asarray(picture, np.uint8))
    assert found.value == "49.00"


def test_a_zone_at_the_foot_of_a_document_is_found() -> None:
    page = shown("UTOPIA  PASSPORT\nERIKSSON\nANNA MARIA\n12 AUG 1974\n\n\n" + PASSPORT)
    found = read_value(field(kind="identifier", scheme="mrz"), page)
    assert found.valid
    assert found.value == PASSPORT


@pytest.mark.parametrize(
    ("known", "printed", "reason"),
    [
        ({"kind": "identifier", "scheme": "iban"}, "DE89 3704 0044 0532 0130 01", "check digits of the IBAN"),
        ({"kind": "identifier", "scheme": "iban"}, "Harbour Street", "it does not look like an IBAN"),
        ({"kind": "identifier", "scheme": "vat"}, "Harbour", "it does not look like a VAT number"),
        ({"kind": "identifier", "scheme": "mrz"}, "Harbour Street\nHarbour Street", "not a machine readable zone"),
        ({"kind": "date"}, "Harbour", "it is not a date"),
        ({"kind": "date"}, "31.02.2026", "there is no such date"),
        ({"kind": "choice", "choices": ["yes", "no"]}, "Harbour Street", "not one of the choices"),
        ({"kind": "phone", "region": "DE"}, "123456", "telephone number|area code|no such number"),
    ],
)
def test_what_is_wrong_is_told(known: dict[str, Any], printed: str, reason: str) -> None:
    found = read_value(field(**known), shown(printed))
    assert not found.valid
    assert any(part in "; ".join(found.reasons) for part in reason.split("|"))


@pytest.mark.parametrize(
    ("kind", "printed", "value", "other"),
    [("date", "03/04/2026", "2026-03-04", "2026-04-03"), ("number", "1.234", "1.234", "1234")],
)
def test_what_is_ambiguous_is_told_where_the_language_was_not_chosen(
    kind: str, printed: str, value: str, other: str
) -> None:
    found = read_value(field(kind=kind), shown(printed))
    assert (found.value, found.other, found.valid) == (value, other, True)
    assert f"it may also be {other}" in found.reasons[0]


def test_what_it_may_say_as_well_is_told_as_a_value() -> None:
    found = read_value(field(kind="number"), shown("20I0?"))
    assert {found.value, found.other} == {"2010", "20107"}
    assert found.reasons == (f"it may also be {found.other}",)


def test_most_amounts_have_two_decimals_and_no_gap_before_them() -> None:
    torn, short, usual = map(look_of_amount, ("129.435 14", "129,435.1", "129,435.14"))
    assert torn < short < usual
    assert look_of_amount("1 234 567") == look_of_amount("1234567")
    assert look_of_amount("089.50") < look_of_amount("0.50") == look_of_amount("89.50")
    assert look_of_amount("406.34440") < look_of_amount("406.344")


def test_the_look_of_a_date_speaks_for_years_of_people_who_live() -> None:
    strange, possible, usual = map(look_of_date, ("23.01.1600", "23.01.1900", "23.01.1980"))
    assert strange < possible < usual == look_of_date("23.01.80") == look_of_date("19800123")
    assert look_of_date("18111008") == look_of_date("18 11 1008") == strange


@pytest.mark.parametrize(("printed", "value"), [("2026 04 03", "2026-04-03"), ("18 11 2026", None)])
def test_digits_with_gaps_are_a_date_only_if_the_gaps_part_it(printed: str, value: str | None) -> None:
    meant = meaning_of(field(kind="date"), printed.replace(" ", ""), FieldText(printed, 90.0, fits=True))
    assert (meant.value, meant.valid) == (value, value is not None)


def test_an_amount_tells_its_currency() -> None:
    assert read_value(field(kind="amount"), shown("EUR 12.30")).currency == "EUR"


def test_a_caption_is_not_taken_for_the_value() -> None:
    assert read_value(field(kind="date"), shown("Date of birth\n24.12.1999")).value == "1999-12-24"


def test_an_empty_field_is_valid_unless_it_is_required() -> None:
    blank = np.full((50, 200), 250, np.uint8)
    assert read_value(field(kind="date"), blank).valid
    needed = read_value(field(kind="date", required=True), blank)
    assert (needed.text, needed.value, needed.valid, needed.reasons) == ("", None, False, ("it is required and empty",))


@pytest.mark.parametrize(
    ("written", "form_has", "sure", "text"),
    [("", "", 40, ""), ("", "", 90, "em"), ("Tom", "", 40, "em"), ("Tom", "Tomas", 40, "em")],
    ids=["empty", "sure", "written", "over what stands on the form"],
)
def test_what_is_read_with_doubt_where_nobody_wrote_is_the_forms_own_print(
    written: str, form_has: str, sure: int, text: str
) -> None:
    picture, form = shown(written or " ", 26), shown(form_has or " ", 26)
    form = np.asarray(cv2.resize(form, (picture.shape[1], picture.shape[0])), np.uint8)
    read = Page(picture.shape[1], picture.shape[0], (Block((words("em", sure),)),), "en")
    assert of_text(field(kind="text"), read, picture, form).text == text


def test_bare_paper_is_not_read_and_writing_and_what_the_forms_picture_has_writing_at_are() -> None:
    bare, written = np.full((50, 200), 240, np.uint8), shown("Tom")
    found = empty(field(kind="date", required=True), bare, np.full_like(bare, 250))
    assert found is not None
    assert (found.text, found.reasons) == ("", ("it is required and empty",))
    assert empty(field(kind="text"), written, np.full_like(written, 250)) is None
    assert empty(field(kind="text"), bare, written) is None
    assert empty(field(kind="text"), bare) is None
    assert empty(field(kind="signature"), bare, np.full_like(bare, 250)) is None


def test_what_was_not_read_is_told() -> None:
    picture = shown("Tom")
    nothing = Page(picture.shape[1], picture.shape[0], (), "en", unread=(Rectangle(20, 10, 60, 40),))
    found = of_text(field(kind="text"), nothing, picture, np.full_like(picture, 250))
    assert found.reasons == ("something in it was not read",)
    assert found.confidence == 0


def test_less_confidence_than_is_asked_for_is_told() -> None:
    found = read_value(field(kind="number", leastConfidence=100), shown("4711"))
    assert found.valid
    assert "the 100 that is required" in found.reasons[0]


def test_fields_that_are_not_printed() -> None:
    blank = np.full((60, 60), 250, np.uint8)
    code = np.asarray(zxingcpp.create_barcode("4711", zxingcpp.BarcodeFormat.QRCode).to_image(scale=4), np.uint8)
    assert read_value(field(kind="checkmark"), blank).value == "empty"
    assert read_value(field(kind="signature"), blank).value is None
    assert read_value(field(kind="signature", required=True), blank).reasons == ("it is required and empty",)
    assert read_value(field(kind="picture"), blank).valid
    assert read_value(field(kind="barcode"), np.pad(code, 20, constant_values=255)).value == "4711"
    assert not read_value(field(kind="barcode", pattern="[A-Z]+"), np.pad(code, 20, constant_values=255)).valid


def test_a_pattern_that_is_not_supported_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="not supported"):
        check([field(pattern=r"(a)\1")], "fields")


def test_patterns_are_bounded_together() -> None:
    check([field(pattern="[A-Z]{4000}")] * 1000, "fields")
    with pytest.raises(
        InvalidRequest, match="fields: the patterns and choices of all fields stand for more than 40000"
    ):
        check([field(pattern=f"{sign}{{4000}}") for sign in "abcdefghijk"], "fields")
