"""Words of a page as they are needed in tables: each where its ink is, and none passed over.

An engine that reads a page in lines stretches words over the white between columns, and passes over lone digits. Both
are seen by the ink, and what they concern is read once more, piece by piece.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Callable, Sequence

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging import bubbles, rules
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, ink
from whaleline.layout.grounds import print_and_edges
from whaleline.layout.lines import is_leader, letter_height
from whaleline.layout.ruling import Ruling
from whaleline.layout.small_marks import with_marks
from whaleline.recognition.page import Line, Word

Read = Callable[[Picture], Sequence[Line]]
"""The lines that stand in a picture, boxes in its pixels."""

MOST = 600
"""Pieces that are read once more, at most."""

_WHITE = 1.0  # letters' heights of white within a word, that no word has
_TALL, _BETWEEN_LINES = 1.6, 0.3  # letters' heights of a word, and of the white between two lines within it
_DOUBT, _SHORT = 75.0, 3  # confidence and length of words that are read once more
_LARGEST = 40_000_000  # pixels of a picture that is looked through for what was passed over
_HALF = 3  # pixels to either side of a rule's middle
_WITHIN = 0.7  # letters' heights between two words of a piece
_FRINGE = 0.15  # letters' heights around a word's box, which is its own print
_LOW, _HIGH = 0.35, 2.2  # letters' heights of a piece that may be text
_SPECK = 4  # pixels of ink, less of which are dirt
_RIM = 0.35  # letters' heights of paper around a piece that is read
_TWICE = 0.4  # of a word's box, that lies in another one's where it is part of it
_INSIDE = 0.8  # of it, where both were read of the same ink
_TOUCHING = 0.15  # letters' heights, less white than between two words
_SURE = 50.0  # confidence, less of which is no text


def mended(picture: Picture, words: Sequence[Word], ruling: Ruling, read: Read) -> tuple[Word, ...]:
    """The words without those whose box is stretched over white, and with what is read where no word was.

    Args:
        picture: that was read.
        words: of it.
        ruling: its rules, which are no print.
        read: reads a piece of it.
    """
    height = letter_height(words)
    if not height or picture.shape[0] * picture.shape[1] > _LARGEST:
        return tuple(words)
    everything = ink(picture)
    if rings := bubbles.bubbles(everything):
        picture = bubbles.without(picture, everything, rings)
    dark, _, _ = print_and_edges(picture, height)
    print_ = rules.without_ink(dark, rules.rules(dark, height))
    lines = _drawn(ruling, print_.shape)
    print_[lines > 0] = 0
    clean = rules.without(picture, np.maximum(lines, cv2.subtract(dark, print_)))
    whole = print_.copy()
    kept = [word for word in words if is_leader(word, height) or not _is_stretched(print_, word.box, height)]
    kept = [word for word in kept if not _is_doubtful(word)]
    rim = int(_FRINGE * height)
    for word in kept:
        box = word.box
        print_[max(0, box.top - rim) : box.bottom + rim, max(0, box.left - rim) : box.right + rim] = 0
    found: list[Word] = []
    for box in _pieces(print_, height)[:MOST]:
        found += _read(clean, box, read, height)
    found = [word for word in found if not is_leader(word, height)]
    sure = {id(word) for word in kept}
    again = [word for word in words if id(word) not in sure]
    all_ = _once(height, [*kept, *found, *(word for word in again if _is_alone(word, found))])
    return with_marks(all_, whole, height)


def _once(height: float, words: Sequence[Word]) -> tuple[Word, ...]:
    """The words without those that are part of another one, read twice."""
    reach = _TOUCHING * height
    order = sorted(range(len(words)), key=lambda index: words[index].box.left)
    bare = [_bare(word) for word in words]
    # What is as low as a dash and has letters was read of what is left over of a word's ink.
    twice = {index for index, word in enumerate(words) if bare[index] and word.box.height < _LOW * height}
    for place, index in enumerate(order):
        for other in itertools.takewhile(
            lambda other, end=words[index].box.right + reach: words[other].box.left < end,  # type: ignore[misc]
            order[place + 1 :],
        ):
            common = words[index].box.intersection(words[other].box)
            if common.height <= 0:
                continue
            small, large = sorted((index, other), key=lambda each: _area(words[each].box))
            part, whole = bare[small], bare[large]
            share = _area(common) / max(1, _area(words[small].box))
            if share >= _INSIDE or (share >= _TWICE and part in whole):
                twice.add(small)
            elif part and _are_level(words[small].box, words[large].box):
                # The box of a word may end within it; what is left over of its ink is its first or last letters.
                goes_on = words[small].box.left > words[large].box.left
                if whole.endswith(part) if goes_on else whole.startswith(part):
                    twice.add(small)
    return tuple(word for index, word in enumerate(words) if index not in twice)


def _are_level(box: Rectangle, other: Rectangle) -> bool:
    return min(box.bottom, other.bottom) - max(box.top, other.top) > min(box.height, other.height) / 2


def _area(box: Rectangle) -> int:
    return 0 if box.is_empty else box.width * box.height


def _bare(word: Word) -> str:
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", word.text))).casefold()


def _is_doubtful(word: Word) -> bool:
    """Whether a word is short and unsure, or a number on which the engines differ: they may have parted it wrongly."""
    if word.confidence < _DOUBT and len(word.text) <= _SHORT:
        return True
    return bool(word.alternative) and any(map(str.isdigit, word.text + word.alternative))


def _is_alone(word: Word, found: Sequence[Word]) -> bool:
    """Whether nothing else was read where a word was."""
    return all(other.box.intersection(word.box).is_empty for other in found)


def _drawn(ruling: Ruling, shape: tuple[int, ...]) -> Picture:
    """The rules as a mask, a little wider than they are, since they may lean."""
    mask = np.zeros(shape, np.uint8)
    for rule in ruling.level:
        mask[max(0, round(rule.at) - _HALF) : round(rule.at) + _HALF, rule.start : rule.end] = 255
    for rule in ruling.upright:
        mask[rule.start : rule.end, max(0, round(rule.at) - _HALF) : round(rule.at) + _HALF] = 255
    return mask


def _is_stretched(print_: Picture, box: Rectangle, height: float) -> bool:
    """Whether a word's box has white in it that is wider than a space, or reaches over several lines."""
    inside = print_[box.top : box.bottom, box.left : box.right]
    if box.width > 2 * _WHITE * height and _widest_white(np.asarray(inside.any(axis=0))) > _WHITE * height:
        return True
    return box.height > _TALL * height and _widest_white(np.asarray(inside.any(axis=1))) > _BETWEEN_LINES * height


