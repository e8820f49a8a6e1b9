from __future__ import annotations

import io
import time
from collections.abc import Callable

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.recognition.page import Block, Line, Page, Word
from whaleline.results import Reading, pdf

POINTS_PER_PIXEL = 72 / 300


def extracted(data: bytes) -> str:
    """The text as a reader copies it."""
    document = pypdfium2.PdfDocument(data)
    text: str = document[0].get_textpage().get_text_bounded()
    document.close()
    return text.replace("\r\n", "\n")


def rendered(data: bytes, mode: str, size: tuple[int, int]) -> np.ndarray:
    document = pypdfium2.PdfDocument(data)
    image = document[0].render(scale=1 / POINTS_PER_PIXEL).to_pil().convert(mode).copy()
    document.close()
    # A page of a broken number of points is rendered with up to one pixel more.
    assert abs(image.width - size[0]) <= 1
    assert abs(image.height - size[1]) <= 1
    return np.asarray(image.resize(size), dtype=int)


@pytest.mark.parametrize(
    "lines",
    [
        ["Hello big world", "of whale lines", "a b c"],
        ["Größe naïve €", "Ærøskøbing Łódź"],
        ["Привет мир", "Ελληνικά γράμματα"],
        ["日本語 文字", "鲸 线"],
        ["한국어 문장", "ภาษาไทย ไทย"],
        ["क्षत्रिय हिन्दी", "বাংলা தமிழ் తెలుగు"],
        ["𐌰𐌱 😀 𠀀𠀁", "🐳 whale"],
        ["(brackets) back\\slash <angles> %"],
    ],
)
def test_the_text_is_copied_as_it_was_read(typeset: Callable[..., Reading], lines: list[str]) -> None:
    reading = typeset(lines)
    assert extracted(pdf.write(reading)) == reading.page.text


@pytest.mark.parametrize("lines", [["שלום עולם טוב", "עוד שורה"], ["مرحبا 123 العالم", "كتاب"]])
def test_right_to_left_text_is_copied_in_reading_order(typeset: Callable[..., Reading], lines: list[str]) -> None:
    reading = typeset(lines, right_to_left=True)
    assert extracted(pdf.write(reading)) == reading.page.text


@pytest.mark.parametrize("gap", [60, 3, 1, 0, -10])
def test_words_stay_parted_however_near_their_boxes_are(typeset: Callable[..., Reading], gap: int) -> None:
    reading = typeset(["near by words", "keep parted"], gap=gap)
    assert extracted(pdf.write(reading)) == reading.page.text


def test_lines_whose_boxes_reach_into_each_other_stay_lines() -> None:
    # Heights as of a real scan: capitals and descenders reach 9 pixels beyond the letters between.
    def line(top: int, words: str) -> Line:
        boxes = [Rectangle(100 * i, top + (i == 1) * 9, 100 * i + 90, top + 40 + (i == 2) * 9) for i in range(4)]
        return Line(tuple(Word(text, box, 90) for text, box in zip(words.split(), boxes, strict=True)))

    lines = (line(0, "one two three four"), line(45, "five six seven eight"))
    page = Page(400, 100, (Block(lines),))
    reading = Reading(Rectangle(0, 0, 400, 100), np.full((100, 400), 255, np.uint8), page, Affine())
    assert extracted(pdf.write(reading)) == page.text


@pytest.mark.parametrize(
    ("factor", "resolution"), [(2, 300), (1, 300), (0.63, 300), (0.62, 150), (0.3, 75), (0.1, 37.5)]
)
def test_a_page_of_tiny_text_is_enlarged_until_its_lines_are_6_points_high(
    typeset: Callable[..., Reading], factor: float, resolution: float
) -> None:
    reading = typeset(["forty pixels", "a line"], placement=Affine.scale(factor, factor))
    width = reading.picture.shape[1] * factor / resolution * 72
    with pikepdf.open(io.BytesIO(pdf.write(reading))) as document:
        assert float(document.pages[0].mediabox[2]) == pytest.approx(width, abs=0.002)


