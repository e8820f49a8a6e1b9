"""PDFs of whole documents: what archives ask of pages of pictures, and pages of PDF that stay as they are."""

from __future__ import annotations

import io
import re
import shutil
import struct
import subprocess
from collections.abc import Callable

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

import corpus
from corpus import Sheet
from whaleline.documents import Document
from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.recognition.page import Block, Line, Page, Word
from whaleline.results import Reading, glyphless, pdf, pdf_document

Typeset = Callable[..., Reading]


def texts(data: bytes) -> list[str]:
    """The text of each page as a reader copies it."""
    with pypdfium2.PdfDocument(data) as document:
        return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


def test_pages_of_pictures_make_an_archive(typeset: Typeset) -> None:
    """What ISO 19005-2 asks of such a file at level B, by its sections."""
    parts = [pdf.write(typeset(["Queequeg 鲸"])), pdf.write(typeset(["Daggoo"], ink=90))]
    data = pdf_document.join(parts, "en")
    assert data.startswith(b"%PDF-1.7\n%")
    assert all(byte > 127 for byte in data[10:14])  # 6.1.2
    assert texts(data) == ["Queequeg 鲸", "Daggoo"]
    with pikepdf.open(io.BytesIO(data)) as document:
        assert document.check_pdf_syntax() == []
        assert [len(bytes(part)) for part in document.trailer.ID] == [16, 16]  # 6.1.3
        assert "/Encrypt" not in document.trailer
        (intent,) = document.Root.OutputIntents  # 6.2.3
        assert intent.S == "/GTS_PDFA1"
        profile = intent.DestOutputProfile.read_bytes()
        assert int(intent.DestOutputProfile.N) == 3
        assert (profile[12:16], profile[16:20], profile[36:40]) == (b"mntr", b"RGB ", b"acsp")
        assert struct.unpack(">I", profile[:4])[0] == len(profile)
        with document.open_metadata() as metadata:  # 6.6
            assert metadata.pdfa_status == "2B"
            assert metadata["pdf:Producer"] == str(document.docinfo["/Producer"])
        assert "/Filter" not in document.Root.Metadata
        for page in document.pages:
            is_archived(page)


def is_archived(page: pikepdf.Page) -> None:
    assert {str(key) for key in page.obj} <= {"/Type", "/Parent", "/MediaBox", "/Resources", "/Contents"}
    (picture,) = page.get_images().values()
    assert picture.ColorSpace in ("/DeviceGray", "/DeviceRGB")
    assert "/SMask" not in picture
    assert "/Interpolate" not in picture  # 6.2.8
    (font,) = page.obj.Resources.Font.as_dict().values()
    (descendant,) = font.DescendantFonts
    file = descendant.FontDescriptor.FontFile2.read_bytes()  # 6.2.11.4
    tables = {file[at : at + 4]: struct.unpack_from(">II", file, at + 8) for at in range(12, 12 + 6 * 16, 16)}
    start, _ = tables[b"hmtx"]
    widths = struct.unpack_from(">HhHh", file, start)[::2]
    assert set(widths) == {int(descendant.DW)} == {glyphless.ADVANCE}  # 6.2.11.5
    glyphs = descendant.CIDToGIDMap.read_bytes()
    used = {code for code in codes(page) if code}
    assert all(struct.unpack_from(">H", glyphs, 2 * code) == (glyphless.GLYPH,) for code in used)  # 6.2.11.8
    assert 0 not in codes(page)


def codes(page: pikepdf.Page) -> set[int]:
    """The characters that a page shows."""
    shown = [each.operands[0] for each in pikepdf.parse_content_stream(page) if str(each.operator) == "Tj"]
    return {code for text in shown for (code,) in struct.iter_unpack(">H", bytes(text))}


def test_a_lost_page_stays_empty_in_its_place(typeset: Typeset) -> None:
    data = pdf_document.join([None, pdf.write(typeset(["Daggoo"]))], "en")
    assert texts(data) == ["", "Daggoo"]


@pytest.mark.parametrize("orientation", [1, 6, 8])
def test_a_jpeg_file_is_shown_without_compressing_it_again(orientation: int) -> None:
    """However it is turned: the page looks as the upright picture does."""
    image = Image.new("L", (300, 200), 255)
    image.paste(0, (0, 0, 60, 40))
    exif = Image.Exif()
    exif[274] = orientation
    file = corpus.saved(image, "JPEG", exif=exif.tobytes())
    page = Document(file).page(1)
    height, width = page.picture.shape[:2]
    reading = Reading(Rectangle(0, 0, width, height), page.picture, Page(width, height, ()), Affine())
    data = pdf.write(reading, page.stored, 144)
    with pikepdf.open(io.BytesIO(data)) as document:
        (picture,) = document.pages[0].get_images().values()
        assert picture.read_raw_bytes() == file
        assert [float(side) for side in document.pages[0].mediabox[2:]] == [width / 2, height / 2]
    with pypdfium2.PdfDocument(data) as document:
        drawn = np.asarray(document[0].render(scale=2).to_pil().convert("L"), int)
    assert np.abs(drawn - page.picture).mean() < 2


def test_a_picture_that_was_levelled_is_shown_levelled(typeset: Typeset) -> None:
    straight = typeset(["level lines"])
    height, width = straight.picture.shape
    turn = Affine.rotation(5, (width / 2, height / 2))
    askew = Image.fromarray(straight.picture).rotate(-5, Image.Resampling.BICUBIC, fillcolor=255)
    reading = Reading(straight.rectangle, straight.picture, straight.page, turn)
    data = pdf.write(reading, np.asarray(askew), 300)
    with pypdfium2.PdfDocument(data) as document:
        drawn = np.asarray(document[0].render(scale=300 / 72).to_pil().convert("L"), int)[:height, :width]
    assert np.abs(drawn - straight.picture).mean() < 8


