"""Decoding within an expression, on what an engine might have seen."""

from __future__ import annotations

import math

import numpy as np
import pytest

from whaleline.imaging.sight import Sight
from whaleline.recognition.decoding import Decoder
from whaleline.recognition.emission import BLANK, Alphabet, Emission
from whaleline.recognition.field import constraint, decide, passes
from whaleline.recognition.field_lines import FieldLine
from whaleline.recognition.line import Evidence
from whaleline.recognition.pattern import compiled

ALPHABET = Alphabet(("", *"0123456789ABDOQSl-. "))


def seen(*symbols: dict[str, float]) -> Emission:
    """A step for each symbol with an empty one behind it."""
    matrix = np.zeros((2 * len(symbols), len(ALPHABET.characters)), np.float32)
    matrix[1::2, BLANK] = 1
    for place, symbol in enumerate(symbols):
        for character, probability in symbol.items():
            matrix[2 * place, ALPHABET.places[character]] = probability
        matrix[2 * place, BLANK] = 1 - sum(symbol.values())
    return Emission(matrix, ALPHABET, 8.0)


def sure(text: str) -> Emission:
    return seen(*({character: 0.98} for character in text))


def best(emission: Emission, expression: str, characters: str | None = None) -> list[str]:
    return [one.text for one in Decoder(emission, compiled(expression, characters)).best()]


def test_what_was_seen_stays_where_it_fits() -> None:
    assert best(sure("1200-5"), r"\d{4}-\d")[0] == "1200-5"


def test_a_letter_among_digits_is_taken_for_the_digit_that_the_picture_looks_most_like() -> None:
    emission = seen({"1": 0.98}, {"O": 0.9, "0": 0.06, "8": 0.01}, {"S": 0.9, "5": 0.05})
    assert best(emission, r"\d{3}")[0] == "105"
    assert best(emission, "", "0123456789")[0] == "105"


def test_where_both_may_stand_what_was_seen_stays() -> None:
    assert best(seen({"1": 0.98}, {"O": 0.9, "0": 0.06}), r"\d[0-9A-Z]")[0] == "1O"


def test_signs_beside_the_value_are_passed_over() -> None:
    assert best(sure("-12-"), r"\d{2}")[0] == "12"


def test_a_text_that_cannot_be_seen_is_not_made_up() -> None:
    assert best(sure("12"), r"\d{9}") == []


def test_a_double_character_is_kept_apart() -> None:
    assert best(sure("00"), r"\d{2}")[0] == "00"


def test_blanks_pass() -> None:
    assert best(sure("12 34"), r"\d{4}")[0] == "12 34"


def test_the_fit_of_a_text_is_the_sum_over_all_its_paths() -> None:
    emission = sure("12")
    assert Decoder(emission, compiled("")).fit("12") == pytest.approx(emission.log_likelihood("12"), abs=0.1)
    assert Decoder(emission, compiled("")).fit("13") < Decoder(emission, compiled("")).fit("12") - 5


def test_check_digits_choose_between_characters_that_look_alike() -> None:
    picture = np.full((20, 60), 255, np.uint8)
    shown = [sure("8O1B")]
    line = FieldLine(Evidence(Sight(picture), (0, 0), None, shown), shown, None, ("8O1B", 90.0))
    plain, checked = (
        constraint("[0-9A-Z]{4}", None, weigh) for weigh in (None, passes(lambda text: text == "801B", 97))
    )
    assert decide(line, plain).text == "8O1B"
    assert decide(line, checked).text == "801B"


def test_a_text_with_right_check_digits_is_doubted_where_many_look_more_like_the_picture() -> None:
    shown = [seen(*({sign: 0.5, other: 0.4} for sign, other in zip("120", "483", strict=True)))]
    line = FieldLine(Evidence(Sight(np.full((20, 60), 255, np.uint8)), (0, 0), None, shown), shown, None, ("", 0.0))
    first, last = (decide(line, constraint(r"\d{3}", None, passes(right.__eq__, 97))) for right in ("120", "483"))
    assert (first.text, last.text) == ("120", "483")
    assert first.rank == 0 < last.rank
    assert last.confidence < first.confidence


def test_check_digits_weigh_as_much_as_they_say() -> None:
    weigh = passes(lambda text: text == "right", 97)
    assert weigh("right") == pytest.approx(math.log(0.98 * 97))
    assert weigh("wrong") == pytest.approx(math.log(0.02 * 97 / 96))


def test_a_0_among_letters_is_an_o_rather_than_a_q_or_d() -> None:
    assert best(sure("0B"), r"[A-Z]{2}")[0] == "OB"
