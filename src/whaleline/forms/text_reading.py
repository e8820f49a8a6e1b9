"""Fields whose value stands among other print, or in a picture: read as any text is, of which a line is the value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from whaleline.forms.field_value import FieldValue
from whaleline.recognition.field import FieldText
from whaleline.recognition.page import Line, Page
from whaleline.recognition.pattern import Automaton, compiled
from whaleline.values import mrz

_SURROUNDED: Final = 2.0  # times as high as each line of it, a picture is at least that shows more than a line

LOWER: Final = 0.9
"""Times the highest line's height; a line at a picture's edge that is lower is cut through."""

_EDGE: Final = 2  # pixels from a picture's edge to a line that it cuts


def is_surrounded(page: Page) -> bool:
    """Whether a picture shows more than its lines, so that rows of it are no lines."""
    return all(_SURROUNDED * line.box.height <= page.height for line in _lines(page))


def value_of(page: Page, automaton: Automaton) -> FieldText | None:
    """The line of a text that a field may hold and of which most is sure; None where there is none."""
    found = [
        FieldText(line.text, min(word.confidence for word in line.words), fits=True)
        for line in _lines(page)
        if automaton.matches(line.text)
    ]
    return max(found, key=lambda text: text.weight, default=None)


def zone_of(page: Page) -> FieldValue | None:
    """The last lines of a text that are a machine readable zone, with all check digits right; None without such."""
    lines = _lines(page)
    texts = ["".join(line.text.split()) for line in lines]
    for layout in mrz.LAYOUTS:
        count = len(layout.lines)
        for start in range(len(lines) - count, -1, -1):
            own, read = lines[start : start + count], texts[start : start + count]
            if _is(layout, read) and not _is_cut(page, own):
                text = "\n".join(read)
                return FieldValue(text, text, _least(own))
    return None


def _is_cut(page: Page, lines: Sequence[Line]) -> bool:
    """Whether the first line or the last one ends at the picture's edge and is lower than the others."""
    first, last = lines[0].box, lines[-1].box
    least = LOWER * max(line.box.height for line in lines)
    at_top = first.top <= _EDGE and first.height < least
    return at_top or (last.bottom >= page.height - _EDGE and last.height < least)


def _lines(page: Page) -> list[Line]:
    return [line for block in page.blocks for line in block.lines]


def _is(layout: mrz.Layout, lines: Sequence[str]) -> bool:
    pairs = zip(layout.lines, lines, strict=True)
    matches = all(len(line) == layout.width and compiled(each).matches(line) for each, line in pairs)
    return matches and not mrz.faults(layout, lines)


def _least(lines: Sequence[Line]) -> float:
    return min(word.confidence for line in lines for word in line.words)
