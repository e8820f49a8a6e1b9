"""What speaks for each of two readings, and that the fitted weights are of just that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emissions import doubting, line, seen
from whaleline.recognition.calibration import calibration
from whaleline.recognition.candidates import Candidate, candidates, only_capitals_of_one_form, pieces, similarity
from whaleline.recognition.chooser import explained
from whaleline.recognition.frequency import UNKNOWN, frequency, rarest

WORDS = {"the": 0.05, "books": 1e-4, "items": 1e-5, "in": 0.02, "on": 0.01, "a": 0.02, "i": 0.02, "resume": 1e-5}
DIFFERENT = [
    ("the bcoks", "the books"),
    ("\u201cbooks\u201d", '"books"'),
    ("a\u2014b", "a-b"),
    ("on the", "onthe"),
    ("onthe", "on the"),
    ("on tbe", "onthe"),
    ("Books", "books"),
    ("resum\u00e9", "resume"),
    ("books.", "books"),
    ("books", ""),
    ("11.0", "ll.0"),
    ("cc:", "CC:"),
]
OTHER = "RMC.47", "RMO.47", (2, "0")
"""What was read, and what else PP-OCRv6 may have seen at a place."""


def usual(text: str) -> float:
    return rarest(text, WORDS)


def told(first: str, second: str, other: tuple[int, str] | None = None) -> list[Candidate]:
    """The candidates of the one piece in which two readings differ."""
    emission = doubting(second, *other) if other else seen(second, 0.97)
    parts = pieces(line(first), emission.symbols)
    (place,) = [place for place, part in enumerate(parts) if part.first != part.second]
    return candidates(parts, place, [emission], usual)


def explanations() -> Iterator[tuple[str, set[str]]]:
    """For each way in which a word comes about the names of its features."""
    for first, second in [*DIFFERENT, ("the", "the")]:
        for reading, emissions in ((line(first), [seen(second)]), (line(first), []), (None, [seen(second)])):
            for found in explained(reading, emissions, usual, 20, calibration()):
                yield found.way, set(found.features)


def test_every_feature_of_a_candidate_has_its_weight_and_no_weight_is_idle() -> None:
    found = [candidate for pair in DIFFERENT for candidate in told(*pair)] + told(*OTHER)
    names = {name for candidate in found for name in candidate.features}
    assert names == set(calibration().choice)


def test_every_feature_of_a_word_has_its_weight_and_no_weight_is_idle() -> None:
    found: dict[str, set[str]] = {}
    for way, names in explanations():
        found.setdefault(way, set()).update(names)
    assert found == {way: set(weights) for way, weights in calibration().confidence.items()}


@pytest.mark.parametrize(
    ("first", "second", "texts"),
    [
        ("the bcoks", "the books", {"bcoks", "books"}),
        ("on the books", "onthe books", {"on the", "onthe"}),
        ("on tbe books", "onthe books", {"on tbe", "onthe", "on the"}),  # the letters of one, the spaces of the other
    ],
)
def test_the_texts_that_a_piece_may_be(first: str, second: str, texts: set[str]) -> None:
    assert {candidate.text for candidate in told(first, second)} == texts


@pytest.mark.parametrize(
    ("first", "second"),
    [("b00ks", "books"), ("a@books", "a@bcoks"), ("the.books", "the.bcoks"), ("i", "a"), ("resum\u00e9", "resume")],
)
def test_lists_of_words_are_not_asked_about_these(first: str, second: str) -> None:
    assert [candidate.features["frequency"] for candidate in told(first, second)] == [0, 0]


def test_what_else_was_seen_is_a_candidate_to_which_little_is_objected() -> None:
    found = {candidate.text: candidate.features for candidate in told(*OTHER)}
    assert list(found)[:2] == ["RMO.47", "RMC.47"]
    assert found["RM0.47"]["neither's objection"] < found["RMC.47"]["objection"] / 2
    assert found["RMO.47"]["letters at a point"] == 1
    assert found["RM0.47"]["letters at a point"] == 0


def test_words_that_only_a_mark_follows_are_prose() -> None:
    usual_, other = told("the books", "the bcoks :")
    assert usual_.features["frequency"] == 0 < other.features["frequency"]


def test_lists_of_words_are_asked_about_prose() -> None:
    books, bcoks = told("the bcoks", "the books")
    assert books.text == "books"
    assert books.features["frequency"] > bcoks.features["frequency"] == 0


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        ("\u201cbooks\u201d", '"books"', "only quotes"),
        ("a\u2014b", "a-b", "only dashes"),
        ("on the", "onthe", "only spaces"),
        ("Books", "books", "only capitals"),
        ("resum\u00e9", "resume", "only accents"),
        ("books.", "books", "only an end mark more"),
    ],
)
def test_a_difference_of_one_kind_is_told(first: str, second: str, name: str) -> None:
    (found,) = [candidate for candidate in told(first, second) if candidate.text == first]
    assert [kind for kind in found.features if kind.startswith("only ")] == [name]


def test_the_better_a_text_fits_the_less_is_objected() -> None:
    emission = seen("1", 0.6, {0: "l"})
    near, far = (candidates(pieces(line(first), emission.symbols), 0, [emission], usual)[1] for first in ("l", "x"))
    assert near.features["objection"] < far.features["objection"]


def test_pieces_end_where_both_have_a_blank() -> None:
    found = pieces(line("on the books"), seen("onthe books").symbols)
    assert [(piece.first, piece.second) for piece in found] == [("on the", "onthe"), ("books", "books")]


@pytest.mark.parametrize(
    ("first", "second", "one_form"),
    [("cc", "CC", True), ("vox", "VOX", True), ("see", "SEE", False), ("cc", "cc", False), ("cc", "cs", False)],
)
def test_capitals_of_one_form(first: str, second: str, one_form: bool) -> None:
    assert only_capitals_of_one_form(first, second) is one_form


def test_similarity() -> None:
    assert similarity("The \u2018books\u2019", "the 'books'") == 1
    assert similarity("abc", "xyz") == 0


def test_frequency_of_english() -> None:
    english = frequency("en")
    assert english("the") > english("whale") > english("qzxv") == 0
    assert english("the qzxv") == 0
    assert english("1851") == english("") == UNKNOWN
    assert english("whale\u2019s") > 0
    assert english("b") < english("I")


def test_of_a_language_without_a_list_every_word_is_as_usual_as_any_other() -> None:
    assert frequency("xx")("anything") == UNKNOWN
