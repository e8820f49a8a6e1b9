"""What bytes are by their beginning, and that everything that tells of formats tells the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import corpus
from corpus import first_page
from whaleline.documents import FORMATS, Document, Limits
from whaleline.documents.formats import NAMES, describe, sniff
from whaleline.errors import UnreadableImage

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"junk before it\n%PDF-1.4\n", "PDF"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00", "HEIC"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "HEIC"),
        (b"\x00\x00\x00\x1cftypavif", "AVIF"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif", "AVIF"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<svg/>", "SVG"),
        (b"AT&TFORM\x00\x00\x00\x01DJVU", "DjVu"),
        (b"P4\n1 1\n\x00", "PNM"),
        (b"\xff\x4f\xff\x51", "JPEG 2000"),
    ],
)
def test_a_format_is_told_by_its_first_bytes(data: bytes, name: str) -> None:
    found = sniff(data)
    assert found is not None
    assert found.name == describe(data) == name


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<!DOCTYPE html><p>", "HTML"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b"PK\x03\x04", "ZIP"),
        (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "JPEG XL"),
        (b"\x00\x00\x00\x18ftypmp42", "MP4"),
        (b"hello there", "text"),
        (b"P5 is what it says", "text"),
        ("Größe ".encode() * 300, "text"),
        (b"", "empty"),
        (b"\x01\x02\x03\xff", "an unknown format"),
    ],
)
def test_other_formats_are_refused_by_name(data: bytes, name: str) -> None:
    assert describe(data).startswith(name)
    with pytest.raises(UnreadableImage, match=name):
        Document(data)


def test_a_document_has_no_page_before_its_first_and_none_behind_its_last() -> None:
    document = Document(corpus.pdf(corpus.Sheet(), corpus.Sheet()))
    assert len(document) == 2
    for number in (0, 3, -1):
        with pytest.raises(IndexError):
            document.page(number)


@pytest.mark.parametrize(
    "data",
    [
        corpus.pdf(corpus.Sheet((200, 100.3)), corpus.Sheet((70, 91), corpus.grey(141, 181), rotate=90)),
        corpus.saved(corpus.grey(8, 9), "TIFF", save_all=True, append_images=[corpus.grey(80, 81)]),
        corpus.jpeg_exif_cycle(),
        b"<svg xmlns='http://www.w3.org/2000/svg' width='10.1mm' height='33'/>",
        corpus.HEIC,
        corpus.djvu(corpus.grey(31, 20), dpi=200),
    ],
    ids=["PDF", "TIFF", "JPEG", "SVG", "HEIC", "DjVu"],
)
def test_the_size_of_a_page_is_that_of_its_picture(data: bytes) -> None:
    document = Document(data)
    for number in range(1, len(document) + 1):
        page, size = document.page(number), document.size(number)
        assert (size.height, size.width) == page.picture.shape[:2]
        assert (size.dpi, size.drawn) == (page.dpi, page.drawn)


def test_pages_are_counted() -> None:
    data = corpus.pdf(*[corpus.Sheet()] * 4)
    assert len(Document(data, Limits(max_pages=4))) == 4
    with pytest.raises(UnreadableImage, match="The PDF file has more than 3 pages, which is the limit"):
        Document(data, Limits(max_pages=3))


def test_a_file_is_not_read_for_what_it_says_of_another_page() -> None:
    """Each page is checked when it is asked for: a page past the limit does not spoil the others."""
    frames = [corpus.grey(8, 8), corpus.grey(80, 80)]
    document = Document(
        corpus.saved(frames[0], "TIFF", save_all=True, append_images=frames[1:]), Limits(max_pixels=100)
    )
    assert document.page(1).picture.shape == (8, 8)
    with pytest.raises(UnreadableImage, match="6400 pixels; at most 100"):
        document.page(2)


def test_the_readme_has_the_table_of_formats() -> None:
    rows = re.findall(r"^\| (.+?) \| `(.+?)` \| (.+?) \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    told = [(name, tuple(extensions.split("`, `")), pages) for name, extensions, pages in rows]
    assert told == [(each.name, each.extensions, each.pages) for each in FORMATS]


def test_the_page_takes_and_names_these_formats() -> None:
    folder = ROOT / "src/whaleline/wire/page"
    assert f"{NAMES}. " in (folder / "index.html").read_text()
    endings = re.search(r"ENDINGS = '(.*?)'", (folder / "incoming.js").read_text())
    assert endings is not None
    assert {f".{ending}" for ending in endings[1].split()} == {e for each in FORMATS for e in each.extensions}


def test_an_svg_that_is_none_is_refused() -> None:
    with pytest.raises(UnreadableImage, match="outermost element is not svg"):
        first_page(b"<?xml version='1.0'?><a><svg/></a>")
