"""Pictures of forms with hardly any words: other forms may have the same lines."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from whaleline.forms.laying import wordless
from whaleline.forms.template import Template, TemplateField, TemplatePage
from whaleline.imaging.geometry import Rectangle

ROWS = range(100, 1300, 100)


def form(words: int, field_from: int) -> Template:
    """A page of rules with words beside the first ones, and its fields."""
    page = np.full((1400, 1000), 250, np.uint8)
    for number, row in enumerate(ROWS):
        cv2.line(page, (300, row), (900, row), 20, 2)
        if number < words:
            cv2.putText(page, "Name", (100, row), cv2.FONT_HERSHEY_SIMPLEX, 1, 20, 2)
    fields = tuple(
        TemplateField(name=str(row), page=2, rectangle=Rectangle(field_from, row - 80, 900, row + 15)) for row in ROWS
    )
    shown = TemplatePage(width=1000, height=1400, picture=bytes(cv2.imencode(".png", page)[1]))
    return Template(name="form", pages=(TemplatePage(width=1000, height=1400), shown), fields=fields)


@pytest.mark.parametrize(
    ("words", "field_from", "pages"),
    [
        pytest.param(12, 300, [], id="words beside the fields"),
        pytest.param(12, 50, [2], id="words in the fields"),
        pytest.param(2, 300, [2], id="hardly any words"),
    ],
)
def test_a_page_whose_picture_shows_hardly_any_words_is_named(words: int, field_from: int, pages: list[int]) -> None:
    assert wordless(form(words, field_from)) == pages
