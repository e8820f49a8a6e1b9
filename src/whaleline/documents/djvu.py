"""DjVu, by djvu-rs."""

from __future__ import annotations

import djvu_rs
import numpy as np

from whaleline.documents.formats import Format
from whaleline.documents.page import Limits, PagePicture, PageSize
from whaleline.imaging.pixels import without_equal_channels


def open_file(data: bytes, found: Format, limits: Limits) -> Djvu:
    """The pages of a file that holds all of them (DjVu 3, section 8.3.2)."""
    return Djvu(djvu_rs.Document.from_bytes(data), found, limits)


class Djvu:
    """An open file."""

    def __init__(self, document: djvu_rs.Document, found: Format, limits: Limits) -> None:
        self._document = document
        self._format = found
        self._limits = limits

    def __len__(self) -> int:
        return self._document.page_count()

    def page(self, number: int) -> PagePicture:
        """A page with all of its layers, in its own pixels."""
        page = self._document.page(number - 1)
        self._limits.check(self._format.name, page.width, page.height)
        shown = page.render()
        pixels = np.frombuffer(memoryview(shown), np.uint8).reshape(shown.height, shown.width, 4)
        return PagePicture(without_equal_channels(pixels[..., :3]), float(page.dpi))

    def size(self, number: int) -> PageSize:
        """How large that is."""
        page = self._document.page(number - 1)
        self._limits.check(self._format.name, page.width, page.height)
        return PageSize(page.width, page.height, float(page.dpi))
