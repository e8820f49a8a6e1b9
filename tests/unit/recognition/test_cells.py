"""A line of signs of one width, parted into cells."""

from __future__ import annotations

import numpy as np
import pytest

from whaleline.recognition.cells import SIGNS, cells
from whaleline.recognition.emission import BLANK, Alphabet, Emission

ALPHABET = Alphabet(("", *SIGNS))
NAMES = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"


def seen(text: str, *, lost: tuple[int, ...] = (), width: float = 2.6) -> Emission:
    """Signs of so many steps each, seen in one step in the middle, but for those that are lost."""
    matrix = np.full((int(len(text) * width) + 8, len(ALPHABET.characters)), 1e-6, np.float32)
    matrix[:, BLANK] = 1
    for place, sign in enumerate(text):
        if place not in lost:
            step = 4 + int((place + 0.5) * width)
            matrix[step, BLANK], matrix[step, ALPHABET.places[sign]] = 0.05, 0.95
    return Emission(matrix, ALPHABET, 8.0)


def told(*emissions: Emission, count: int = 44) -> str:
    found = cells(emissions, count)
    assert found is not None
    return "".join(SIGNS[place] for place in found.signs.argmax(axis=1))


@pytest.mark.parametrize("width", [2.2, 2.6, 4.3])
def test_signs_are_told_at_any_size(width: float) -> None:
    assert told(seen(NAMES, width=width)) == NAMES


@pytest.mark.parametrize("lost", [(28, 30, 31, 35), (42, 43), (25, 26, 27, 28, 29)])
def test_fillers_that_were_not_seen_are_counted(lost: tuple[int, ...]) -> None:
    assert told(seen(NAMES, lost=lost)) == NAMES


def test_a_sign_that_one_picture_lost_is_taken_from_another() -> None:
    assert told(seen(NAMES, lost=(6,)), seen(NAMES, lost=(17,))) == NAMES


def test_a_picture_that_shows_something_else_does_not_count() -> None:
    assert told(seen(NAMES), seen("1" * 30, width=3.8)) == NAMES


def test_a_picture_without_so_many_signs_has_no_cells() -> None:
    assert cells([seen("P<UTO")], 44) is None
    assert cells([], 44) is None
