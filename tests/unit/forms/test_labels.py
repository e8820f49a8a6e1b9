"""Which of a form's printed words a scan has others for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from whaleline.forms.form_picture import even
from whaleline.forms.labels import Compared, compared, labels
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture

WORDS = ("Family name", "Given names", "Date of birth", "Port of registry", "Length of the keel")
STEP = 90


def page(words: tuple[str, ...] = WORDS) -> Picture:
    blank = np.full((600, 800), 255, np.uint8)
    for row, text in enumerate(words):
        cv2.putText(blank, text, (40, 60 + STEP * row), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0, 2, cv2.LINE_AA)
        cv2.rectangle(blank, (300, 35 + STEP * row), (700, 75 + STEP * row), 0, 2)
    return blank


FIELDS = [Rectangle(302, 37 + STEP * row, 698, 73 + STEP * row) for row in range(len(WORDS))]
BESIDE = [Rectangle(160, 35 + STEP * row, 400, 75 + STEP * row) for row in range(len(WORDS))]
OTHER = (*WORDS[:2], "Name of ship", *WORDS[3:])


def against(seen: Picture, hidden: Rectangle | None = None, form: Picture | None = None) -> Compared:
    mask = np.full(seen.shape, 255, np.uint8)
    for field in FIELDS:
        mask[field.top : field.bottom, field.left : field.right] = 0
    nothing = np.zeros(seen.shape, bool)
    if hidden:
        nothing[hidden.top : hidden.bottom, hidden.left : hidden.right] = True
    return compared(even(seen), labels(even(page() if form is None else form), mask), nothing)


def noisy(picture: Picture) -> Picture:
    grain = np.random.default_rng(5).normal(0, 40, picture.shape)
    return np.where(picture + grain > 150, 255, 0).astype(np.uint8)


def written_across(picture: Picture) -> Picture:
    crossed = picture.copy()
    for row in range(len(WORDS)):
        cv2.putText(crossed, "Ishmael Starbuck", (90, 75 + STEP * row), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 1.3, 60, 3)
    cv2.circle(crossed, (160, 200), 70, 90, 6)
    return np.asarray(np.minimum(crossed, picture), np.uint8)


def stamped(picture: Picture) -> Picture:
    covered = picture.copy()
    covered[230:270, 40:130] = 20
    return covered


@pytest.mark.parametrize("change", [noisy, written_across, stamped])
def test_labels_in_noise_and_under_writing_and_stamps_are_the_forms(change: object) -> None:
    assert callable(change)
    assert not against(change(page())).other.any()


def test_a_field_beside_other_words_is_told_and_no_other_field() -> None:
    found = against(noisy(page(OTHER)))
    assert [found.is_other_at(each) for each in BESIDE] == [False, False, True, False, False]


def test_writing_across_a_label_of_the_forms_picture_makes_no_other_label() -> None:
    form = page()
    cv2.putText(form, "IIIIIIIIII", (38, 250), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 4)
    assert not against(page(), form=form).other.any()
    assert against(page(OTHER), form=form).other.any()


def test_words_that_the_scan_does_not_show_are_no_other_words() -> None:
    found = against(page(OTHER), Rectangle(0, 200, 800, 300))
    assert not ((found.at[:, 1] < 300) & (found.at[:, 3] > 200)).any()
    assert not any(map(found.is_other_at, BESIDE))


def test_a_field_far_from_all_words_is_not_told() -> None:
    assert not against(page(OTHER)).is_other_at(Rectangle(500, 500, 600, 530))


def test_a_page_without_words_has_no_other_ones() -> None:
    blank = np.full((300, 300), 255, np.uint8)
    assert labels(blank, blank) == ()
    assert not compared(blank, (), blank == 0).is_other_at(FIELDS[0])
