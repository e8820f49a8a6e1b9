"""Result type Pdf of a whole document: its pages one after the other, each in a PDF of its own at first.

A page of pictures is what `pdf.write` gives. A page that is PDF already stays as it is, and what was read there is laid
over it: `overlay` gives that text alone, and `lay_over` puts it in its place.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Final

from pikepdf import (
    Array,
    ContentStreamInlineImage,
    ContentStreamInstruction,
    Dictionary,
    Name,
    Object,
    Pdf,
    PdfError,
    Stream,
    parse_content_stream,
    unparse_content_stream,
)
from pikepdf import (
    Page as PdfPage,
)

from whaleline.imaging.geometry import Affine
from whaleline.recognition.page import Block, Line, Page
from whaleline.results import archive
from whaleline.results.pdf import matrix, saved
from whaleline.results.picture import Pixels
from whaleline.results.reading import Reading
from whaleline.results.scan import image_stream
from whaleline.results.text_layer import TextLayer, deflated, font

_INVISIBLE: Final = 3  # text render mode; ISO 32000-1, table 106
_SHOWS_TEXT: Final = frozenset({"Tj", "TJ", "'", '"'})
_NESTING: Final = 8  # forms within forms
_LETTER: Final = (612.0, 792.0)  # points, of a page that was lost where there is no other


class Unopened(Exception):
    """The file is too broken for pages to be taken from it as they are."""


def overlay(reading: Reading, points: Affine) -> bytes:
    """A PDF of one page with what was read and nothing else; empty where nothing was.

    Args:
        reading: of a page.
        points: the map from the page's pixels to its user space (ISO 32000-1, 8.3.2.3), which is the result's.
    """
    page, placement = reading.page, reading.placement
    if not page.blocks:
        return b""
    if not isinstance(placement, Affine):  # a bent sheet: each word by itself, upright
        page, placement = _placed(reading), Affine()
    text = TextLayer(page, page.height)
    upwards = Affine(e=-1, f=page.height)
    with Pdf.new() as pdf:
        shown = pdf.add_blank_page()
        shown.obj.Resources = Dictionary(Font=Dictionary(Glyphless=font(pdf, text.characters)))
        content = b"q %s cm\n%sQ\n" % (matrix(points @ placement @ upwards), text.content)
        shown.obj.Contents = deflated(pdf, content)
        return saved(pdf)


def join(pages: Sequence[bytes | None], language: str) -> bytes:
    """Pages of pictures as one PDF/A-2b; a page that is None is lost, and stays empty.

    Args:
        pages: what `pdf.write` gave.
        language: a BCP 47 tag.
    """
    with Pdf.new() as pdf, contextlib.ExitStack() as sources:
        size = _LETTER
        for data in pages:
            if data is None:
                pdf.add_blank_page(page_size=size)
                continue
            source = sources.enter_context(Pdf.open(BytesIO(data)))
            pdf.pages.extend(source.pages)
            _, _, width, height = (float(side) for side in source.pages[0].mediabox)
            size = (width, height)
        pdf.Root.Lang = language
        archive.mark(pdf)
        return saved(pdf)


def lay_over(source: bytes, overlays: Sequence[bytes | None]) -> bytes:
    """A PDF with text laid over its pages; all else stays: outlines, links, forms, attachments.

    Invisible text of a page that gets another is taken out, so that nothing is found twice. A password that is empty is
    taken off.

    Args:
        source: the file.
        overlays: for each page what `overlay` gave; None or empty leaves a page alone.

    Raises:
        Unopened: the file is too broken for that.
    """
    with contextlib.ExitStack() as opened:
        try:
            pdf = opened.enter_context(Pdf.open(BytesIO(source)))
            pages = list(pdf.pages)
            if len(pages) != len(overlays):
                raise Unopened(f"{len(pages)} pages")
            for page, data in zip(pages, overlays, strict=True):
                if data:
                    _lay(pdf, page, opened.enter_context(Pdf.open(BytesIO(data))).pages[0])
            return saved(pdf)
        except (PdfError, ValueError, TypeError, AttributeError, KeyError, RuntimeError) as error:
            raise Unopened(str(error)) from error  # pikepdf tells what is amiss in a file in these ways


def drawn(picture: Pixels, points: Affine, text: bytes | None) -> bytes:
    """A page that cannot be taken from its file, as a picture of it with text laid over.

    Args:
        picture: of the page.
        points: as for `overlay`.
        text: what `overlay` gave.
    """
    height, width = picture.shape[:2]
    corners = [points(corner) for corner in ((0, 0), (width, 0), (width, height), (0, height))]
    with contextlib.ExitStack() as opened:
        pdf = opened.enter_context(Pdf.new())
        page = pdf.add_blank_page()
        horizontal, vertical = sorted(x for x, _ in corners), sorted(y for _, y in corners)
        page.obj.MediaBox = Array(
            [round(side, 3) for side in (horizontal[0], vertical[0], horizontal[-1], vertical[-1])]
        )
        page.obj.Rotate = round(points.angle) % 360
        page.obj.Resources = Dictionary(XObject=Dictionary(Picture=image_stream(pdf, picture)))
        shown = points @ Affine.scale(width, height) @ Affine(e=-1, f=1)
        page.obj.Contents = deflated(pdf, b"q %s cm /Picture Do Q\n" % matrix(shown))
        if text:
            _lay(pdf, page, opened.enter_context(Pdf.open(BytesIO(text))).pages[0])
        return saved(pdf)


def _placed(reading: Reading) -> Page:
    """The page in the submitted image's pixels."""
    blocks = tuple(
        Block(
            tuple(
                Line(tuple(replace(word, box=reading.placement.bounds(word.box)) for word in line.words))
                for line in block.lines
            )
        )
        for block in reading.page.blocks
    )
    return replace(reading.page, blocks=blocks, height=reading.rectangle.height, width=reading.rectangle.width)


