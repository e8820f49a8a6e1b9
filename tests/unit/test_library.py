"""`whaleline.read_regions` and `write`: what programs give, and what they get."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import whaleline
from harness import draw

LINES = ["first line", "second line"]
PNG = draw(LINES)
SECOND = (0, 60, 700, 120)


def image() -> Image.Image:
    return Image.open(io.BytesIO(PNG))


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("library") / "page.png"
    path.write_bytes(PNG)
    return path


SOURCES: dict[str, Any] = {
    "bytes": lambda _: PNG,
    "a bytearray": lambda _: bytearray(PNG),
    "a path": lambda file: file,
    "a path as text": str,
    "a stream": lambda _: io.BytesIO(PNG),
    "a Pillow image": lambda _: image(),
    "a Pillow image of another mode": lambda _: image().convert("LA"),
    "an array of grey": lambda _: np.asarray(image().convert("L")),
    "an array of RGB": lambda _: np.asarray(image().convert("RGB")),
    "an array of RGBA": lambda _: np.asarray(image().convert("RGBA")),
    "an array of black and white": lambda _: np.asarray(image().convert("1")),
    "a part of an array": lambda _: np.repeat(np.asarray(image().convert("L")), 2, axis=1)[:, ::2],
}


@pytest.mark.parametrize("kind", SOURCES)
def test_an_image_comes_in_every_form_that_programs_have(file: Path, kind: str) -> None:
    (reading,) = whaleline.read_regions(SOURCES[kind](file), [SECOND])
    assert reading.text == "second line"


def test_an_open_file_is_read_from_where_it_stands(file: Path) -> None:
    with file.open("rb") as stream:
        (reading,) = whaleline.read_regions(stream, [SECOND])
    assert reading.text == "second line"


def test_a_picture_that_its_camera_held_on_its_side_is_turned() -> None:
    turned = image().convert("L").transpose(Image.Transpose.ROTATE_90)
    turned.getexif()[274] = 6
    (reading,) = whaleline.read_regions(turned)
    assert reading.text == "\n".join(LINES)


@pytest.mark.parametrize(
    ("source", "error", "said"),
    [
        (7, TypeError, "a int is not a path, bytes, an open file, a Pillow image or a NumPy array"),
        (None, TypeError, "a NoneType is not"),
        (io.StringIO("text"), TypeError, "opened as text; open it with 'rb'"),
        (np.zeros((4, 4)), whaleline.InvalidRequest, "an array of float64 of the shape (4, 4) is not uint8"),
        (np.zeros((4, 4, 2), np.uint8), whaleline.InvalidRequest, "of the shape (4, 4, 2)"),
        (np.zeros((0, 4), np.uint8), whaleline.UnreadableImage, "no pixels"),
        (Image.new("L", (400, 400)), whaleline.UnreadableImage, "400 x 400 = 160000 pixels; at most 100000"),
        (b"<html>", whaleline.UnreadableImage, "HTML, which is not supported"),
        ("absent.png", OSError, "absent.png"),
    ],
)
def test_what_is_no_image_is_refused(source: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error) as caught:
        whaleline.read_regions(source, max_pixels=100_000)
    assert said in str(caught.value)


def test_without_regions_the_whole_image_is_one() -> None:
    (reading,) = whaleline.read_regions(PNG)
    assert reading.text == "\n".join(LINES)
    assert str(reading.rectangle) == "0,0-700,120"


@pytest.mark.parametrize(
    "region",
    [
        SECOND,
        list(SECOND),
        whaleline.Rectangle(*SECOND),
        np.array(SECOND),
        (0.4, 60.5, 699.2, 119.5),
        np.array([0, 60.7, 700, 120], np.float32),
    ],
)
def test_a_region_is_four_numbers_of_any_kind(region: Any) -> None:
    (reading,) = whaleline.read_regions(PNG, [region])
    assert reading.text == "second line"
    assert str(reading.rectangle) == "0,60-700,120"


def test_a_region_outside_gives_an_empty_reading_that_says_so() -> None:
    readings = whaleline.read_regions(PNG, [SECOND, (800, 0, 900, 60), (0, 0, 900, 60)])
    assert [(reading.text, reading.is_outside) for reading in readings] == [
        ("second line", False),
        ("", True),
        ("first line", False),
    ]
    outside = readings[1]
    assert outside.page.notes == ("the region lies outside the image",)
    assert outside.words == ()
    for kind in whaleline.ResultType:
        assert {result.data for result in whaleline.write(kind, outside)} == {b""}


@pytest.mark.parametrize(
    ("region", "said"),
    [
        ((5, 5, 5, 9), "regions[0].rect: the rectangle 5,5-5,9 has no area: bottomRightX must be more than topLeftX"),
        ((9, 9, 5, 5), "regions[0].rect: the rectangle 9,9-5,5 has no area"),
        ((0, 0, 2**31, 9), "regions[0].rect.bottomRightX: 2147483648 is more than 2147483647"),
        ((1, 2, 3), "regions[0]: it has 3 numbers; left, top, right and bottom are needed"),
        ((0, 0, float("nan"), 1), "regions[0]: nan is not a number"),
        ((0, 0, float("inf"), 1), "regions[0]: inf is not a number"),
        (("0", "0", "9", "9"), "regions[0]: '0' is not a number"),
        (5, "regions[0]: 5 is not a region; give a list of (left, top, right, bottom)"),
    ],
)
def test_a_region_that_is_none_is_refused_with_the_words_of_the_api(region: Any, said: str) -> None:
    with pytest.raises(whaleline.InvalidRequest) as caught:
        whaleline.read_regions(PNG, [region])
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("language", "Klingon", "language: 'Klingon' is not a supported language"),
        ("language", "Germn", "language: 'Germn' is not a language; did you mean German?"),
        ("mode", "Fast", "dsrMode: 'Fast' is not one of Regions, DsrNoFilter"),
        ("confidence", "Sure", "dsrConfidence: 'Sure' is not one of Default, Low"),
        ("rotate", "up", "Rotate: 'up' is not a whole number"),
        ("page", 2, "page: 2 is not one of the document's 1"),
        ("page", "1", "page: '1' is not a whole number"),
        ("regions", (0, 0, 9, 9), "regions[0]: 0 is not a region; give a list"),
        ("page", 0, "page: 0 is not one of the document's 1"),
    ],
)
def test_an_option_that_is_wrong_is_refused_with_the_words_of_the_api(option: str, value: Any, said: str) -> None:
    with pytest.raises(whaleline.InvalidRequest) as caught:
        whaleline.read_regions(PNG, **{option: value})
    assert str(caught.value).startswith(said)


def test_modes_go_by_their_names_and_by_the_enums() -> None:
    for mode in ("linedetector", "LineDetector", whaleline.DsrMode.LINE_DETECTOR):
        (reading,) = whaleline.read_regions(PNG, mode=mode, confidence="low", language="en")
        assert reading.text == "\n".join(LINES)


def test_a_page_of_a_document_is_read_by_its_number() -> None:
    target = io.BytesIO()
    pages = [Image.open(io.BytesIO(draw([text]))).convert("L") for text in ("page one", "page two")]
    pages[0].save(target, "TIFF", save_all=True, append_images=pages[1:])
    read = [whaleline.read_regions(target.getvalue(), page=number)[0].text for number in (1, 2)]
    assert read == ["page one", "page two"]


def test_words_stand_in_the_images_own_pixels() -> None:
    (whole,) = whaleline.read_regions(PNG)
    (part,) = whaleline.read_regions(PNG, [SECOND], upsampling=True)
    assert [word.text for word in part.words] == ["second", "line"]
    for here, there in zip(part.words, whole.words[2:], strict=True):
        assert abs(here.box.left - there.box.left) <= 2
        assert abs(here.box.top - there.box.top) <= 2


def test_results_go_by_their_names() -> None:
    (reading,) = whaleline.read_regions(PNG, [SECOND])
    assert whaleline.write("Text", reading) == (whaleline.Result("Text", b"second line"),)
    text, pdf = whaleline.write("TextAndPdf", reading)
    assert (text.type, pdf.type, pdf.data[:5]) == ("Text", "Pdf", b"%PDF-")
    with pytest.raises(ValueError, match="'Docx' is not a valid ResultType"):
        whaleline.write("Docx", reading)


def test_threads_take_turns() -> None:
    with ThreadPoolExecutor(4) as threads:
        readings = list(threads.map(lambda _: whaleline.read_regions(PNG)[0].text, range(8)))
    assert readings == ["\n".join(LINES)] * 8
