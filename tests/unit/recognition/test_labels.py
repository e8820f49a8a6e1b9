"""Words on signs and labels, found at any angle and in any colours."""

from __future__ import annotations

import io
import json

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import DEJAVU, font, wanted
from whaleline.imaging.picture import Picture
from whaleline.operations.operation import Outcome, ResponseStatusCode
from whaleline.operations.recognize_label import RECOGNIZE_LABEL, RecognizeLabelSettings
from whaleline.recognition import read_label
from whaleline.settings import Settings

WORDS = ("permit", "parking", "only")


Colour = tuple[int, int, int]


def sign(
    size: int = 44, ground: tuple[int, int, int] = (20, 90, 60), ink: tuple[int, int, int] = (250, 245, 240)
) -> Picture:
    """Three lines of a word each, light on dark green, in the middle of a square."""
    side = 8 * size
    image = Image.new("RGB", (side, side), ground)
    draw, face = ImageDraw.Draw(image), font(DEJAVU, size)
    for row, word in enumerate(("PERMIT", "Parking", "only")):
        draw.text((side / 2, side / 2 + (row - 1) * 1.6 * size), word, fill=ink, font=face, anchor="mm")
    return np.asarray(image)


def turned(picture: Picture, degrees: float) -> Picture:
    side = picture.shape[0]
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), -degrees, 1)
    ground = tuple(picture[0, 0].tolist())
    return np.asarray(cv2.warpAffine(picture, matrix, (side, side), flags=cv2.INTER_CUBIC, borderValue=ground))


def run(*pictures: Picture, **settings: object) -> Outcome:
    file = io.BytesIO()
    first, *others = map(Image.fromarray, pictures)
    first.save(file, "TIFF", save_all=True, append_images=others)
    return RECOGNIZE_LABEL.run(file.getvalue(), RecognizeLabelSettings.model_validate(settings), Settings())


def words(outcome: Outcome) -> list[str]:
    (result,) = outcome.results
    assert result.type == "Text"
    return result.data.decode().split("\n")


def test_words_come_in_lower_case_one_a_line() -> None:
    assert words(run(sign())) == [*WORDS]


@pytest.mark.sampled(3)
@pytest.mark.parametrize("degrees", [-150, -90, -35, 20, 70, 180])
def test_words_are_found_at_any_angle(degrees: float) -> None:
    assert words(run(turned(sign(), degrees))) == [*WORDS]


@pytest.mark.parametrize(
    ("ground", "ink"),
    [((200, 30, 40), (240, 220, 60)), ((235, 200, 60), (60, 20, 130)), ((250, 250, 250), (200, 30, 40))],
)
def test_words_are_found_in_colours(ground: Colour, ink: Colour) -> None:
    assert words(run(sign(ground=ground, ink=ink))) == [*WORDS]


def test_words_of_twelve_pixels_are_found() -> None:
    assert words(run(sign(14))) == [*WORDS]


def test_json_keeps_case_and_places() -> None:
    picture = sign()
    (result,) = run(picture, resultType="JSON").results
    found = {
        word["text"]: word
        for block in json.loads(result.data)
        for line in block.get("lines", ())
        for word in line["words"]
    }
    assert set(found) == {"PERMIT", "Parking", "only"}
    middle = picture.shape[0] / 2
    for text, down in (("PERMIT", -70), ("Parking", 0), ("only", 70)):
        word = found[text]
        assert word["topLeftX"] < middle < word["bottomRightX"]
        assert word["topLeftY"] < middle + down < word["bottomRightY"]


def test_pages_follow_each_other() -> None:
    outcome = run(sign(), turned(sign(), 180))
    assert words(outcome) == [*WORDS, *WORDS]


def test_a_picture_without_words_says_so() -> None:
    outcome = run(np.full((200, 200, 3), 90, np.uint8))
    assert outcome.code is ResponseStatusCode.NO_ANY_RESULT_DATA
    assert outcome.messages == ("no text was found",)
    assert [result.data for result in outcome.results] == [b""]


def test_a_texture_is_no_text() -> None:
    stripes = np.tile(np.repeat(np.array([60, 180], np.uint8), 9), 20)
    picture = np.repeat(np.broadcast_to(stripes, (300, stripes.size))[..., None], 3, axis=2)
    assert not any(result.data for result in run(np.ascontiguousarray(picture)).results)


def test_a_picture_of_one_row_has_no_words() -> None:
    picture = np.zeros((1, 1000), np.uint8)
    picture[0, ::9] = 255
    assert read_label(picture, wanted("English")).text == ""