def _widest_white(filled: npt.NDArray[np.bool_]) -> int:
    """The most columns in a row that are white, those at the ends included."""
    places = np.concatenate([[-1], np.flatnonzero(filled), [len(filled)]])
    return int(np.diff(places).max()) - 1


def _pieces(print_: Picture, height: float) -> list[Rectangle]:
    """Where there is ink: pieces of a line, from the top down."""
    reach = max(3, int(_WITHIN * height)) | 1
    runs = cv2.morphologyEx(print_, cv2.MORPH_CLOSE, np.ones((1, reach), np.uint8))
    # Dots and accents hang together with their letters.
    runs = cv2.morphologyEx(runs, cv2.MORPH_CLOSE, np.ones((max(2, int(0.2 * height)), 1), np.uint8))
    _, _, statistics, _ = cv2.connectedComponentsWithStats(runs, connectivity=8)
    found = [
        Rectangle(left, top, left + wide, top + high)
        for left, top, wide, high, area in statistics[1:].tolist()
        if area >= _SPECK and max(high, wide) >= _LOW * height and high <= _HIGH * height
    ]
    return sorted(found, key=lambda box: (box.top, box.left))


def _read(picture: Picture, box: Rectangle, read: Read, height: float) -> list[Word]:
    rim = int(_RIM * height) + 1
    around = box.grown(rim).intersection(Rectangle(0, 0, picture.shape[1], picture.shape[0]))
    lines = read(np.ascontiguousarray(picture[around.top : around.bottom, around.left : around.right]))
    moved = [line.moved(around.left, around.top) for line in lines if line.confidence >= _SURE]
    return [word for line in moved for word in line.words if max(word.box.width, word.box.height) >= _LOW * height]
