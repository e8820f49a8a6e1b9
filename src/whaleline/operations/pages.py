"""Regions that lie on a page: whose pixels they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from whaleline.documents import PagePicture
from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.results import Reading

Read = Callable[[list[Rectangle]], list[Reading | None]]
"""Reads rectangles of a page, all of it if there are none."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where on a page a region lies.

    Attributes:
        rectangle: in pixels.
        dpi: of these pixels, where the page is drawn; None for those of the page as it is drawn here.
    """

    rectangle: Rectangle
    dpi: float | None = None


def read_places(page: PagePicture, places: Sequence[Place], read: Read) -> list[Reading | None]:
    """Read regions of a page; all of it where there are none.

    Returns:
        A reading for each place, in the places' own pixels and order; None for one that lies outside the page.

    Raises:
        UnreadableImage: the regions cannot be read.
    """
    scales = [_scale(page, place.dpi) for place in places]
    readings = read([place.rectangle.scaled(scale) for place, scale in zip(places, scales, strict=True)])
    height, width = page.picture.shape[:2]
    for index, (place, scale) in enumerate(zip(places, scales, strict=True)):
        reading = readings[index]
        if reading is not None and scale != 1:
            whole = Rectangle(0, 0, width, height).scaled(1 / scale)
            readings[index] = replace(
                reading,
                rectangle=place.rectangle.intersection(whole),
                placement=Affine.scale(1 / scale, 1 / scale) @ reading.placement,
            )
    return readings


def _scale(page: PagePicture, dpi: float | None) -> float:
    """By how much a page's pixels are finer than those of `dpi`."""
    return page.dpi / dpi if page.drawn and page.dpi and dpi else 1.0
