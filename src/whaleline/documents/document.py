"""Bytes to a document, which gives its pages as pictures, one at a time."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Iterator
from importlib import import_module
from typing import Protocol

from whaleline.documents import formats
from whaleline.documents.formats import Format
from whaleline.documents.page import Limits, PagePicture, PageSize
from whaleline.errors import UnreadableImage

_UNSUPPORTED = re.compile(
    "unsupported|not (yet )?supported|unknown (pixel mode|data organization|compression method)|cannot handle"
    "|not available",
    re.IGNORECASE,
)
"""What the libraries say of sound files that they cannot read."""


class Reader(Protocol):
    """What the module of a format returns for a file."""

    def __len__(self) -> int:
        """Number of pages."""

    def page(self, number: int) -> PagePicture:
        """A page, the first one being 1; whatever goes wrong comes as any exception."""

    def size(self, number: int) -> PageSize:
        """How large its picture would be, likewise, without drawing it."""


class Document:
    """A file's pages.

    Attributes:
        data: the file.
        format: what it is.
    """

    def __init__(self, data: bytes, limits: Limits = Limits()) -> None:  # noqa: B008 - frozen
        """Look into a file.

        Args:
            data: the file.
            limits: what it may be at most.

        Raises:
            UnreadableImage: the format is none of the table's, the file is damaged, cut short, encrypted or of a kind
                that is not supported, or it has more pages than max_pages. Nothing else is raised, whatever the
                bytes are.
        """
        found = formats.sniff(data)
        if found is None:
            raise UnreadableImage(
                f"The image is {formats.describe(data)}, which is not supported. Supported formats: {formats.NAMES}."
            )
        self.data = data
        self.format: Format = found
        with _refusals(found.name):
            module = import_module(f"whaleline.documents.{found.reader}")  # few processes meet all formats
            self._reader: Reader = module.open_file(data, found, limits)
            pages = len(self._reader)
        if pages > limits.max_pages:
            raise UnreadableImage(
                f"The {found.name} file has more than {limits.max_pages} pages, which is the limit of a document."
            )
        self._pages = pages

    def __len__(self) -> int:
        """Number of pages."""
        return self._pages

    def page(self, number: int) -> PagePicture:
        """A page as it is seen: upright, and on paper where it is transparent.

        Args:
            number: the first page is 1.

        Raises:
            IndexError: there is no such page.
            UnreadableImage: the page is damaged, cut short, of a kind that is not supported, or past a limit. Nothing
                else is raised, whatever the bytes are.
        """
        self._check(number)
        with _refusals(self.format.name):
            return self._reader.page(number)

    def size(self, number: int) -> PageSize:
        """How large a page's picture is, without drawing it; raises what `page` raises."""
        self._check(number)
        with _refusals(self.format.name):
            return self._reader.size(number)

    def attachments(self) -> list[tuple[str, bytes]]:
        """Names and contents of the files within the file; none where the format has none, or they are damaged."""
        read = getattr(self._reader, "attachments", None)
        if read is None:
            return []
        try:
            with _refusals(self.format.name):
                return list(read())
        except UnreadableImage:
            return []

    def _check(self, number: int) -> None:
        if not 1 <= number <= self._pages:
            raise IndexError(f"page {number} of {self._pages}")


@contextlib.contextmanager
def _refusals(name: str) -> Iterator[None]:
    """Tell whatever a library raises as UnreadableImage."""
    try:
        with warnings.catch_warnings():
            # What libraries warn of (a broken EXIF block, odd TIFF tags, Pillow's own pixel limit) is no reason to
            # refuse.
            warnings.simplefilter("ignore")
            yield
    except (UnreadableImage, KeyboardInterrupt, SystemExit):
        raise
    except MemoryError as error:
        raise UnreadableImage(f"The {name} file does not fit into memory.") from error
    except BaseException as error:
        # The libraries parse hostile bytes and raise what their parsing meets: OSError, SyntaxError, ValueError,
        # struct.error, KeyError, zlib.error, AssertionError, a panic of Rust's ... A list of them would be wrong with
        # the next release.
        reason = str(error).strip().rstrip(".") or type(error).__name__
        fault = "of a kind that is not supported" if _UNSUPPORTED.search(reason) else "damaged or cut short"
        raise UnreadableImage(f"The {name} file is {fault}: {reason}.") from error
