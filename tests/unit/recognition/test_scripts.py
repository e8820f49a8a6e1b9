"""Paragraphs in every script, drawn and read back; and the slips of models that are known.

paragraphs.tsv has the beginning of the Universal Declaration of Human Rights (articles 1 and 2), which is free of
copyright, in the languages of the wire.
"""

from __future__ import annotations

import csv
from pathlib import Path
from statistics import median

import cv2
import numpy as np
import pypdfium2
import pytest

from drawing import DEJAVU, NASKH, Pen, error, wanted
from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.picture import Picture
from whaleline.recognition import read
from whaleline.recognition.direction import logical, reading_order
from whaleline.recognition.languages import Language, find, folders, locate_further
from whaleline.recognition.letters import repaired
from whaleline.recognition.old_russian import restored
from whaleline.recognition.page import Word
from whaleline.results import Reading, ResultType, write

PARAGRAPHS = {
    row["wire"]: row["text"]
    for row in csv.DictReader(
        (Path(__file__).parent / "paragraphs.tsv").read_text(encoding="utf-8").splitlines(),
        delimiter="\t",
        quoting=csv.QUOTE_NONE,
    )
}
MOST = {"Latn": 2.0, "Cyrl": 2.0, "Grek": 2.0, "Hani": 2.0, "Jpan": 2.0}  # % of characters; 5 of other scripts
OTHERS = 5.0
FACES = {"Urdu": NASKH, "Uyghur": NASKH}
MIXED = [
    "Greek",
    "Russian",
    "Ukrainan",
    "Bulgarian",
    "Serbian",
    "Georgian",
    "Hebrew",
    "Arabic",
    "Hindi",
    "Bengali",
    "Tamil",
    "Telugu",
    "Kannada",
    "Thai",
    "Tibetan",
    "Korean",
    "Japanese",
    "Chinese",
]
LATIN_NAMES = "Pequod Ltd, John Smith, 2024"


@pytest.mark.sampled(12)
@pytest.mark.parametrize("wire", PARAGRAPHS)
def test_a_paragraph_is_read_back(wire: str) -> None:
    language = wanted(wire)
    text = PARAGRAPHS[wire]
    if language.script in {"Latn", "Cyrl"}:  # which many languages have: two lines of each will do
        text = text[: text.index(" ", 150)]
    picture, truth = Pen(language, 36, FACES.get(wire)).drawn(text)
    page = read(picture, language)
    assert error(truth, page.text, language.script) <= MOST.get(language.script, OTHERS), page.text
    if language.script not in {"Thai", "Tibt"}:  # where the test's own lines are split between words only
        assert len(page.text.splitlines()) == len(truth.splitlines())


@pytest.mark.sampled(6)
@pytest.mark.parametrize("wire", MIXED)
def test_latin_names_and_numbers_within_are_read(wire: str) -> None:
    language = wanted(wire)
    picture, truth = Pen(language, 36).drawn(f"{PARAGRAPHS[wire][:60].rsplit(' ', 1)[0]} {LATIN_NAMES}", 2400)
    text = read(picture, language).text
    for name in ("Ltd", "John", "Smith", "2024"):
        assert name in text, (truth, text)


@pytest.mark.parametrize("wire", ["Chinese", "Japanese"])
def test_no_blanks_where_none_are_printed(wire: str) -> None:
    language = wanted(wire)
    picture, _ = Pen(language, 36).drawn(PARAGRAPHS[wire].replace(" ", ""))
    assert " " not in read(picture, language).text


@pytest.mark.parametrize("size", [24, 36, 48, 80])
def test_arabic_is_read_at_every_size(size: int) -> None:
    language = wanted("Arabic")
    picture, truth = Pen(language, size, DEJAVU).drawn(PARAGRAPHS["Arabic"][:140], 40 * size)
    assert error(truth, read(picture, language).text, "Arab") <= 5