@pytest.mark.parametrize("factor", [0.1, 0.25, 0.5, 1, 3])
def test_close_lines_are_told_apart_whatever_their_size(factor: float) -> None:
    # Lines 45 pixels apart with letters 36 high, as scans of single-spaced print have them.
    lines = tuple(
        Line((Word(text, Rectangle(10, top, 300, top + 36), 90),))
        for top, text in [(10, "first"), (55, "second"), (100, "third")]
    )
    page = Page(320, 150, (Block(lines),))
    picture = np.full((150, 320), 255, np.uint8)
    reading = Reading(Rectangle(0, 0, 320, 150), picture, page, Affine.scale(factor, factor))
    assert extracted(pdf.write(reading)) == page.text


def test_blocks_follow_each_other_in_reading_order(typeset: Callable[..., Reading]) -> None:
    reading = typeset(["first block", "goes on"], ["second block"])
    assert extracted(pdf.write(reading)) == reading.page.text


def test_search_finds_a_word_where_its_box_is(typeset: Callable[..., Reading]) -> None:
    reading = typeset(["Hello big world", "find whale here"])
    (word,) = [word for word in reading.page.words if word.text == "whale"]
    document = pypdfium2.PdfDocument(pdf.write(reading))
    page = document[0]
    text = page.get_textpage()
    index, count = text.search("whale").get_next()
    boxes = [text.get_charbox(i) for i in range(index, index + count)]
    found = [
        min(box[0] for box in boxes),
        page.get_height() - max(box[3] for box in boxes),
        max(box[2] for box in boxes),
        page.get_height() - min(box[1] for box in boxes),
    ]
    document.close()
    box = word.box
    expected = [edge * POINTS_PER_PIXEL for edge in (box.left, box.top, box.right, box.bottom)]
    assert found == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize("ink", [0, 90, (200, 30, 60)])
def test_the_page_looks_like_the_picture(typeset: Callable[..., Reading], ink: int | tuple[int, int, int]) -> None:
    reading = typeset(["black bars", "for words"], ink=ink)
    height, width = reading.picture.shape[:2]
    shown = rendered(pdf.write(reading), "L" if isinstance(ink, int) else "RGB", (width, height))
    difference = np.abs(shown - reading.picture)
    assert difference.mean() < 2
    assert np.percentile(difference, 95) < 16


def test_the_text_layer_is_invisible(typeset: Callable[..., Reading]) -> None:
    reading = typeset(["unseen text"])
    blank = Reading(reading.rectangle, np.full_like(reading.picture, 255), reading.page, reading.placement)
    height, width = blank.picture.shape
    data = pdf.write(blank)
    assert rendered(data, "L", (width, height)).min() == 255
    # The glyphs have no ink either; the mode is for a reader that takes a font of its own instead.
    with pikepdf.open(io.BytesIO(data)) as document:
        operators = pikepdf.parse_content_stream(document.pages[0])
    modes = [int(each.operands[0]) for each in operators if str(each.operator) == "Tr"]
    assert modes == [3]


def test_the_time_of_writing_leaves_no_trace(typeset: Callable[..., Reading]) -> None:
    reading = typeset(["whenever"])
    first = pdf.write(reading)
    time.sleep(1.1)  # a PDF's dates and usual identifier count seconds
    assert pdf.write(reading) == first


@pytest.mark.parametrize(
    ("ink", "filter_name"), [(0, "/CCITTFaxDecode"), (90, "/DCTDecode"), ((200, 30, 60), "/DCTDecode")]
)
def test_black_and_white_is_stored_without_loss(
    typeset: Callable[..., Reading], ink: int | tuple[int, int, int], filter_name: str
) -> None:
    reading = typeset(["stored"], ink=ink)
    with pikepdf.open(io.BytesIO(pdf.write(reading))) as document:
        (image,) = document.pages[0].get_images().values()
        assert isinstance(image, pikepdf.Stream)
        assert image.Filter == filter_name
        stored = pikepdf.PdfImage(image).as_pil_image()
    if ink == 0:
        assert np.array_equal(np.asarray(stored.convert("L")), reading.picture)


