"""Which scans are too blurred to be compared with a form."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from whaleline.forms.sharpness import is_dim
from whaleline.imaging.picture import Picture


def page(word: str) -> Picture:
    blank = np.full((1000, 700), 245, np.uint8)
    for y in range(60, 1000, 60):
        cv2.putText(blank, f"{word} {y * 7919}", (30, y), cv2.FONT_HERSHEY_SIMPLEX, 1, 20, 2, cv2.LINE_AA)
    return blank


@pytest.mark.parametrize(("blur", "dim"), [(0.8, False), (6.0, True)])
@pytest.mark.parametrize("word", ["Harpoon", "Rigging"])
def test_a_blurred_page_is_dim_and_a_page_of_another_form_is_not(word: str, blur: float, dim: bool) -> None:
    seen = np.asarray(cv2.GaussianBlur(page(word), (0, 0), blur), np.uint8)
    assert is_dim(seen, page("Harpoon")) is dim


def test_bare_paper_is_dim() -> None:
    assert is_dim(np.full((500, 400), 230, np.uint8), page("Harpoon"))
