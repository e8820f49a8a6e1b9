"""The modes on drawn pages, the scale of confidence, and regions that lie on their side."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

from whaleline import read_regions
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.operations.recognize_regions import RECOGNIZE_REGIONS
from whaleline.operations.region_settings import RecognizeRegionsSettings
from whaleline.recognition import read
from whaleline.recognition.languages import Language, find
from whaleline.recognition.modes import LEAST_CONFIDENCE, DsrConfidence, DsrMode, sure
from whaleline.recognition.page import Block, Line, Word
from whaleline.recognition.reader import SMALL
from whaleline.settings import Settings

TEXT = """Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, and
nothing particular to interest me on shore, it seemed good to sail about and see the watery part of the world"""
WORDS = TEXT.split()
GOODS = [
    "Apples",
    "Bread",
    "Coffee",
    "Dates",
    "Eggs",
    "Flour",
    "Grapes",
    "Honey",
    "Lard",
    "Jam",
    "Kale",
    "Lemons",
    "Meal",
]
DETECTORS = [DsrMode.TEXT_DETECTOR, DsrMode.POLYGONAL_TEXT_DETECTOR]


def english() -> Language:
    found = find("English")
    assert found is not None
    return found


def canvas(width: int, height: int, paper: int = 255) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (width, height), paper)
    return image, ImageDraw.Draw(image)


def font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size=size)


def prose(lines: int, words: int, start: int = 0) -> list[str]:
    return [
        " ".join(WORDS[(start + words * line + word) % len(WORDS)] for word in range(words)) for line in range(lines)
    ]


def column(draw: ImageDraw.ImageDraw, left: int, top: int, lines: list[str]) -> None:
    for place, text in enumerate(lines):
        draw.text((left, top + 44 * place), text, font=font(26), fill=0)


def turned(text: str, degrees: float, paper: int = 255) -> Picture:
    image, draw = canvas(700, 700, paper)
    draw.text((350, 350), text, font=font(40), fill=0, anchor="mm")
    return np.asarray(image.rotate(-degrees, resample=Image.Resampling.BICUBIC, fillcolor=paper))


@cache
def page() -> Picture:
    image, draw = canvas(900, 400)
    column(draw, 40, 40, prose(6, 7))
    return np.asarray(image)


@pytest.mark.parametrize("mode", list(DsrMode))
def test_every_mode_reads_plain_lines_and_their_boxes_lie_in_the_picture(mode: DsrMode) -> None:
    picture, wanted = page(), "\n".join(prose(6, 7))
    found = read(picture, english(), mode=mode)
    assert Levenshtein.distance(found.text, wanted) <= (4 if mode in DETECTORS else 0)
    frame = Rectangle(0, 0, picture.shape[1], picture.shape[0])
    for word in found.words:
        assert word.box.intersection(frame) == word.box
        assert not word.box.is_empty


@pytest.mark.parametrize("mode", list(DsrMode))
@pytest.mark.parametrize("value", [0, 255])
def test_every_mode_finds_nothing_on_a_blank(mode: DsrMode, value: int) -> None:
    assert read(np.full((300, 400), value, np.uint8), english(), mode=mode).blocks == ()


@pytest.mark.sampled(8)
@pytest.mark.parametrize("mode", list(DsrMode))
@pytest.mark.parametrize("size", [(1, 1), (1, 60), (60, 1), (3, 60)])
def test_tiny_pictures_do_no_harm(mode: DsrMode, size: tuple[int, int]) -> None:
    picture = np.zeros(size, np.uint8)
    picture[0, 0] = 255
    assert read(picture, english(), mode=mode).height == size[0]


def two_columns(lines: int, heading: bool = False) -> tuple[Picture, list[str]]:
    image, draw = canvas(1100, 120 + 44 * lines)
    left, right = prose(lines, 5), prose(lines, 5, 13)
    top = 100 if heading else 40
    if heading:
        draw.text((550, 50), "Loomings", font=font(44), fill=0, anchor="mm")
    column(draw, 40, top, left)
    column(draw, 600, top, right)
    return np.asarray(image), [*(["Loomings"] if heading else []), *left, *right]


@pytest.mark.parametrize(
    ("mode", "lines", "heading"),
    [(DsrMode.REGIONS, 7, False), (DsrMode.REGIONS, 16, True), (DsrMode.DSR_NO_FILTER, 7, True)],
)
def test_columns_stay_columns(mode: DsrMode, lines: int, heading: bool) -> None:
    picture, wanted = two_columns(lines, heading)
    assert read(picture, english(), mode=mode).text.split("\n") == wanted


def test_three_columns() -> None:
    image, draw = canvas(1500, 700)
    texts = [prose(13, 4, start) for start in (0, 9, 21)]
    for place, lines in enumerate(texts):
        column(draw, 40 + 490 * place, 50, lines)
    assert read(np.asarray(image), english()).text.split("\n") == [line for lines in texts for line in lines]


def test_a_note_in_the_margin_is_no_part_of_the_lines_beside_it() -> None:
    image, draw = canvas(1400, 800)
    text = prose(14, 8)
    column(draw, 360, 60, text)
    column(draw, 30, 150, ["Where it", "all began,", "at sea"])
    found = read(np.asarray(image), english()).text.split("\n")
    assert [line for line in found if line in text] == text


def test_a_table_is_read_row_by_row() -> None:
    image, draw = canvas(1200, 900)
    rows = [[name, f"{3 * place + 103} kg", f"{7 * place + 10}.25"] for place, name in enumerate(GOODS)]
    for place, cells in enumerate(rows):
        for left, cell in zip((60, 560, 1000), cells, strict=True):
            draw.text((left, 40 + 58 * place), cell, font=font(30), fill=0)
    found = read(np.asarray(image), english()).text.split("\n")
    assert [line.replace(" ", "") for line in found] == ["".join(cells).replace(" ", "") for cells in rows]


def test_one_block_is_read_across() -> None:
    picture, _ = two_columns(6)
    lines = read(picture, english(), mode=DsrMode.NO_DSR_NO_FILTER).text.split("\n")
    assert lines == [f"{one} {other}" for one, other in zip(prose(6, 5), prose(6, 5, 13), strict=True)]


def test_a_small_picture_is_one_block() -> None:
    """A label whose short lines have a gap at one place, which elsewhere would be columns."""
    picture, lines = two_columns(6)
    small = np.asarray(cv2.resize(picture, None, fx=0.9, fy=0.9, interpolation=cv2.INTER_AREA), np.uint8)
    across = [f"{one} {other}" for one, other in zip(lines[:6], lines[6:], strict=True)]
    assert max(small.shape) <= SMALL < max(picture.shape)
    assert read(small, english(), mode=DsrMode.DSR_AND_FILTER).text.split("\n") == across
    for other, mode in ((picture, DsrMode.DSR_AND_FILTER), (small, DsrMode.REGIONS)):
        assert read(other, english(), mode=mode).text.split("\n") == lines


def test_line_by_line() -> None:
    image, draw = canvas(900, 400)
    names = [("Ship:", "Pequod"), ("Captain:", "Ahab"), ("Mate:", "Starbuck"), ("Home:", "Nantucket")]
    for place, (name, value) in enumerate(names):
        draw.text((40, 40 + 80 * place), name, font=font(34), fill=0)
        draw.text((650, 40 + 80 * place), value, font=font(34), fill=0)
    found = read(np.asarray(image), english(), mode=DsrMode.LINE_DETECTOR)
    assert found.text == "\n".join(f"{name} {value}" for name, value in names)


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("mode", "degrees"),
    [*((DsrMode.TEXT_DETECTOR, each) for each in (0, 25, -40, 70, 90)), (DsrMode.POLYGONAL_TEXT_DETECTOR, -80)],
)
def test_the_detector_reads_at_any_angle(mode: DsrMode, degrees: float) -> None:
    found = read(turned("Spouter Inn", degrees), english(), mode=mode)
    assert found.text == "Spouter Inn"
    middle = found.blocks[0].box
    assert abs((middle.left + middle.right) / 2 - 350) < 15
    assert abs((middle.top + middle.bottom) / 2 - 350) < 15


def test_the_detector_reads_light_on_dark_beside_dark_on_light() -> None:
    image, draw = canvas(900, 400, 200)
    draw.rectangle((480, 40, 860, 160), fill=40)
    draw.text((670, 100), "SPOUTER INN", font=font(44), fill=240, anchor="mm")
    draw.text((200, 300), "Peter Coffin", font=font(44), fill=20, anchor="mm")
    assert read(np.asarray(image), english(), mode=DsrMode.TEXT_DETECTOR).text == "SPOUTER INN\nPeter Coffin"


def arc(text: str) -> Picture:
    image, draw = canvas(1000, 100)
    draw.text((500, 50), text, font=font(44), fill=0, anchor="mm")
    y, x = np.mgrid[0:420, 0:1000].astype(np.float32)
    dx, dy = x - 500, 700 + 80 - y
    along = (500 + np.arctan2(dx, dy) * 700).astype(np.float32)
    across = (50 - (np.hypot(dx, dy) - 700)).astype(np.float32)
    return np.asarray(cv2.remap(np.asarray(image), along, across, cv2.INTER_CUBIC, borderValue=255), np.uint8)


def test_lines_that_bend_are_straightened() -> None:
    text = "A whale ship was my Yale College"
    picture = arc(text)
    found = read(picture, english(), mode=DsrMode.POLYGONAL_TEXT_DETECTOR)
    assert found.text == text
    columns = np.flatnonzero((picture < 128).any(axis=0))
    box = found.blocks[0].box
    assert (box.left, box.right) == pytest.approx((columns.min(), columns.max()), abs=25)
    assert read(picture, english()).text != text


def test_both_ways_without_reading_anything_twice() -> None:
    image, draw = canvas(900, 700)
    lines = prose(9, 7)
    column(draw, 40, 250, lines)
    stamp = Image.new("L", (420, 90), 0)
    ImageDraw.Draw(stamp).text((210, 45), "RECEIVED", font=font(54), fill=255, anchor="mm")
    mask = stamp.rotate(25, expand=True, resample=Image.Resampling.BICUBIC)
    image.paste(40, (420, 0), mask)
    found = read(np.asarray(image), english(), mode=DsrMode.DSR_PLUS_DETECTOR).text.split("\n")
    assert "RECEIVED" in found
    assert [line for line in found if line != "RECEIVED"] == lines


CONFIDENCES = [
    DsrConfidence.ALL,
    DsrConfidence.LOW,
    DsrConfidence.LOW_MID,
    DsrConfidence.MID,
    DsrConfidence.MID_HIGH,
    DsrConfidence.HIGH,
    DsrConfidence.ULTRA,
]
confidences = st.floats(0, 100)
lines = st.builds(
    lambda sureness: Line(tuple(Word("word", Rectangle(0, 0, 10, 10), one) for one in sureness)),
    st.lists(confidences, min_size=1, max_size=5),
)
blocks = st.lists(st.lists(lines, min_size=1, max_size=4).map(lambda found: Block(tuple(found))), max_size=4).map(tuple)


@given(blocks)
def test_a_higher_confidence_never_gives_more(found: tuple[Block, ...]) -> None:
    kept = [[line for block in sure(found, setting) for line in block.lines] for setting in CONFIDENCES]
    assert kept[0] == [line for block in found for line in block.lines]
    for more, less in pairwise(kept):
        assert all(any(line is other for other in more) for line in less)


def test_the_scale() -> None:
    scale = [LEAST_CONFIDENCE[setting] for setting in CONFIDENCES]
    assert scale == sorted(scale)
    assert scale[0] == 0
    assert LEAST_CONFIDENCE[DsrConfidence.DEFAULT] == LEAST_CONFIDENCE[DsrConfidence.MID]
    assert set(LEAST_CONFIDENCE) == set(DsrConfidence)


def test_a_higher_confidence_never_reads_more_of_a_poor_copy() -> None:
    part = page()[:180]
    picture = part.astype(float) + np.random.default_rng(3).normal(0, 95, part.shape)
    poor = cv2.GaussianBlur(picture.clip(0, 255).astype(np.uint8), (0, 0), 2.2)
    counts = [len(read(np.asarray(poor), english(), confidence=setting).words) for setting in CONFIDENCES[::2]]
    assert counts == sorted(counts, reverse=True)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("degrees", [90, 180, 270])
@pytest.mark.parametrize("lines", [1, 3])
def test_a_turned_region_is_noticed(degrees: int, lines: int) -> None:
    image, draw = canvas(900, 120 + 44 * lines)
    column(draw, 40, 40, prose(lines, 7))
    level = np.asarray(image)
    assert read(level, english()).turn == 0
    found = read(np.ascontiguousarray(np.rot90(level, degrees // 90)), english())  # counterclockwise
    assert found.turn == degrees


def test_a_short_line_on_its_side_is_no_column_of_letters() -> None:
    image, draw = canvas(320, 90)
    draw.text((30, 20), "TOTAL 45.00", 0, font=font(40))
    assert read(np.ascontiguousarray(np.rot90(np.asarray(image))), english()).turn == 90


def test_a_column_of_figures_is_not_turned() -> None:
    image, draw = canvas(90, 280)
    for row, figure in enumerate(("12", "7", "30", "4", "18")):
        draw.text((20, 15 + 50 * row), figure, 0, font=font(30))
    found = read(np.asarray(image), english())
    assert (found.text.split(), found.turn) == (["12", "7", "30", "4", "18"], 0)


def test_the_message_names_the_rotate_to_use() -> None:
    image, draw = canvas(900, 140)
    column(draw, 40, 40, prose(1, 7))
    encoded, data = cv2.imencode(".png", np.ascontiguousarray(np.rot90(np.asarray(image), 2)))
    assert encoded
    request = RecognizeRegionsSettings.model_validate(
        {"regions": [{"rect": {"bottomRightX": 900, "bottomRightY": 140}}], "makeSkewCorrect": False}
    )
    outcome = RECOGNIZE_REGIONS.run(data.tobytes(), request, Settings())
    assert outcome.messages[0] == "region 1: the text seems to be turned; it should read better with Rotate 180"
    (reading,) = read_regions(data.tobytes(), rotate=180)
    assert reading.page.text == prose(1, 7)[0]
