"""Grids by their rules."""

from __future__ import annotations

import numpy as np

from whaleline.imaging.geometry import Rectangle
from whaleline.layout.lattice import lattice, with_rows_parted
from whaleline.layout.ruling import Rule, Ruling, ruling

UPRIGHT = tuple(Rule(x, 100, 300) for x in (100.0, 300.0, 500.0))


def levels(*ys: float, clear: bool = True) -> tuple[Rule, ...]:
    return tuple(Rule(y, 100, 500, clear=clear) for y in ys)


def test_a_seam_of_a_shaded_field_parts_no_cells_of_a_clear_grid() -> None:
    grid = lattice(Ruling((*levels(100, 200, 300), *levels(150, clear=False)), UPRIGHT), 20.0)
    assert grid is not None
    assert grid.ys == (100, 200, 300)


def test_pale_rules_part_cells_where_most_are_pale() -> None:
    grid = lattice(Ruling((*levels(100, 300), *levels(150, 200, 250, clear=False)), UPRIGHT), 20.0)
    assert grid is not None
    assert grid.ys == (100, 150, 200, 250, 300)


def test_a_rule_is_clear_by_its_contrast() -> None:
    picture = np.full((400, 600), 255, np.uint8)
    for y, grey in ((100, 0), (200, 200), (300, 238)):
        picture[y : y + 2, 100:500] = grey
    assert [(round(rule.at), rule.clear) for rule in ruling(picture, 20.0).level] == [
        (101, True),
        (201, True),
        (301, False),
    ]


def boxes(x: int, *tops: int) -> list[Rectangle]:
    return [Rectangle(x, top, x + 80, top + 20) for top in tops]


def test_a_row_is_parted_where_white_runs_through_all_cells_and_several_begin_anew() -> None:
    grid = lattice(Ruling(levels(100, 300), UPRIGHT), 20.0)
    assert grid is not None
    found = with_rows_parted(grid, [*boxes(120, 110, 210), *boxes(320, 110, 138, 210, 238)], 20.0)
    assert [(field.row, field.column) for field in found.fields] == [(0, 0), (0, 1), (1, 0), (1, 1)]
    assert 158 < found.ys[1] < 210


def test_a_row_stays_whole_where_one_cell_goes_on_beside_the_white_of_another() -> None:
    grid = lattice(Ruling(levels(100, 300), UPRIGHT), 20.0)
    assert grid is not None
    one_goes_on = [*boxes(120, 110, 210), *boxes(320, 110, 138, 166, 194, 222)]
    one_begins_anew = [*boxes(120, 110, 210), *boxes(320, 110, 138)]
    for words in (one_goes_on, one_begins_anew):
        assert with_rows_parted(grid, words, 20.0) == grid
