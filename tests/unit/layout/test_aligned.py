"""Tables without a drawn grid, from words alone."""

from __future__ import annotations

import re
from collections.abc import Sequence

from typed import LINE, PITCH, typed
from whaleline.imaging.geometry import Rectangle
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
