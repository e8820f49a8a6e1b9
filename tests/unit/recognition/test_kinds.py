"""How many regions of each kind that readers stumble over are read without a slip."""

from __future__ import annotations

import pytest

from kinds import KINDS, items
from whaleline import read_regions

COUNT = 12
LEAST = dict.fromkeys(KINDS, 11) | {
    "leaders": 10,
    "half inverted": 10,
    "touching underline": 10,
    "comb": 10,
    "frame": 10,
    "cut by the edge": 10,
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_read(kind: str) -> None:
    wrong, count = [], 0
    for item in items(kind):
        (reading,) = read_regions(
            item.picture, [item.rectangle] if item.rectangle else (), language="English", **item.settings
        )
        count += 1
        if not item.is_right(reading.page.text):
            wrong.append((item.text, reading.page.text))
    assert count == COUNT
    assert count - len(wrong) >= LEAST[kind], wrong
