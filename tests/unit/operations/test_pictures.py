"""BinarizeImage, DeskewImage, DewarpImage and UpscaleImage, without a service."""

from __future__ import annotations

import io
from functools import cache

import cv2
import numpy as np
import pytest
from PIL import Image
from rapidfuzz.distance import Levenshtein

from drawing import Pen, wanted
from photographs import curl, photograph
from whaleline import read_regions
from whaleline.documents import Document
from whaleline.errors import InvalidRequest, UnreadableImage
from whaleline.imaging.picture import Picture
from whaleline.operations import OPERATIONS
from whaleline.operations.operation import Outcome
from whaleline.operations.pictures import NoSettings
from whaleline.settings import Settings

TEXT = """Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, and
nothing particular to interest me on shore, I thought I would sail about a little and see the watery part of the world.
It is a way I have of driving off the spleen and regulating the circulation. Whenever I find myself growing grim about
the mouth; whenever it is a damp, drizzly November in my soul."""


@cache
def page() -> tuple[Picture, str]:
    return Pen(wanted("English"), 24).drawn(TEXT.replace("\n", " "), 800)


def encoded(*pictures: Picture, format_: str = "PNG") -> bytes:
    file = io.BytesIO()
    first, *others = map(Image.fromarray, pictures)
    first.save(file, format_, **({"save_all": True, "append_images": others} if others else {}))
    return file.getvalue()


def run(name: str, image: bytes, most: int = 256_000_000) -> Outcome:
    return OPERATIONS[name].run(image, NoSettings(), Settings(max_region_pixels=most))


def improved(name: str, picture: Picture) -> Image.Image:
    (result,) = run(name, encoded(picture)).results
    assert result.type == "ImagePNG"
    image = Image.open(io.BytesIO(result.data))
    assert image.format == "PNG"
    return image


def error(picture: Picture) -> float:
    """Of a reading without filters."""
    (reading,) = read_regions(picture, skew_correction=False, contrast_correction=False)
    assert reading is not None
    found, truth = (" ".join(text.split()) for text in (reading.page.text, page()[1]))
    return 100 * Levenshtein.distance(found, truth) / len(truth)


def half_dark(picture: Picture) -> Picture:
    light = np.linspace(0.95, 0.25, picture.shape[1])[None, :]
    return np.asarray((picture * 0.5 + 127) * light, np.uint8)


def turned(picture: Picture, degrees: float) -> Picture:
    height, width = picture.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderValue=255))


def roomy(picture: Picture) -> Picture:
    return np.pad(picture, 150, constant_values=255)


def on_a_table(degrees: float, *, sag: float = 0, shadow: float = 1) -> Picture:
    """A photograph of the page, turned clockwise about its middle."""
    picture = roomy(page()[0])
    height, width = picture.shape
    turn = np.radians(degrees)
    box = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]]) * (width, height)
    corners = box @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) + (800, 560)
    first, second, third, fourth = [(round(x), round(y)) for x, y in corners.tolist()]
    return photograph(
        picture,
        sag=curl(width, sag) if sag else None,
        corners=(first, second, third, fourth),
        size=(1600, 1120),
        shadow=shadow,
    ).picture


def test_binarize_gives_two_values_in_the_same_size() -> None:
    picture = half_dark(page()[0])
    image = improved("BinarizeImage", picture)
    assert (image.mode, image.size) == ("L", picture.shape[::-1])
    pixels = np.asarray(image)
    assert set(np.unique(pixels)) == {0, 255}
    # Paper in the dark is white, print in the light black.
    assert 0.02 < (pixels == 0).mean() < 0.2
    assert error(pixels) < 2


def test_deskew_brings_a_scan_that_leans_upright() -> None:
    level = roomy(page()[0])
    picture = turned(level, -7)
    image = improved("DeskewImage", picture)
    assert image.size == picture.shape[::-1]
    assert np.abs(np.asarray(image, float) - level).mean() < 2 < np.abs(picture.astype(float) - level).mean() / 5
    assert error(np.asarray(image)) < 2


def test_deskew_brings_a_photograph_upright() -> None:
    picture = on_a_table(11)
    image = improved("DeskewImage", picture)
    assert image.size == picture.shape[::-1]
    assert error(np.asarray(image)) < 5  # half of the photograph is read wrongly, and slowly


