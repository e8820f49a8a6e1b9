"""What a field looks like on the form's picture, empty or filled in."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from whaleline.forms.laying import blank, ticked
from whaleline.forms.template import Kind, Template, TemplateField, TemplatePage
from whaleline.forms.values import read_value
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture

NAME, BOX = Rectangle(100, 20, 380, 60), Rectangle(100, 100, 140, 140)


def form(*, name: str = "", mark: str = "") -> Picture:
    page = np.full((200, 400), 250, np.uint8)
    cv2.rectangle(page, (106, 106), (133, 133), 20, 2)
    cv2.putText(page, name, (110, 52), cv2.FONT_HERSHEY_SIMPLEX, 1, 40, 2)
    cv2.putText(page, mark, (112, 128), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 40, 2)
    return page


def template(picture: Picture) -> Template:
    fields = (
        TemplateField(name="name", rectangle=NAME),
        TemplateField(name="swims", rectangle=BOX, kind=Kind.CHECKMARK),
    )
    page = TemplatePage(width=400, height=200, picture=bytes(cv2.imencode(".png", picture)[1]))
    return Template(name="form", pages=(page,), fields=fields)


def state(of: Template, scan: Picture) -> str | None:
    box = of.fields[1]
    shown = np.ascontiguousarray(scan[BOX.top : BOX.bottom, BOX.left : BOX.right])
    return read_value(box, shown, blank(of, box)).value


@pytest.mark.parametrize(("mark", "wanted"), [("X", "ticked"), ("", "empty")])
def test_a_box_that_is_ticked_on_a_filled_in_forms_picture_is_looked_at_alone(mark: str, wanted: str) -> None:
    assert state(template(form(name="Ishmael", mark="X")), form(name="Queequeg", mark=mark)) == wanted


def test_a_letter_in_a_box_of_an_empty_form_is_the_forms_print() -> None:
    assert state(template(form(mark="J")), form(name="Queequeg", mark="J")) == "empty"


def test_boxes_that_are_not_empty_on_the_forms_picture_are_told() -> None:
    assert ticked(template(form(mark="X"))) == ["swims"]
    assert ticked(template(form(name="Ishmael"))) == []
