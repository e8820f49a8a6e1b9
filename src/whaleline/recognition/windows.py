"""Which words of a line that Tesseract found on a page should be read again."""

from __future__ import annotations

from itertools import pairwise
from statistics import median

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.frequency import Frequency
from whaleline.recognition.page import Line, Word

GATE = 92.0
"""Confidence of a word under which it is read again; figures in docs/recognition.md."""

_SURE = 96.0  # confidence of a word that is not asked whether it is in a list
_STROKES = frozenset("1l|")
_MOST = 0.7  # of a line's width, above which it is read as a whole
_FAR = 3.0  # of a word's height, white that parts what Tesseract took for one line; columns and stains stand there
_LEAST_LETTERS = 3  # of what is parted
_WHITE = 1.2  # of a word's height; numbers further apart stand in columns, and no digit moves from one to the other


def parted(line: Line) -> list[Line]:
    """A line that Tesseract found, cut at wide white: what stands far apart is read, and told from stains, by itself.

    On a page it takes for one line what is not: words of two columns, a name and the stain beside it. Less than a word
    stays with what follows, and at the end with what is before it: alone a stain is read as a letter.
    """
    white = _FAR * median(word.box.height for word in line.words)
    parts: list[tuple[Word, ...]] = [line.words[:1]]
    for one, other in pairwise(line.words):
        if _gap(one.box, other.box) > white and _is_word(parts[-1]):
            parts.append((other,))
        else:
            parts[-1] += (other,)
    if len(parts) > 1 and not _is_word(parts[-1]):
        parts[-2:] = [parts[-2] + parts[-1]]
    return [Line(part) for part in parts]


def _is_word(words: tuple[Word, ...]) -> bool:
    return sum(map(str.isalnum, "".join(word.text for word in words))) >= _LEAST_LETTERS


def doubtful(line: Line, frequency: Frequency) -> list[tuple[int, int]]:
    """The stretches of words (first, last + 1) to read again: doubtful ones with a neighbour on either side.

    The neighbours show the engine where words begin and end; across the white beside a number there are none. Stretches
    next to each other are one, and all between two such gaps is one where they cover most of it.
    """
    return [
        (first + start, first + end)
        for first, last in _together(line.words)
        for start, end in _doubtful(line.words[first:last], frequency)
    ]


def _together(words: tuple[Word, ...]) -> list[tuple[int, int]]:
    """The stretches of words without wide white beside a number in them.

    Words that are none stay together: a line of stains is told by all that both engines see in it.
    """
    white = _WHITE * median(word.box.height for word in words)
    cuts = [
        place
        for place, (one, other) in enumerate(pairwise(words), start=1)
        if any(map(str.isdigit, one.text + other.text)) and _gap(one.box, other.box) > white
    ]
    return list(zip([0, *cuts], [*cuts, len(words)], strict=True))


def _gap(one: Rectangle, other: Rectangle) -> int:
    """Pixels between two boxes, whichever is the left one."""
    return max(other.left - one.right, one.left - other.right)


def _doubtful(words: tuple[Word, ...], frequency: Frequency) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for place, word in enumerate(words):
        if _is_doubtful(word, frequency):
            first, end = max(0, place - 1), min(len(words), place + 2)
            if found and first <= found[-1][1] + 1:
                found[-1] = (found[-1][0], end)
            else:
                found.append((first, end))
    covered = sum(words[end - 1].box.right - words[first].box.left for first, end in found)
    width = max(word.box.right for word in words) - min(word.box.left for word in words)
    return [(0, len(words))] if covered > _MOST * width else found


def _is_doubtful(word: Word, frequency: Frequency) -> bool:
    """Whether a word is unsure, a stroke that may be several signs, or in no list of words."""
    if word.confidence < GATE or word.text in _STROKES:
        return True
    return word.confidence < _SURE and frequency(word.text) == 0
