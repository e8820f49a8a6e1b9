"""wire/body.py by itself: what the service would be too slow to be asked a thousand times."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from starlette.requests import Request

from whaleline.errors import BodyTooLarge, InvalidRequest
from whaleline.operations import OPERATIONS
from whaleline.settings import Settings
from whaleline.wire import body

REGIONS = OPERATIONS["RecognizeRegions"]
LIMITS = Settings()
MOST = LIMITS.max_image_bytes


def request(chunks: list[bytes], **headers: str) -> tuple[Request, list[bytes]]:
    """A request whose body comes in chunks, and those of them that were not asked for yet."""
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "method": "POST", "headers": raw}, receive), left


async def read(asked: Request, limit: int) -> bytes:
    """What arrives of a body within a limit."""
    async with body.Bodies(LIMITS).read(asked, limit) as whole:
        return whole


def test_a_body_is_read_up_to_the_limit() -> None:
    asked, _ = request([b"ab", b"", b"cd"])
    assert asyncio.run(read(asked, 4)) == b"abcd"


def test_reading_stops_at_the_first_chunk_past_the_limit() -> None:
    asked, left = request([b"ab", b"cd", b"ef", b"gh"])
    with pytest.raises(BodyTooLarge, match="limit of 3 bytes"):
        asyncio.run(read(asked, 3))
    assert left == [b"ef", b"gh"]


@pytest.mark.parametrize("declared", ["5", "99999999999999999999999999"])
def test_a_declared_length_past_the_limit_stops_before_the_first_chunk(declared: str) -> None:
    asked, left = request([b"ab"], content_length=declared)
    with pytest.raises(BodyTooLarge, match=declared):
        asyncio.run(read(asked, 4))
    assert left == [b"ab"]


@given(st.binary(min_size=1), st.booleans(), st.booleans(), st.text(" \t\r\n", max_size=3), st.integers(1, 90))
def test_base64_in_any_dress_decodes_to_the_same(
    data: bytes, url_safe: bool, padded: bool, blanks: str, width: int
) -> None:
    text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(data).decode()
    text = text if padded else text.rstrip("=")
    dressed = blanks.join(text[at : at + width] for at in range(0, len(text), width)) + blanks
    assert body.decode_base64(dressed, "image", MOST) == data
    assert body.decode_base64(f"data:image/png;base64,{dressed}", "image", MOST) == data


def refusal(function: Callable[..., object], *arguments: Any) -> InvalidRequest | None:
    """The error that a call ends with; None where it gives a value. Any other error is the test's failure."""
    try:
        function(*arguments)
    except InvalidRequest as error:
        return error
    return None


@given(st.text() | st.none() | st.integers() | st.lists(st.text()))
def test_what_is_not_base64_is_refused_by_field(value: Any) -> None:
    error = refusal(body.decode_base64, value, "image", MOST)
    if error is not None:
        assert error.field == "image"
        assert str(error).isascii()
        assert len(str(error)) < 300
    else:
        assert isinstance(value, str)


texts = st.text(st.characters(exclude_categories=["Cs"]))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(texts | st.sampled_from(["image", "settings"]), inner),
)


@given(json_values)
def test_json_is_read_as_it_was_meant(value: Any) -> None:
    text = json.dumps(value)
    assume("NaN" not in text)  # JSON has none; what is unequal to itself could not be compared anyway
    assert body.decode_json(text.encode("ascii")) == value


@given(json_values)
def test_any_json_is_a_task_or_an_invalid_request(value: Any) -> None:
    error = refusal(body.parse_task, REGIONS, json.dumps(value).encode(), LIMITS)
    assert error is None or re.match(r"(body|image|file|data|pdf|table|settings)\b", error.field)


@given(st.binary())
def test_any_bytes_are_json_or_an_invalid_request(data: bytes) -> None:
    error = refusal(body.decode_json, data)
    assert error is None or error.field == "body"


def test_a_hexadecimal_number_of_any_length_is_quoted_and_refused() -> None:
    for text in (b'{"image": 0x%s}', b'{"image": "QUJD", "settings": {"Rotate": 0x%s}}'):
        with pytest.raises(InvalidRequest, match=r"0xff+\.\.\."):
            body.parse_task(REGIONS, text % (b"f" * 6000), LIMITS)