@pytest.mark.parametrize(
    ("wire", "read_as", "meant"),
    [
        ("Tamil", "சுதந்திரம்\u200c", "சுதந்திரம்"),
        ("Kannada", "ಸ್ವಾತ\u0ce6ತ್ರ್ಯ", "ಸ್ವಾತಂತ್ರ್ಯ"),
        ("Kannada", "\u0ce7\u0ce6\u0ce6", "\u0ce7\u0ce6\u0ce6"),
        ("Telugu", "అ\u0c66దరు", "అందరు"),
        ("Bengali", "মর্যাদ\u09f7", "মর্যাদা"),
        ("Bengali", "করে\u09f7", "করে।"),
        ("Greek", "\u00b5ε", "με"),
        ("Arabic", "عقيدته,", "عقيدته\u060c"),
        ("Arabic", "1,250", "1,250"),
        ("Arabic", "\u06a9ان", "\u0643ان"),
        ("Arabic", "ف\u06ccجب", "ف\u064aجب"),
        ("Arabic", "مت\u06cc", "مت\u0649"),
        ("Arabic", "\u06f1\u06f9\u0664\u06f8", "\u0661\u0669\u0664\u0668"),
        ("Arabic", "4\u06614", "\u0664\u0661\u0664"),
        ("Arabic", "1960", "1960"),
        ("Arabic", "\u00bb", "\u060c"),
        ("Arabic", "\u00abكل\u00bb", "\u00abكل\u00bb"),
        ("Persian", "\u06a9ان", "\u06a9ان"),
        ("Kannada", "ಅಮೆರಿಕನ್\u200c", "ಅಮೆರಿಕನ್"),
        ("Kannada", "ಆಕ್ಸೆನ್ಯೋವ್\u200cನ", "ಆಕ್ಸೆನ್ಯೋವ್\u200cನ"),
        ("Greek", "\u1fbfΑργείοις", "Ἀργείοις"),
        ("Greek", "\u1ffeΕλλάς", "Ἑλλάς"),
        ("Greek", "φώνημ\u1fbf", "φώνημ\u2019"),
        ("Greek", "\u03d1εῶν", "θεῶν"),
        ("Chechen", "гIалгIай", "г\u04cfалг\u04cfай"),
        ("Chechen", "г1алг!ай", "г\u04cfалг\u04cfай"),
        ("Chechen", "ГІАЛГІАЙ", "Г\u04c0АЛГ\u04c0АЙ"),
        ("Chechen", "вуй!", "вуй!"),
        ("Chechen", "1981", "1981"),
        ("Kabardian", "щІэныгъэхэр", "щ\u04cfэныгъэхэр"),
        ("Ukrainan", "її", "її"),
    ],
)
def test_known_slips_are_repaired(wire: str, read_as: str, meant: str) -> None:
    language = find(wire)
    assert language is not None
    assert repaired(read_as, language) == meant


def test_palochka_is_read() -> None:
    language = wanted("Kabardian")
    picture, _ = Pen(language, 36).drawn("Дэтхэнэ зы щӏэныгъэр, динкӏэ щӏапхъэхэр къыхэкӏкӏэ")
    assert read(picture, language).text.count("\u04cf") >= 4


@pytest.mark.parametrize(
    ("on_paper", "as_read"),
    [
        ("hello", "hello"),
        ("םולש", "שלום"),
        (",םולש", "שלום,"),
        ("(םולש)", "(שלום)"),
        ("1,250.50-ב", "ב-1,250.50"),
        ("2024-ב", "ב-2024"),
        ("PDF-ה", "ה-PDF"),
        ("صخش", "شخص"),
    ],
)
def test_words_are_turned_to_the_order_of_reading(on_paper: str, as_read: str) -> None:
    assert logical(on_paper) == as_read


def test_words_of_a_line_go_from_the_right_and_latin_ones_from_the_left() -> None:
    on_paper = ["2024", "סוף", "Smith", "John", "שלום"]
    on_paper[2:4] = ["John", "Smith"]
    words = [Word(text, Rectangle(100 * place, 0, 100 * place + 90, 40), 90.0) for place, text in enumerate(on_paper)]
    assert [word.text for word in reading_order(words)] == ["שלום", "John", "Smith", "סוף", "2024"]


