"""Whatever is sent: never a fault, always ProblemDetails or an id, and no id is ever lost."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness import Api, ServiceProcess, b64, draw

TINY = draw(["Pip"], 90)

FEW = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
MANY = settings(FEW, max_examples=60)  # `make fuzz` tries many more bodies

ids: list[str] = []
"""What was accepted, to be asked for at the end."""


@pytest.fixture(scope="module", autouse=True)
def nothing_is_lost(api: Api, service: ServiceProcess) -> Iterator[None]:
    ids.clear()
    yield
    assert ids
    for task_id in ids:
        answer = api.finished(task_id)
        assert answer["taskStatus"] in ("Completed", "Error"), answer
        assert "error in the service" not in str(answer["error"]), answer
    assert "Traceback" not in service.log


def send(api: Api, body: bytes, **headers: str) -> str | dict[str, Any]:
    """The id, or the ProblemDetails, that a body is answered with."""
    answer = api.post(body, headers=headers)
    if answer.status_code == 200:
        assert answer.headers["content-type"] == "text/plain; charset=utf-8"
        assert len(answer.text) == 36
        ids.append(answer.text)
        return answer.text
    assert answer.status_code in (400, 413, 415), answer.text
    assert answer.headers["content-type"] == "application/json"
    details = dict(answer.json())
    assert details["status"] == answer.status_code
    assert details["detail"].isascii()
    return details


# Lone surrogates are text to Python and not to JSON; test_errors has one.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.integers() | st.floats() | st.sampled_from([0, -1, 2**31, 2**63, 2**64, 10**300, 1e308])
scalars = st.none() | st.booleans() | numbers | texts | numbers.map(str)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4), max_leaves=12
)
SETTINGS = """
language makeSkewCorrect makeBinarization makeSpellCheck makeContrastCorrection makeUpsampling dsrMode dsrConfidence
resultType Rotate rotate ROTATE resultTypeTable regions x
"""
setting_keys = st.sampled_from(SETTINGS.split())


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()  # writes NaN and Infinity, which JSON does not have: so much the better


@MANY
@given(st.binary(max_size=200))
def test_any_bytes(api: Api, body: bytes) -> None:
    send(api, body)


@MANY
@given(values)
def test_any_json(api: Api, value: Any) -> None:
    send(api, encoded(value))


@MANY
@given(st.dictionaries(st.sampled_from(["image", "Image", "file", "settings", "Settings"]) | texts, values, max_size=4))
def test_any_fields(api: Api, value: dict[str, Any]) -> None:
    send(api, encoded(value))


@MANY
@given(st.dictionaries(setting_keys, values, max_size=5))
def test_any_settings(api: Api, value: dict[str, Any]) -> None:
    send(api, encoded({"image": b64(TINY), "settings": value}))


@MANY
@given(st.integers(0, 10_000), st.binary(max_size=3), st.integers(0, 400))
def test_a_body_with_damage_somewhere(api: Api, at: int, instead: bytes, cut: int) -> None:
    body = encoded({"image": b64(TINY), "settings": {"regions": [{"rect": {"bottomRightX": 50, "bottomRightY": 50}}]}})
    at %= len(body)
    send(api, body[:at] + instead + body[at + cut :])


@MANY
@given(texts | st.text("ABab01+/-_=, \n\r\t", max_size=40), st.sampled_from(["", "data:image/png;base64,", "data:"]))
def test_any_text_as_base64(api: Api, text: str, prefix: str) -> None:
    send(api, encoded({"image": prefix + text}))


@FEW
@given(st.binary(max_size=120), st.booleans(), st.booleans(), st.integers(1, 80))
def test_any_encoding_of_the_same_image_is_the_same_image(
    api: Api, tail: bytes, url_safe: bool, padded: bool, width: int
) -> None:
    data = b"GIF89a" + tail  # a format by its first bytes, and most likely broken behind them
    text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(data).decode()
    text = text if padded else text.rstrip("=")
    answer = send(api, encoded({"image": "\n".join(text[i : i + width] for i in range(0, len(text), width))}))
    assert isinstance(answer, str), answer


coordinates = st.integers(-200, 300) | st.integers(-(2**31), 2**31 - 1)
rectangles = st.tuples(coordinates, coordinates, coordinates, coordinates)


@pytest.mark.every_deployment
@FEW
@given(
    st.lists(st.tuples(rectangles, st.none() | coordinates), max_size=4), st.sampled_from([0, 0, 90, -45, 2**31 - 1])
)
def test_any_rectangles(api: Api, wanted: list[tuple[tuple[int, int, int, int], int | None]], rotate: int) -> None:
    keys = ("topLeftX", "topLeftY", "bottomRightX", "bottomRightY")
    regions = [{"rect": dict(zip(keys, rect, strict=True)), "order": order} for rect, order in wanted]
    answer = send(api, encoded({"image": b64(TINY), "settings": {"regions": regions, "rotate": rotate}}))
    if all(left < right and top < bottom for (left, top, right, bottom), _ in wanted):
        assert isinstance(answer, str), answer
        finished = api.finished(answer)
        assert finished["taskStatus"] == "Completed"
        assert len(finished["results"]) == max(1, len(wanted))
    else:
        assert isinstance(answer, dict)
        assert "no area" in answer["detail"]


@MANY
@given(st.text(min_size=1, max_size=60))
def test_any_id(api: Api, task_id: str) -> None:
    clean = task_id.encode("utf-8", "replace").decode()
    for method, path in (
        ("GET", "/RecognizeRegions"),
        ("GET", "/Utilities/GetTaskStatus"),
        ("DELETE", "/RecognizeRegions"),
    ):
        answer = api.http.request(method, path, params={"id": clean})
        assert answer.status_code == 200, answer.text
        assert method == "DELETE" or answer.json()["id"] == clean


header_values = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)


@MANY
@given(st.sampled_from(["Prefer", "Priority", "Accept", "Content-Type", "Content-Encoding"]), header_values)
def test_any_header(api: Api, name: str, value: str) -> None:
    send(api, encoded({"image": "dGV4dA=="}), **{name: value})
    headers = {name: value if "wait" not in value else "wait=0"}
    assert api.http.get("/RecognizeRegions", params={"id": "unknown"}, headers=headers).status_code == 200


@MANY
@given(st.sampled_from(["", "Bearer ", "Basic ", "bearer x."]), header_values)
def test_any_authorization(api: Api, scheme: str, value: str) -> None:
    answer = api.http.get("/RecognizeRegions", params={"id": "x"}, headers={"Authorization": scheme + value})
    assert answer.status_code == 401
    form = {"grant_type": "client_credentials", "client_id": value, "client_secret": scheme + value}
    answer = api.http.post("/connect/token", data=form, headers={"Authorization": scheme + value})
    assert (answer.status_code, answer.json()["error"]) in ((400, "invalid_client"), (401, "invalid_client"))
