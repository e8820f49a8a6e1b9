"""Spell check: what is replaced, and what never is."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.frequency import listed
from whaleline.recognition.languages import find, languages
from whaleline.recognition.page import Block, Line, Page, Word
from whaleline.recognition.speller import Speller, confusions
from whaleline.recognition.spelling import corrected, dictionaries, how_to_add, speller_of

# Those that the protocol's documentation names.
DOCUMENTED = [
    "Croatian",
    "Czech",
    "Danish",
    "Dutch",
    "English",
    "Estonian",
    "Finnish",
    "French",
    "German",
    "Italian",
    "Latvian",
    "Norwegian",
    "Polish",
    "Portuguese",
    "Russian",
    "Spanish",
    "Swedish",
]

PARAGRAPHS = {
    row["wire"]: row["text"]
    for row in csv.DictReader(
        (Path(__file__).parent / "paragraphs.tsv").read_text(encoding="utf-8").splitlines(),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
}


def speller(wire: str) -> Speller:
    language = find(wire)
    assert language is not None
    if lack := how_to_add(language):
        pytest.skip(lack)
    found = speller_of(language)
    assert found is not None
    return found


def page(text: str) -> Page:
    box = Rectangle(0, 0, 10, 10)
    lines = tuple(Line(tuple(Word(word, box, 90.0) for word in line.split())) for line in text.splitlines())
    return Page(100, 100, (Block(lines),))


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("tirne", "time"),
        ("govemment", "government"),
        ("cornpany", "company"),
        ("tbe", "the"),
        ("vvhale", "whale"),
        ("c1ear", "clear"),
        ("0ffice", "office"),
        ("cornrnittee", "committee"),
        ("(tbat)", "(that)"),
    ],
)  # fmt: skip
def test_misread_words_are_replaced(read: str, meant: str) -> None:
    assert speller("English").corrected(read) == meant


KEPT = """
modem house don't don’t well-known Burns Ishmael Clarke Marnie 1984 10,000 $50.00 A1B2C3 X-100 McDonald iPhone USA NASA
e.g. http://tbe.example a@tbe.example I l ... tbe_file B0STON-1 COBOL
""".split()  # noqa: SIM905


@pytest.mark.parametrize("text", ["", *KEPT])
def test_names_numbers_codes_and_known_words_stay(text: str) -> None:
    assert speller("English").corrected(text) == text


def test_a_capital_is_trusted_to_be_no_name_only_at_a_sentences_beginning() -> None:
    language = find("English")
    assert language is not None
    text = corrected(page("Tbe time of Captain Tirne\nended. Tbere it is"), language).text
    assert text == "The time of Captain Tirne\nended. There it is"


def test_halves_of_parted_words_stay() -> None:
    language = find("English")
    assert language is not None
    assert corrected(page("the infor-\nmation of tbe"), language).text == "the infor-\nmation of the"
    assert corrected(page("prepara-\nfected, tbe"), language).text == "prepara-\nfected, the"


def test_boxes_and_confidences_stay() -> None:
    language = find("English")
    assert language is not None
    before = page("tbe tirne")
    after = corrected(before, language)
    assert after.text == "the time"
    assert [(word.box, word.confidence) for word in after.words] == [
        (word.box, word.confidence) for word in before.words
    ]


@pytest.mark.sampled(8)
@pytest.mark.parametrize(
    ("wire", "read", "meant"),
    [
        ("German", "Strasse", "Strasse"),
        ("German", "natürlieh", "natürlich"),
        ("German", "konnen", "können"),
        ("French", "gouvernernent", "gouvernement"),
        ("Polish", "rownież", "również"),
        ("Swedish", "rnänniskor", "människor"),
        ("Estonian", "inimesed", "inimesed"),
        ("Estonian", "küsirnus", "küsimus"),
        ("Finnish", "ihrniset", "ihmiset"),
        ("Croatian", "mnogirn", "mnogim"),
        ("Croatian", "zivot", "život"),
        ("Czech", "rnožnost", "možnost"),
        ("Danish", "rnennesker", "mennesker"),
        ("Dutch", "rnensen", "mensen"),
        ("Italian", "rnomento", "momento"),
        ("Latvian", "valdiba", "valdība"),
        ("Norwegian", "rnennesker", "mennesker"),
        ("Portuguese", "govemo", "governo"),
        ("Spanish", "tiernpo", "tiempo"),
        ("English", "tbrough", "through"),
        ("Russian", "которьй", "которьй"),
        ("Russian", "чсловек", "человек"),
    ],
)
def test_other_languages(wire: str, read: str, meant: str) -> None:
    assert speller(wire).corrected(read) == meant


def test_what_the_other_engine_read_decides_between_words_as_usual_as_each_other() -> None:
    english = speller("English")
    assert english.corrected("bcat") == "bcat"  # beat or boat
    assert english.corrected("bcat,", alternative="boat,") == "boat,"
    assert english.corrected("Bcat", starts_sentence=True, alternative="Beat") == "Beat"
    assert english.corrected("bcat", alternative="bcut") == "bcat"
    box = Rectangle(0, 0, 10, 10)
    lines = (Line((Word("a", box, 90.0), Word("bcat", box, 60.0, "boat"))),)
    language = find("English")
    assert language is not None
    assert corrected(Page(100, 100, (Block(lines),)), language).text == "a boat"


@pytest.mark.sampled(6)
@pytest.mark.parametrize("wire", [wire for wire in DOCUMENTED if wire in PARAGRAPHS])
def test_a_paragraph_without_errors_stays(wire: str) -> None:
    speller(wire)  # skips by name
    language = find(wire)
    assert language is not None
    text = page(PARAGRAPHS[wire])
    assert corrected(text, language) == text


def test_without_a_list_of_frequent_words_only_the_one_word_that_was_meant_is_taken() -> None:
    estonian = speller("Estonian")
    assert not listed("et")
    assert estonian.corrected("inirnene") == "inimene"
    assert estonian.corrected("kusimus") == "kusimus"  # may be küsimus or kasimus
    assert estonian.corrected("vairn") == "vairn"  # short


def test_the_table_names_languages_of_the_wire() -> None:
    wires = {language.wire for language in languages()}
    assert set(dictionaries()) <= wires
    assert set(DOCUMENTED) <= set(dictionaries())
    assert all(meant != read for meant, read in confusions())


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    german, japanese = find("German"), find("Japanese")
    assert german is not None
    assert japanese is not None
    assert how_to_add(german, [tmp_path]) == (
        "the spelling of German was not checked; add its dictionary with: apt-get install hunspell-de-de"
    )
    assert speller_of(german, [tmp_path]) is None
    assert "no dictionary" in how_to_add(japanese)
    assert corrected(page("tbe"), japanese) == page("tbe")
