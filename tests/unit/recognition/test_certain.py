"""When PP-OCRv6's reading needs no second one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emissions import STEP, seen
from whaleline.imaging.picture import Picture
from whaleline.recognition.certain import is_certain
from whaleline.recognition.emission import Emission

LISTED = {"the", "whale", "total", "new", "bedford", "co"}


def usual(text: str) -> float:
    return 5.0 if text.casefold() in LISTED else 0.0


BEGIN = 40
"""The column in which an emission's first step begins here."""


def look(text: str, sure: float = 0.995) -> Emission:
    return replace(seen(text, sure), start=float(BEGIN))


def ink_of(text: str, *, before: int = 0, behind: int = 0) -> Picture:
    """Ink where the letters of such an emission are, and so many pixels more."""
    end = BEGIN + int(STEP * 2 * len(text))
    ink = np.zeros((40, end + 60), np.uint8)
    ink[10:30, BEGIN + int(STEP) - before : end + behind] = 255
    return ink


@pytest.mark.parametrize(
    "text", ["The whale", "TOTAL 12.50", "New Bedford, 12/31/2024", "total: 508-555-0142", "12:30", "the new-"]
)
def test_usual_words_and_numbers_beyond_doubt_are(text: str) -> None:
    assert is_certain(look(text, 0.92), ink_of(text), usual)


@pytest.mark.parametrize("text", ["the whalc", "The Whalc", "the whal-"])
def test_a_word_in_no_list_is_where_nothing_is_in_doubt(text: str) -> None:
    assert is_certain(look(text, 0.995), ink_of(text), usual)
    assert not is_certain(look(text, 0.97), ink_of(text), usual)


@pytest.mark.parametrize("text", ["TOTAL:12.50", "A1B2", "the,whale", "TOTALNEW", "7", "* new"])
def test_codes_and_signs_are_where_next_to_nothing_is_in_doubt(text: str) -> None:
    assert is_certain(look(text, 0.99), ink_of(text), usual)
    if text != "7":
        assert not is_certain(look(text, 0.94), ink_of(text), usual)


@pytest.mark.parametrize(
    "text",
    [
        "newBedford",  # a space may be lost
        'the "whale',  # of which kind quotes are, it does not see
        "the \u2014",
        "co",  # nor how high these letters are
        "s.",
        "0",
        "-",
    ],
)
def test_what_may_be_otherwise_is_not(text: str) -> None:
    assert not is_certain(look(text), ink_of(text), usual)


def letters_of(text: str, gaps: dict[int, int]) -> Picture:
    """Ink of a letter of six columns for each sign of such an emission, the white before some of them so wide."""
    ink = np.zeros((40, BEGIN + int(STEP * 2 * len(text)) + 60), np.uint8)
    for place, sign in enumerate(text):
        middle = BEGIN + int(STEP * (2 * place + 1)) + int(STEP) // 2
        left = middle - int(STEP) + 1 + gaps.get(place, 0)
        if sign != " ":
            ink[10:30, left : middle + int(STEP) - 1] = 255
    return ink


def test_white_within_a_code_may_be_a_space_that_was_not_seen() -> None:
    text = "AB12:34"
    assert is_certain(look(text), letters_of(text, {}), usual)
    assert not is_certain(look(text), letters_of(text, {2: 8}), usual)


def test_one_doubtful_symbol_is_enough() -> None:
    assert not is_certain(look("The whale", 0.89), ink_of("The whale"), usual)


@pytest.mark.parametrize(("before", "behind"), [(20, 0), (0, 25)])
def test_ink_beside_the_text_is_print_that_was_not_seen(before: int, behind: int) -> None:
    assert not is_certain(look("The whale"), ink_of("The whale", before=before, behind=behind), usual)


@pytest.mark.parametrize(("gap", "certain"), [(4, True), (3, False)])
def test_a_digit_on_the_wrong_side_of_wide_white_is_seen(gap: int, certain: bool) -> None:
    """Of `15.4 1100` the space stands behind the fourth symbol."""
    text = "15.4 1100" if gap == 4 else "15. 41100"
    ink = np.zeros((12, 400), np.uint8)
    ink[2:10, BEGIN + int(STEP) : BEGIN + int(STEP * 8)] = 255
    ink[2:10, BEGIN + int(STEP * 11) : BEGIN + int(STEP * 18)] = 255
    assert is_certain(look(text), ink, usual) is certain


def test_of_a_word_that_is_as_usual_with_an_accent_tesseract_is_asked() -> None:
    def accented(text: str) -> float:
        return {"the": 6.0, "cafe": 3.0, "caf\u00e9": 4.0}.get(text.casefold(), 0.0)

    text = "THE CAFE"
    assert is_certain(look(text), ink_of(text), accented)
    assert is_certain(look(text), ink_of(text), accented, frozenset("abcdefg"))
    assert not is_certain(look(text), ink_of(text), accented, frozenset("abcdefg\u00e9"))


def test_a_mark_at_the_end_that_was_not_seen_leaves_a_doubt() -> None:
    """Two letters and a point, of which no symbol tells."""
    ink = np.zeros((40, 200), np.uint8)
    for column in (BEGIN + int(STEP), BEGIN + int(STEP * 3)):
        ink[10:30, column : column + 8] = 255
    assert is_certain(look("12"), ink, usual)
    ink[27:30, BEGIN + int(STEP * 4) + 1 : BEGIN + int(STEP * 4) + 4] = 255
    assert not is_certain(look("12"), ink, usual)


def test_a_raised_last_piece_is_a_quote_that_was_not_seen() -> None:
    text = "the whale."
    ink = np.pad(ink_of(text), ((0, 0), (0, 4)))
    end = int(np.flatnonzero(ink.any(axis=0))[-1])
    ink[12:16, end + 2 : end + 5] = 255
    assert not is_certain(look(text), ink, usual)
    ink[26:30, end + 2 : end + 5], ink[12:16, end + 2 : end + 5] = 255, 0
    assert is_certain(look(text), ink, usual)
