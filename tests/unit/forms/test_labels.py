"""Which of a form's printed words a scan has others for."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from whaleline.forms.form_picture import even
from whaleline.forms.labels import Compared, Label, compared, labels
from whaleline.forms.lettering import lettering
from whaleline.forms.naming import naming
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
OTHER = (*WORDS[:2], "Name of ship", *WORDS[3:])


def mask_of(fields: list[Rectangle]) -> Picture:
    mask = np.full((600, 800), 255, np.uint8)
    for field in fields:
        mask[field.top : field.bottom, field.left : field.right] = 0
    return mask


def labelled(form: Picture, fields: list[Rectangle]) -> tuple[Label, ...]:
    print_ = even(form)
    return labels(print_, lettering(print_, mask_of(fields), fields))


def named(form: Picture, fields: list[Rectangle]) -> list[list[int]]:
    """The left upper corners' rows of the labels of each field, in steps."""
    words = labelled(form, fields)
    found = naming(even(form), words, fields)
    return [sorted({round((words[number].at.top - 48) / STEP) for number in found[field]}) for field in fields]


def against(seen: Picture, hidden: Rectangle | None = None, form: Picture | None = None) -> Compared:
    nothing = np.zeros(seen.shape, bool)
    if hidden:
        nothing[hidden.top : hidden.bottom, hidden.left : hidden.right] = True
    return compared(even(seen), labelled(page() if form is None else form, FIELDS), nothing)


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


def test_only_the_words_that_are_other_ones_are_told() -> None:
    found = against(noisy(page(OTHER)))
    words = labelled(page(), FIELDS)
    assert {words[number].at.top // STEP for number in np.flatnonzero(found.other)} == {2}


@pytest.mark.parametrize("gap", [10, 90, 250])
def test_a_label_left_of_a_field_in_its_row_names_it_at_any_distance(gap: int) -> None:
    fields = [Rectangle(215 + gap, field.top, 698, field.bottom) for field in FIELDS[:4]]
    assert named(page(), fields) == [[0], [1], [2], [3]]


def test_a_label_that_another_field_stands_before_does_not_name_a_field() -> None:
    assert named(page(), [Rectangle(302, 37, 400, 73), Rectangle(420, 37, 600, 73)]) == [[0], []]


def test_a_label_above_a_field_names_it_and_not_the_one_above_the_label() -> None:
    under = [Rectangle(40, 66 + STEP * row, 290, 100 + STEP * row) for row in range(3)]
    assert named(page(), under) == [[0], [1], [2]]


def test_a_heading_above_a_field_with_a_label_before_it_does_not_name_it() -> None:
    form, field = page(), Rectangle(302, 127, 698, 163)
    cv2.putText(form, "Of the sailor", (302, 105), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0, 2, cv2.LINE_AA)
    assert named(form, [field]) == [[1]]
    words = labelled(form, [field])
    assert all(words[number].at.right < 290 for number in naming(even(form), words, [field])[field])


def test_words_below_a_field_name_it_where_nothing_else_does() -> None:
    assert named(page(), [Rectangle(40, 5, 290, 40)]) == [[0]]
    assert named(page(), [Rectangle(40, 5, 290, 40), Rectangle(302, 37, 600, 73)]) == [[], [0]]


def test_words_beyond_a_rule_name_a_field_only_where_nothing_else_does() -> None:
    form, field = page(), Rectangle(302, 127, 698, 163)
    cv2.line(form, (250, 120), (250, 170), 0, 2)
    assert named(form, [field]) == [[1]]
    cv2.putText(form, "Christian names", (302, 115), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0, 2, cv2.LINE_AA)
    words = labelled(form, [field])
    assert all(words[number].at.left > 290 for number in naming(even(form), words, [field])[field])


def test_a_box_is_named_by_the_nearer_words_beside_it() -> None:
    form = np.full((600, 800), 255, np.uint8)
    boxes = [Rectangle(40, 42, 64, 66), Rectangle(200, 42, 224, 66)]
    for box, word in zip(boxes, ("married", "single"), strict=True):
        cv2.putText(form, word, (box.right + 10, 60), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0, 2, cv2.LINE_AA)
    words = labelled(form, boxes)
    found = naming(even(form), words, boxes)
    assert [{words[number].at.left // 160 for number in found[box]} for box in boxes] == [{0}, {1}]


def test_writing_across_a_label_of_the_forms_picture_makes_no_other_label() -> None:
    form = page()
    cv2.putText(form, "IIIIIIIIII", (38, 250), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 0, 4)
    assert not against(page(), form=form).other.any()
    assert against(page(OTHER), form=form).other.any()


def test_words_that_the_scan_does_not_show_are_no_other_words() -> None:
    assert against(page(OTHER)).other.any()
    assert not against(page(OTHER), Rectangle(0, 200, 800, 300)).other.any()


def test_of_a_form_with_few_words_each_word_counts() -> None:
    found = against(page(("Name of ship", WORDS[1], "Tons")), form=page(WORDS[:3]))
    assert found.share == pytest.approx(1 / 3, abs=0.1)


def test_a_field_far_from_all_words_has_none() -> None:
    assert named(page(), [Rectangle(500, 500, 600, 530)]) == [[]]


def test_a_page_without_words_has_no_other_ones() -> None:
    blank = np.full((300, 300), 255, np.uint8)
    assert labels(blank, blank > 0) == ()
    nothing = compared(blank, (), blank == 0)
    assert not nothing.other.any()
    assert nothing.share == 1
    assert naming(blank, (), FIELDS[:1]) == {FIELDS[0]: []}
