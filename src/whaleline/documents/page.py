"""A page as a picture, and how large it may be."""

from __future__ import annotations

import math
from dataclasses import dataclass

from whaleline.documents.layer import LayerLine
from whaleline.errors import UnreadableImage
from whaleline.imaging.geometry import Affine
from whaleline.imaging.picture import Picture
from whaleline.results.scan import StoredImage

INCH = 72.0
"""Points of an inch."""


@dataclass(frozen=True, eq=False, slots=True)
class PagePicture:
    """One page of a document.

    Attributes:
        picture: uint8 of shape (height, width) for grey, (height, width, 3) for RGB.
        dpi: pixels an inch; None where the file does not say.
        drawn: whether the page has a size in inches rather than in pixels, and was drawn at `dpi`.
        notes: what the user should know of the page; clauses without a full stop.
        stored: the same picture as its file holds it, where a PDF can show that.
        points: the map from the picture's pixels to the user space of a page that is PDF.
        layer: the text that the file spells out, line by line in the file's order.
    """

    picture: Picture
    dpi: float | None = None
    drawn: bool = False
    notes: tuple[str, ...] = ()
    stored: StoredImage | None = None
    points: Affine | None = None
    layer: tuple[LayerLine, ...] = ()


@dataclass(frozen=True, slots=True)
class PageSize:
    """How large the picture of a page is, known without drawing it.

    Attributes:
        width: pixels.
        height: pixels.
        dpi: as in PagePicture.
        drawn: as in PagePicture.
    """

    width: int
    height: int
    dpi: float | None = None
    drawn: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """What a document may be at most.

    Attributes:
        max_pixels: width x height of a page.
        max_side: width and height of a page, in pixels.
        max_pages: pages of the document.
    """

    max_pixels: int = 128_000_000
    max_side: int = 65_535
    max_pages: int = 2_000

    def check(self, name: str, width: int, height: int) -> None:
        """Refuse a page of pixels that is too large.

        Raises:
            UnreadableImage: it is empty or past a limit; the message calls it by the name of its format.
        """
        if width < 1 or height < 1:
            raise UnreadableImage(f"The {name} image has no pixels: it is {width} x {height}.")
        if max(width, height) > self.max_side:
            raise UnreadableImage(
                f"The {name} image is {width} x {height} pixels; a side may have at most {self.max_side}."
            )
        if width * height > self.max_pixels:
            raise UnreadableImage(
                f"The {name} image is {width} x {height} = {width * height} pixels;"
                f" at most {self.max_pixels} are allowed."
            )

    def fit(self, width: float, height: float, dpi: float) -> tuple[float, tuple[str, ...]]:
        """The resolution at which to draw a page that has its size in points, and a message about it.

        Args:
            width: points.
            height: points.
            dpi: pixels an inch that are wished for.

        Returns:
            Pixels an inch, of which the limits may allow fewer than are wished for.

        Raises:
            UnreadableImage: the page has no area.
        """
        if not (0 < width < math.inf and 0 < height < math.inf):
            raise UnreadableImage(f"The page has no area: it is {width:g} x {height:g} points.")
        fits = INCH * min(self.max_side / max(width, height), math.sqrt(self.max_pixels / width / height))
        if dpi <= fits:
            return dpi, ()
        while math.ceil(width * fits / INCH) * math.ceil(height * fits / INCH) > self.max_pixels:
            fits *= 0.999  # whole pixels are a little more
        allowed = f"{self.max_pixels} pixels, {self.max_side} to a side"
        return fits, (
            f"the page was drawn at {fits:.0f} dpi rather than {dpi:.0f}, since at most {allowed} are allowed",
        )
