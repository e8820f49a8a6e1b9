"""What else may stand in a place, by the second best symbols and by other pictures."""

from __future__ import annotations

import pytest

from emissions import seen
from whaleline.recognition.alternatives import alternatives, fit, read_by


@pytest.mark.parametrize(
    ("text", "sure", "doubts", "others"),
    [
        ("GST06%", 0.9, {3: "@"}, {"GST@6%"}),
        ("GST06%", 0.99, {3: "@"}, set()),
        ("B11l", 0.6, {1: "l"}, {"Bl1l", "Blll"}),
        ("a.b", 0.6, {1: ""}, {"ab"}),
    ],
)
def test_a_symbol_is_replaced_or_left_out(text: str, sure: float, doubts: dict[int, str], others: set[str]) -> None:
    emission = seen(text, sure, doubts)
    found = set(alternatives(emission.symbols, [emission]))
    assert others <= found
    if not others:
        assert found == {text}


def test_a_symbol_that_was_passed_over_is_put_in() -> None:
    emission = seen("Ta", 0.7)
    emission.matrix[4, emission.alphabet.places["x"]] = 0.4
    assert "Tax" in alternatives(emission.symbols, [emission])


def test_readings_of_other_pictures_come_first() -> None:
    plain, other = seen("the b0oks"), seen("the books")
    symbols = plain.symbols[4:]
    assert read_by(symbols, [plain, other]) == ["b0oks", "books"]
    assert alternatives(symbols, [plain, other])[:2] == ["b0oks", "books"]


def test_a_text_fits_better_that_was_seen_in_one_of_two_pictures_than_one_that_was_seen_in_none() -> None:
    pictures = [seen("the b0oks"), seen("the books")]
    read, near, far = fit(["b0oks", "books", "bOoks"], pictures, "the ", "")
    assert read == pytest.approx(near, abs=0.1)
    assert far < near
