"""Where a region's pixels come from, whichever filters and turns are on."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from whaleline.imaging import filters
from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.picture import Picture, share
from whaleline.imaging.region import Prepared, prepare
from whaleline.imaging.sight import Sight
from whaleline.imaging.skew import skew

PARAGRAPH = "Call me Ishmael. Some years\nago, never mind how long\nprecisely, having little or\nno money in my purse"


def blank(width: int = 600, height: int = 400, value: int = 255) -> Picture:
    return np.full((height, width), value, np.uint8)


def written(text: str = PARAGRAPH, size: int = 36, degrees: float = 0, colour: bool = False) -> Picture:
    """Text about the middle of a picture, turned clockwise."""
    font = ImageFont.load_default(size=size)
    image = Image.new("RGB" if colour else "L", (800, 600), "white")
    ImageDraw.Draw(image).text((400, 300), text, font=font, fill=0 if not colour else (120, 0, 0), anchor="mm")
    return np.asarray(image.rotate(-degrees, resample=Image.Resampling.BICUBIC, fillcolor="white"))


def dot(image: Picture, x: int, y: int, radius: int = 4) -> None:
    cv2.circle(image, (x, y), radius, 0, -1)


def centre_of_ink(picture: Picture) -> tuple[float, float]:
    """In pixels counted from the picture's corner."""
    rows, columns = np.nonzero(picture < 128)
    return float(columns.mean()) + 0.5, float(rows.mean()) + 0.5


def test_without_filters_the_region_is_the_rectangle() -> None:
    image = np.random.default_rng(1).integers(0, 255, (50, 80, 3), np.uint8)
    prepared = prepare(image, Rectangle(10, 20, 60, 45))
    assert np.array_equal(prepared.shown, image[20:45, 10:60])
    assert np.array_equal(prepared.plain, prepared.shown)
    assert prepared.rectangle == Rectangle(10, 20, 60, 45)
    assert prepared.placement((0, 0)) == pytest.approx((10, 20))
    assert prepared.placement.bounds(Rectangle(0, 0, 50, 25)) == Rectangle(10, 20, 60, 45)


def test_what_is_shown_is_filtered_when_it_is_asked_for_and_nobody_elses() -> None:
    image = written(colour=True).copy()
    prepared = prepare(image, Rectangle(0, 200, 800, 400), contrast=True, binarize=True)
    expected = filters.binarize(filters.contrast(image[200:400]))
    image[:] = 0
    assert "picture" not in vars(prepared.filtered)
    assert np.array_equal(prepared.shown, expected)
    assert pickle.loads(pickle.dumps(prepared)).shown.shape == expected.shape


def test_a_share_of_a_few_numbers_is_numpys_quantile() -> None:
    for size in (1, 2, 3, 10, 61):
        values = np.random.default_rng(size).integers(0, 300, size)
        for at in (0.0, 0.5, 0.9, 1.0):
            assert share(values, at) == pytest.approx(float(np.quantile(values, at)))


def test_a_rectangle_that_reaches_beyond_is_cut() -> None:
    prepared = prepare(blank(100, 80), Rectangle(-20, 60, 50, 500))
    assert prepared.rectangle == Rectangle(0, 60, 50, 80)
    assert prepared.plain.shape == (20, 50)
    assert prepared.placement((0, 0)) == pytest.approx((0, 60))


@pytest.mark.parametrize("rectangle", [Rectangle(100, 0, 120, 20), Rectangle(5, 5, 5, 20), Rectangle(20, 5, 10, 8)])
def test_a_rectangle_without_pixels_is_an_error(rectangle: Rectangle) -> None:
    with pytest.raises(ValueError, match="outside the image of 100 x 80"):
        prepare(blank(100, 80), rectangle)


@pytest.mark.parametrize(
    ("rotate", "corner"),
    [
        (90, "top right"),
        (-270, "top right"),
        (450, "top right"),
        (180, "bottom right"),
        (270, "bottom left"),
        (-90, "bottom left"),
        (360, "top left"),
    ],
)
def test_rotation_is_clockwise(rotate: int, corner: str) -> None:
    """What was in the top left corner goes where a clockwise turn brings it."""
    image = blank(120, 60)
    image[:10, :10] = 0
    picture = prepare(image, Rectangle(0, 0, 120, 60), rotate=rotate).plain
    upright = rotate % 180 == 0
    assert picture.shape == ((60, 120) if upright else (120, 60))
    rows = slice(0, 10) if "top" in corner else slice(-10, None)
    columns = slice(0, 10) if "left" in corner else slice(-10, None)
    assert picture[rows, columns].max() == 0
    assert np.count_nonzero(picture == 0) == 100


