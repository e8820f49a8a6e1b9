"""Check boxes and bubbles, drawn as people fill them."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from whaleline.imaging.marks import State, has_writing, is_bare, is_untouched, mark
from whaleline.imaging.picture import Picture

SIDE = 60
Draw = Callable[[Picture], object]


def paper() -> Picture:
    return np.full((SIDE, SIDE), 245, np.uint8)


def box(picture: Picture) -> object:
    return cv2.rectangle(picture, (12, 12), (47, 47), 30, 2)


def bubble(picture: Picture) -> object:
    cv2.putText(picture, "B", (22, 38), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 30, 2, cv2.LINE_AA)
    return cv2.circle(picture, (30, 30), 17, 30, 2, cv2.LINE_AA)


def cross(picture: Picture) -> object:
    cv2.line(picture, (15, 16), (45, 44), 60, 3, cv2.LINE_AA)
    return cv2.line(picture, (14, 45), (46, 14), 60, 3, cv2.LINE_AA)


def tick(picture: Picture) -> object:
    return cv2.polylines(picture, [np.array([[17, 30], [25, 42], [50, 8]])], False, 60, 2, cv2.LINE_AA)


def blot(picture: Picture) -> object:
    return cv2.rectangle(picture, (13, 14), (46, 46), 50, -1)


def pencil(picture: Picture) -> object:
    dark = picture.copy()
    cv2.circle(dark, (31, 29), 15, 130, -1, cv2.LINE_AA)
    picture[:] = np.minimum(picture, dark)
    return picture


def erased(picture: Picture) -> object:
    light = picture.copy()
    cv2.circle(light, (30, 31), 14, 210, -1, cv2.LINE_AA)
    picture[:] = np.minimum(picture, light)
    return picture


def neighbours(picture: Picture) -> object:
    cv2.line(picture, (0, 4), (SIDE, 4), 30, 2)
    return cv2.putText(picture, "N", (50, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 30, 2)


def drawn(*parts: Draw) -> Picture:
    picture = paper()
    for part in parts:
        part(picture)
    return picture


@pytest.mark.parametrize(
    ("parts", "state"),
    [
        ((box,), State.EMPTY),
        ((box, neighbours), State.EMPTY),
        ((box, cross), State.TICKED),
        ((box, tick), State.TICKED),
        ((box, tick, neighbours), State.TICKED),
        ((box, cross, blot), State.CROSSED_OUT),
        ((bubble,), State.EMPTY),
        ((bubble, erased), State.EMPTY),
        ((bubble, pencil), State.TICKED),
        ((tick,), State.TICKED),
        ((), State.EMPTY),
    ],
)
@pytest.mark.parametrize("compared", [False, True], ids=["alone", "compared with the empty form"])
def test_a_mark_is_told(parts: tuple[Draw, ...], state: State, compared: bool) -> None:
    form = drawn(*(part for part in parts if part in (box, bubble, neighbours)))
    moved = np.roll(form, (1, -1), (0, 1)) if compared else None  # as a scan lies that was laid against its template
    found = mark(drawn(*parts), moved)
    assert found.state is state
    assert found.confidence > 70


def test_a_cross_in_a_bubble_needs_the_empty_form() -> None:
    assert mark(drawn(bubble, cross), drawn(bubble)).state is State.TICKED


def test_writing_is_told_from_what_the_form_prints() -> None:
    form = drawn(lambda picture: cv2.putText(picture, "Sign", (2, 55), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 30, 1))
    signed = cv2.polylines(form.copy(), [np.array([[5, 30], [15, 10], [20, 35], [30, 12], [50, 28]])], False, 60, 2)
    assert has_writing(np.asarray(signed, np.uint8), form)[0]
    assert not has_writing(form, form)[0]


def test_a_rule_to_sign_on_is_no_writing() -> None:
    ruled = np.full((60, 300), 245, np.uint8)
    cv2.line(ruled, (5, 50), (295, 50), 40, 2)
    assert not has_writing(ruled)[0]
    cv2.polylines(ruled, [np.array([[60, 48], [80, 15], [90, 50], [120, 20], [160, 44]])], False, 60, 2)
    assert has_writing(ruled)[0]


def test_noise_is_no_writing() -> None:
    noise = np.random.default_rng(4).normal(230, 6, (80, 300)).clip(0, 255).astype(np.uint8)
    assert not has_writing(noise)[0]


def test_a_letter_in_a_large_field_is_seen_however_pale_beside_black_print() -> None:
    form = np.full((400, 1200), 245, np.uint8)
    cv2.rectangle(form, (0, 0), (1199, 399), 0, 2)
    cv2.putText(form, "Remarks of the sender", (20, 40), cv2.FONT_HERSHEY_SIMPLEX, 1, 0, 3)
    written = np.asarray(cv2.putText(form.copy(), "7", (300, 250), cv2.FONT_HERSHEY_SIMPLEX, 1, 160, 2), np.uint8)
    assert not has_writing(written, form)[0]
    assert not is_untouched(written, form)


def test_a_form_is_untouched_in_another_size_and_with_specks() -> None:
    form = drawn(lambda picture: cv2.putText(picture, "Sign", (2, 55), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 30, 1))
    specks = np.random.default_rng(4).normal(0, 6, form.shape)
    specks[5:50:9, 3:50:7] = -120
    picture = np.asarray((form + specks).clip(0, 255), np.uint8)
    larger = np.asarray(cv2.resize(form, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.uint8)
    assert is_untouched(picture, larger)


def in_falling_light(picture: Picture) -> Picture:
    """As on a sheet that is lit from one side: at the right a third of the light is gone."""
    light = np.linspace(1, 0.65, picture.shape[1])
    return (picture * light + np.random.default_rng(1).normal(0, 2, picture.shape)).clip(0, 255).astype(np.uint8)


def ruled() -> Picture:
    form = np.full((90, 600), 250, np.uint8)
    return np.asarray(cv2.line(form, (0, 86), (599, 86), 40, 3), np.uint8)


def signed(ink: int) -> Picture:
    curve = np.array([[60, 60], [80, 15], [90, 62], [120, 20], [160, 44], [420, 52], [470, 20]])
    return np.asarray(cv2.polylines(ruled(), [curve], False, ink, 2), np.uint8)


def test_light_that_falls_off_is_no_writing() -> None:
    assert not has_writing(in_falling_light(ruled()), ruled())[0]
    assert has_writing(in_falling_light(signed(60)), ruled())[0]
    assert is_untouched(in_falling_light(ruled()), ruled())


def test_a_frame_that_the_scan_shows_at_a_fields_rim_is_no_writing() -> None:
    shown = np.full((60, 300), 240, np.uint8)
    cv2.rectangle(shown, (0, 0), (299, 59), 60, 3)
    assert not has_writing(shown, np.full((60, 300), 255, np.uint8))[0]


def test_a_bare_field_has_nothing_however_faint() -> None:
    assert is_bare(in_falling_light(ruled()), ruled())
    for ink in (60, 215):
        assert not is_bare(in_falling_light(signed(ink)), ruled())


def test_a_field_with_writing_that_differs_from_its_paper_by_colour_alone_is_not_bare() -> None:
    grey_, form = np.full((60, 200), 150, np.uint8), np.full((60, 200), 255, np.uint8)
    written = np.dstack([grey_, grey_, grey_])
    cv2.putText(written, "Tom", (30, 45), cv2.FONT_HERSHEY_SIMPLEX, 1.2, (205, 123, 150), 3)
    assert not is_bare(np.asarray(written, np.uint8), form)
    assert is_bare(np.dstack([grey_, grey_, grey_]), form)
