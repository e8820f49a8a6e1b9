"""Accents that one of the engines does not know, or passes over."""

from __future__ import annotations

import string
from functools import partial
from pathlib import Path

from drawing import wanted
from emissions import line, seen
from whaleline.recognition.accents import accented, bare, completed
from whaleline.recognition.frequency import UNKNOWN, Frequency, rarest
from whaleline.recognition.languages import folders, locate
from whaleline.recognition.traineddata import characters

KNOWN = frozenset(string.ascii_letters)


def unknown(_: str) -> float:
    return UNKNOWN


def told(
    first: str, second: str, sure: float = 0.9, known: frozenset[str] = KNOWN, frequency: Frequency = unknown
) -> str:
    return accented(line(first), seen(second, sure).symbols, known, frequency).text


def test_an_accent_that_the_first_engine_does_not_know() -> None:
    assert told("caf\u0065 au lait", "caf\u00e9 au lait") == "caf\u00e9 au lait"
    assert told("the cafe , now", "the caf\u00e9, now") == "the caf\u00e9 , now"  # the rest is as it was read


def test_what_says_something_against_an_accent() -> None:
    assert told("cafe", "caf\u00e9", known=KNOWN | {"\u00e9"}) == "cafe"  # the engine knows it and saw none
    assert told("cafe", "caf\u00e9", known=frozenset()) == "cafe"  # nothing is known of the engine
    assert told("cafe", "caf\u00e9", sure=0.7) == "cafe"  # a stain
    assert told("caf3", "caf\u00e9") == "caf3"  # another letter


def test_a_usual_word_gets_no_accent_that_nobody_writes() -> None:
    english = partial(rarest, words={"the": 0.05, "resume": 1e-5, "cafe": 1e-5, "caf\u00e9": 1e-6})
    assert told("the resume", "the resum\u00e9", frequency=english) == "the resume"
    assert told("the cafe", "the caf\u00e9", frequency=english) == "the caf\u00e9"
    assert told("the Kovace", "the Kovac\u00e9", frequency=english) == "the Kovac\u00e9"  # in no list either way


def read_over(text: str, place: int, other: str, likely: float, frequency: Frequency = unknown) -> str:
    """A text after PP-OCRv6 read it so, and saw another character in one place with some probability."""
    emission = seen(text, 0.8)
    emission.matrix[2 * place + 1, emission.alphabet.places[other]] = likely
    return completed(line(text), emission, frequency).text


def test_an_accent_that_the_second_engine_passed_over() -> None:
    assert read_over("ANNA BJORN", 7, "\u00d6", 0.05) == "ANNA BJ\u00d6RN"
    assert read_over("ANNA BJORN", 7, "\u00d6", 0.03) == "ANNA BJORN"  # of plain letters one of 10,000 has more
    assert read_over("anna bjorn", 0, "\u00e9", 0.05) == "anna bjorn"  # a small letter


def test_codes_single_letters_and_usual_words_get_no_accent() -> None:
    assert read_over("No. O12", 4, "\u00d6", 0.05) == "No. O12"
    assert read_over("A E I", 2, "\u00c9", 0.05) == "A E I"
    english = partial(rarest, words={"copy": 0.0001, "johor": 1e-6, "bjorn": 1e-6, "bj\u00f6rn": 1e-7})
    assert read_over("TAX COPY", 5, "\u00d6", 0.05, english) == "TAX COPY"
    assert read_over("JOHOR", 1, "\u00d6", 0.05, english) == "JOHOR"  # written now and then, and never so
    assert read_over("BJORN", 2, "\u00d6", 0.05, english) == "BJ\u00d6RN"


def test_a_text_without_accents() -> None:
    assert bare("\u017dILINA S\u00d8RENSEN \u0141\u00f3d\u017a") == "ZILINA SORENSEN Lodz"


def test_the_characters_of_a_model(tmp_path: Path) -> None:
    models = locate(wanted("English"), folders())
    assert models is not None
    english = characters(models[0])
    assert {"a", "Z", "0", "\u00e9"} <= english
    assert english.isdisjoint({"\u017d", "\u00f6"})
    broken = tmp_path / "broken.traineddata"
    broken.write_bytes(b"\x18\0\0\0no model")
    assert not characters(broken)