@pytest.mark.parametrize("rotate", [0, 1, 7, 30, 45, 90, 135, 180, 200, 270, 300, 359, -13])
@pytest.mark.parametrize("upsample", [False, True])
def test_placement_leads_back_to_the_image(rotate: int, upsample: bool) -> None:
    """A dot drawn at a known place is found in the picture, and its place there leads back."""
    image = blank()
    dot(image, 250, 130)
    prepared = prepare(image, Rectangle(200, 100, 401, 250), rotate=rotate, upsample=upsample, binarize=True)
    for picture in (prepared.plain, prepared.shown):
        assert prepared.placement(centre_of_ink(picture)) == pytest.approx((250.5, 130.5), abs=0.5)


@given(
    st.tuples(st.integers(-50, 600), st.integers(-50, 400), st.integers(1, 300), st.integers(1, 300)),
    st.integers(-1000, 1000),
    st.lists(st.sampled_from(["contrast", "binarize", "deskew", "upsample"]), unique=True),
    st.booleans(),
)
@settings(max_examples=80)
def test_both_pictures_share_size_and_placement(
    place: tuple[int, int, int, int], rotate: int, on: list[str], colour: bool
) -> None:
    image = np.random.default_rng(2).integers(0, 255, (400, 600, 3) if colour else (400, 600), np.uint8)
    left, top, width, height = place
    rectangle = Rectangle(left, top, left + width, top + height)
    if rectangle.intersection(Rectangle(0, 0, 600, 400)).is_empty:
        with pytest.raises(ValueError, match="outside"):
            prepare(image, rectangle)
        return
    prepared = prepare(image, rectangle, rotate=rotate, **dict.fromkeys(on, True))
    high, wide = prepared.plain.shape[:2]
    assert prepared.shown.shape[:2] == (high, wide)
    assert prepared.plain.ndim == image.ndim
    assert prepared.plain.flags.c_contiguous
    # The rectangle's middle is the picture's middle, whatever was done (half a pixel, where sizes are rounded up).
    inside = prepared.rectangle
    middle = ((inside.left + inside.right) / 2, (inside.top + inside.bottom) / 2)
    assert prepared.placement((wide / 2, high / 2)) == pytest.approx(middle, abs=0.51)
    # And the rectangle lies in the picture.
    reached = prepared.placement.inverse().corners(inside)
    assert all(-1 <= x <= wide + 1 and -1 <= y <= high + 1 for x, y in reached)


@pytest.mark.parametrize("rotate", [0, 33])
def test_neighbours_are_not_read(rotate: int) -> None:
    """All around the rectangle is black; nothing of it shows in the turned picture but at the rim."""
    image = blank(value=0)
    image[150:250, 200:400] = 255
    picture = prepare(image, Rectangle(200, 150, 400, 250), rotate=rotate, deskew=True).plain
    assert np.mean(picture < 128) < 0.03
    assert picture[0, 0] == 255


def test_the_corners_take_the_colour_of_the_paper() -> None:
    image = np.full((100, 100, 3), (200, 180, 90), np.uint8)
    picture = prepare(image, Rectangle(20, 20, 80, 80), rotate=45).shown
    assert picture.reshape(-1, 3).tolist() == [[200, 180, 90]] * (picture.shape[0] * picture.shape[1])


@pytest.mark.parametrize("degrees", [-14.0, -9.0, -4.0, 4.0, 9.0, 14.0])
def test_deskew_levels_text(degrees: float) -> None:
    image = written(degrees=degrees)
    prepared = prepare(image, Rectangle(0, 0, 800, 600), deskew=True)
    angle = math.degrees(math.atan2(prepared.placement.d, prepared.placement.a))  # of a level line, in the image
    assert angle == pytest.approx(degrees, abs=0.5)


def test_deskew_after_rotate() -> None:
    prepared = prepare(written(degrees=-80), Rectangle(0, 0, 800, 600), rotate=90, deskew=True)
    angle = math.degrees(math.atan2(prepared.placement.d, prepared.placement.a))
    assert angle == pytest.approx(-80, abs=0.5)


