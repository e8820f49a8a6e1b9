"""Tables without a drawn grid, from words alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from typed import LINE, PITCH, typed
from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.layout import tables
from whaleline.layout.lines import lines_of
from whaleline.layout.ruling import Rule, Ruling
from whaleline.layout.table import Table
from whaleline.recognition.page import Word


def grid(found: Table) -> list[list[str]]:
    """The texts by their places, with nothing where no cell begins."""
    places = [[""] * found.columns for _ in found.rows]
    for cell in found.cells:
        places[cell.row][cell.column] = cell.text
    return places


def found_in(words: Sequence[Word]) -> list[list[list[str]]]:
    return [grid(table) for table in tables.find(words, Ruling())]


def test_a_blank_of_a_typewriter_parts_no_columns() -> None:
    lines = [
        "Age            Population",
        "40 years        2,468,083",
        "41 years        2,375,849",
        "42 years        2,325,572",
        "43 years        2,237,108",
        "44 years        2,262,796",
    ]
    assert found_in(typed(lines)) == [[re.split(" {2,}", line) for line in lines]]


def test_a_dash_and_a_dot_stand_in_the_line_of_their_words() -> None:
    lines = [
        "Ship        Barrels   Whales",
        "Pequod          210       14",
        "Rachel            -       30",
        "Jungfrau          .        -",
        "Bachelor        950        7",
    ]
    assert found_in(typed(lines)) == [[line.split() for line in lines]]


def test_a_row_of_dashes_alone_is_a_row() -> None:
    words = typed(["Ship        Barrels   Whales", "Pequod        210       14", "Rachel         28        7"])
    dashes = [Word("-", Rectangle(x, 210, x + 9, y), 90.0) for x, y in ((310, 212), (480, 213))]
    found = lines_of([*words, *dashes])
    assert [[word.text for word in line] for line in found][-1] == ["-", "-"]


def test_below_a_rule_each_column_has_its_own_words_and_what_is_over_it_spans_them() -> None:
    """`Number Percent` stand as near as words do, and so do `All items`; the rule between them says which are one."""
    lines = [
        "                   All items        New items",
        "Process         Number Percent   Number Percent",
        "Total items        135     100       60     100",
        "Literary            72      53       33      55",
        "Retrieve            33      24       14      23",
        "Evaluate            18      13        8      13",
    ]
    spans = [(16, 30), (33, 47)]
    rules = [Rule(100 + LINE - 6, 100 + first * PITCH, 100 + last * PITCH) for first, last in spans]
    rules += [Rule(y, 100, 100 + 47 * PITCH) for y in (90, 100 + 2 * LINE - 6)]
    (found,) = tables.find(typed(lines), Ruling(tuple(sorted(rules, key=lambda rule: rule.at))))
    assert grid(found)[:3] == [
        ["Process", "All items", "", "New items", ""],
        ["", "Number", "Percent", "Number", "Percent"],
        ["Total items", "135", "100", "60", "100"],
    ]
    assert [(cell.rows, cell.columns) for cell in found.rows[0].cells] == [(2, 1), (1, 2), (1, 2)]


def test_between_rules_of_one_length_is_one_table_however_wide_the_white_in_it() -> None:
    lines = [
        "A caption that is set over the table, in one line",
        "Dose            Animals   Weight",
        "Male",
        "0                    39      5.8",
        "250                  30      5.9",
        *[""] * 4,
        "Female",
        "0                    23      5.4",
        "250                  34      5.6",
    ]
    rules = Ruling(tuple(Rule(100 + at * LINE - 6, 100, 100 + 32 * PITCH) for at in (1, 2, len(lines))))
    (found,) = tables.find(typed(lines), rules)
    assert [row for row in grid(found) if any(row)] == [line.split() for line in lines[1:2]] + [
        re.split(" {2,}", line) if " " in line else [line, "", ""] for line in lines[2:] if line
    ]


def test_parts_of_a_long_table_side_by_side_are_tables_of_their_own() -> None:
    lines = [
        "Age       People     Age       People",
        "1 year      3269     40 years    2468",
        "2 years     3223     41 years    2375",
        "3 years     3179     42 years    2325",
        "4 years     3141     43 years    2237",
    ]
    halves = [[re.split(" {2,}", line)[at : at + 2] for line in lines] for at in (0, 2)]
    assert found_in(typed(lines)) == halves


def test_numbers_in_the_middle_of_a_label_of_two_lines_stand_in_its_row() -> None:
    words = typed(["Measure          1997   1998", "Median income    4590   4560"])
    for row in range(3):
        top = 170 + 80 * row
        words += typed(["Inequality"], top=top) + typed(["between states"], top=top + 30)
        words += typed([f"                 062{row}   063{row}"], top=top + 15)
    found = tables.table_in(bounds([word.box for word in words]), words, Ruling())
    assert found is not None
    assert grid(found)[2:] == [["Inequality\nbetween states", f"062{row}", f"063{row}"] for row in range(3)]