def test_a_picture_wider_than_jpeg_allows_is_stored_without_loss() -> None:
    picture = np.tile(np.arange(70, dtype=np.uint8), (5, 1000))
    reading = Reading(Rectangle(0, 0, 70000, 5), picture, Page(70000, 5, ()), Affine())
    with pikepdf.open(io.BytesIO(pdf.write(reading))) as document:
        assert document.check_pdf_syntax() == []
        (image,) = document.pages[0].get_images().values()
        assert image.Filter == "/FlateDecode"
        assert image.read_bytes() == picture.tobytes()
        assert [float(side) for side in document.pages[0].mediabox] == [0, 0, 14400, 3]


@pytest.mark.parametrize(
    ("width", "height", "points"), [(2550, 3300, (612, 792)), (300, 75, (72, 18)), (40, 6, (20, 3))]
)
def test_a_page_measures_300_pixels_to_the_inch_and_never_under_3_points(
    width: int, height: int, points: tuple[float, float]
) -> None:
    picture = np.full((height, width), 255, np.uint8)
    reading = Reading(Rectangle(0, 0, width, height), picture, Page(width, height, ()), Affine())
    with pikepdf.open(io.BytesIO(pdf.write(reading))) as document:
        assert [float(side) for side in document.pages[0].mediabox] == [0, 0, *points]


@pytest.mark.parametrize("degrees", [0, 30])
def test_a_picture_enlarged_to_be_read_gives_a_page_of_the_regions_size(degrees: int) -> None:
    placement = Affine.rotation(degrees, (50, 50)) @ Affine.scale(0.5, 0.5)
    picture = np.full((150, 600), 255, np.uint8)
    reading = Reading(Rectangle(0, 0, 300, 75), picture, Page(600, 150, ()), placement)
    with pikepdf.open(io.BytesIO(pdf.write(reading))) as document:
        assert [float(side) for side in document.pages[0].mediabox] == [0, 0, 72, 18]


def test_the_document_is_sound_and_names_its_producer_and_no_time(typeset: Callable[..., Reading]) -> None:
    with pikepdf.open(io.BytesIO(pdf.write(typeset(["Hello 😀"], language="de")))) as document:
        assert document.check_pdf_syntax() == []
        assert {key: str(value) for key, value in document.docinfo.items()} == {"/Producer": "Whaleline"}
        assert document.Root.Lang == "de"


def test_the_font_is_embedded_with_the_tables_that_pdf_asks_for(typeset: Callable[..., Reading]) -> None:
    with pikepdf.open(io.BytesIO(pdf.write(typeset(["Hello"])))) as document:
        (font,) = document.pages[0].Resources.Font.as_dict().values()
        descendant = font.DescendantFonts[0]
        data = descendant.FontDescriptor.FontFile2.read_bytes()
        assert len(data) == int(descendant.FontDescriptor.FontFile2.Length1)
        # Four different letters, each mapped to the one glyph, after code 0.
        assert descendant.CIDToGIDMap.read_bytes() == bytes([0, 0] + [0, 1] * 4)
    tags = [data[start : start + 4] for start in range(12, 12 + 6 * 16, 16)]
    assert tags == [b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp"]


def test_a_photo_keeps_its_colours() -> None:
    rng = np.random.default_rng(1)
    noise = rng.integers(60, 200, (26, 40, 3), dtype=np.uint8)
    smooth = np.asarray(Image.fromarray(noise).resize((500, 325), Image.Resampling.BICUBIC))
    reading = Reading(Rectangle(0, 0, 500, 325), smooth, Page(500, 325, ()), Affine())
    assert np.abs(rendered(pdf.write(reading), "RGB", (500, 325)) - smooth).mean() < 3
