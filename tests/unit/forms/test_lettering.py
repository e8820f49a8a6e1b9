"""Where words are looked for on a form: beside and in its fields, but not where frames and writing are."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from paper_forms import draw
from whaleline.forms.form_picture import even
from whaleline.forms.labels import labels
from whaleline.forms.lettering import lettering
from whaleline.forms.naming import naming
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, resized

FONT = cv2.FONT_HERSHEY_SIMPLEX
BOXES = [Rectangle(40, 60, 300, 110), Rectangle(306, 60, 560, 110), Rectangle(40, 116, 560, 166)]
LABELS = ("Family name", "Given names", "Port of registry")
INSIDE = [Rectangle(box.left + 2, box.top + 2, box.right - 2, box.bottom - 2) for box in BOXES]
UNDER = [Rectangle(box.left + 2, box.top + 12, box.right - 2, box.bottom - 2) for box in BOXES]


def page() -> Picture:
    """Boxes side by side, each with a small label at its top."""
    blank = np.full((600, 800), 255, np.uint8)
    for box, label in zip(BOXES, LABELS, strict=True):
        cv2.rectangle(blank, (box.left, box.top), (box.right, box.bottom), 0, 2)
        cv2.putText(blank, label, (box.left + 6, box.top + 14), FONT, 0.4, 0, 1, cv2.LINE_AA)
    return blank


def filled() -> Picture:
    written = page()
    for box in BOXES:
        cv2.putText(written, "Ishmael", (box.left + 20, box.bottom - 6), FONT, 0.9, 0, 2, cv2.LINE_AA)
    return written


def words(form: Picture, fields: list[Rectangle]) -> list[list[Rectangle]]:
    """The words that name each field."""
    print_ = even(form)
    mask = np.full(form.shape, 255, np.uint8)
    for field in fields:
        mask[field.top : field.bottom, field.left : field.right] = 0
    found = labels(print_, lettering(print_, mask, fields))
    names = naming(print_, found, fields)
    return [[found[number].at for number in names[field]] for field in fields]


def test_a_label_in_a_box_names_the_field_whether_it_lies_in_the_fields_rectangle_or_reaches_into_it() -> None:
    for fields in (INSIDE, UNDER):
        for box, (word, *more) in zip(BOXES, words(page(), fields), strict=True):
            assert not more
            assert box.left + 3 <= word.left < word.right < box.right
            assert box.top < word.top < word.bottom < box.top + 20


def test_sides_of_boxes_are_no_words() -> None:
    blank = np.full((600, 800), 255, np.uint8)
    for box in BOXES:
        cv2.rectangle(blank, (box.left, box.top), (box.right, box.bottom), 0, 2)
    for fields in (INSIDE, UNDER):
        assert words(blank, fields) == [[], [], []]


def test_writing_in_the_forms_picture_is_no_label() -> None:
    assert words(filled(), INSIDE) == [[], [], []]


def test_writing_that_runs_below_its_field_is_no_word_of_the_next_one() -> None:
    box, below = BOXES[0], Rectangle(40, 160, 300, 200)
    form = np.full((600, 800), 255, np.uint8)
    cv2.rectangle(form, (box.left, box.top), (box.right, box.bottom), 0, 2)
    cv2.putText(form, "Ishmae", (box.left + 20, box.bottom - 6), FONT, 0.9, 0, 2, cv2.LINE_AA)
    cv2.ellipse(form, (120, 120), (18, 26), 0, 0, 360, 0, 2)  # of a long g
    assert words(form, [INSIDE[0], below])[1] == []


def test_a_label_that_touches_the_box_below_it_names_its_field() -> None:
    box = BOXES[0]
    form = np.full((600, 800), 255, np.uint8)
    cv2.rectangle(form, (box.left, box.top), (box.right, box.bottom), 0, 2)
    cv2.putText(form, "Pages giving type", (box.left + 6, box.top - 3), FONT, 0.45, 0, 2, cv2.LINE_AA)
    ((word, *_),) = words(form, INSIDE[:1])
    assert word.right > box.left + 60


@pytest.mark.parametrize("seed", [3, 4, 5, 6])
def test_labels_in_coarse_print_that_run_into_each_other_and_into_boxes_are_words(seed: int) -> None:
    paper, scale = draw(seed, "boxes"), 0.4
    fields = [field.scaled(scale) for field in paper.fields.values()]
    named = words(resized(paper.page, scale), fields)
    own = [paper.labels[name].scaled(scale) for name in paper.fields]
    right = [any(abs(word.top - label.top) < 6 for word in every) for every, label in zip(named, own, strict=True)]
    assert sum(right) > 0.75 * len(right)


def test_a_box_to_tick_is_no_part_of_the_words_beside_it() -> None:
    form = np.full((600, 800), 255, np.uint8)
    fields = []
    for left, text in ((40, "married"), (160, "single"), (280, "widowed")):
        cv2.rectangle(form, (left, 42), (left + 24, 66), 0, 4)
        fields.append(Rectangle(left + 4, 46, left + 20, 62))
        cv2.putText(form, text, (left + 34, 60), FONT, 0.5, 0, 1, cv2.LINE_AA)
    for field, (word, *more) in zip(fields, words(form, fields), strict=True):
        assert not more
        assert field.right + 4 < word.left < word.right < field.right + 98
