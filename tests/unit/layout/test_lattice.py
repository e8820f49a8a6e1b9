"""Grids by their rules."""

from __future__ import annotations

import numpy as np
import pytest

from whaleline.imaging.geometry import Rectangle
from whaleline.layout.lattice import MOST_CELLS, Field, Lattice, lattice, with_rows_parted
from whaleline.layout.rule_search import ruling
from whaleline.layout.ruling import Rule, Ruling

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


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (2, 300), (500, 1)])
def test_a_picture_of_hardly_a_pixel_has_no_rules(shape: tuple[int, int]) -> None:
    assert ruling(np.full(shape, 255, np.uint8), 1.0) == Ruling()


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


def test_parted_rows_move_what_is_below_them_and_leave_out_those_that_a_cell_spans() -> None:
    fields = (Field(0, 0, 1, 1), Field(0, 1, 1, 1), Field(1, 0, 2, 1), Field(1, 1, 1, 1), Field(2, 1, 1, 1))
    grid = Lattice((100, 300, 500), (100, 300, 400, 500), fields)
    found = with_rows_parted(grid, [*boxes(120, 110, 170, 230, 310, 370), *boxes(320, 110, 170, 230, 310, 370)], 20.0)
    assert [round(y) for y in found.ys] == [100, 150, 210, 300, 400, 500]
    assert found.fields[:6] == tuple(Field(row, column, 1, 1) for row in range(3) for column in range(2))
    assert found.fields[6:] == (Field(3, 0, 2, 1), Field(3, 1, 1, 1), Field(4, 1, 1, 1))


def test_no_rows_are_parted_where_the_grid_would_become_a_pattern() -> None:
    fields = tuple(Field(0, column, 1, 1) for column in range(MOST_CELLS))
    grid = Lattice(tuple(range(MOST_CELLS + 1)), (100, 300), fields)
    assert with_rows_parted(grid, [*boxes(120, 110, 210), *boxes(320, 110, 210)], 20.0) is grid
