"""Which words of a line are read again, and with which neighbours."""

from __future__ import annotations

import pytest

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.page import Line, Word
from whaleline.recognition.windows import doubtful, parted


def line(*words: tuple[str, int, float]) -> Line:
    """Words of 10 pixels a letter and 20 high, each with its left side and confidence."""
    return Line(tuple(Word(text, Rectangle(left, 0, left + 10 * len(text), 20), sure) for text, left, sure in words))


def usual(_: str) -> float:
    return 3.0


def test_a_doubtful_word_has_its_neighbours() -> None:
    found = line(("the", 0, 99), ("great", 40, 99), ("whalc", 100, 60), ("swims", 160, 99), ("away", 220, 99))
    assert doubtful(found, usual) == [(1, 4)]


@pytest.mark.parametrize("gap", [25, 40, 300])
def test_a_number_across_wide_white_is_no_neighbour(gap: int) -> None:
    """Digits would move from one column to the next where both are shown in one picture."""
    found = line(("15.4", 0, 60), ("1100", 40 + gap, 60), ("99.1", 80 + 2 * gap, 99))
    assert doubtful(found, usual) == [(0, 1), (1, 2)]


def test_most_of_what_stands_together_is_read_as_a_whole() -> None:
    found = line(("a", 0, 60), ("bcdefghij", 20, 60), ("k", 120, 99), ("7", 500, 99))
    assert doubtful(found, usual) == [(0, 3)]


def test_words_of_a_line_with_wide_white_stay_together() -> None:
    """What is a stain is told by the whole line."""
    assert doubtful(line(("ISS", 0, 30), ("ii:", 300, 30), ("SY", 600, 30)), usual) == [(0, 3)]


def test_words_may_run_from_right_to_left() -> None:
    found = line(("one", 500, 60), ("two", 460, 99), ("1851", 100, 60))
    assert doubtful(found, usual) == [(0, 2), (2, 3)]


@pytest.mark.parametrize("gap", [61, 300])
def test_a_line_is_parted_at_wide_white(gap: int) -> None:
    found = line(("Trust", 0, 97), ("Fund", 60, 97), ("$,000.00", 100 + gap, 40))
    assert [part.text for part in parted(found)] == ["Trust Fund", "$,000.00"]


def test_a_line_is_not_parted_between_words() -> None:
    found = line(("Trust", 0, 97), ("Fund", 110, 97))
    assert parted(found) == [found]


@pytest.mark.parametrize(
    ("words", "parts"),
    [
        ((("Section", 0, 97), ("1", 300, 50)), ["Section 1"]),
        ((("=", 0, 50), ("Section", 300, 97)), ["= Section"]),
        ((("Section", 0, 97), ("ii", 300, 50), ("strategy", 600, 97)), ["Section", "ii strategy"]),
    ],
    ids=["at the end", "at the start", "between"],
)
def test_a_stain_across_wide_white_is_told_by_the_word_beside_it(
    words: tuple[tuple[str, int, float], ...], parts: list[str]
) -> None:
    assert [part.text for part in parted(line(*words))] == parts
