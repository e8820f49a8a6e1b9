"""Single words on photographs of products, signs and packages: at any angle, along curves, light on dark."""

from __future__ import annotations

import cmath
import math
from collections.abc import Sequence
from dataclasses import replace

from whaleline.imaging.filters import enlarge
from whaleline.imaging.geometry import Affine
from whaleline.imaging.picture import Picture
from whaleline.imaging.strip import Strip
from whaleline.recognition import large
from whaleline.recognition.detector import detector
from whaleline.recognition.line import LineReader
from whaleline.recognition.page import Block, Line, Word

_SMALL = 500  # pixels of the longer side of a picture that is enlarged before words are looked for
_SURE = 98.0  # confidence of a line that need not be read the other way up; on its head "Parking" has up to 97.6
_LEAST = 50.0  # of a word that is given

_Read = tuple[Strip, Line]
"""A line and the strip in which it stands, in reading direction."""


def read(reader: LineReader, picture: Picture, *, right_to_left: bool = False) -> tuple[Block, ...]:
    """The words of a picture, each piece of a line as a block, in the order in which a reader of the label meets them.

    Args:
        reader: of the language.
        picture: grey or colour.
        right_to_left: whether the first word of a row stands at its right.
    """
    times = 2 if max(picture.shape[:2]) < _SMALL else 1
    larger = enlarge(picture, times) if times > 1 else picture
    found = [_read(reader, larger, strip) for strip in detector().find(larger, along_curves=True)]
    ordered = _in_order([each for each in found if each is not None], right_to_left=right_to_left)
    back = Affine.scale(1 / times, 1 / times)
    lines = [Line(tuple(replace(word, box=back.bounds(word.box)) for word in line.words)) for line in ordered]
    return tuple(Block((line,)) for line in (*lines, *large.lines(picture, lines, reader.strip)))


def _read(reader: LineReader, picture: Picture, strip: Strip) -> _Read | None:
    """The words of a strip, read from the end from which they are surer; None where none is sure enough."""
    ways = [(strip, reader.along(picture, strip))]
    if ways[0][1] is None or ways[0][1].confidence < _SURE:
        ways.append((strip.reversed(), reader.along(picture, strip.reversed())))
    way, line = max(ways, key=lambda each: each[1].weight if each[1] else -math.inf)
    words = tuple(word for word in line.words if _is_word(word)) if line else ()
    return (way, Line(words)) if words else None


def _is_word(word: Word) -> bool:
    return word.confidence >= _LEAST and any(map(str.isalnum, word.text))


def _in_order(found: Sequence[_Read], *, right_to_left: bool) -> list[Line]:
    """The lines row by row, as they stand when the picture is turned so that the usual line is level."""
    if not found:
        return []
    usual = cmath.phase(sum(cmath.rect(way.size[0], math.radians(way.angle)) for way, _ in found))
    turn = Affine.rotation(-math.degrees(usual), (0, 0))
    placed = []
    for way, line in found:
        across, down = turn(tuple(way.path[[0, -1]].mean(axis=0).tolist()))
        placed.append((down, -across if right_to_left else across, way.half, line))
    rows: list[list[tuple[float, float, float, Line]]] = []
    for each in sorted(placed, key=lambda one: one[0]):
        last = rows[-1][-1] if rows else None
        if last is not None and each[0] - last[0] < min(each[2], last[2]):
            rows[-1].append(each)
        else:
            rows.append([each])
    return [line for row in rows for *_, line in sorted(row, key=lambda one: one[1])]
