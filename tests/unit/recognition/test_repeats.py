"""Lines that were read twice."""

from __future__ import annotations

from dataclasses import replace

from emissions import line
from whaleline.recognition.page import Block, Line
from whaleline.recognition.repeats import once


def texts(*lines: Line) -> list[str]:
    return [kept.text for block in once(tuple(Block((each,)) for each in lines)) for kept in block.lines]


def test_of_two_readings_of_the_same_print_the_surer_one_stays() -> None:
    poor, good = line("palicia la limpioza diaria", 70), line("policia la limpieza diaria", 90)
    assert texts(poor, good.moved(3, 4)) == [good.text]
    assert texts(good, poor.moved(3, 4)) == [good.text]


def test_a_part_of_a_line_that_was_read_again_goes() -> None:
    whole, part = line("TEL: 03-80232334", 90), line("03.8023", 80)
    assert texts(whole, part.moved(100, 2)) == [whole.text]


def test_equal_lines_of_a_column_stay() -> None:
    first = line("0.00 0.00")
    assert texts(first, first.moved(0, 11), first.moved(0, 22)) == [first.text] * 3


def test_equal_lines_side_by_side_stay() -> None:
    first = line("total amount")
    assert texts(first, first.moved(first.box.width - 20, 0)) == [first.text] * 2


def test_different_lines_over_each_other_stay() -> None:
    assert texts(line("policia la limpieza"), line("3142 Souloulou").moved(0, 5)) == [
        "policia la limpieza", "3142 Souloulou"
    ]  # fmt: skip


def test_lines_that_lean_stay_whatever_they_have_in_common() -> None:
    """Their boxes lie over each other for the most part, and their words do not."""
    level = line("Apples 3 pieces at 1.50 make 4.50")
    leaning = Line(tuple(replace(word, box=word.box.moved(0, word.box.left // 10)) for word in level.words))
    row = Line(leaning.words[2:4])
    assert texts(leaning, leaning.moved(0, 25), row.moved(0, 50)) == [level.text, level.text, row.text]


def test_a_line_of_which_a_part_was_read_more_surely_stays() -> None:
    part = Line(line("palicia la limpioza", 99).words[:1])
    assert texts(line("palicia la limpioza", 52), part) == ["palicia la limpioza", "palicia"]
