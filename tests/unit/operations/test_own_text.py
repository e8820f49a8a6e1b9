"""The text that PDF pages spell out: taken exactly where it is seen and true, read where it is not."""

from __future__ import annotations

import io
import json
from typing import Any

import pikepdf
import pypdfium2
import pytest
from PIL import Image

import corpus
from corpus import Sheet
from harness import draw
from whaleline.operations import OPERATIONS
from whaleline.operations.operation import Outcome
from whaleline.settings import Settings

A4 = "0 0 595 842"
LINES = ("Call me Ishmael. Some years ago", "never mind how long precisely", "having little or no money")
FONT = "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/{}/Encoding/WinAnsiEncoding{}>>>>"


def run(data: bytes, name: str = "RecognizePdf", **request: Any) -> Outcome:
    operation = OPERATIONS[name]
    return operation.run(data, operation.settings_model.model_validate(request), Settings())


def text_of(data: bytes, **request: Any) -> str:
    return run(data, **request).results[0].data.decode()


def page(content: str, *more: bytes, font: str = "Helvetica", entries: str = "", resources: str = "") -> bytes:
    return corpus.pdf_of(
        corpus.pdf_stream(content.encode("cp1252")),
        *more,
        box=A4,
        resources=FONT.format(font, entries) + resources,
    )


def typed(lines: tuple[str, ...] = LINES, size: int = 14, left: int = 60, top: int = 760, mode: int = 0) -> str:
    shown = "".join(f"({line}) Tj 0 -{2 * size} Td " for line in lines)
    return f"BT /F {size} Tf {mode} Tr {left} {top} Td {shown}ET\n"


def taken(data: bytes) -> bool:
    """Whether the words are the file's own: those have one confidence, and words that were read have many."""
    blocks = json.loads(run(data, resultType="JSON").results[0].data)
    return {word["confidence"] for block in blocks for line in block["lines"] for word in line["words"]} == {99.0}


def test_text_that_is_seen_and_true_is_taken_as_it_stands() -> None:
    """Also what no engine could read so: two words of one letter, I and l, in Helvetica."""
    odd = ("lI Il llI0O 0Ol1 rn vv", *LINES)
    data = page(typed(odd))
    assert text_of(data) == "\n".join(odd)
    assert taken(data)
    assert not taken(page(typed(LINES, mode=3)))


def test_the_boxes_are_where_the_print_is() -> None:
    blocks = json.loads(run(page(typed()), resultType="JSON").results[0].data)
    first = blocks[0]["lines"][0]["words"][0]
    assert first["text"] == "Call"
    scale = 300 / 72
    assert first["topLeftX"] == pytest.approx(60 * scale, abs=6)
    assert first["bottomRightY"] == pytest.approx((842 - 760) * scale, abs=4)
    assert first["bottomRightY"] - first["topLeftY"] == pytest.approx(0.74 * 14 * scale, abs=6)


def test_a_font_with_a_wrong_map_is_read_instead() -> None:
    """Each letter stands for the one after the next: what is copied is nonsense, what is seen is not."""
    shifted = "\n".join(f"<{code:02X}> <{code + 2:04X}>" for code in range(32, 123))
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        f"1 begincodespacerange <00> <FF> endcodespacerange 91 beginbfchar\n{shifted}\nendbfchar endcmap end end"
    )
    data = page(typed(), corpus.pdf_stream(cmap.encode()), entries="/ToUnicode 5 0 R")
    with pypdfium2.PdfDocument(data) as document:
        assert document[0].get_textpage().get_text_range().startswith("Ecnn")
    assert text_of(data) == "\n".join(LINES)
    assert not taken(data)
    assert text_of(data, textLayer="always").startswith("Ecnn")


def scan(*lines: str) -> Image.Image:
    return Image.open(io.BytesIO(draw(list(lines), 800))).convert("L")


def shown(image: Image.Image) -> bytes:
    """An image of a PDF."""
    size = "/Width {}/Height {}".format(*image.size)
    return corpus.pdf_stream(
        image.tobytes(), f"/Type/XObject/Subtype/Image{size}/BitsPerComponent 8/ColorSpace/DeviceGray"
    )


