"""What every engine offers: it reads one picture of a known shape."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import Enum

from whaleline.imaging.picture import Picture
from whaleline.recognition.emission import Emission
from whaleline.recognition.page import Block


class Shape(Enum):
    """How text lies in a picture."""

    LINE = "line"
    """One line, with nothing above or below."""
    BLOCK = "block"
    """Lines of one column, one below the other."""
    PAGE = "page"
    """Anything: columns, tables, figures, margins."""


class Engine(ABC):
    """A reader of pictures, loaded and ready.

    Belongs to one process, and may be called from any of its threads.

    Attributes:
        name: for logs and documents.
        shapes: what `read` accepts; a line recogniser has LINE alone.
        characters: all that it can give; none where that is not known.
    """

    name: str
    shapes: frozenset[Shape]
    characters: frozenset[str] = frozenset()

    @abstractmethod
    def read(self, picture: Picture, shape: Shape) -> tuple[Block, ...]:
        """The text in a picture.

        Args:
            picture: grey, uint8 of shape (height, width).
            shape: one of `shapes`. An engine that is told LINE returns at most one block.

        Returns:
            Blocks in reading order with boxes in the picture's pixels; none where there is no text.
        """

    def alternatives(self, picture: Picture) -> Emission | None:  # noqa: ARG002 - most have none
        """What else each symbol of a line might be; None where the engine does not say.

        Args:
            picture: of one line, grey.
        """
        return None
