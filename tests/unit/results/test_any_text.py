"""Whatever an engine may read, every format stays readable."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.recognition.page import Block, Line, Page, Word
from whaleline.results import Reading, ResultType, write

WIDTH, HEIGHT = 300, 120

# All but surrogates, which no UTF-8 output of an engine can hold.
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=0, max_size=8)
edges = st.integers(0, WIDTH), st.integers(0, HEIGHT)


@st.composite
def words(draw: Any) -> Word:
    xs = sorted(draw(st.tuples(edges[0], edges[0])))
    ys = sorted(draw(st.tuples(edges[1], edges[1])))
    return Word(draw(texts), Rectangle(xs[0], ys[0], xs[1], ys[1]), draw(st.floats(0, 100)))


lines = st.lists(words(), min_size=1, max_size=4).map(lambda found: Line(tuple(found)))
blocks = st.lists(lines, min_size=1, max_size=3).map(lambda found: Block(tuple(found)))
placements = st.builds(
    lambda degrees, factor, x, y: Affine.shift(x, y) @ Affine.rotation(degrees, (0, 0)) @ Affine.scale(factor, factor),
    st.sampled_from([0, 90, 180, 270, 3.3, -7]),
    st.sampled_from([1, 0.5, 2]),
    st.integers(-100, 1000),
    st.integers(-100, 1000),
)
readings = st.builds(
    lambda found, placement, leftwards: Reading(
        Rectangle(5, 7, 5 + WIDTH, 7 + HEIGHT),
        np.full((HEIGHT, WIDTH), 255, np.uint8),
        Page(WIDTH, HEIGHT, tuple(found), "en", leftwards),
        placement,
    ),
    st.lists(blocks, max_size=3),
    placements,
    st.booleans(),
)


def data_of(result_type: ResultType, reading: Reading) -> bytes:
    (result,) = write(result_type, reading)
    return result.data


@given(readings)
def test_text_and_json_give_back_every_character(reading: Reading) -> None:
    assert data_of(ResultType.Text, reading).decode() == reading.page.text
    parsed = json.loads(data_of(ResultType.JSON, reading))
    found = [word["text"] for block in parsed for line in block["lines"] for word in line["words"]]
    assert found == [word.text for word in reading.page.words]


@given(readings)
def test_hocr_is_well_formed_and_its_boxes_lie_in_the_page(reading: Reading) -> None:
    root = etree.fromstring(data_of(ResultType.Hocr, reading))
    titles = root.xpath("//*[@class!='ocr_page']/@title")
    assert len(root.xpath("//*[@class='ocrx_word']")) == len(reading.page.words)
    page = reading.rectangle
    for title in titles:
        left, top, right, bottom = map(int, title.split(";")[0].removeprefix("bbox ").split())
        assert page.left <= left <= right <= page.right
        assert page.top <= top <= bottom <= page.bottom


@given(readings)
@settings(max_examples=60)
def test_pdf_opens_without_a_complaint(reading: Reading) -> None:
    data = data_of(ResultType.Pdf, reading)
    with pikepdf.open(io.BytesIO(data)) as document:
        assert document.check_pdf_syntax() == []
    document = pypdfium2.PdfDocument(data)
    document[0].get_textpage().get_text_bounded()
    document.close()


# No letter twice, so that a code shared by two of them shows.
alphabets = st.lists(
    st.characters(categories=["Lu", "Ll", "Lo", "Nd"]),
    min_size=1,
    max_size=12,
    unique=True,
)


@given(alphabets)
@settings(max_examples=60)
def test_every_letter_has_its_own_code_that_leads_back_to_it(letters: set[str]) -> None:
    text = "".join(letters)
    line = Line((Word(text, Rectangle(10, 10, 290, 50), 90),))
    picture = np.full((HEIGHT, WIDTH), 255, np.uint8)
    page = Page(WIDTH, HEIGHT, (Block((line,)),))
    data = data_of(ResultType.Pdf, Reading(Rectangle(0, 0, WIDTH, HEIGHT), picture, page, Affine()))
    with pikepdf.open(io.BytesIO(data)) as document:
        (font,) = document.pages[0].Resources.Font.as_dict().values()
        cmap = font.ToUnicode.read_bytes().decode()
    section = cmap.partition("beginbfchar\n")[2].partition("endbfchar")[0]
    mapped = {
        bytes.fromhex(row.split()[1].strip("<>")).decode("utf-16-be"): int(row.split()[0].strip("<>"), 16)
        for row in section.splitlines()
    }
    assert sorted(mapped) == sorted(text)
    assert sorted(mapped.values()) == list(range(1, len(text) + 1))
