"""Documents through the service: pages by number, and what cannot be opened."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
import pytest
from PIL import Image

import corpus
from corpus import Sheet
from harness import Api, b64, draw, line_region, texts

CREW = ("Queequeg", "Daggoo", "Tashtego")


def pages() -> list[Image.Image]:
    return [Image.open(io.BytesIO(draw([name], 400))).convert("L") for name in CREW]


def pdf(**options: Any) -> bytes:
    return corpus.pdf(*[Sheet((image.width * 0.36, image.height * 0.36), image) for image in pages()], **options)


def tiff() -> bytes:
    first, *others = pages()
    return corpus.saved(first, "TIFF", save_all=True, append_images=others, compression="tiff_lzw")


@pytest.mark.parametrize("make", [pdf, tiff], ids=["PDF", "TIFF"])
def test_pages_are_read_by_their_numbers(api: Api, make: corpus.Maker) -> None:
    regions = [line_region(0, width=400) | {"page": page} for page in (3, 1)]
    assert texts(api.read(make(), regions=regions)) == ["Tashtego", "Queequeg"]


def test_a_page_that_is_not_there_is_told(api: Api) -> None:
    regions = [line_region(0, width=400) | {"page": page} for page in (4, 2)]
    answer = api.read(pdf(), regions=regions)
    assert answer["responseStatusCode"] == "PartiallyNotFound"
    assert texts(answer) == ["", "Daggoo"]
    assert answer["error"]["messages"] == [
        "region 1 lies on page 4, which the document does not have, and was not read"
    ]


@pytest.mark.parametrize(("key", "value"), [("page", 0), ("page", "x"), ("dpi", 0), ("dpi", 20_000)])
def test_a_page_or_resolution_that_cannot_be_is_refused(api: Api, key: str, value: object) -> None:
    answer = api.post({"image": b64(pdf()), "settings": {"regions": [line_region(0) | {key: value}]}})
    assert answer.status_code == 400
    assert f"settings.regions[0].{key}" in answer.json()["errors"]


def test_a_pdf_that_asks_for_a_password_ends_as_error(api: Api) -> None:
    answer = api.read(pdf(encryption=pikepdf.Encryption(user="secret", owner="secret")))
    assert answer["taskStatus"] == "Error"
    assert answer["error"]["messages"] == [
        "The PDF file is encrypted and opens with a password only; send it without one."
    ]


@pytest.mark.parametrize(
    "data",
    [
        corpus.HEIC,
        corpus.svg('<rect width="96" height="48" fill="red"/>'),
        corpus.djvu(corpus.grey(40, 30)),
        corpus.saved(corpus.noise(), "AVIF"),
        corpus.saved(corpus.noise(), "JPEG2000"),
    ],
    ids=["HEIC", "SVG", "DjVu", "AVIF", "JPEG 2000"],
)
def test_a_confined_worker_opens_all_formats(api: Api, data: bytes) -> None:
    answer = api.read(data, resultType="ImagePNG")
    assert answer["responseStatusCode"] == "Ok", answer
