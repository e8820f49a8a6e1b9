"""What the result formats are made from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.mesh import Placement
from whaleline.imaging.region import Shown
from whaleline.layout.table import Table
from whaleline.recognition.page import Page, Word


@dataclass(frozen=True, eq=False)
class Reading:
    """One region and what was read in it.

    Two readings are equal only if they are the same object; pictures are not compared.

    Attributes:
        rectangle: the part of the region inside the image, in pixels of the submitted image; may be empty.
        shown: the region's picture, or that before the filters, which are applied when `picture` is asked for.
        page: the blocks, lines and words, in pixels of the picture.
        placement: the map from pixels of the picture to those of the submitted image.
        turned: degrees clockwise by which the region was turned because its text was not upright.
        flattened: whether a tilted or bent sheet was made flat.
        added: the words that were read beside a PDF page's own text; None if all words were read.
        tables: tables with a drawn grid, each with the index of its block; boxes in pixels of the picture.
    """

    rectangle: Rectangle
    shown: npt.NDArray[np.uint8] | Shown
    page: Page
    placement: Placement
    turned: int = 0
    flattened: bool = False
    added: Page | None = None
    tables: tuple[tuple[int, Table], ...] = ()

    @property
    def picture(self) -> npt.NDArray[np.uint8]:
        """The region's picture after the filters, uint8 of shape (height, width) or (height, width, 3) as RGB."""
        return self.shown.picture if isinstance(self.shown, Shown) else self.shown

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture, for which no filter is needed."""
        return self.shown.size if isinstance(self.shown, Shown) else (self.shown.shape[1], self.shown.shape[0])

    @property
    def plain(self) -> npt.NDArray[np.uint8]:
        """The same picture without the filters: what was read."""
        return self.shown.unfiltered if isinstance(self.shown, Shown) else self.shown

    @property
    def text(self) -> str:
        """The text, with a line feed between lines."""
        return self.page.text

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in reading order, with boxes in pixels of the submitted image.

        Boxes of a region that was turned are the upright rectangles around the words.
        """
        return tuple(replace(word, box=self.placement.bounds(word.box)) for word in self.page.words)

    @property
    def is_outside(self) -> bool:
        """Whether the region lies outside the image, so there is nothing to read."""
        return self.rectangle.is_empty
