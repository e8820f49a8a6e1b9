"""What is wrong with a request is told at once: ProblemDetails that name the field, the value and the limit."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from harness import Api, ServiceProcess, b64, draw, region
from whaleline.recognition import languages

SMALL = draw(["Pip"], 100)


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The ProblemDetails of an answer, with the members that RFC 9457 and the protocol name."""
    assert answer.status_code == status, answer.text
    # Not application/problem+json: official clients parse only this one.
    assert answer.headers["content-type"] == "application/json"
    details = answer.json()
    assert set(details) - {"errors"} == {"type", "title", "status", "detail", "instance"}
    assert details["status"] == status
    assert details["title"]
    assert details["detail"]
    return dict(details)


def refused(api: Api, body: Any, field: str) -> str:
    """The sentence with which a body is refused for a field."""
    details = problem(api.post(body), 400)
    assert details["errors"] == {field: [details["detail"]]}
    return str(details["detail"])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"image=x",
        b'{"image": "QUJD"',
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"image": 1e999}',
    ],
    ids=["nothing", "form", "cut", "binary", "deep list", "deep object", "infinite"],
)
def test_not_json(api: Api, body: bytes) -> None:
    assert "not JSON" in refused(api, body, "body")


@pytest.mark.parametrize("body", ["[]", "null", "17", '"image"', "true"])
def test_json_but_no_object(api: Api, body: str) -> None:
    assert "not an object" in refused(api, body, "body")


@pytest.mark.parametrize("body", ["{}", '{"image": null}', '{"image": ""}', '{"settings": {}}'])
def test_no_image(api: Api, body: str) -> None:
    assert refused(api, body, "image") == "image: is missing or empty"


@pytest.mark.parametrize("image", ["   ", "====", "data:image/png;base64,"])
def test_an_image_of_nothing(api: Api, image: str) -> None:
    assert "Base64 is empty" in refused(api, {"image": image}, "image")


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ("not base64!", "'not base64!'"),
        ("QUJDR", "'QUJDR'"),
        ("QUJD=QUJD", "'QUJD=QUJD'"),
        ("QUJDé", "'QUJD\\xe9'"),
        ("/tmp/page.png?", "/tmp/page.png"),
        (17, "17"),
        (True, "true"),
        ([1], "a list"),
        ({"a": 1}, "an object"),
    ],
)
def test_not_base64(api: Api, image: Any, shown: str) -> None:
    assert shown in refused(api, {"image": image}, "image")


def test_half_a_character_is_no_json(api: Api) -> None:
    assert "not JSON" in refused(api, b'{"image": "\xed\xa0\x80"}', "body")


def test_a_long_wrong_value_is_quoted_in_short(api: Api) -> None:
    assert len(refused(api, {"image": "é" * 1_000_000}, "image")) < 300
    assert len(refused(api, b'{"image": 0x' + b"f" * 90 + b"}", "image")) < 300


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<!DOCTYPE html><html></html>", "HTML"),
        (b"Call me Ishmael.", "text"),
        (b"PK\x03\x04" + bytes(30), "ZIP"),
        (b"\xff\x0a" + bytes(30), "JPEG XL"),
        (bytes(range(128, 256)), "unknown"),
    ],
)
def test_a_format_that_is_not_read_is_told_by_its_first_bytes(api: Api, data: bytes, name: str) -> None:
    message = refused(api, {"image": b64(data)}, "image")
    assert name in message
    assert "PNG, JPEG, BMP, GIF, TIFF, WebP" in message


@pytest.mark.parametrize("rect", [(5, 5, 5, 9), (5, 9, 9, 9), (9, 0, 5, 5), (0, 0, 0, 0)])
def test_a_rectangle_with_no_area(api: Api, rect: tuple[int, int, int, int]) -> None:
    body = {"image": b64(SMALL), "settings": {"regions": [region(0, 0, 5, 5), region(*rect)]}}
    left, top, right, bottom = rect
    message = refused(api, body, "settings.regions[1].rect")
    assert f"{left},{top}-{right},{bottom} has no area" in message


@pytest.mark.parametrize(
    ("regions", "field", "said"),
    [
        ({}, "settings.regions", "an object is not a list"),
        ("all", "settings.regions", "'all' is not a list"),
        ([None], "settings.regions[0]", "null is not an object"),
        ([[1, 2, 3, 4]], "settings.regions[0]", "a list is not an object"),
        ([{}], "settings.regions[0].rect", "is missing"),
        ([{"order": 1}], "settings.regions[0].rect", "is missing"),
        ([{"rect": 1}], "settings.regions[0].rect", "1 is not an object"),
        ([{"rect": {"topLeftX": "x"}}], "settings.regions[0].rect.topLeftX", "'x' is not a whole number"),
        ([{"rect": {"topLeftX": 0.5}}], "settings.regions[0].rect.topLeftX", "0.5 is not a whole number"),
        (
            [{"rect": {"topLeftX": 2**31}}],
            "settings.regions[0].rect.topLeftX",
            "2147483648 is more than 2147483647",
        ),
        (
            [{"rect": {"topLeftX": -(2**31) - 1}}],
            "settings.regions[0].rect.topLeftX",
            "-2147483649 is less than -2147483648",
        ),
        ([region(0, 0, 9, 9) | {"order": "one"}], "settings.regions[0].order", "'one' is not a whole number"),
    ],
)
def test_a_malformed_region(api: Api, regions: Any, field: str, said: str) -> None:
    assert said in refused(api, {"image": b64(SMALL), "settings": {"regions": regions}}, field)