@pytest.mark.parametrize("hidden", [True, False], ids=["invisible", "under the picture"])
def test_a_layer_that_is_not_seen_is_not_believed(hidden: bool) -> None:
    image = scan(*LINES)
    under = "BT /F 14 Tf 0 Tr 60 700 Td (Call me Ishmae1. S0me yeers ago) Tj ET\n"
    content = (under.replace("0 Tr", "3 Tr") if hidden else under) + "q 535 0 0 120 30 640 cm /Im Do Q\n"
    data = page(content, shown(image), resources="/XObject<</Im 5 0 R>>")
    assert text_of(data) == "\n".join(LINES)


def test_never_reads_and_always_believes() -> None:
    data = page(typed())
    never, always = (run(data, resultType="JSON", textLayer=when).results[0].data for when in ("never", "ALWAYS"))
    confidences = [
        {word["confidence"] for block in json.loads(each) for line in block["lines"] for word in line["words"]}
        for each in (never, always)
    ]
    assert 99.0 not in confidences[0] or len(confidences[0]) > 1
    assert confidences[1] == {50.0}  # for nobody looked
    assert text_of(page(typed(("Wrong",), mode=3)), textLayer="always") == "Wrong"


def test_what_the_layer_lacks_is_read_and_stands_in_its_place() -> None:
    """A stamp that is a picture, beside text that is text."""
    image = scan("Received 4 March")
    data = page(typed() + "q 400 0 0 30 60 500 cm /Im Do Q\n", shown(image), resources="/XObject<</Im 5 0 R>>")
    outcome = run(data, resultType="TextAndPdf")
    text, pdf = (result.data for result in outcome.results)
    assert text.decode() == "\n".join((*LINES, "Received 4 March"))
    with pypdfium2.PdfDocument(pdf) as document:
        copied = " ".join(document[0].get_textpage().get_text_range().split())
    assert copied == " ".join((*LINES, "Received 4 March"))  # each once: the layer stays, and only the stamp is added


def test_a_page_whose_text_is_all_its_own_comes_back_as_it_was() -> None:
    data = page(typed())
    (result,) = run(data, resultType="Pdf").results
    with pikepdf.open(io.BytesIO(data)) as before, pikepdf.open(io.BytesIO(result.data)) as after:
        assert after.pages[0].Contents.read_bytes() == before.pages[0].Contents.read_bytes()


def test_rectangles_take_their_words_from_the_layer() -> None:
    data = page(typed(("lI Il llI0O 0Ol1 rn vv", *LINES)))
    scale = 300 / 72
    top = round((842 - 778) * scale)
    rectangle = {"topLeftX": 200, "topLeftY": top, "bottomRightX": 2000, "bottomRightY": top + 100}
    outcome = run(data, "RecognizeRegions", regions=[{"rect": rectangle}])
    assert outcome.results[0].data.decode() == "lI Il llI0O 0Ol1 rn vv"


def test_columns_are_read_one_after_the_other_and_rows_across() -> None:
    words = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth")
    prose = tuple(f"{word} is a word of the prose" for word in words)
    columns = page(typed(prose, 10) + typed(prose[::-1], 10, left=330))
    assert text_of(columns) == "\n".join((*prose, *prose[::-1]))
    table = page(typed(("Ahab", "Starbuck", "Stubb")) + typed(("captain", "first", "second"), left=300))
    assert text_of(table) == "Ahab captain\nStarbuck first\nStubb second"


def test_a_sign_of_a_symbol_font_at_the_beginning_of_a_line_is_a_bullet() -> None:
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /X def /CMapType 2 def\n"
        "1 begincodespacerange <00> <FF> endcodespacerange 1 beginbfchar <2A> <F0B7> endbfchar\n"
        "1 beginbfrange <30> <7A> <0030> endbfrange 1 beginbfchar <20> <0020> endbfchar endcmap end end"
    )
    marked = typed(tuple(f"* {line}" for line in LINES[1:]))
    data = page(marked, corpus.pdf_stream(cmap.encode()), entries="/ToUnicode 5 0 R")
    assert text_of(data) == "\n".join(f"• {line}" for line in LINES[1:])


def test_a_turned_request_reads_the_picture() -> None:
    data = corpus.pdf(Sheet(text="Queequeg", rotate=180))
    assert text_of(data, Rotate=180, makeSkewCorrect=False) == "Queequeg"
