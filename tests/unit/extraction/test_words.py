"""Words to rows, and rows to pieces."""

from __future__ import annotations

import random

from slips import placed
from whaleline.extraction.words import PlacedWord, rows_of
from whaleline.imaging.geometry import Rectangle

SLIP = """
TEA ROOM
1 Green tea          4.50
2 Scones            12.00
Total               16.50
"""


def shuffled(words: list[PlacedWord]) -> list[PlacedWord]:
    random.Random(7).shuffle(words)
    return words


def test_words_in_any_order_become_the_rows_that_people_read() -> None:
    rows = rows_of(shuffled(placed(SLIP)))
    assert [row.text for row in rows] == ["TEA ROOM", "1 Green tea 4.50", "2 Scones 12.00", "Total 16.50"]


def test_amounts_stay_on_their_row_on_a_slip_that_lies_askew() -> None:
    # Over the width of the slip a row falls by more than the step from row to row.
    fall = 32 / 250
    rows = rows_of(shuffled(placed(SLIP.replace("          ", " ....... "), fall=fall)))
    assert [row.words[-1].text for row in rows] == ["ROOM", "4.50", "12.00", "16.50"]


def test_an_amount_in_large_print_is_of_the_row_of_its_label() -> None:
    words = [*placed("Subtotal: 105.00\nTotal:\nCash:    105.00"), PlacedWord("105.00", Rectangle(90, 30, 190, 74),
             Rectangle(90, 30, 190, 74), 90.0)]  # fmt: skip
    assert [row.text for row in rows_of(words)] == ["Subtotal: 105.00", "Total: 105.00", "Cash: 105.00"]


def test_pages_follow_each_other() -> None:
    rows = rows_of([*placed("second", page=2), *placed("first", page=1)])
    assert [(row.page, row.text) for row in rows] == [(1, "first"), (2, "second")]


def test_wide_gaps_part_a_row() -> None:
    (row,) = rows_of(placed("Rounding adj. :        -0.02"))
    assert row.spaced == "Rounding adj. :\t-0.02"
    assert row.text == "Rounding adj. : -0.02"


def test_a_part_of_a_row_has_its_words() -> None:
    (row,) = rows_of(placed("Total   RM  57.40  S"))
    start = row.spaced.index("57.40")
    part = row.within(start, start + 5)
    assert part is not None
    assert part.text == "57.40"
    assert row.within(len(row.spaced) + 1, len(row.spaced) + 2) is None
