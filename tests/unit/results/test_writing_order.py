from __future__ import annotations

import pytest

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.page import Line, Word
from whaleline.results.writing_order import visual


def on_paper(*words: tuple[str, int]) -> list[str]:
    """The texts of words that start at the given left edges."""
    line = Line(tuple(Word(text, Rectangle(left, 0, left + 50, 20), 90) for text, left in words))
    return [text for text, _ in visual(line)]


def test_text_that_runs_rightwards_keeps_its_reading_order_wherever_its_boxes_are() -> None:
    assert on_paper(("one", 200), ("two", 0), ("", 50), ("three", 100)) == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("שלום", "םולש"),
        ("אבג-12", "12-גבא"),  # Unicode Standard Annex 9: the hyphen goes with the letters, the number stays
        ("אPDFב", "בPDFא"),
        ("١٢٣كتب", "بتك١٢٣"),
        ("12", "12"),
    ],
)
def test_letters_that_run_leftwards_are_turned_and_numbers_and_latin_are_not(word: str, shown: str) -> None:
    assert on_paper(("ש", 100), (word, 0)) == [shown, "ש"]


def test_words_of_a_line_with_leftward_text_stand_from_left_to_right() -> None:
    assert on_paper(("שלום", 200), ("Word", 100), ("טוב", 0)) == ["בוט", "Word", "םולש"]