def read(number: int, *sheets: Sheet) -> tuple[bytes, bytes]:
    """A PDF file, and a text over one of its pages: Pequod in its picture's pixels 40,20 to 140,60."""
    data = corpus.pdf(*sheets)
    page = Document(data).page(number)
    height, width = page.picture.shape[:2]
    found = Page(width, height, (Block((Line((Word("Pequod", Rectangle(40, 20, 140, 60), 90),)),)),))
    reading = Reading(Rectangle(0, 0, width, height), page.picture, found, Affine())
    assert page.points is not None
    return data, pdf_document.overlay(reading, page.points)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_text_lies_over_a_page_where_its_print_is_however_the_page_is_turned(rotate: int) -> None:
    data, text = read(1, Sheet((300, 200), corpus.noise(900, 600), rotate=rotate))
    with pypdfium2.PdfDocument(pdf_document.lay_over(data, [text])) as document:
        page = document[0]
        textpage = page.get_textpage()
        assert textpage.get_text_range() == "Pequod"
        to_bitmap = page.render(scale=216 / 72).get_posconv(page).to_bitmap
        boxes = [textpage.get_charbox(index, loose=True) for index in range(6)]
        corners = [
            to_bitmap(*corner) for left, bottom, right, top in boxes for corner in ((left, bottom), (right, top))
        ]
    across, down = zip(*corners, strict=True)
    assert (min(across), max(across), min(down), max(down)) == pytest.approx((40, 140, 20, 60), abs=2)


def test_a_page_of_pdf_stays_as_it_is_with_all_that_the_file_has() -> None:
    image = corpus.noise(900, 600)
    data, text = read(2, Sheet(text="Visible"), Sheet((300, 200), image))
    with pikepdf.open(io.BytesIO(data)) as document:
        with document.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("A chapter", 1))
        document.attachments["invoice.xml"] = b"<x/>"
        document.docinfo["/Title"] = "Moby-Dick"
        whole = io.BytesIO()
        document.save(whole)
    made = pdf_document.lay_over(whole.getvalue(), [None, text])
    assert texts(made) == ["Visible", "Pequod"]
    with pikepdf.open(io.BytesIO(made)) as document:
        assert document.check_pdf_syntax() == []
        assert str(document.docinfo["/Title"]) == "Moby-Dick"
        assert document.attachments["invoice.xml"].get_file().read_bytes() == b"<x/>"
        with document.open_outline() as outline:
            assert [item.title for item in outline.root] == ["A chapter"]
        (picture,) = document.pages[1].get_images().values()
        assert picture.read_bytes() == image.tobytes()


def test_invisible_text_gives_way_to_what_was_read_and_visible_text_stays() -> None:
    data, text = read(1, Sheet((300, 200), corpus.noise(900, 600), "Wrong", hidden=True))
    assert texts(data) == ["Wrong"]
    assert texts(pdf_document.lay_over(data, [text])) == ["Pequod"]
    data, text = read(1, Sheet(text="Seen"))
    assert sorted(texts(pdf_document.lay_over(data, [text]))[0].split()) == ["Pequod", "Seen"]


def test_invisible_text_is_taken_out_of_forms_too() -> None:
    resources = "/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
    form = corpus.pdf_stream(
        b"BT /F 24 Tf 3 Tr 20 20 Td (Wrong) Tj ET",
        f"/Type/XObject/Subtype/Form/BBox[0 0 300 200]/Resources<<{resources}>>",
    )
    data = corpus.pdf_of(corpus.pdf_stream(b"/Fm Do"), form, resources="/XObject<</Fm 5 0 R>>")
    _, text = read(1, Sheet((300, 200)))
    assert texts(data) == ["Wrong"]
    assert texts(pdf_document.lay_over(data, [text])) == ["Pequod"]


def test_a_password_that_is_empty_is_taken_off() -> None:
    data = corpus.pdf(Sheet(text="Seen"), encryption=pikepdf.Encryption(user="", owner="secret"))
    with pikepdf.open(io.BytesIO(pdf_document.lay_over(data, [None]))) as document:
        assert not document.is_encrypted


def test_a_file_that_cannot_be_taken_apart_is_drawn() -> None:
    with pytest.raises(pdf_document.Unopened):
        pdf_document.lay_over(b"%PDF-1.7 and nothing more", [None])
    data, text = read(1, Sheet((300, 200), corpus.noise(900, 600), rotate=90))
    page = Document(data).page(1)
    assert page.points is not None
    made = pdf_document.drawn(page.picture, page.points, text)
    assert texts(made) == ["Pequod"]
    again = Document(made).page(1)
    assert again.picture.shape == page.picture.shape
    assert np.abs(again.picture.astype(int) - page.picture).mean() < 10  # of noise, which is hard on JPEG


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed: make packs")
@pytest.mark.parametrize(
    ("lines", "right_to_left"),
    [
        (["Größe naïve €", "Привет мир Ελληνικά"], False),
        (["日本語 文字", "한국어 문장", "क्षत्रिय हिन्दी"], False),
        (["שלום עולם טוב", "עוד שורה"], True),
        (["مرحبا العالم", "كتاب"], True),
    ],
)
def test_poppler_copies_the_text_as_it_was_read(typeset: Typeset, lines: list[str], right_to_left: bool) -> None:
    reading = typeset(lines, right_to_left=right_to_left)
    data = pdf_document.join([pdf.write(reading)], "en")
    done = subprocess.run(["pdftotext", "-", "-"], input=data, capture_output=True, check=True)
    copied = re.sub("[\u200e\u200f\u202a-\u202e]", "", done.stdout.decode())  # poppler's marks of direction
    assert copied.split() == reading.page.text.split()