@pytest.mark.parametrize(
    ("settings", "field", "said"),
    [
        ([], "settings", "a list is not an object"),
        ("Text", "settings", "'Text' is not an object"),
        ({"Rotate": "left"}, "settings.Rotate", "'left' is not a whole number"),
        ({"rotate": 1.5}, "settings.Rotate", "1.5 is not a whole number"),
        ({"makeSkewCorrect": "perhaps"}, "settings.makeSkewCorrect", "'perhaps' is not true or false"),
        ({"makeBinarization": []}, "settings.makeBinarization", "a list is not true or false"),
        ({"makeUpsampling": 2}, "settings.makeUpsampling", "2 is not true or false"),
    ],
)
def test_malformed_settings(api: Api, settings: Any, field: str, said: str) -> None:
    assert said in refused(api, {"image": b64(SMALL), "settings": settings}, field)


RESULT_TYPES = "Text, Pdf, TextAndPdf, Hocr, TextAndHocr, PdfAndHocr, TextAndPdfAndHocr, ImagePNG, JSON"


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("resultType", "Docx", RESULT_TYPES),
        ("resultType", 0, RESULT_TYPES),
        ("resultType", 10, RESULT_TYPES),
        ("resultType", True, RESULT_TYPES),
        ("resultType", ["Text"], RESULT_TYPES),
        ("dsrMode", "Fast", "Regions, DsrNoFilter, DsrAndFilter, NoDsrNoFilter, TextDetector, DsrPlusDetector"),
        ("dsrConfidence", "Sure", "Default, Low, LowMid, Mid, MidHigh, High, Ultra, All"),
        ("resultTypeTable", "Ods", "Text, Excel, Csv, CsvAndExcel"),
    ],
)
def test_an_unknown_enum_value_is_answered_with_the_allowed_ones(api: Api, key: str, value: Any, allowed: str) -> None:
    message = refused(api, {"image": b64(SMALL), "settings": {key: value}}, f"settings.{key}")
    assert allowed in message
    assert "is not one of" in message


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("Germn", "'Germn' is not a language; did you mean German?"),
        ("Klingon", "'Klingon' is not a supported language; `whaleline languages` and GET /api/service list them"),
        (155, "155 is not a supported language"),
        (True, "true is not a supported language"),
        (1.5, "1.5 is not a supported language"),
    ],
)
def test_an_unknown_language_is_answered_with_what_was_meant(api: Api, value: Any, said: str) -> None:
    message = refused(api, {"image": b64(SMALL), "settings": {"language": value}}, "settings.language")
    assert message.startswith(f"settings.language: {said}")


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ({"settings": {"reigons": []}}, "settings", "unknown key 'reigons'; did you mean regions?"),
        ({"settings": {"makeBinarisation": True}}, "settings", "did you mean makeBinarization?"),
        ({"settings": {"regions": [{"rectangle": {}, "rect_": {}}]}}, "settings.regions[0]", "did you mean rect?"),
        ({"setings": {}}, "body", "unknown key 'setings'; did you mean settings?"),
    ],
)
def test_a_misspelt_key_is_answered_with_what_was_meant(api: Api, body: dict[str, Any], field: str, said: str) -> None:
    assert said in refused(api, {"image": b64(SMALL), **body}, field)


def test_every_wrong_field_is_named(api: Api) -> None:
    details = problem(api.post({"image": b64(SMALL), "settings": {"Rotate": "x", "resultType": "y"}}), 400)
    assert "settings.Rotate" in details["detail"]
    assert "settings.resultType" in details["detail"]


def test_more_regions_than_the_limit(narrow: Api) -> None:
    body = {"image": b64(SMALL), "settings": {"regions": [region(0, 0, 9, 9)] * 4}}
    assert "4 regions are more than the limit of 3" in refused(narrow, body, "settings.regions")
    body["settings"]["regions"].pop()  # type: ignore[index]
    assert narrow.post(body).status_code == 200


@pytest.mark.parametrize("each", ["null", "{}", "[]", "0"])
def test_regions_past_the_limit_are_counted_and_not_looked_at(
    narrow: Api, narrow_service: ServiceProcess, each: str
) -> None:
    body = f'{{"image": "{b64(SMALL)}", "settings": {{"regions": [{",".join([each] * 30_000)}]}}}}'
    process = Path(f"/proc/{narrow_service.process.pid}")
    (process / "clear_refs").write_text("5")  # VmHWM counts anew from here
    before = memory(process, "VmHWM")
    assert "30000 regions are more than the limit of 3" in refused(narrow, body, "settings.regions")
    # Thirty thousand objects or error messages would take several times as much.
    assert memory(process, "VmHWM") - before < 8 * MIB


