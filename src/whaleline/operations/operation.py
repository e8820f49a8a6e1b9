"""What every task type has: a name, settings, a check when it is posted, and the steps of its work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from whaleline.documents import Document, Limits
from whaleline.errors import UnreadableImage
from whaleline.operations.schema import WireModel
from whaleline.results import Result
from whaleline.settings import Settings


class ResponseStatusCode(StrEnum):
    """ResponseStatusCode of the protocol."""

    OK = "Ok"
    PARTIALLY_NOT_FOUND = "PartiallyNotFound"
    NO_ANY_RESULT_DATA = "NoAnyResultData"
    RESULT_DATA_LOST = "ResultDataLost"
    TASK_NOT_FOUND = "TaskNotFound"
    NOT_READY = "NotReady"
    ERROR = "Error"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of an operation.

    Attributes:
        code: Ok, PartiallyNotFound or NoAnyResultData.
        results: in the order in which the client gets them.
        messages: plain sentences on what was not fatal.
    """

    code: ResponseStatusCode
    results: tuple[Result, ...]
    messages: tuple[str, ...] = ()


_S = TypeVar("_S", bound=WireModel)


@dataclass(frozen=True, slots=True)
class Operation(Generic[_S]):
    """A task type.

    A page is the unit of work: the pages of one task may be read by different processes at different times. A worker
    knows of the others no more than what is stored, so the steps are plain functions of what they are given.

    Attributes:
        name: its wire name, as in the path.
        summary: one line for the API's documentation.
        settings_model: the object that stands in the body's `settings`.
        check: called at the door with the input, the request's settings and the service's; raises InvalidRequest for
            whatever can be told without decoding.
        pages: the numbers of the pages that are to be read, rising, the first page being 1; there may be none.
        read: reads a page; what it came to in an encoding of the operation's own. Raises UnreadableImage for what only
            decoding shows.
        join: makes the outcome of the document and of what `read` gave for each of `pages`, in that order; None for a
            page that is lost, whose place in the results stays empty.
    """

    name: str
    summary: str
    settings_model: type[_S]
    check: Callable[[bytes, _S, Settings], None]
    pages: Callable[[Document, _S], tuple[int, ...]]
    read: Callable[[Document, int, _S, Settings], bytes]
    join: Callable[[Document, Sequence[bytes | None], _S, Settings], Outcome]

    def run(self, data: bytes, request: _S, settings: Settings) -> Outcome:
        """All steps one after the other.

        Raises:
            UnreadableImage: the document or one of its pages cannot be decoded or is past a limit.
        """
        document = open_document(data, settings)
        document = open_document(data, settings)
        return self.read_all(document, self.pages_to_read(document, request, settings), request, settings)

    def read_all(self, document: Document, pages: Sequence[int], request: _S, settings: Settings) -> Outcome:
        """Read these pages and join them; raises what `run` raises."""
        parts = [self.read(document, page, request, settings) for page in pages]
        return self.join(document, parts, request, settings)

    def pages_to_read(self, document: Document, request: _S, settings: Settings) -> tuple[int, ...]:
        """What `pages` returns.

        Raises:
            UnreadableImage: these pages have more pixels together than the settings allow.
        """
        numbers = self.pages(document, request)
        if len(numbers) > 1:  # a single one is held to the limits of a page
            pixels = sum(_pixels(document, number) for number in numbers)
            if pixels > settings.max_drawn_pixels:
                raise UnreadableImage(
                    f"The {len(numbers)} pages to be read have {pixels} pixels together; at most"
                    f" {settings.max_drawn_pixels} are read."
                )
        return numbers


def _pixels(document: Document, page: int) -> int:
    try:
        size = document.size(page)
    except UnreadableImage:  # told when it is read, and of this page alone
        return 0
    return size.width * size.height


def open_document(data: bytes, settings: Settings) -> Document:
    """Open a file within the limits of the settings; raises what `Document` raises."""
    return Document(data, Limits(settings.max_pixels, settings.max_side, settings.max_pages))