@pytest.mark.parametrize(
    ("wire", "text"),
    [("Hebrew", "כל אדם זכאי לחירות 2024 בדעות ללא הפרעה"), ("Arabic", "لكل شخص الحق في 2024 حرية الرأي")],
)
def test_every_format_has_the_order_of_reading(wire: str, text: str) -> None:
    language = wanted(wire)
    picture, _ = Pen(language, 40, DEJAVU).drawn(text)
    page = read(picture, language)
    assert page.text == text
    reading = Reading(Rectangle(0, 0, page.width, page.height), picture, page, Affine.scale(1, 1))
    results = {kind: write(ResultType(kind), reading)[0].data for kind in ("Text", "JSON", "Hocr", "Pdf")}
    assert results["Text"].decode() == text
    assert f'"text":"{text}"' in results["JSON"].decode()
    words = [results["Hocr"].decode().index(f">{word}<") for word in text.split()]
    assert words == sorted(words)
    document = pypdfium2.PdfDocument(results["Pdf"])
    assert document[0].get_textpage().get_text_bounded().split() == text.split()
    # Where the first word stands: at the right.
    assert page.words[0].box.left > page.words[-1].box.right


def test_the_reading_of_nothing_is_nothing() -> None:
    language = wanted("Arabic")
    blank: Picture = np.full((200, 600), 255, np.uint8)
    assert read(blank, language).text == ""


POLYTONIC = "ὧν τὴν μὲν ἔσω σφάζ’ ἐπὶ γαίας, ᾧ σὺ φῂς ἄγειν αὖθις ἐξ ἀρχῆς τῷ ἀνδρί"
OLD_RUSSIAN = "Рѣка течетъ между берегами, на которыхъ лѣсъ и мѣстами деревни сѣверныхъ уѣздовъ"


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", ["truetype/dejavu/DejaVuSerif.ttf", "truetype/noto/NotoSerif-Regular.ttf"])
def test_accents_of_ancient_greek_are_read_in_poor_print(name: str) -> None:
    language = with_further("Greek")
    picture, truth = Pen(language, 40, name).drawn(POLYTONIC, 2400)
    blurred = [np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8) for sigma in (2, 2.25, 2.5, 2.75, 3)]
    # A single one may tip over by how a processor rounds.
    assert median(error(truth, read(each, language).text, "Grek") for each in blurred) <= 5


@pytest.mark.sampled(1)
@pytest.mark.parametrize("name", ["truetype/dejavu/DejaVuSerif.ttf", "truetype/noto/NotoSerif-Regular.ttf"])
def test_russian_of_before_1918_is_read(name: str) -> None:
    language = with_further("Russian")
    picture, truth = Pen(language, 40, name).drawn(OLD_RUSSIAN, 2400)
    assert error(truth, read(picture, language).text, "Cyrl") <= 3


def with_further(wire: str) -> Language:
    """The language; its test is skipped where its further models are not there."""
    language = wanted(wire)
    if locate_further(language, folders()) is None:
        pytest.skip(f"not all of {language.further} are installed: make packs")
    return language


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("вляютъ надфлена водой умфреннфе", "вляютъ надѣлена водой умѣреннѣе"),
        ("къ чБмъ далфе на сфверъ, рЪки", "къ чѣмъ далѣе на сѣверъ, рѣки"),
        ("въ физико-географическомъ отношеніи", "въ физико-географическомъ отношеніи"),
        ("эффект и телефон", "эффект и телефон"),
    ],
)
def test_yat_is_put_back_in_old_spelling_alone(line: str, meant: str) -> None:
    words = tuple(Word(text, Rectangle(0, 0, 9, 9), 90.0) for text in line.split())
    assert " ".join(word.text for word in restored(words)) == meant
