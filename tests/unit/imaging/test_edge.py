"""Letters that the edge of a rectangle cuts through."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from whaleline import read_regions
from whaleline.imaging.edge import without_tips
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.imaging.sight import Sight
from whaleline.operations.recognize_regions import RECOGNIZE_REGIONS
from whaleline.operations.region_settings import RecognizeRegionsSettings
from whaleline.settings import Settings

LINES = ["jumping gladly by quays", "All men live enveloped", "jumping gladly by quays"]


def page(dark: bool = False) -> tuple[Picture, list[int]]:
    """Lines close together, and where each letter of the middle one begins."""
    image = Image.new("L", (700, 300), 0 if dark else 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=40)
    for place, text in enumerate(LINES):
        draw.text((40, 60 + 46 * place), text, font=font, fill=255 if dark else 0)
    return np.asarray(image), [40 + round(draw.textlength(LINES[1][:place], font=font)) for place in range(23)]


def png(picture: Picture) -> bytes:
    encoded, data = cv2.imencode(".png", picture)
    assert encoded
    return data.tobytes()


def cleaned(image: Picture, inside: Rectangle) -> tuple[Picture, Rectangle, int]:
    part = image[inside.top : inside.bottom, inside.left : inside.right]
    return without_tips(image, inside, Sight(np.ascontiguousarray(part)))


@pytest.mark.parametrize("dark", [False, True])
def test_half_a_letter_stays_and_is_told(dark: bool) -> None:
    picture, begins = page(dark)
    inside = Rectangle(20, 108, (begins[5] + begins[6]) // 2, 154)  # through the e of "men"
    clean, around, cut = cleaned(picture, inside)
    rim = clean[inside.top - around.top :][: inside.height, inside.right - around.left - 1]
    assert np.array_equal(rim, picture[inside.top : inside.bottom, inside.right - 1])
    assert cut == 1
    (reading,) = read_regions(png(picture), [inside])
    assert reading.page.text.startswith("All m")
    assert reading.page.notes == ("the edge cuts through 1 letter",)


def test_a_letter_that_is_nearly_whole_is_read() -> None:
    picture, begins = page()
    (reading,) = read_regions(png(picture), [(20, 108, begins[7] - 4, 154)])
    assert reading.page.text == "All men"
    assert reading.page.notes == ()


def test_tails_and_tips_of_neighbours_are_not_read_and_not_told() -> None:
    picture, _ = page()
    image = Rectangle(20, 100, 660, 152)
    clean, around, cut = cleaned(picture, image)
    assert cut == 0
    own = clean[image.top - around.top :][: image.height, image.left - around.left :][:, : image.width]
    rows = np.flatnonzero((own < 128).any(axis=1))
    assert rows[0] > 3


def test_the_picture_of_the_result_shows_them() -> None:
    picture, begins = page()
    region = (20, 108, (begins[5] + begins[6]) // 2, 154)
    (reading,) = read_regions(png(picture), [region], binarization=False, contrast_correction=False)
    assert np.array_equal(reading.picture, picture[108:154, 20 : region[2]])


def test_the_message_names_the_region() -> None:
    picture, begins = page()
    corners = {"topLeftX": 20, "topLeftY": 108, "bottomRightX": (begins[5] + begins[6]) // 2, "bottomRightY": 154}
    request = RecognizeRegionsSettings.model_validate({"regions": [{"rect": corners}]})
    outcome = RECOGNIZE_REGIONS.run(png(picture), request, Settings())
    assert outcome.messages == ("region 1: the edge cuts through 1 letter",)


def test_the_edge_of_the_image_cuts_nothing() -> None:
    picture, begins = page()
    cut = np.ascontiguousarray(picture[108:154, : (begins[5] + begins[6]) // 2])
    whole = Rectangle(0, 0, cut.shape[1], cut.shape[0])
    assert cleaned(cut, whole)[0] is cut


def test_rules_and_frames_stay() -> None:
    picture = page()[0].copy()
    picture[:, 300:303] = 0
    picture[240:243, :] = 0
    clean, _, _ = cleaned(picture, Rectangle(20, 60, 660, 260))
    assert clean is picture


@pytest.mark.parametrize("value", [0, 128, 255])
def test_without_print_there_is_nothing_to_cut(value: int) -> None:
    picture = np.full((100, 100, 3), value, np.uint8)
    assert cleaned(picture, Rectangle(10, 10, 50, 50))[0] is picture


@pytest.mark.parametrize(("below", "left"), [("Cash", ""), ("Cash 26.06 and some of the change", "Cash")])
def test_of_the_next_line_a_small_part_is_left_out(below: str, left: str) -> None:
    image = Image.new("L", (700, 200), 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=30)
    draw.text((40, 40), "All men live enveloped in lines", font=font, fill=0)
    draw.text((40, 84), below, font=font, fill=0)
    inside = Rectangle(20, 35, 680, 102)  # half of the second line's letters
    clean, around, _ = cleaned(np.asarray(image), inside)
    part = clean[inside.top - around.top :][: inside.height, inside.left - around.left :][:, : inside.width]
    assert (part[:40] < 128).any()  # the first line
    assert bool((part[50:] < 128).any()) == bool(left)


def test_an_accent_that_touches_the_line_above_stays() -> None:
    image = Image.new("L", (500, 260), 255)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=60)
    draw.text((20, 130), "JURGEN", font=font, fill=0)
    top = round(draw.textbbox((20, 130), "JURGEN", font)[1])
    draw.text((60, top - 20), "ba be", font=font, fill=0, anchor="ls")
    draw.rectangle((66, top - 24, 74, top - 4), fill=0)  # a dot of an umlaut, grown together with the b
    inside = Rectangle(10, top - 36, 490, 230)
    clean, around, _ = cleaned(np.asarray(image), inside)
    row = clean[top - 8 - around.top] < 128
    assert row[66 - around.left : 75 - around.left].all()
    upper = clean[top - 28 - around.top, 110 - around.left : 200 - around.left] < 128
    assert not upper.any()  # the other letters of that line are gone
