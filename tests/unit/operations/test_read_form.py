"""A form is read by its template: without a server, and by RecognizeRegions."""

from __future__ import annotations

import base64
import io
import json
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

import whaleline
from harness import draw
from whaleline.forms.template import Template
from whaleline.imaging.geometry import Rectangle
from whaleline.operations.recognize_regions import RECOGNIZE_REGIONS
from whaleline.operations.region_settings import RecognizeRegionsSettings
from whaleline.operations.schema import parse
from whaleline.settings import Settings

LINES = ["APPLICATION FOR A PLACE ABOARD", "Name:", "", "Ship:", "", "Please write in capital letters only."]
NAME, SHIP = (0, 110, 420, 190), (0, 230, 420, 310)


def png(picture: Any) -> bytes:
    return bytes(cv2.imencode(".png", picture)[1])


def page(lines: list[str]) -> Any:
    return cv2.imdecode(np.frombuffer(draw(lines), np.uint8), cv2.IMREAD_GRAYSCALE)


def filled() -> Any:
    return page([LINES[0], LINES[1], "ISHMAEL", LINES[3], "PEQUOD", LINES[5]])


@cache
def template(*, picture: bool = True) -> Template:
    empty = page(LINES)
    height, width = empty.shape
    own = {"picture": base64.b64encode(png(empty)).decode()} if picture else {}
    fields = [
        {"name": name, "rect": dict(zip(("topLeftX", "topLeftY", "bottomRightX", "bottomRightY"), at, strict=True))}
        for name, at in (("name", NAME), ("ship", SHIP))
    ]
    return parse(Template, {"name": "berth", "pages": [{"width": width, "height": height, **own}], "fields": fields})


def turned(picture: Any) -> bytes:
    high, wide = picture.shape
    matrix = cv2.getRotationMatrix2D((wide / 2, high / 2), 174, 0.8)
    return png(cv2.warpAffine(picture, matrix, (wide, high), borderValue=255))


def typed(*fields: dict[str, Any]) -> Template:
    form = json.loads(template(picture=False).model_dump_json(by_alias=True))
    form["fields"] = [form["fields"][at] | field for at, field in enumerate(fields)]
    return parse(Template, form)


def run(image: bytes, **settings: Any) -> Any:
    request = RecognizeRegionsSettings.model_validate(settings)
    return RECOGNIZE_REGIONS.run(image, request, Settings())


def test_fields_are_read_by_name_wherever_they_lie() -> None:
    name, ship = whaleline.read_form(turned(filled()), template())
    assert (name.field.name, name.text, ship.text) == ("name", "ISHMAEL", "PEQUOD")
    assert name.corners is not None
    assert name.corners[0][0] > name.corners[1][0]  # the scan stands on its head
    assert name.certainty is not None
    assert name.certainty > 80


def test_a_template_is_taken_as_json_too() -> None:
    decoded = json.loads(template().model_dump_json(by_alias=True))
    assert [read.text for read in whaleline.read_form(png(filled()), decoded)] == ["ISHMAEL", "PEQUOD"]


def test_forms_and_templates_are_taken_from_what_programs_have(tmp_path: Path) -> None:
    picture, form = Image.open(io.BytesIO(png(filled()))), tmp_path / "form.json"
    form.write_text(template(picture=False).model_dump_json(by_alias=True))
    picture.save(tmp_path / "scan.png")
    for source in (str(tmp_path / "scan.png"), picture, np.asarray(picture), (tmp_path / "scan.png").read_bytes()):
        assert [read.text for read in whaleline.read_form(source, str(form))] == ["ISHMAEL", "PEQUOD"]


@pytest.mark.parametrize(("source", "message"), [(b"{", "it is not JSON"), (b"[]", "is not an object")])
def test_what_is_no_template_is_refused(source: bytes, message: str) -> None:
    with pytest.raises(whaleline.InvalidRequest, match=message):
        whaleline.read_form(png(filled()), source)


def test_recognize_regions_gives_one_result_for_each_field() -> None:
    outcome = run(turned(filled()), template=template())
    assert (outcome.code, [result.data for result in outcome.results]) == ("Ok", [b"ISHMAEL", b"PEQUOD"])
    (block,) = json.loads(run(png(filled()), template=template(), resultType="JSON").results[1].data)
    assert (block["text"], block["field"]["name"], block["lines"][0]["text"]) == ("PEQUOD", "ship", "PEQUOD")
    assert block["field"]["box"]["topLeftY"] == pytest.approx(SHIP[1], abs=1)
    assert block["field"]["registration"] > 90


def test_a_page_of_another_form_is_told_and_not_read() -> None:
    other = draw(["INVOICE", "Number 4711", "Harpoons, two dozen", "Payable at once", "without any deduction"])
    outcome = run(other, template=template(), resultType="JSON")
    assert outcome.code == "PartiallyNotFound"
    assert "the image does not look like the form 'berth'" in outcome.messages[0]
    assert [json.loads(result.data)[0]["text"] for result in outcome.results] == ["", ""]


