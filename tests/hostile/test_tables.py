"""Pages that are all rules, or grids of any number of cells: they end soon and are no tables."""

from __future__ import annotations

import random
import time

import numpy as np
import pytest
from PIL import Image

from drawn_tables import table
from whaleline.imaging.geometry import Rectangle
from whaleline.layout import tables
from whaleline.layout.lattice import MOST_CELLS, lattice
from whaleline.layout.regions import regions
from whaleline.layout.rule_search import ruling
from whaleline.layout.ruling import Rule, Ruling
from whaleline.recognition.page import Block, Line, Page, Word

MOST_SECONDS = 20.0


def words(count: int, seed: int = 1) -> tuple[Word, ...]:
    chance = random.Random(seed)
    return tuple(
        Word("12", Rectangle(x, y, x + 20, y + 12), 90.0)
        for x, y in ((chance.randrange(1900), chance.randrange(1900)) for _ in range(count))
    )


@pytest.mark.parametrize("step", [2, 30])
def test_a_grid_of_up_to_a_million_cells_ends_soon(step: int) -> None:
    picture = np.full((2000, 2000), 255, np.uint8)
    picture[::step] = 0
    picture[:, ::step] = 0
    began = time.process_time()
    rules = ruling(picture, 12.0)
    found = tables.find(words(400), rules)
    assert time.process_time() - began < MOST_SECONDS
    assert all(len(each.cells) <= MOST_CELLS for each in found)


def test_a_grid_with_more_cells_than_the_limit_is_none() -> None:
    lines = tuple(Rule(20.0 * index, 0, 20_000) for index in range(1000))
    assert lattice(Ruling(lines, lines), 10.0) is None


def test_words_in_disorder_end_soon() -> None:
    scattered = words(1500)
    page = Page(2000, 2000, tuple(Block((Line((word,)),)) for word in scattered))
    began = time.process_time()
    tables.find(scattered, Ruling())
    regions(np.full((2000, 2000), 255, np.uint8), page, scattered, (), Ruling())
    assert time.process_time() - began < MOST_SECONDS


def test_noise_has_few_rules() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (1000, 1000), np.uint8)
    assert len(ruling(noise, 12.0).level) < 100


def test_the_rules_of_a_large_picture_are_those_of_a_small_one() -> None:
    small = table([["a", "b"], ["c", "d"]], [300, 300])
    large = small.resize((small.width * 5, small.height * 7), Image.Resampling.NEAREST)
    large = Image.fromarray(np.pad(np.asarray(large), ((0, 3000), (0, 0)), constant_values=255))
    assert large.width * large.height > 20_000_000
    found = ruling(np.asarray(large), 80.0)
    assert (len(found.level), len(found.upright)) == (3, 3)
