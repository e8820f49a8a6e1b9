"""One reading from two: which of them each piece is taken from, and where its words lie."""

from __future__ import annotations

import pytest

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.frequency import UNKNOWN, frequency, rarest
from whaleline.recognition.page import Line, Word
from whaleline.recognition.ppocr import Symbol
from whaleline.recognition.vote import pieces, similarity, vote

WORDS = {"the": 0.05, "books": 1e-4, "items": 1e-5, "in": 0.02, "on": 0.01, "a": 0.02, "i": 0.02, "she": 0.01}


def usual(text: str) -> float:
    return rarest(text, WORDS)


def line(text: str, confidence: float = 80) -> Line:
    """Words of 10 pixels a letter, one letter apart, 20 pixels high."""
    words, left = [], 0
    for word in text.split():
        words.append(Word(word, Rectangle(left, 0, left + 10 * len(word), 20), confidence))
        left += 10 * len(word) + 10
    return Line(tuple(words))


def symbols(text: str, confidence: float = 80) -> tuple[Symbol, ...]:
    return tuple(Symbol(letter, confidence, 10 * place, 10 * place + 10) for place, letter in enumerate(text))


def voted(first: str, second: str, sure: float = 80, other: float = 80) -> str:
    found = vote(line(first, sure), symbols(second, other), usual)
    return found.text if found else ""


@pytest.mark.parametrize(
    ("first", "second", "wanted"),
    [
        ("the bcoks she", "the books she", "the books she"),  # the more usual word
        ("the books she", "the bcoks she", "the books she"),
        ("on the books", "onthe books", "on the books"),  # a lost blank
        ("the i tems", "the items", "the items"),  # a word spaced wide
        ("axis , to", "axis, to", "axis, to"),
        ("input / output", "input/output", "input/output"),
        ("the - books", "the books", "the books"),  # a stain
        ("the xq books", "the books", "the xq books"),  # a word that the other engine passed over
        ("at ll.0 to", "at 11.0 to", "at 11.0 to"),  # ones among digits
        ("at 11.0 to", "at ll.0 to", "at 11.0 to"),
        ("the books. she", "the books, she", "the books, she"),  # small letters go on with the sentence
        ("the books, The", "the books. The", "the books. The"),
        ("see NNWSI now", "see NNWSi now", "see NNWSI now"),  # one case within a word
        ("cc: the", "CC: the", "cc: the"),  # told by height, which Tesseract looks at
        ("\u201cthe books\u201d", '"the books"', "\u201cthe books\u201d"),  # quotes as printed
        ("the books", "", "the books"),
        ("see II on", "see 1I on", "see II on"),  # a Roman number
        ("/", "1", "/"),  # a stroke that leans
    ],
)
def test_the_better_piece_is_taken(first: str, second: str, wanted: str) -> None:
    assert voted(first, second) == wanted


def test_confidence_decides_between_words_as_usual_as_each_other() -> None:
    assert voted("qx7 the", "qx8 the", sure=70, other=90) == "qx8 the"
    assert voted("qx7 the", "qx8 the", sure=90, other=70) == "qx7 the"


def test_what_neither_engine_is_sure_of_is_dropped() -> None:
    assert voted("~~j", "Ec;", sure=30, other=40) == ""
    assert voted("the ~~j", "the Ec;", sure=30, other=40) == "the"


def test_signs_alone_that_one_engine_reads_are_dropped() -> None:
    assert voted(": the", "the") == "the"


def test_agreement_makes_a_word_surer() -> None:
    found = vote(line("the books", 80), symbols("the books", 90), usual)
    assert found is not None
    assert [word.confidence for word in found.words] == pytest.approx([98, 98])


def test_a_word_has_the_confidence_of_who_read_it() -> None:
    found = vote(line("the bcoks", 85), symbols("the books", 75), usual)
    assert found is not None
    assert found.words[1].confidence == 75


def test_a_word_remembers_what_the_other_engine_read() -> None:
    found = vote(line("the bcoks on"), symbols("the books on"), usual)
    assert found is not None
    assert [word.alternative for word in found.words] == ["", "bcoks", ""]
    found = vote(line("the books on"), symbols("the bcoks on"), usual)
    assert found is not None
    assert [word.alternative for word in found.words] == ["", "bcoks", ""]


def test_words_keep_tesseracts_boxes() -> None:
    first = line("the bcoks she")
    found = vote(first, symbols("the books she"), usual)
    assert found is not None
    assert [word.box for word in found.words] == [word.box for word in first.words]


def test_a_divided_piece_divides_its_box() -> None:
    found = vote(line("thebooks she"), symbols("the books she"), usual)
    assert found is not None
    the, books, _ = found.words
    assert (the.box.left, books.box.right) == (0, 80)
    assert the.box.right <= books.box.left
    assert the.box.width < books.box.width


def test_pieces_end_where_both_have_a_blank() -> None:
    found = pieces(line("on the books"), symbols("onthe books"))
    assert [(piece.first, piece.second) for piece in found] == [("on the", "onthe"), ("books", "books")]


def test_similarity() -> None:
    assert similarity(line("the books"), symbols("the books")) == 1
    assert similarity(line("abc"), symbols("xyz")) == 0


def test_frequency_of_english() -> None:
    usual = frequency("en")
    assert usual("the") > usual("whale") > usual("qzxv") == 0
    assert usual("the qzxv") == 0
    assert usual("1851") == usual("") == UNKNOWN
    assert usual("whale\u2019s") > 0
    assert usual("b") < usual("I")


def test_of_a_language_without_a_list_every_word_is_as_usual_as_any_other() -> None:
    assert frequency("xx")("anything") == UNKNOWN


def test_thousands_are_apart_in_one_way() -> None:
    assert voted("of 13.500.00 now", "of 13,500.00 now", sure=90, other=80) == "of 13,500.00 now"
    assert voted("of 13,500.00 now", "of 13.500.00 now", sure=80, other=90) == "of 13,500.00 now"
    assert voted("of 13.500,00 now", "of 13,500,00 now", sure=80, other=90) == "of 13.500,00 now"
