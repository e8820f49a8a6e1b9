"""A field's value and where it was found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from whaleline.extraction.words import Words
from whaleline.imaging.geometry import Rectangle, bounds

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """A field.

    Attributes:
        value: what it says.
        text: as it is printed.
        places: the rows, or parts of them, that it stands in; none where it does not stand on the page.
        confidence: 0 to 100, of the reading.
    """

    value: T
    text: str
    places: tuple[Words, ...] = ()
    confidence: float = 0.0

    @property
    def page(self) -> int | None:
        """The page of its first word; None where it stands on none."""
        return self.places[0].page if self.places else None

    @property
    def place(self) -> Rectangle | None:
        """Bounds of what stands on its first page, in the submitted page's pixels."""
        if not self.places:
            return None
        return bounds([word.place for part in self.places if part.page == self.page for word in part.words])


def found(value: T, *places: Words, text: str | None = None) -> Found[T]:
    """A field that stands in rows or parts of rows; its text is theirs unless it is a part of it."""
    printed = "\n".join(part.text for part in places) if text is None else text
    words = [word for part in places for word in part.words]
    confidence = sum(word.confidence for word in words) / len(words) if words else 0.0
    return Found(value, printed, places, confidence)
