"""How texts are written, as far as it tells whether they were read right."""

from __future__ import annotations

import pytest

from whaleline.recognition.writing import odd_brackets, written


@pytest.mark.parametrize(
    ("text", "odd"),
    [("a (b) [c]", 0), ("SR (@ A", 1), ("[Sub Total (Exclusive GST) :", 1), ("b) a", 1), ("(a]", 2), ("((((", 2)],
)
def test_brackets_without_a_counterpart(text: str, odd: int) -> None:
    assert odd_brackets(text) == odd


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("letters at a point", "RMO.47", 1),
        ("letters at a point", "1.SL", 1),
        ("letters at a point", "GST06%", 1),
        ("letters at a point", "RM0.47 1.5L @6% 0% 10.06%", 0),
        ("letters among digits", "166o", 1),
        ("letters among digits", "(l)", 1),
        ("letters among digits", "15/4B SH01", 0),
        ("spaces between digits", "20 0000", 1),
        ("spaces between digits", "20 a 0000", 0),
        ("number", "1,250.00", 1),
        ("irregular capitals", "MNKol", 1),
    ],
)
def test_a_feature_counts(name: str, text: str, count: int) -> None:
    assert written(text, 0.0)[name] == count
