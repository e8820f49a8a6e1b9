"""The kindnesses that the protocol's clients need of whoever reads their bodies."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pytest
from PIL import Image

from harness import REGIONS, Api, b64, draw, line_region, region, texts

LINES = ("Queequeg", "Starbuck")


@pytest.fixture(scope="module")
def crew() -> bytes:
    return draw(LINES, 400)


def read(api: Api, body: Any, **options: Any) -> list[str]:
    answer = api.post(body, **options)
    assert answer.status_code == 200, answer.text
    return texts(api.finished(answer.text))


WHOLE = ["Queequeg\nStarbuck"]


@pytest.mark.parametrize("key", ["image", "Image", "IMAGE", "file", "data", "pdf", "table"])
def test_the_image_goes_by_many_keys(api: Api, crew: bytes, key: str) -> None:
    assert read(api, {key: b64(crew)}) == WHOLE


@pytest.mark.parametrize("settings", [{}, None, ""])
def test_settings_may_say_nothing(api: Api, crew: bytes, settings: Any) -> None:
    assert read(api, {"image": b64(crew), "settings": settings}) == WHOLE


def test_null_stands_for_the_default_everywhere(api: Api, crew: bytes) -> None:
    keys = ["language", "makeSkewCorrect", "makeBinarization", "makeSpellCheck", "makeContrastCorrection"]
    keys += ["makeUpsampling", "dsrMode", "dsrConfidence", "resultType", "Rotate", "resultTypeTable", "regions"]
    assert read(api, {"image": b64(crew), "settings": dict.fromkeys(keys)}) == WHOLE
    assert read(api, {"image": b64(crew), "Image": None, "settings": dict.fromkeys(keys, "")}) == WHOLE
    some = line_region(1, width=400)
    some["order"] = None
    some["rect"]["topLeftX"] = None
    assert read(api, {"image": b64(crew), "settings": {"regions": [some]}}) == ["Starbuck"]


def test_unknown_keys_are_passed_over(api: Api, crew: bytes) -> None:
    some = line_region(0, width=400) | {"note": 1}
    body = {"image": b64(crew), "pages": [1], "settings": {"regions": [some], "mode": {"fast": True}}}
    assert read(api, body) == ["Queequeg"]


def test_keys_match_in_any_case(api: Api, crew: bytes) -> None:
    rect = {"TOPLEFTX": 0, "topleftY": 60, "BottomRightX": 400, "bottomrighty": 120}
    body = {"Image": b64(crew), "SETTINGS": {"Regions": [{"Rect": rect, "ORDER": 1}], "resulttype": "Text"}}
    assert read(api, body) == ["Starbuck"]


@pytest.mark.parametrize("key", ["Rotate", "rotate", "ROTATE"])
def test_rotate_in_any_case_turns_clockwise(api: Api, key: str) -> None:
    # Drawn upside down: it reads only when it is turned.
    upside_down = _turned(draw(["Queequeg"], 300))
    assert read(api, {"image": b64(upside_down), "settings": {key: 180}}) == ["Queequeg"]


def _turned(image: bytes) -> bytes:
    out = io.BytesIO()
    with Image.open(io.BytesIO(image)) as opened:
        opened.rotate(180).save(out, "PNG")
    return out.getvalue()


def test_numbers_and_flags_may_be_strings(api: Api, crew: bytes) -> None:
    rect = {"topLeftX": "0", "topLeftY": "60", "bottomRightX": "400", "bottomRightY": "120"}
    regions = [{"rect": rect, "order": "2"}, region(0, 0, 400, 60, 1)]
    settings = {"regions": regions, "Rotate": "0", "makeBinarization": "false", "makeSkewCorrect": "True"}
    assert read(api, {"image": b64(crew), "settings": settings}) == ["Queequeg", "Starbuck"]


@pytest.mark.parametrize(
    "settings",
    [
        {"resultType": "TEXT", "language": "english", "dsrMode": "regions", "dsrConfidence": "LOWMID"},
        {"resultType": 1, "language": 1, "dsrMode": 8, "dsrConfidence": 8, "resultTypeTable": 4},
        {"dsrMode": "CraftPoly"},
        {"dsrMode": "PolygonalTextDetector"},
        {"language": "HWT_eng"},
        {"language": "en"},
        {"language": "ENG"},
    ],
)
def test_enums_go_by_any_case_by_number_and_by_synonym(api: Api, crew: bytes, settings: dict[str, Any]) -> None:
    found = read(api, {"image": b64(crew), "settings": settings})
    # Handwriting is read with a dictionary, which parts what it does not know as one word.
    assert [text.replace(" ", "") for text in found] == WHOLE


def test_an_enum_number_counts_from_one(api: Api, crew: bytes) -> None:
    answer = api.read(crew, resultType=4)
    assert [result["type"] for result in answer["results"]] == ["Hocr"]


def test_a_byte_order_mark_and_trailing_commas_are_let_pass(api: Api, crew: bytes) -> None:
    image = b64(crew).encode()
    body = b'\xef\xbb\xbf{"image": "' + image + b'", "settings": {"language": "English", "regions": [],},\n}\n'
    assert read(api, body) == WHOLE
    assert read(api, b'\xef\xbb\xbf{"image": "' + image + b'"}') == WHOLE


def test_json_escapes_inside_the_image_are_decoded(api: Api, crew: bytes) -> None:
    # The Java client writes = as an escape, and Base64 is free to be escaped altogether.
    padded = next(b64(crew + bytes(n)) for n in range(3) if b64(crew + bytes(n)).endswith("="))
    escaped = padded.replace("=", "\\u003d").replace("/", "\\/").replace("+", "\\u002b")
    assert "\\u003d" in escaped
    assert read(api, f'{{"image":"{escaped}"}}') == WHOLE


def test_base64_comes_in_every_dress(api: Api, crew: bytes) -> None:
    padded = next(crew + bytes(n) for n in range(3) if b64(crew + bytes(n)).endswith("="))
    plain = b64(padded)
    wrapped = "\r\n".join(plain[at : at + 76] for at in range(0, len(plain), 76))
    for image in (
        f"data:image/png;base64,{plain}",
        f"DATA:;base64,{plain}",
        wrapped,
        f"data:image/png;base64,\n{wrapped}\n",
        f" \t{plain} ",
        base64.urlsafe_b64encode(padded).decode(),
        plain.rstrip("="),
    ):
        assert read(api, {"image": image}) == WHOLE, image[:40]


@pytest.mark.parametrize("accept", ["text/plain", "application/json", "image/png", "*/*"])
def test_accept_changes_nothing(api: Api, crew: bytes, accept: str) -> None:
    answer = api.post({"image": b64(crew)}, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert answer.text.strip('" \n') == answer.text
    fetched = api.http.get(
        REGIONS, params={"id": answer.text}, headers={"Accept": accept, "Content-Type": "application/json"}
    )
    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "application/json")


@pytest.mark.parametrize(
    "media", ["application/json", "application/json; charset=utf-8", "text/json", "application/x+json"]
)
def test_json_goes_by_many_media_types(api: Api, media: str) -> None:
    answer = api.post(json.dumps({"image": b64(b"text")}), headers={"Content-Type": media})
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["image"])