def test_a_body_of_too_many_values(api: Api) -> None:
    assert "100002 values; at most 100000" in refused(api, "[" + "0," * 100_001 + "0]", "body")


def test_a_language_that_is_not_installed_is_answered_with_how_to_add_it(api: Api) -> None:
    places = languages.folders()
    absent = next((each for each in languages.languages() if languages.missing(each, places)), None)
    if absent is None:
        pytest.skip("every language is installed on this machine, so that none can be asked for in vain")
    message = refused(api, {"image": b64(SMALL), "settings": {"language": absent.wire}}, "settings.language")
    assert re.search(rf"{absent.wire} is not installed; add it with: apt-get install tesseract-ocr-", message)


@pytest.mark.parametrize(
    ("headers", "named"),
    [
        ({"Content-Type": "application/x-www-form-urlencoded"}, "application/x-www-form-urlencoded"),
        ({"Content-Type": "multipart/form-data; boundary=x"}, "multipart/form-data"),
        ({"Content-Type": "image/png"}, "image/png"),
        ({"Content-Type": ""}, "missing"),
        ({"Content-Encoding": "gzip"}, "gzip"),
    ],
)
def test_a_body_that_is_not_plain_json_by_its_headers(api: Api, headers: dict[str, str], named: str) -> None:
    assert named in problem(api.post("{}", headers=headers), 415)["detail"]


# The size of a body

MIB = 1024 * 1024


def test_a_body_past_the_limit_is_refused_by_its_length(narrow: Api) -> None:
    details = problem(narrow.post(b" " * (MIB + 1)), 413)
    assert str(MIB + 1) in details["detail"]
    assert str(MIB) in details["detail"]


def test_a_body_at_the_limit_is_read(narrow: Api) -> None:
    body = json.dumps({"image": b64(b"text")}).encode()
    assert "image" in problem(narrow.post(body + b" " * (MIB - len(body))), 400)["errors"]


def test_a_body_past_the_limit_is_never_held(narrow: Api, narrow_service: ServiceProcess) -> None:
    sent = 0

    def stream() -> Iterator[bytes]:
        nonlocal sent
        chunk = b" " * MIB
        for _ in range(256):
            sent += len(chunk)
            yield chunk

    process = Path(f"/proc/{narrow_service.process.pid}")
    (process / "clear_refs").write_text("5")  # VmHWM counts anew from here
    before = memory(process, "VmHWM")
    headers = {"Content-Type": "application/json", "Transfer-Encoding": "chunked"}
    details = problem(narrow.http.post("/RecognizeRegions", content=stream(), headers=headers), 413)
    assert str(MIB) in details["detail"]
    assert sent > 12 * MIB  # else the next line would prove nothing
    assert memory(process, "VmHWM") - before < 16 * MIB


def memory(process: Path, name: str) -> int:
    """A figure of /proc/PID/status in bytes."""
    found = re.search(rf"^{name}:\s+(\d+) kB$", (process / "status").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) * 1024


def test_the_connection_serves_on_after_a_refused_body(narrow: Api) -> None:
    with httpx.Client(base_url=narrow.url, headers=narrow.http.headers) as one:
        problem(one.post("/RecognizeRegions", content=b" " * (3 * MIB), headers={"Content-Type": "text/json"}), 413)
        assert one.get("/healthz").text == "ok"


# What only decoding shows ends the task


def test_too_many_pixels_end_the_task(narrow: Api) -> None:
    answer = narrow.read(draw([""] * 10, 1000))
    assert (answer["taskStatus"], answer["responseStatusCode"], answer["results"]) == ("Error", "Error", None)
    assert "1000 x 600 = 600000 pixels" in answer["error"]["messages"][0]
    assert "100000" in answer["error"]["messages"][0]


@pytest.mark.parametrize("kept", [8, 20, 60, 0.5])
def test_a_truncated_image_ends_the_task(api: Api, kept: float) -> None:
    cut = SMALL[: int(kept if kept > 1 else kept * len(SMALL))]
    answer = api.read(cut)
    assert (answer["taskStatus"], answer["responseStatusCode"], answer["results"]) == ("Error", "Error", None)
    assert "PNG file is damaged or cut short" in answer["error"]["messages"][0]
    assert answer["error"]["warnings"] == []


def test_base64_is_not_asked_to_be_canonical(api: Api) -> None:
    # The last digit of unpadded Base64 has bits to spare; decoders differ on them, and nothing is to be gained.
    text = base64.b64encode(b"ABCD").decode().rstrip("=")
    assert "text" in refused(api, {"image": text[:-1] + chr(ord(text[-1]) + 1)}, "image")