def test_deskew_of_light_text_on_dark() -> None:
    assert skew(Sight(255 - written(degrees=8))) == pytest.approx(-8, abs=0.5)


@pytest.mark.parametrize("text", ["A", "7", "yes", "Yg", "/", "-", "jgy", "www", "1:1", "N/A", "Typ."])
@pytest.mark.parametrize("size", [20, 48, 120])
def test_short_text_is_never_turned(text: str, size: int) -> None:
    assert skew(Sight(written(text, size))) == 0


@pytest.mark.parametrize("text", [PARAGRAPH, "Typography of jagged glyphs", "LEVEL CAPITALS 1234"])
@pytest.mark.parametrize("size", [18, 36])
def test_level_text_is_not_turned(text: str, size: int) -> None:
    assert skew(Sight(written(text, size))) == 0


def test_a_line_is_turned_only_where_it_rises_by_a_third_of_a_letter() -> None:
    """Turning blurs; a line whose ends differ by a pixel or two reads as well as it lies."""
    short, long = "Captain Ahab", "Call me Ishmael. Some years ago"
    for degrees, text, turned in ((0.7, short, False), (0.7, long, True), (-0.7, long, True), (5, short, True)):
        assert (skew(Sight(written(text, 40, degrees))) != 0) is turned, (degrees, text)


def test_a_blank_or_a_picture_without_lines_is_not_turned() -> None:
    assert skew(Sight(blank())) == 0
    assert skew(Sight(np.random.default_rng(3).integers(0, 255, (200, 300), np.uint8))) == 0
    logo = blank()
    cv2.line(logo, (100, 100), (400, 160), 0, 12)
    cv2.circle(logo, (250, 250), 60, 0, 8)
    assert skew(Sight(logo)) == 0


@pytest.mark.parametrize("colour", [False, True])
@pytest.mark.parametrize("on", [{"binarize": True}, {"contrast": True}, {"binarize": True, "contrast": True}])
def test_filters_shape_what_is_shown_and_leave_alone_what_is_read(colour: bool, on: dict[str, bool]) -> None:
    image = written(size=30, colour=colour)
    prepared = prepare(image, Rectangle(0, 0, 800, 600), **on)
    assert np.array_equal(prepared.plain, image)
    if "binarize" in on:
        assert set(np.unique(prepared.shown)) == {0, 255}


def test_binarize_with_uneven_light() -> None:
    """Half of the page lies in a shadow darker than the print on the other half."""
    image = written("shadow      light", size=60)
    print_, light = image < 128, np.linspace(0.25, 1, 800)[None, :]
    shaded = (np.where(print_, 90, 250) * light).astype(np.uint8)
    assert np.mean((filters.binarize(shaded) == 0) != print_) < 0.01


@pytest.mark.parametrize("filter_", [filters.binarize, filters.level])
def test_binarize_keeps_light_print_on_dark(filter_: Callable[[Picture], Picture]) -> None:
    picture = (40 + written(size=60) // 2).astype(np.uint8)
    assert np.mean((filter_(picture) < 128) != (picture < 100)) < 0.02
    assert np.mean((filter_(255 - picture) < 128) != (255 - picture < 155)) < 0.02


@pytest.mark.parametrize("colour", [False, True])
def test_contrast_parts_print_and_paper(colour: bool) -> None:
    pale = (200 - (255 - written(colour=colour).astype(int)) * 0.1).astype(np.uint8)
    better = filters.contrast(pale)
    assert better.shape == pale.shape
    assert int(np.ptp(better)) > 1.5 * int(np.ptp(pale))


def test_upsampling_doubles_small_text_only() -> None:
    small = written(size=14)
    large = written(size=60)
    assert prepare(small, Rectangle(0, 0, 800, 600), upsample=True).plain.shape == (1200, 1600)
    assert prepare(large, Rectangle(0, 0, 800, 600), upsample=True).plain.shape == (600, 800)
    prepared: Prepared = prepare(small, Rectangle(100, 100, 700, 500), upsample=True)
    assert prepared.placement.bounds(Rectangle(0, 0, 1200, 800)) == Rectangle(100, 100, 700, 500)
    assert isinstance(prepared.placement, Affine)
