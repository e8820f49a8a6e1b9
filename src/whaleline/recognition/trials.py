"""What one set of models reads poorly is tried with another one, and at other sizes of its letters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
from rapidfuzz.distance import Levenshtein

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.picture import Picture, ink, text_height
from whaleline.recognition import layout
from whaleline.recognition.engine import Engine, Shape
from whaleline.recognition.page import Block

SURE: Final = 90.0
"""Score from which no other models are tried; figures in docs/languages.md."""

CLEAR: Final = 80.0
"""Score from which no other size is tried."""

_AGREED: Final = 3  # readings of a line that have the same text, after which there are no more

_SEEN: Final = 0.9  # of the print, which the words of a whole reading cover at least
_HARDLY: Final = 0.15  # of a size, a change of which is not worth a reading

Reader = Callable[[], Engine]
"""Gives an engine, which is loaded when it is first needed."""


def best(
    picture: Picture,
    shape: Shape,
    readers: Sequence[Reader],
    heights: Sequence[float | None],
    *,
    margin: float = 0.0,
) -> tuple[Block, ...]:
    """The best of the readings of a picture, tried in turn until one is good enough.

    Every reader is tried at the first height of letters, then the last reader, which is the one for difficult print, at
    the others.

    Args:
        picture: grey.
        shape: how the text lies in it.
        readers: at least one.
        heights: of a letter, in pixels, to which a picture with larger ones is brought; None leaves it as it is.
        margin: by how much more a later reading must score to be taken.
    """
    print_ = ink(picture)
    found: tuple[Block, ...] = ()
    most = -1.0
    for enough, reader, size in _trials(text_height(print_), readers, heights):
        if most >= enough:
            break
        blocks = _read(reader(), picture, shape, size)
        score = _score(blocks, print_)
        if score > most + (margin if found else 0.0):
            found, most = blocks, score
    return found


def agreed(picture: Picture, readers: Sequence[Reader], heights: Sequence[float | None]) -> tuple[Block, ...]:
    """The reading of a line that is most like all its readings, where the first one is not sure.

    Every reader is tried at every height until a text has come up three times. What a model misreads changes with the
    size of the letters, what it reads rightly does not: so of several readings the one in the middle (the set median
    by edit distance) has fewer errors than the surest one.

    Args:
        picture: grey, of one line.
        readers: at least one.
        heights: as for `best`.
    """
    print_ = ink(picture)
    found: list[tuple[tuple[Block, ...], str, float]] = []
    for size in _sizes(text_height(print_), heights):
        for reader in readers:
            if not (blocks := _read(reader(), picture, Shape.LINE, size)):
                continue  # a reading of nothing has no vote, or it could empty a line
            text, score = "\n".join(block.text for block in blocks), _score(blocks, print_)
            if (score >= SURE and not found) or [every for _, every, _ in found].count(text) == _AGREED - 1:
                return blocks
            found.append((blocks, text, score))

    def unlike(reading: tuple[tuple[Block, ...], str, float]) -> float:
        _, text, score = reading
        apart = sum(Levenshtein.normalized_distance(text, other) for _, other, _ in found)
        return apart / max(1, len(found) - 1) - score / 100

    return min(found, key=unlike)[0] if found else ()


def _score(blocks: tuple[Block, ...], print_: Picture) -> float:
    """How sure a reading is, 0 to 100; less where it leaves print out."""
    return layout.confidence(blocks) * min(1.0, _covered(print_, blocks) / _SEEN) ** 2


def _sizes(height: float, heights: Sequence[float | None]) -> list[float]:
    """How many times its own size a picture is shown, once for each size that makes a difference."""
    sizes: list[float] = []
    for wanted in heights:
        size = 1.0 if wanted is None or not height else wanted / height
        size = size if sizes else min(1.0, size)
        if all(abs(size - before) >= _HARDLY * before for before in sizes):
            sizes.append(size)
    return sizes


def _trials(
    height: float, readers: Sequence[Reader], heights: Sequence[float | None]
) -> Iterator[tuple[float, Reader, float]]:
    """The score from which a trial is left out, its reader, and how many times its own size the picture is given it."""
    sizes = [1.0 if wanted is None or not height else wanted / height for wanted in heights]
    sizes[0] = min(1.0, sizes[0])
    for reader in readers:
        yield SURE, reader, sizes[0]
    for before, size in pairwise(sizes):
        if abs(size - before) >= _HARDLY:
            yield CLEAR, readers[-1], size


def _read(engine: Engine, picture: Picture, shape: Shape, size: float) -> tuple[Block, ...]:
    """The engine's reading of the picture at another size, boxes in the picture's own pixels."""
    if abs(size - 1) < _HARDLY:
        return engine.read(picture, shape)
    method = cv2.INTER_AREA if size < 1 else cv2.INTER_CUBIC
    scaled = np.asarray(cv2.resize(picture, None, fx=size, fy=size, interpolation=method), np.uint8)
    back = Affine.scale(picture.shape[1] / scaled.shape[1], picture.shape[0] / scaled.shape[0])
    return layout.moved(engine.read(scaled, shape), back, Rectangle(0, 0, picture.shape[1], picture.shape[0]))


def _covered(print_: Picture, blocks: tuple[Block, ...]) -> float:
    """The share of print inside the boxes of words; 1 where there is no print."""
    total = np.count_nonzero(print_)
    if not total:
        return 1.0
    seen = np.zeros(print_.shape, bool)
    for block in blocks:
        for line in block.lines:
            for word in line.words:
                seen[word.box.top : word.box.bottom, word.box.left : word.box.right] = True
    return float(np.count_nonzero(print_[seen])) / total
