"""Photographed and turned pages, read as their flat originals."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
import orjson
import pytest
from rapidfuzz.distance import Levenshtein

from drawing import Pen, wanted
from photographs import Photograph, Points, curl, fold, photograph
from whaleline import Reading, ResultType, read_regions, write
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.operations.recognize_regions import RECOGNIZE_REGIONS
from whaleline.operations.region_settings import RecognizeRegionsSettings
from whaleline.recognition import flattened
from whaleline.recognition.modes import DsrMode
from whaleline.settings import Settings

TEXT = """Call me Ishmael. Some years ago, never mind how long precisely, having little or no money in my purse, and
nothing particular to interest me on shore, I thought I would sail about a little and see the watery part of the world.
It is a way I have of driving off the spleen and regulating the circulation. Whenever I find myself growing grim about
the mouth; whenever it is a damp, drizzly November in my soul; whenever I find myself involuntarily pausing before
coffin warehouses, and bringing up the rear of every funeral I meet; then, I account it high time to get to sea as soon
as I can. There now is your insular city of the Manhattoes, belted round by wharves as Indian isles by coral reefs."""
SIZE = (1500, 1300)
STRAIGHT = ((140, 120), (1360, 120), (1360, 1160), (140, 1160))
ASIDE = ((190, 170), (1330, 110), (1390, 1130), (110, 1190))
ASKEW = ((240, 90), (1400, 250), (1290, 1160), (110, 1010))


@cache
def page() -> tuple[Picture, str]:
    picture, text = Pen(wanted("English"), 26).drawn(TEXT.replace("\n", " "), 980)
    return np.pad(picture, ((0, 200), (0, 0)), constant_values=255), text


@cache
def part() -> tuple[Picture, str]:
    """Its beginning: what lies the wrong way round is read several times, and slowly."""
    return Pen(wanted("English"), 26).drawn(TEXT[:70].replace("\n", " "), 600)


@cache
def top() -> Picture:
    """The upper part of a curled page: what is not made flat is read slowly, too."""
    return np.ascontiguousarray(shot("curled").picture[:440])


def shot(kind: str) -> Photograph:
    picture, _ = page()
    width = picture.shape[1]
    return {
        "from aside": lambda: photograph(picture, corners=ASIDE, size=SIZE),
        "askew in a shadow": lambda: photograph(picture, corners=ASKEW, size=SIZE, shadow=0.55),
        "curled": lambda: photograph(picture, sag=curl(width, 55), corners=ASIDE, size=SIZE),
        "curled up": lambda: photograph(picture, sag=55 - curl(width, 55), corners=STRAIGHT, size=SIZE, shadow=0.6),
        "folded": lambda: photograph(picture, sag=fold(width, 40), corners=ASIDE, size=SIZE),
    }[kind]()


@cache
def reading(kind: str) -> Reading:
    (found,) = read_regions(encoded(page()[0] if kind == "flat" else shot(kind).picture))
    return found


KINDS = ["from aside", "curled", "curled up", "folded", "askew in a shadow"]  # the first, second and fourth are sampled


def encoded(picture: Picture) -> bytes:
    done, data = cv2.imencode(".png", picture)
    assert done
    return data.tobytes()


def error(found: str, truth: str) -> float:
    return 100 * Levenshtein.distance(" ".join(found.split()), " ".join(truth.split())) / len(truth)


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", KINDS)
def test_a_photograph_reads_like_the_page(kind: str) -> None:
    found = reading(kind)
    assert found.flattened
    assert found.turned == 0
    assert error(found.page.text, page()[1]) < 1.5


@pytest.mark.sampled(3)
@pytest.mark.parametrize("kind", KINDS)
def test_boxes_lie_where_the_words_are_in_the_photograph(kind: str) -> None:
    level, found, bent = reading("flat"), reading(kind), shot(kind)
    true: dict[str, list[Points]] = {}
    for word in level.page.words:
        corners = np.array(level.placement.bounds(word.box).corners, np.float64)
        true.setdefault(word.text, []).append(bent.place(corners).mean(axis=0))
    compared = 0
    for word in found.page.words:
        if len(true.get(word.text, ())) == 1 and len(word.text) > 3:
            box = found.placement.bounds(word.box)
            middle = np.array([box.left + box.right, box.top + box.bottom]) / 2
            assert np.abs(middle - true[word.text][0]).max() < 8, word
            compared += 1
    assert compared > 40


@pytest.mark.sampled(2)
@pytest.mark.parametrize(("degrees", "photographed"), [(90, False), (180, False), (270, False), (90, True)])
def test_a_turned_page_is_read_the_right_way_up(degrees: int, photographed: bool) -> None:
    picture, text = (shot("curled").picture, page()[1]) if photographed else part()
    turned = np.ascontiguousarray(np.rot90(picture, degrees // 90))  # counterclockwise
    (found,) = read_regions(encoded(turned))
    assert found.turned == degrees
    assert found.flattened == photographed
    assert error(found.page.text, text) < 1.5
    (block, *_) = orjson.loads(write(ResultType.JSON, found)[0].data)
    assert (block["turned"], block["flattened"]) == (degrees, photographed)


def test_nothing_is_turned_after_an_explicit_rotate_or_without_skew_correction() -> None:
    upside_down = encoded(np.ascontiguousarray(np.rot90(part()[0], 2)))
    for settings in ({"rotate": 90}, {"skew_correction": False}):
        (found,) = read_regions(upside_down, **settings)
        assert (found.turned, found.flattened) == (0, False)
    (found,) = read_regions(encoded(top()), skew_correction=False)
    assert not found.flattened


def test_modes_that_read_at_any_angle_leave_the_picture() -> None:
    (found,) = read_regions(encoded(top()))
    assert found.flattened
    for mode in (DsrMode.TEXT_DETECTOR, DsrMode.POLYGONAL_TEXT_DETECTOR):
        (found,) = read_regions(encoded(top()), mode=mode)
        assert not found.flattened


def test_a_scan_is_left_as_it_is() -> None:
    picture = page()[0]
    grain = np.random.default_rng(3).normal(0, 12, picture.shape)
    noisy: Picture = (picture + grain).clip(0, 255).astype(np.uint8)
    sharp = np.asarray(cv2.threshold(picture, 127, 255, cv2.THRESH_BINARY)[1], np.uint8)
    scans: list[Picture] = [picture, noisy, sharp]
    for scan in scans:
        assert flattened(scan, wanted("English")) is None


def test_a_picture_without_text_is_left_as_it_is() -> None:
    table = shot("curled").picture[:90]
    rough = np.asarray(cv2.resize(table, (900, 900)), np.uint8)
    assert flattened(rough, wanted("English")) is None


def test_what_was_done_for_the_reading_is_no_failure() -> None:
    turned = np.ascontiguousarray(np.rot90(shot("curled").picture, 2))
    request = RecognizeRegionsSettings.model_validate({"resultType": "JSON"})
    outcome = RECOGNIZE_REGIONS.run(encoded(turned), request, Settings())
    assert outcome.messages == ()
    block = orjson.loads(outcome.results[0].data)[0]
    assert (block["turned"], block["flattened"]) == (180, True)


def test_a_region_of_a_photograph_is_placed_in_the_image() -> None:
    picture = shot("curled").picture
    around = np.pad(picture, ((100, 0), (200, 0)), constant_values=90)
    whole = reading("curled")
    (part,) = read_regions(encoded(around), [Rectangle(200, 100, around.shape[1], around.shape[0])])
    assert part.rectangle == Rectangle(200, 100, around.shape[1], around.shape[0])
    first, same = whole.page.words[0], part.page.words[0]
    assert first.text == same.text
    here, there = whole.placement.bounds(first.box), part.placement.bounds(same.box)
    assert (there.left - here.left, there.top - here.top) == (200, 100)
