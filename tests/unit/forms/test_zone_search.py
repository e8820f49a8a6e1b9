"""The best text of a machine readable zone, among all that its check digits allow."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from whaleline.forms.zone_search import search
from whaleline.recognition.cells import SIGNS, Cells
from whaleline.values.mrz import LAYOUTS, faults

(TD3,) = (layout for layout in LAYOUTS if layout.name == "TD3")
(TD1,) = (layout for layout in LAYOUTS if layout.name == "TD1")
PASSPORT = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
CARD = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")


def shown(text: str, doubts: Mapping[int, tuple[str, float]] | None = None) -> Cells:
    """Cells in which each sign was seen, none where a blank stands; at some places another one, with a probability."""
    found = np.full((len(text), len(SIGNS)), 1e-6)
    for place, sign in enumerate(text):
        if sign == " ":
            continue
        other, probability = (doubts or {}).get(place, (sign, 1.0))
        found[place, SIGNS.index(sign)] = 1 - probability
        found[place, SIGNS.index(other)] = probability
    return Cells(np.asarray(np.log(found.clip(1e-6)), np.float64), found > 0.1)


def test_what_is_seen_is_told_with_confidence() -> None:
    for layout, lines in ((TD3, PASSPORT), (TD1, CARD)):
        read = search(layout, [shown(line) for line in lines])
        assert read is not None
        assert read.lines == lines
        assert read.share > -0.1


def test_check_digits_choose_between_signs_across_lines() -> None:
    # The number of a card stands in its first line, the check digit of the whole in its second.
    read = search(TD1, [shown(CARD[0], {8: ("7", 0.6)}), shown(CARD[1], {18: ("Z", 0.6)}), shown(CARD[2])])
    assert read is not None
    assert read.lines == CARD


def test_digits_that_are_seen_for_certain_stay_though_a_check_digit_fails() -> None:
    wrong = PASSPORT[1].replace("L898902C3", "L898802C3")
    read = search(TD3, [shown(PASSPORT[0]), shown(wrong)])
    assert read is not None
    assert read.lines[1] == wrong
    assert "number" in faults(TD3, read.lines)


def test_no_digit_stands_among_names_and_no_letter_in_a_date() -> None:
    names = PASSPORT[0].replace("O", "0")
    first = np.logaddexp(shown(names).signs, shown(PASSPORT[0]).signs - 6)
    read = search(TD3, [Cells(first, np.ones(first.shape, bool)), shown(PASSPORT[1], {13: ("T", 0.999)})])
    assert read is not None
    assert read.lines == PASSPORT


def test_two_texts_that_are_as_likely_share_the_confidence() -> None:
    read = search(TD3, [shown(PASSPORT[0], {7: ("V", 0.5)}), shown(PASSPORT[1])])
    assert read is not None
    assert np.exp(read.share) < 0.6


def test_a_sign_that_no_cell_shows_is_told() -> None:
    seen = {
        PASSPORT[1]: 0,
        PASSPORT[1][:-1] + " ": 1,  # the check digit says itself
        PASSPORT[1][:-1] + "Z": 1,
        PASSPORT[1].replace("<<<<<", "   < "): 0,  # nobody counts fillers
        PASSPORT[1].replace("<<<<<", "     "): 5,
    }
    for second, unseen in seen.items():
        read = search(TD3, [shown(PASSPORT[0]), shown(second)])
        assert read is not None
        assert (read.lines, read.unseen) == (PASSPORT, unseen)


def test_a_letter_that_was_not_seen_is_no_filler() -> None:
    read = search(TD3, [shown(PASSPORT[0].replace("MARIA", "M RIA")), shown(PASSPORT[1])])
    assert read is not None
    assert (read.lines[0].replace("M<RIA", "MARIA"), read.unseen) == (PASSPORT[0], 1)


def test_what_ends_in_two_ways_keeps_the_likelier_one() -> None:
    # Behind a last filler a name may go on or not: two states of the expression with the same remainders.
    names = "P<UTOERIKSSON<<ANNA<MARIA" + "<" * 19
    read = search(TD3, [shown(names, {43: ("K", 0.4)}), shown(PASSPORT[1])])
    assert read is not None
    assert read.lines[0] == names


def test_dates_and_names_are_read_as_such() -> None:
    # No month is 92, and only at the end do more than two fillers follow one another.
    second = PASSPORT[1].replace("740812", "790812")
    read = search(TD3, [shown(PASSPORT[0], {12: ("<", 0.6)}), shown(second, {15: ("9", 0.6)})])
    assert read is not None
    assert (read.lines[0], read.lines[1][15]) == (PASSPORT[0], "0")
