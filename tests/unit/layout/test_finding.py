"""Which words of a page are a table, from words and rules alone."""

from __future__ import annotations

import pytest

from typed import HEIGHT, LINE, PITCH, typed
from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.layout import tables
from whaleline.layout.ruling import Rule, Ruling
from whaleline.recognition.page import Word

SHIPS = [
    "Ship          Barrels  Whales",
    "Pequod            210      14",
    "Rachel             30      30",
    "Jungfrau            0       2",
    "Bachelor          950       7",
]


def grids(words: list[Word], rules: Ruling = Ruling()) -> list[list[list[str]]]:  # noqa: B008 - it is frozen
    """The texts of the rows of each table."""
    return [[[cell.text for cell in row.cells] for row in table.rows] for table in tables.find(words, rules)]


def frame(box: Rectangle, rows: int = 1, columns: int = 1) -> Ruling:
    """A drawn grid of equal cells."""
    ys = [box.top + box.height * row // rows for row in range(rows + 1)]
    xs = [box.left + box.width * column // columns for column in range(columns + 1)]
    return Ruling(tuple(Rule(y, box.left, box.right) for y in ys), tuple(Rule(x, box.top, box.bottom) for x in xs))


@pytest.mark.parametrize(
    "lines",
    [
        pytest.param(
            [f"{item}.   {text}" for item, text in enumerate(
                ["Lower the boats.", "Row to the whale.", "Throw the irons.", "Haul in the line.", "Stow it."], 1
            )],
            id="a numbered list",
        ),
        pytest.param(
            [f"{number}000     0.{number}     {text}" for number, text in enumerate(
                ["the text beside the scales of a drawing runs on and on"] * 5, 1
            )],
            id="prose beside a scale",
        ),
    ],
)  # fmt: skip
def test_what_stands_below_each_other_without_being_a_table(lines: list[str]) -> None:
    assert grids(typed(lines)) == []


def test_bars_of_a_chart_with_a_number_in_each_are_no_table() -> None:
    """Bars with white between them, over a scale."""
    words, level = [], []
    left, right = 100, 100 + 40 * PITCH
    for bar in range(5):
        top = 100 + bar * 3 * LINE
        words += typed(["      20.4           49.0         30.5"], left, top)
        level += [Rule(y, left, right) for y in (top - 8, top + HEIGHT + 8)]
    bottom = round(level[-1].at)
    upright = tuple(Rule(left + part * PITCH, 92, bottom) for part in (0, 14, 28, 40))
    assert grids(words, Ruling(tuple(level), upright)) == []


def test_a_form_of_which_few_rows_are_filled_in_is_a_table() -> None:
    words = typed(["Ship     Master     Men  ", "Pequod   Ahab        30"])
    (found,) = tables.find(words, frame(Rectangle(92, 92, 92 + 27 * PITCH, 92 + 10 * LINE), 10, 3))
    assert [cell.text for row in found.rows[:2] for cell in row.cells] == [word.text for word in words]


def test_labels_of_a_drawing_between_its_frame_are_no_table() -> None:
    labels = [" " * place + "keel   3" for place in (0, 15, 30, 45)]
    words = typed([*labels, *labels])
    box = bounds([word.box for word in words]).grown(2 * HEIGHT)
    assert grids(words, Ruling((Rule(box.top, box.left, box.right), Rule(box.bottom, box.left, box.right)))) == []


def test_a_second_heading_after_a_blank_line_begins_a_second_table() -> None:
    first, second = SHIPS, [*SHIPS[:1], *SHIPS[:1:-1]]
    assert grids(typed([*first, "", *second])) == [[line.split() for line in each] for each in (first, second)]


def test_labels_that_come_again_in_order_are_parts_of_one_table() -> None:
    lines = [*SHIPS[1:], "", *SHIPS[1:]]
    assert len(grids(typed(lines))) == 1


@pytest.mark.parametrize("read", ["......", "iii", "."])
def test_a_row_of_dots_is_in_no_cell_whatever_it_was_read_as(read: str) -> None:
    words = []
    for word in typed([line.replace("      ", " ::::: ", 1) for line in SHIPS[1:]]):
        box = word.box
        dots = Word(read, Rectangle(box.left, box.bottom - 4, box.right, box.bottom), 60.0)
        words.append(dots if word.text == ":::::" else word)
    assert grids(words) == [[line.split() for line in SHIPS[1:]]]


def test_a_row_of_dashes_is_no_row() -> None:
    lines = [SHIPS[0], "- " * 14, *SHIPS[1:]]
    assert grids(typed(lines)) == [[line.split() for line in SHIPS]]
