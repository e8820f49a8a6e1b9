"""Result type Hocr: XHTML by the hOCR 1.2 specification (https://kba.github.io/hocr-spec/1.2/)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape
from importlib import metadata
from typing import Final

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.mesh import Placement
from whaleline.recognition.page import Page
from whaleline.results.characters import printable
from whaleline.results.reading import Reading

# All markup that this file can write, as the specification demands (section "Capabilities").
_CAPABILITIES: Final = "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_lang ocrp_dir ocrp_wconf"

# The specification forbids them (section "Font, Text Color, Language, Direction"): direction is said by `dir`
# alone.
_DIRECTION_MARKS: Final = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def write(reading: Reading) -> bytes:
    """One UTF-8 XHTML document with one `ocr_page`, whose bbox is the region's rectangle.

    Boxes are in the submitted image's pixels, cut to the page's, so that they nest and are never negative.
    Lines carry `textangle` (degrees counter-clockwise) where the picture was turned before it was read.
    """
    return document([page(reading)], reading.page.language, right_to_left=reading.page.right_to_left)


def document(pages: Sequence[str], language: str, *, right_to_left: bool) -> bytes:
    """Pages as one document.

    Args:
        pages: what `page` gave, in order.
        language: a BCP 47 tag.
        right_to_left: whether its script runs so.
    """
    tag, direction = escape(language), "rtl" if right_to_left else "ltr"
    head = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN"'
        ' "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
        f'<html xmlns="http://www.w3.org/1999/xhtml" xml:lang="{tag}" lang="{tag}">\n'
        "<head>\n"
        "<title></title>\n"
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8"/>\n'
        f'<meta name="ocr-system" content="Whaleline {_version()}"/>\n'
        f'<meta name="ocr-capabilities" content="{_CAPABILITIES}"/>\n'
        f'<meta name="ocr-number-of-pages" content="{len(pages)}"/>\n'
        '<meta name="ocr-scripts" content="unknown"/>\n'
        f'<meta name="ocr-langs" content="{_iso_639_1(language)}"/>\n'
        "</head>\n"
        f'<body dir="{direction}">\n'
    )
    return "".join((head, *pages, "</body>\n</html>\n")).encode()


def page(reading: Reading, number: int = 1) -> str:
    """A reading as an `ocr_page`, by its page's number in the document; the first is 1."""
    read, frame = reading.page, reading.rectangle
    language, direction = escape(read.language), "rtl" if read.right_to_left else "ltr"
    begin = (
        # The name of the submitted file never reaches the service: the protocol carries its bytes alone.
        f'<div class="ocr_page" id="page_{number}" lang="{language}" xml:lang="{language}" dir="{direction}"'
        f' title="image &quot;unknown&quot;; {_bbox(frame)}; ppageno {number - 1}">\n'
    )
    return "".join((begin, *_areas(read, frame, reading.placement, number), "</div>\n"))


def _areas(page: Page, frame: Rectangle, placement: Placement, number: int) -> Iterator[str]:
    angle = _textangle(placement)
    line_number = word_number = 0
    for block_number, block in enumerate(page.blocks, 1):
        area = _bbox(_placed(block.box, frame, placement))
        yield (
            f'<div class="ocr_carea" id="block_{number}_{block_number}" title="{area}">\n'
            f'<p class="ocr_par" id="par_{number}_{block_number}" title="{area}">\n'
        )
        for line in block.lines:
            line_number += 1
            box = _bbox(_placed(line.box, frame, placement))
            yield f'<span class="ocr_line" id="line_{number}_{line_number}" title="{box}{angle}">'
            for position, word in enumerate(line.words):
                word_number += 1
                box = _bbox(_placed(word.box, frame, placement))
                yield (
                    f'{" " if position else ""}<span class="ocrx_word" id="word_{number}_{word_number}"'
                    f' title="{box}; x_wconf {round(word.confidence)}">'
                    f"{escape(_DIRECTION_MARKS.sub('', printable(word.text)))}</span>"
                )
            yield "</span>\n"
        yield "</p>\n</div>\n"


def _placed(box: Rectangle, frame: Rectangle, placement: Placement) -> Rectangle:
    """The box in the submitted image, with every edge moved into the frame."""
    placed = placement.bounds(box)
    return Rectangle(
        min(max(placed.left, frame.left), frame.right),
        min(max(placed.top, frame.top), frame.bottom),
        min(max(placed.right, frame.left), frame.right),
        min(max(placed.bottom, frame.top), frame.bottom),
    )


def _bbox(box: Rectangle) -> str:
    return f"bbox {box.left} {box.top} {box.right} {box.bottom}"


def _textangle(placement: Placement) -> str:
    """The property that says how the text lies in the submitted image; empty where it lies straight.

    Counted from 0 to 360: the specification's grammar of a float knows no sign.
    """
    angle = round(-placement.angle % 360, 2) % 360
    return f"; textangle {angle:.2f}" if angle else ""


def _iso_639_1(language: str) -> str:
    """A language as `ocr-langs` takes it: a code of two letters, else `unknown`."""
    code = language.partition("-")[0].lower()
    return code if re.fullmatch("[a-z]{2}", code) else "unknown"


@cache
def _version() -> str:
    try:
        return metadata.version("whaleline")
    except metadata.PackageNotFoundError:  # run from a source tree that was never installed
        return "unknown"
