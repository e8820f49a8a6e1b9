"""The text that a page's file contains. Only reading shows whether it is what the page shows."""

from __future__ import annotations

from dataclasses import dataclass

from whaleline.recognition.page import Line

CONFIDENCE = 99.0
"""Of a word that is taken from a layer: a layer is taken where it agrees with what is read of it."""


@dataclass(frozen=True, slots=True)
class LayerLine:
    """A line of a page's own text.

    Attributes:
        line: its words, in the pixels of the page as it is drawn.
        fonts: by which its letters are drawn, each by a number that has no other meaning.
        is_shown: whether the file draws it, as far as it says: not as invisible text, nor under a picture.
    """

    line: Line
    fonts: frozenset[int]
    is_shown: bool
