"""Lines that bend, brought onto one height each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from photographs import curl, fold
from whaleline.imaging.levelling import levelling


def lines(sag: npt.NDArray[np.float64], tilt: float = 0.0) -> list[npt.NDArray[np.float64]]:
    """Twenty lines of different lengths, the later ones bent less."""
    width = len(sag)
    found = []
    for place in range(20):
        left, right = 20 + 30 * (place % 3), width - 20 - 90 * (place % 4)
        x = np.linspace(left, right, 25)
        found.append(
            np.stack([x, 50 + 40 * place + (1 - place / 60) * np.interp(x, np.arange(width), sag) + tilt * x], 1)
        )
    return found


@pytest.mark.parametrize("sag", [curl(1000, 60), curl(1000, -60), fold(1000, 40)], ids=["down", "up", "fold"])
def test_lines_become_level(sag: npt.NDArray[np.float64]) -> None:
    bent = lines(sag)
    field = levelling(bent)
    for line in bent:
        assert np.ptp(line[:, 1]) > 15
        assert np.ptp(line[:, 1] + field(line)) < 5
    assert field.remaining < 1
    assert field.bend > 5


def test_level_lines_stay() -> None:
    field = levelling(lines(np.zeros(1000)))
    assert field.bend == pytest.approx(0, abs=1e-6)
    assert np.abs(field(np.concatenate(lines(np.zeros(1000))))).max() < 1e-6


def test_a_line_that_disagrees_changes_little() -> None:
    sag = curl(1000, 60)
    x = np.linspace(300, 600, 9)
    stamp = np.stack([x, 400 + 0.4 * (x - 300)], axis=1)
    with_stamp = levelling([*lines(sag), stamp])
    for line in lines(sag):
        assert np.ptp(line[:, 1] + with_stamp(line)) < 6


def test_the_middle_stays_where_it_is() -> None:
    field = levelling(lines(curl(1000, 60)))
    middle = (field.left + field.right) / 2
    assert np.abs(field(np.array([[middle, 100.0], [middle, 700.0]]))).max() < 1e-9