def _lay(pdf: Pdf, page: PdfPage, text: PdfPage) -> None:
    """Put the text of one page over another."""
    _take_out_invisible(pdf, page)
    name = page.add_resource(pdf.copy_foreign(text.obj.Resources.Font.Glyphless), Name.Font)
    content = text.obj.Contents.read_bytes().replace(b"/Glyphless ", b"%b " % str(name).encode())
    # The page may leave its state otherwise than it found it.
    page.contents_add(b"q\n", prepend=True)
    page.contents_add(b"\nQ\n" + content)


def _take_out_invisible(pdf: Pdf, page: PdfPage) -> None:
    """Take the text of render mode 3 out of a page, and out of the forms that it draws."""
    left = _without_invisible(page)
    if left is not None:
        page.obj.Contents = deflated(pdf, left)
    resources = page.obj.get(Name.Resources)
    if isinstance(resources, Dictionary):
        for form in _forms(resources, set()):
            if (left := _without_invisible(form)) is not None:
                form.write(left)


def _without_invisible(shown: PdfPage | Stream) -> bytes | None:
    """A content stream without its invisible text; None where it has none, or cannot be told."""
    is_changed, mode, modes = False, 0, list[int]()
    kept: list[ContentStreamInstruction | ContentStreamInlineImage] = []
    try:
        if b" Tr" not in _content(shown):  # quick, and right for what programs write
            return None
        for each in parse_content_stream(shown):
            operator = str(each.operator)
            if operator == "q":
                modes.append(mode)
            elif operator == "Q" and modes:
                mode = modes.pop()
            elif operator == "Tr":
                mode = int(each.operands[0])
            if operator in _SHOWS_TEXT and mode == _INVISIBLE:
                is_changed = True
            else:
                kept.append(each)
        return unparse_content_stream(kept) if is_changed else None
    except (PdfError, TypeError, ValueError, IndexError):
        return None


def _content(shown: PdfPage | Stream) -> bytes:
    if isinstance(shown, Stream):
        return shown.read_bytes()
    contents = shown.obj.get(Name.Contents)
    streams = contents if isinstance(contents, Array) else [contents]
    return b"\n".join(stream.read_bytes() for stream in streams if isinstance(stream, Stream))


def _forms(resources: Object, seen: set[tuple[int, int]], depth: int = 0) -> Iterator[Stream]:
    """The forms that a page's resources name, and those within them."""
    things = resources.get(Name.XObject)
    if not isinstance(things, Dictionary) or depth > _NESTING:
        return
    for thing in things.as_dict().values():
        if not isinstance(thing, Stream) or thing.get(Name.Subtype) != Name.Form or thing.objgen in seen:
            continue
        seen.add(thing.objgen)
        yield thing
        inner = thing.get(Name.Resources)
        if isinstance(inner, Dictionary):
            yield from _forms(inner, seen, depth + 1)
