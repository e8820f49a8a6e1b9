"""Reading rectangles of one page: the work of a region, by all that the rooms below have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from whaleline import recognition
from whaleline.documents import PagePicture
from whaleline.errors import InvalidRequest, UnreadableImage
from whaleline.imaging import region
from whaleline.imaging.flattening import Flattening
from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.mesh import Placement
from whaleline.imaging.picture import Picture
from whaleline.imaging.sight import Sight
from whaleline.operations import own_text
from whaleline.operations.drawn_tables import by_line, with_tables
from whaleline.operations.own_text import TextLayer
from whaleline.recognition import languages, spelling
from whaleline.recognition.languages import Language
from whaleline.recognition.modes import ANY_ANGLE, DsrConfidence, DsrMode
from whaleline.recognition.page import Page
from whaleline.results import Reading


def read_regions(
    source: PagePicture,
    regions: Sequence[Rectangle] = (),
    *,
    language: str = "English",
    rotate: int = 0,
    skew_correction: bool = True,
    binarization: bool = False,
    contrast_correction: bool = True,
    upsampling: bool = False,
    mode: DsrMode = DsrMode.REGIONS,
    confidence: DsrConfidence = DsrConfidence.DEFAULT,
    spell_check: bool = False,
    text_layer: TextLayer = TextLayer.AUTO,
    recognize: bool = True,
    grids: bool = True,
    tessdata: Path | None = None,
    max_region_pixels: int = 256_000_000,
) -> list[Reading | None]:
    """Read rectangles of a page, `source`. `whaleline.read_regions` says what the arguments mean.

    With `grids`, tables that are drawn as grids are read row by row, with every cell.

    Returns:
        One reading for each region in the order given; None where a region lies outside the page.

    Raises:
        UnreadableImage: the regions have more pixels than allowed.
        InvalidRequest: there is no such language.
        ConfigurationError: the language's data is not installed.
    """
    found = languages.find(language)
    if found is None:
        raise InvalidRequest("language", languages.unknown(language))
    picture = source.picture
    whole = _frame(picture)
    wanted = regions or [whole]
    inside = [rectangle.intersection(whole) for rectangle in wanted]
    spare = max_region_pixels - _total(inside, rotate, max_region_pixels)
    layer = source.layer if recognize and not rotate % 360 else ()
    own = own_text.take(picture, layer, inside, found, text_layer, tessdata=tessdata)
    readings: list[Reading | None] = []
    read = partial(recognition.read, language=found, mode=mode, confidence=confidence, tessdata=tessdata)
    flatten = partial(recognition.flattened, language=found, tessdata=tessdata)
    may_turn = recognize and skew_correction and not rotate % 360 and mode not in ANY_ANGLE
    shown = partial(region.prepare, contrast=contrast_correction, binarize=binarization)
    for rectangle, cut in zip(wanted, inside, strict=True):
        if cut.is_empty:
            readings.append(None)
            continue
        if (written := own_text.within(own, cut, found)) is not None:
            rest = text_layer is TextLayer.AUTO
            page, added = own_text.with_rest(_part(picture, cut), written, found, rest=rest, tessdata=tessdata)
            reading = Reading(cut, shown(picture, cut).filtered, page, Affine.shift(cut.left, cut.top), added=added)
        else:
            plain = region.check_size(cut, rotate, max_region_pixels)
            reading = _read(
                picture,
                rectangle,
                prepare=partial(shown, deskew=skew_correction, upsample=upsampling, max_pixels=plain + spare),
                read=read if recognize else partial(_unread, language=found),
                recognize=recognize,
                flatten=flatten if may_turn else None,
                rotate=rotate,
                most=plain + spare,
            )
            spare -= reading.page.width * reading.page.height - plain
            if spell_check:
                reading = replace(reading, page=spelling.corrected(reading.page, found))
            if grids and mode not in ANY_ANGLE:
                reading = with_tables(reading, by_line(found, tessdata))
        readings.append(reading)
    return readings


def _read(
    picture: Picture,
    rectangle: Rectangle,
    *,
    prepare: Callable[..., region.Prepared],
    read: Callable[..., Page],
    recognize: bool,
    flatten: Callable[[Sight], Flattening | None] | None,
    rotate: int,
    most: int,
) -> Reading:
    """Read one region of an image.

    Args:
        picture: of the image.
        rectangle: of the region.
        prepare: `region.prepare` with its filters.
        read: `recognition.read` with all but the picture and `may_turn`.
        recognize: whether it does.
        flatten: makes a photographed sheet flat; None where nothing may be turned unasked.
        rotate: degrees clockwise.
        most: pixels of what is made of the region at most.
    """
    cut = rectangle.intersection(_frame(picture))
    sight = Sight(np.ascontiguousarray(_part(picture, cut)))
    flat = flatten(sight) if flatten else None
    if flat is not None and flat.picture.shape[0] * flat.picture.shape[1] > most:
        flat = None
    prepare = partial(prepare, *((picture, rectangle, sight) if flat is None else (flat.picture, _frame(flat.picture))))
    prepared, turned = prepare(rotate=rotate), 0 if flat is None else flat.turn
    may_turn = flatten is not None and flat is None
    page = read(prepared.sight, may_turn=may_turn)
    if may_turn and page.turn:
        upright = prepare(rotate=page.turn)
        again = read(upright.sight)
        if again.blocks and not again.turn:
            prepared, turned, page = upright, page.turn, again
        else:
            page = read(prepared.sight)
    placement: Placement = prepared.placement
    if flat is not None:
        placement = flat.shifted(cut.left, cut.top).placement @ prepared.placement
    if prepared.cut and recognize:
        letters = "1 letter" if prepared.cut == 1 else f"{prepared.cut} letters"
        page = replace(page, notes=(*page.notes, f"the edge cuts through {letters}"))
    return Reading(cut, prepared.filtered, page, placement, turned, flattened=flat is not None)


def _unread(sight: Sight, language: Language, *, may_turn: bool = False) -> Page:  # noqa: ARG001 - as of a reader
    height, width = sight.picture.shape[:2]
    return Page(width, height, (), language.tag, language.right_to_left)


def _total(regions: Sequence[Rectangle], rotate: int, most: int) -> int:
    """Pixels of all regions together.

    They may overlap, so that even a small image has any number of pixels to read: looked at before the first.

    Raises:
        UnreadableImage: they are more than `most`.
    """
    total = sum(region.check_size(each, rotate, most) for each in regions if not each.is_empty)
    if total > most:
        raise UnreadableImage(f"The {len(regions)} regions have {total} pixels together; at most {most} are allowed.")
    return total


def _frame(picture: Picture) -> Rectangle:
    return Rectangle(0, 0, picture.shape[1], picture.shape[0])


def _part(picture: Picture, inside: Rectangle) -> Picture:
    return picture[inside.top : inside.bottom, inside.left : inside.right]
