"""wire/body.py and wire/uploads.py by themselves: what the service would be too slow to be asked a thousand times."""

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

from whaleline.errors import BodyTooLarge, InvalidRequest, UnsupportedMediaType
from whaleline.operations import OPERATIONS
from whaleline.settings import Settings
from whaleline.wire import body
from whaleline.wire.uploads import Bodies

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
    async with Bodies(LIMITS).read(asked, limit) as whole:
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
    data: bytes, url_safe: bool, padded: bool, spaces: str, width: int
) -> None:
    text = (base64.urlsafe_b64encode if url_safe else base64.b64encode)(data).decode()
    text = text if padded else text.rstrip("=")
    dressed = spaces.join(text[at : at + width] for at in range(0, len(text), width)) + spaces
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


SHORT = 60_000
LONG = b"A" * 1_000_000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b'{"image": "%b", }' % LONG, {"image": LONG.decode()}),
        (b'{"image": "%b\\u003d\\/", /* a page */ "settings": {"x": [1,]}}' % LONG, {"settings": {"x": [1]}}),
        (b'{"settings": {"x": "%b"}, image: "%b",}' % (b"x" * SHORT, LONG), {"settings": {"x": "x" * SHORT}}),
        (b"{image: '%b', }" % (b"A" * SHORT), {"image": "A" * SHORT}),
        (b'{"x": %b, }' % (b"9" * 99), None),
    ],
)
def test_json5_is_read_where_all_but_the_image_is_short(text: bytes, value: dict[str, Any] | None) -> None:
    found = body.decode_json(text)
    assert isinstance(found, dict)
    assert value is None or value.items() <= found.items()
    assert text.count(b"\\u003d") == 0 or found["image"] == LONG.decode() + "=/"


@pytest.mark.parametrize(
    "text",
    [
        b'{"image": "%b", }' % LONG + b" " * 70_000,
        b'{"image": "%b", "other": "%b", }' % (LONG, LONG),
        b"{'image': '%b', }" % LONG,
        b'{"settings": {"x": "%b", }}' % LONG,
        b'{"%b": 1, }' % LONG,
        b'["%b", ]' % LONG,
        b'{"image": "QUJD", /* "%b" */ }' % LONG,
        b'{"image": "%b", "x": "\\"", }' % LONG + b'"' * 70_000,
        b'{"x": %b, }' % (b"9" * 100),
        b'{"x": 0x%b, }' % (b"f" * 100),
        b'{"image": 0x%b}' % LONG,
    ],
)
def test_json5_that_would_take_long_is_refused(text: bytes) -> None:
    with pytest.raises(InvalidRequest, match="body: it is not JSON"):
        body.decode_json(text)


# Forms


FORM = "multipart/form-data; boundary=xyz"


def form(*parts: tuple[str, bytes]) -> bytes:
    """A form of parts, each with what stands in its header's value and its data."""
    pieces = [
        b"--xyz\r\nContent-Disposition: form-data; %b\r\n\r\n%b\r\n" % (head.encode(), data) for head, data in parts
    ]
    return b"".join([*pieces, b"--xyz--\r\n"])


@pytest.mark.parametrize(
    "parts",
    [
        [('name="file"; filename="a.png"', b"GIF89a")],
        [('name="file"', b"GIF89a")],
        [('name="whatever"; filename="no_file_name_provided"', b"GIF89a")],
        [('name="note"', b"hello"), ('name="file"; filename="a.png"', b"GIF89a")],
    ],
)
def test_the_file_of_a_form_is_found_under_any_name(parts: list[tuple[str, bytes]]) -> None:
    assert body.parse_upload(FORM, form(*parts), Settings()) == b"GIF89a"


def test_a_form_may_hold_any_bytes() -> None:
    data = b"\r\n--xy\r\n\r\n--\0\xff" * 3
    assert body.parse_upload(FORM, form(('name="file"; filename="a"', data)), Settings()) == data


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "file: is missing or empty"),
        (form(), "file: is missing or empty"),
        (form(('name="file"; filename="a"', b"")), "file: is missing or empty"),
        (b"--other\r\n\r\nx", "body: it is not a valid form: "),
        (form(*[('name="file"', b"x")] * 9), "body: the form has more than 8 parts"),
        (form(('name="file"', b"x" * 1001)), "file: it is a file of 1001 bytes; at most 1000 are allowed"),
    ],
)
def test_what_is_wrong_with_a_form_is_told(raw: bytes, message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        body.parse_upload(FORM, raw, Settings(max_image_bytes=1000))


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/form-data", "multipart/mixed; boundary=x"])
def test_what_is_no_form_is_refused_by_its_name(content_type: str) -> None:
    with pytest.raises(
        UnsupportedMediaType, match=f"The Content-Type '{content_type}' is not supported; send multipart"
    ):
        body.parse_upload(content_type, form(), Settings())