def test_dewarp_makes_a_bent_sheet_flat_in_a_frame_of_the_same_size() -> None:
    picture = on_a_table(-4, sag=70, shadow=0.6)
    image = improved("DewarpImage", picture)
    assert image.size == picture.shape[::-1]
    flat = np.asarray(image)
    assert error(flat) < min(2, error(picture))
    assert (flat[0] == 255).all()  # what lay around the sheet is white


@pytest.mark.parametrize("name", ["DeskewImage", "DewarpImage"])
def test_what_is_level_and_flat_stays_as_it_is(name: str) -> None:
    picture = page()[0]
    assert np.array_equal(np.asarray(improved(name, picture)), picture)


@pytest.mark.parametrize("name", ["DeskewImage", "DewarpImage"])
def test_a_picture_without_text_stays_as_it_is(name: str) -> None:
    picture = np.full((300, 500, 3), 180, np.uint8)
    assert np.array_equal(np.asarray(improved(name, picture)), picture)


@pytest.mark.parametrize(("factor", "times"), [(1.0, 2), (0.36, 3), (0.2, 4)])
def test_upscale_enlarges_small_letters_more(factor: float, times: int) -> None:
    picture = cv2.resize(page()[0], None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    image = improved("UpscaleImage", np.asarray(picture, np.uint8))
    assert image.size == (times * picture.shape[1], times * picture.shape[0])


def test_upscale_doubles_what_holds_no_text_and_keeps_its_colours() -> None:
    image = improved("UpscaleImage", np.full((30, 50, 3), (200, 10, 30), np.uint8))
    assert (image.mode, image.size) == ("RGB", (100, 60))
    assert image.getpixel((50, 30)) == (200, 10, 30)


def test_upscale_makes_less_of_what_would_be_too_large_and_says_where_it_cannot_at_all() -> None:
    picture = np.asarray(cv2.resize(page()[0], None, fx=0.36, fy=0.36, interpolation=cv2.INTER_AREA), np.uint8)
    (result,) = run("UpscaleImage", encoded(picture), 5 * picture.size).results
    assert Image.open(io.BytesIO(result.data)).width == 2 * picture.shape[1]
    with pytest.raises(UnreadableImage, match=f"{4 * picture.size} at twice its size; pictures of at most 1000 pixels"):
        run("UpscaleImage", encoded(picture), 1000)


@pytest.mark.parametrize("name", ["DeskewImage", "DewarpImage"])
def test_a_picture_that_is_too_large_to_turn_is_refused(name: str) -> None:
    with pytest.raises(UnreadableImage, match="at most 32000 to a side and 1000 in all"):
        run(name, encoded(page()[0]), 1000)


def test_each_page_is_a_picture_and_a_lost_one_keeps_its_place() -> None:
    pages = [np.full((40, 60), value, np.uint8) for value in (0, 90, 200)]
    data = encoded(*pages, format_="TIFF")
    outcome = run("UpscaleImage", data)
    assert [Image.open(io.BytesIO(each.data)).getpixel((0, 0)) for each in outcome.results] == [0, 90, 200]
    operation = OPERATIONS["UpscaleImage"]
    first = operation.read(document := Document(data), 1, NoSettings(), Settings())
    lost = operation.join(document, [first, None, first], NoSettings(), Settings())
    assert [bool(each.data) for each in lost.results] == [True, False, True]


@pytest.mark.parametrize("name", ["BinarizeImage", "DeskewImage", "DewarpImage", "UpscaleImage"])
def test_what_is_no_picture_is_refused_at_the_door(name: str) -> None:
    with pytest.raises(InvalidRequest, match="image: HTML is not supported"):
        OPERATIONS[name].check(b"<html></html>", NoSettings(), Settings())


@pytest.mark.parametrize("name", ["BinarizeImage", "DeskewImage", "DewarpImage", "UpscaleImage"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (700, 1), (3, 5, 3)])
def test_pictures_of_a_few_pixels_come_back(name: str, shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(5).integers(0, 256, shape, np.uint8)
    image = improved(name, picture)
    assert image.width >= shape[1]
    assert image.height >= shape[0]
