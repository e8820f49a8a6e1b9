"""How well texts fit what was seen: against the sum over all paths, on matrices small enough to count them."""

from __future__ import annotations

import math
from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from drawing import DEJAVU, font
from emissions import ALPHABET, STEP, seen
from whaleline.recognition.emission import BLANK, Alphabet, Emission
from whaleline.recognition.ppocr import ppocr

SMALL = Alphabet(("", "a", "b"))
LEAST = 1e-7
words = st.text(st.sampled_from("abcde "), min_size=1, max_size=6).map(str.strip).filter(bool)


@st.composite
def emissions(draw: st.DrawFn) -> Emission:
    """Any probabilities, those of each step adding to 1."""
    steps = draw(st.integers(1, 4))
    shares = draw(st.lists(st.integers(0, 20), min_size=3 * steps, max_size=3 * steps))
    matrix = np.array(shares, np.float64).reshape(steps, 3) + 0.01
    return Emission((matrix / matrix.sum(axis=1, keepdims=True)).astype(np.float32), SMALL, 8.0)


def spelled(path: tuple[int, ...]) -> str:
    """What a path through the steps spells: repeats are one, and nothing stands for BLANK."""
    return "".join(SMALL.characters[symbol] for symbol, _ in groupby(path) if symbol != BLANK)


def by_all_paths(emission: Emission) -> dict[str, float]:
    """The probability of each text that has a path."""
    found: dict[str, float] = {}
    for path in product(range(3), repeat=len(emission.matrix)):
        share = math.prod(float(row[symbol]) for row, symbol in zip(emission.matrix, path, strict=True))
        found[spelled(path)] = found.get(spelled(path), 0.0) + share
    return found


@given(emissions(), st.lists(st.text("ab", max_size=5), min_size=1, max_size=4))
@settings(max_examples=60)
def test_texts_of_any_lengths_are_told_together_as_alone(emission: Emission, texts: list[str]) -> None:
    assert emission.log_likelihoods(texts) == pytest.approx([emission.log_likelihood(text) for text in texts])


@given(emissions())
@settings(max_examples=60)
def test_the_likelihood_is_the_sum_over_all_paths(emission: Emission) -> None:
    for text, probability in by_all_paths(emission).items():
        assert math.exp(emission.log_likelihood(text)) == pytest.approx(probability, rel=1e-4)


@given(emissions())
@settings(max_examples=60)
def test_the_likelihoods_of_all_texts_make_one(emission: Emission) -> None:
    texts = ["".join(text) for length in range(6) for text in product("ab", repeat=length)]
    assert sum(math.exp(emission.log_likelihood(text)) for text in texts) == pytest.approx(1, rel=1e-4)


@given(words, st.floats(0.9, 0.99))
@settings(max_examples=40)
def test_no_near_text_fits_better_than_the_best_one(text: str, sure: float) -> None:
    emission = seen(text, sure)
    assert emission.text == text
    own = emission.log_likelihood(text)
    for place in range(len(text) + 1):
        for other in ("", *"abx "):
            for near in (text[:place] + other + text[place:], text[:place] + other + text[place + 1 :]):
                assert near == text or emission.log_likelihood(near) < own


def test_a_drawn_line_objects_to_whatever_it_does_not_say() -> None:
    image = Image.new("L", (420, 60), 255)
    ImageDraw.Draw(image).text((20, 42), "Invoice 20417", font=font(DEJAVU, 36), fill=0, anchor="ls")
    emission = ppocr(latin=True).look(np.asarray(image))
    right = emission.log_likelihood("Invoice 20417")
    assert right > math.log(0.5)
    for wrong in ("Invoice 20477", "lnvoice 20417", "Invoice20417", "Invoice 2041", "nvoice 20417", ""):
        assert emission.log_likelihood(wrong) < right - 1, wrong


def test_a_character_that_the_model_does_not_know_has_the_least_probability() -> None:
    emission = Emission(np.array([[0.2, 0.5, 0.3]], np.float32), SMALL, 8.0)
    assert emission.log_likelihood("z") == pytest.approx(math.log(LEAST), abs=1e-4)
    assert emission.log_likelihood("a") == pytest.approx(math.log(0.5), abs=1e-4)


def test_a_text_of_more_letters_than_steps_is_impossible() -> None:
    emission = Emission(np.full((3, 3), 1 / 3, np.float32), SMALL, 8.0)
    assert emission.log_likelihood("abab") == pytest.approx(4 * math.log(1e-7))
    assert emission.log_likelihood("aa") == pytest.approx(math.log(1 / 27), abs=1e-4)  # two of a kind need a gap
    assert emission.log_likelihood("aaa") == pytest.approx(3 * math.log(1e-7))


def test_symbols_lie_where_they_were_seen() -> None:
    emission = seen("a b", 0.9)
    assert [symbol.text for symbol in emission.symbols] == ["a", " ", "b"]
    assert [symbol.confidence for symbol in emission.symbols] == pytest.approx([90] * 3, abs=1e-3)
    for place, symbol in enumerate(emission.symbols):
        assert symbol.left < STEP * (2 * place + 1.5) < symbol.right


def test_blanks_at_the_ends_are_none() -> None:
    emission = seen(" ab ")
    assert emission.text == "ab"
    assert seen("  ").symbols == ()
    assert seen("  ").least == 0


def test_the_least_sure_symbol() -> None:
    matrix = seen("abc", 0.9).matrix.copy()
    matrix[3, ALPHABET.places["b"]] = 0.4
    assert Emission(matrix, ALPHABET, STEP).least == pytest.approx(40, abs=1e-3)
