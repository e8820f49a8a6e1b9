from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from lxml import etree

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.results import Reading, hocr

XHTML = "{http://www.w3.org/1999/xhtml}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# What our writer may use of the hOCR 1.2 specification: the grammar of properties, the properties that a
# class must and may have, the class around it and its tag.
UINT, FLOAT = r"\d+", r"\d+(\.\d+)?"
GRAMMAR = {
    "bbox": rf"{UINT} {UINT} {UINT} {UINT}",
    "image": r'"[^";]+"',
    "ppageno": UINT,
    "textangle": FLOAT,
    "x_wconf": FLOAT,
}
REQUIRED = {"ocr_page": {"bbox", "image", "ppageno"}, "ocrx_word": {"bbox", "x_wconf"}}
ALLOWED = {"ocr_line": {"bbox", "textangle"}}
PARENT = {"ocr_carea": "ocr_page", "ocr_par": "ocr_carea", "ocr_line": "ocr_par", "ocrx_word": "ocr_line"}
TAG = {"ocr_page": "div", "ocr_carea": "div", "ocr_par": "p", "ocr_line": "span", "ocrx_word": "span"}


def properties(element: Any) -> dict[str, str]:
    found = {}
    for pair in element.get("title").split(";"):
        name, _, value = pair.strip().partition(" ")
        assert name not in found, f"{name} stands twice"
        assert re.fullmatch(GRAMMAR[name], value), f"{name} is {value!r}"
        found[name] = value
    return found


def box(element: Any) -> list[int]:
    return [int(number) for number in properties(element)["bbox"].split()]


def validated(data: bytes) -> Any:
    """The document's root, after a check of the specification's rules."""
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False))
    assert root.tag == XHTML + "html"
    assert data.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html PUBLIC')
    meta = {element.get("name"): element.get("content") for element in root.iter(XHTML + "meta")}
    assert re.fullmatch(r"\S+ \S+", meta["ocr-system"])
    capabilities = set(meta["ocr-capabilities"].split())
    assert meta["ocr-number-of-pages"] == "1"
    assert re.fullmatch("[a-z]{2}|unknown", meta["ocr-langs"])

    elements = root.xpath("//*[@class]")
    assert [element.get("class") for element in elements].count("ocr_page") == 1
    identifiers = root.xpath("//@id")
    assert len(set(identifiers)) == len(identifiers) >= len(elements)
    for element in elements:
        kind = element.get("class")
        assert kind in capabilities
        assert element.tag == XHTML + TAG[kind]
        found = properties(element).keys()
        required = REQUIRED.get(kind, {"bbox"})
        assert required <= found <= required | ALLOWED.get(kind, set())
        left, top, right, bottom = box(element)
        assert left <= right
        assert top <= bottom
        if kind != "ocr_page":
            parent = element.getparent()
            assert parent.get("class") == PARENT[kind]
            outer = box(parent)
            assert outer[0] <= left
            assert outer[1] <= top
            assert right <= outer[2]
            assert bottom <= outer[3]
    used = {"lang": "ocrp_lang", XML_LANG: "ocrp_lang", "dir": "ocrp_dir"}
    assert {used[name] for element in elements for name in element.attrib if name in used} <= capabilities
    assert not re.search("[\u200e\u200f]", "".join(root.itertext()))
    return root


def words_of(root: Any) -> Any:
    return root.xpath("//*[@class='ocrx_word']")


def lines_of(root: Any) -> list[str]:
    return ["".join(line.itertext()) for line in root.xpath("//*[@class='ocr_line']")]


def test_the_document_follows_the_specification(typeset: Callable[..., Reading]) -> None:
    root = validated(hocr.write(typeset(["Hello big", "world"], ["again"])))
    assert lines_of(root) == ["Hello big", "world", "again"]
    assert root.xpath("count(//*[@class='ocr_carea'])") == 2
    assert {properties(word)["x_wconf"] for word in words_of(root)} == {"91"}


def test_the_page_is_the_regions_rectangle_and_boxes_are_in_the_images_pixels(typeset: Callable[..., Reading]) -> None:
    region = Rectangle(1000, 2000, 1500, 2100)
    reading = typeset(["ab c"], placement=Affine.shift(1000, 2000), rectangle=region)
    root = validated(hocr.write(reading))
    assert box(root.xpath("//*[@class='ocr_page']")[0]) == [1000, 2000, 1500, 2100]
    assert [box(word) for word in words_of(root)] == [[1030, 2030, 1070, 2070], [1085, 2030, 1105, 2070]]


def test_boxes_are_cut_to_the_page(typeset: Callable[..., Reading]) -> None:
    reading = typeset(["abc def"], placement=Affine.shift(-50, 0), rectangle=Rectangle(0, 0, 60, 60))
    root = validated(hocr.write(reading))
    assert [box(word) for word in words_of(root)] == [[0, 30, 40, 60], [55, 30, 60, 60]]


@pytest.mark.parametrize(
    ("clockwise", "textangle"), [(0, None), (-90, "90.00"), (90, "270.00"), (180, "180.00"), (-2.5, "2.50")]
)
def test_a_turn_is_told_counter_clockwise(
    typeset: Callable[..., Reading], clockwise: float, textangle: str | None
) -> None:
    reading = typeset(["turned text"], placement=Affine.rotation(clockwise, (200, 60)))
    (line,) = validated(hocr.write(reading)).xpath("//*[@class='ocr_line']")
    assert properties(line).get("textangle") == textangle


def test_language_and_direction_are_html_attributes(typeset: Callable[..., Reading]) -> None:
    root = validated(hocr.write(typeset(["שלום"], language="he", right_to_left=True)))
    page = root.xpath("//*[@class='ocr_page']")[0]
    assert (page.get("lang"), page.get(XML_LANG), page.get("dir")) == ("he", "he", "rtl")
    assert root.xpath("//*[@name='ocr-langs']/@content") == ["he"]


def test_a_language_without_a_code_of_two_letters_is_unknown_to_ocr_langs(typeset: Callable[..., Reading]) -> None:
    root = validated(hocr.write(typeset(["kumusta"], language="ceb")))
    assert root.xpath("//*[@name='ocr-langs']/@content") == ["unknown"]
    assert root.get("lang") == "ceb"


def test_markup_in_the_text_is_text(typeset: Callable[..., Reading]) -> None:
    assert lines_of(validated(hocr.write(typeset(["<b>\"&'</b> ]]> &amp;"])))) == ["<b>\"&'</b> ]]> &amp;"]


def test_characters_that_xml_forbids_are_replaced_and_direction_marks_dropped(typeset: Callable[..., Reading]) -> None:
    assert lines_of(validated(hocr.write(typeset(["a\x00b\x0bc\ufffe d\u200fe"])))) == ["a�b�c� de"]


def test_pages_stand_one_after_the_other_with_ids_of_their_own(typeset: Callable[..., Reading]) -> None:
    pages = [hocr.page(typeset([text]), number) for number, text in ((1, "Ishmael"), (3, "Queequeg"))]
    document = etree.fromstring(hocr.document(pages, "en", right_to_left=False))
    found = document.xpath("//*[@class='ocr_page']")
    assert [(page.get("id"), "".join(page.itertext()).strip()) for page in found] == [
        ("page_1", "Ishmael"),
        ("page_3", "Queequeg"),
    ]
    assert found[1].get("title").endswith("; ppageno 2")
    ids = document.xpath("//@id")
    assert len(ids) == len(set(ids))
    (count,) = document.xpath("//*[@name='ocr-number-of-pages']/@content")
    assert count == "2"
