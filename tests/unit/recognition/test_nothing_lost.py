"""What is read without a filter or in one mode is never read as nothing with another."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kinds import KINDS, Item, items
from whaleline import read_regions
from whaleline.recognition.modes import DsrMode

FILTERS = ("contrast_correction", "binarization", "upsampling", "skew_correction")


@cache
def drawn(kind: str) -> tuple[Item, ...]:
    return tuple(items(kind))


any_item = st.builds(
    lambda kind, place: drawn(kind)[place % len(drawn(kind))], st.sampled_from(sorted(KINDS)), st.integers(0, 11)
)


def text(item: Item, mode: DsrMode = DsrMode.REGIONS, on: Collection[str] = ()) -> str:
    regions = [item.rectangle] if item.rectangle else ()
    settings_: dict[str, Any] = {name: name in on for name in FILTERS}
    (reading,) = read_regions(item.picture, regions, mode=mode, **settings_)
    return reading.page.text


@given(any_item, st.lists(st.sampled_from(FILTERS), unique=True, min_size=1))
@settings(max_examples=30)
def test_a_filter_never_empties_a_reading(item: Item, on: list[str]) -> None:
    assert not text(item) or text(item, on=on)


@given(any_item, st.sampled_from([mode for mode in DsrMode if mode is not DsrMode.REGIONS]))
@settings(max_examples=30)
def test_a_mode_never_empties_a_reading(item: Item, mode: DsrMode) -> None:
    assert not text(item) or text(item, mode)