def test_a_page_that_is_too_blurred_to_be_compared_is_told() -> None:
    outcome = run(png(cv2.GaussianBlur(filled(), (0, 0), 9)), template=template())
    assert outcome.code == "PartiallyNotFound"
    (message, *_) = outcome.messages
    assert message == "the image is too faint or blurred to be compared with the form 'berth', so it was not read"


def test_a_field_beside_other_print_is_told_and_not_read() -> None:
    renamed = page([LINES[0], LINES[1], "ISHMAEL", "Port:", "NANTUCKET", LINES[5]])
    outcome = run(png(renamed), template=template())
    assert (outcome.code, [result.data for result in outcome.results]) == ("PartiallyNotFound", [b"ISHMAEL", b""])
    assert outcome.messages == ("field 'ship': the print beside it is not the template's, so it was not read",)


def test_without_a_picture_a_scan_of_another_size_is_scaled_and_json_says_so() -> None:
    larger = png(cv2.resize(filled(), None, fx=1.5, fy=1.5, interpolation=cv2.INTER_CUBIC))
    outcome = run(larger, template=template(picture=False), resultType="JSON")
    first, second = (json.loads(result.data)[0] for result in outcome.results)
    assert (first["text"], second["text"]) == ("ISHMAEL", "PEQUOD")
    assert (first["field"]["scaled"], first["field"]["registration"]) == (True, None)
    assert "the image has another size than the template 'berth'; its fields were scaled" in outcome.messages
    assert run(png(filled()), template=template(picture=False)).messages == ()


def test_a_field_is_cut_from_a_page_longer_than_opencv_takes() -> None:
    long = np.tile(page(["ISHMAEL"]), (1, 50))
    assert long.shape[1] > 2**15
    form: dict[str, Any] = {
        "name": "long",
        "pages": [{"width": long.shape[1], "height": 60}],
        "fields": [{"name": "name"}],
    }
    form["fields"][0]["rect"] = {"topLeftX": 34_300, "topLeftY": 0, "bottomRightX": 35_000, "bottomRightY": 60}
    (read,) = whaleline.read_form(png(long), form)
    assert (read.text, read.box) == ("ISHMAEL", Rectangle(34_300, 0, 35_000, 60))


def test_pixels_of_all_fields_of_a_page_are_limited() -> None:
    whole = "The 2 fields have 67200 pixels together; at most 67199 are allowed."
    with pytest.raises(whaleline.UnreadableImage, match=whole):
        whaleline.read_form(png(page(LINES)), template(picture=False), max_region_pixels=67_199)


def test_patterns_are_looked_at_before_a_task_is_taken_in() -> None:
    asked = RecognizeRegionsSettings(template=typed({"pattern": r"(a)\1"}))
    with pytest.raises(whaleline.InvalidRequest, match=r"settings.template.fields\[0\].pattern: "):
        RECOGNIZE_REGIONS.check(draw(["x"]), asked, Settings())


def test_values_are_typed_and_checked() -> None:
    form = typed({"kind": "choice", "choices": ["ISHMAEL", "QUEEQUEG"]}, {"kind": "number", "required": True})
    name, ship = whaleline.read_form(png(filled()), form)
    assert (name.value.value, name.value.valid) == ("ISHMAEL", True)
    assert not ship.value.valid
    outcome = run(png(filled()), template=form)
    assert outcome.messages[0].startswith("field 'ship': ")


def test_a_pattern_that_is_not_supported_is_refused_with_its_field() -> None:
    wrong = json.loads(template().model_dump_json(by_alias=True))
    wrong["fields"][1]["pattern"] = r"(a)\1"
    with pytest.raises(whaleline.InvalidRequest, match=r"fields\[1\]\.pattern"):
        whaleline.read_form(png(filled()), wrong)


def test_a_page_that_the_document_lacks_is_told() -> None:
    form = template(picture=False)
    two = form.model_copy(
        update={"pages": form.pages * 2, "fields": (form.fields[0], form.fields[1].model_copy(update={"page": 2}))}
    )
    outcome = run(png(filled()), template=two)
    assert (outcome.code, [result.data for result in outcome.results]) == ("PartiallyNotFound", [b"ISHMAEL", b""])
    assert outcome.messages == ("field 'ship' lies on page 2, which the document does not have, and was not read",)
    assert whaleline.read_form(png(filled()), two)[1].value.reasons == ("it lies on page 2 of a document with 1",)


def test_a_picture_of_another_size_than_the_template_says_is_told() -> None:
    form = template()
    wrong = form.model_copy(update={"pages": (form.pages[0].model_copy(update={"height": 5000}),)})
    with pytest.raises(whaleline.UnreadableImage, match="the template says"):
        whaleline.read_form(png(filled()), wrong)
