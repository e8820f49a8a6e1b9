from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from whaleline.imaging.geometry import Affine
from whaleline.results import Reading, json_blocks


def parsed(reading: Reading) -> Any:
    return json.loads(json_blocks.write(reading))


def test_blocks_lines_and_words_carry_text_place_and_confidence(typeset: Callable[..., Reading]) -> None:
    assert parsed(typeset(["ab c"])) == [
        {
            "text": "ab c",
            "topLeftX": 30,
            "topLeftY": 30,
            "topRightX": 105,
            "topRightY": 30,
            "bottomRightX": 105,
            "bottomRightY": 70,
            "bottomLeftX": 30,
            "bottomLeftY": 70,
            "turned": 0,
            "flattened": False,
            "lines": [
                {
                    "text": "ab c",
                    "confidence": 91.3,
                    "topLeftX": 30,
                    "topLeftY": 30,
                    "bottomRightX": 105,
                    "bottomRightY": 70,
                    "words": [
                        {
                            "text": "ab",
                            "confidence": 91.3,
                            "topLeftX": 30,
                            "topLeftY": 30,
                            "bottomRightX": 70,
                            "bottomRightY": 70,
                        },
                        {
                            "text": "c",
                            "confidence": 91.3,
                            "topLeftX": 85,
                            "topLeftY": 30,
                            "bottomRightX": 105,
                            "bottomRightY": 70,
                        },
                    ],
                }
            ],
        }
    ]


def test_places_are_in_the_submitted_images_pixels(typeset: Callable[..., Reading]) -> None:
    half_and_moved = Affine.shift(1000, 2000) @ Affine.scale(0.5, 0.5)
    (block,) = parsed(typeset(["ab"], placement=half_and_moved))
    (word,) = block["lines"][0]["words"]
    assert [word[key] for key in ("topLeftX", "topLeftY", "bottomRightX", "bottomRightY")] == [
        1015,
        2015,
        1035,
        2035,
    ]


def test_the_corners_of_a_turned_block_go_round_the_text_as_it_is_read(typeset: Callable[..., Reading]) -> None:
    # The picture was turned a quarter clockwise to be read, so in the image the text runs upwards.
    upwards = Affine(a=0, b=1, c=0, d=-1, e=0, f=500)
    (block,) = parsed(typeset(["ab"], placement=upwards))
    assert (block["topLeftX"], block["topLeftY"]) == (30, 470)
    assert (block["topRightX"], block["topRightY"]) == (30, 430)
    assert (block["bottomRightX"], block["bottomRightY"]) == (70, 430)
    assert (block["bottomLeftX"], block["bottomLeftY"]) == (70, 470)
    word = block["lines"][0]["words"][0]
    assert (word["topLeftX"], word["topLeftY"]) == (30, 430)
    assert (word["bottomRightX"], word["bottomRightY"]) == (70, 470)


def test_a_place_outside_the_image_is_told_as_it_is(typeset: Callable[..., Reading]) -> None:
    (block,) = parsed(typeset(["ab"], placement=Affine.shift(-50, 0)))
    assert block["topLeftX"] == -20


def test_blocks_stand_in_reading_order(typeset: Callable[..., Reading]) -> None:
    assert [block["text"] for block in parsed(typeset(["one", "two"], ["three"]))] == ["one\ntwo", "three"]


def test_blocks_of_several_pages_say_their_page(typeset: Callable[..., Reading], nothing_read: Reading) -> None:
    readings = (typeset(["a"]), nothing_read, typeset(["b"], ["c"]))
    pages = [json_blocks.write(reading, number) for number, reading in enumerate(readings, 1)]
    joined = json.loads(json_blocks.join(pages))
    assert [(block["text"], block["page"]) for block in joined] == [("a", 1), ("b", 3), ("c", 3)]
    assert json_blocks.join([b"[]"]) == b"[]"
