"""Which way up a picture's text is, told from its own lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np

from whaleline.imaging.picture import Picture
from whaleline.imaging.strip import Strip
from whaleline.recognition import layout
from whaleline.recognition.page import Block, Word

POOR = 82.0
"""Mean confidence of a reading under which it is asked whether the picture is turned."""

_LONG = 3  # letters of a word that is wider than high wherever it is level
_COLUMN = 3  # lines of single letters, at least, that may be one line on its side
_LINES = 4  # that are read both ways
_PART = 12.0  # heights of a line, more of which are not needed to tell its way up
_CERTAIN = 1.5  # letters without doubt that the right way up has at least
_OTHER = 0.5  # of them, that the other way up may have
_STEEP = 45.0  # degrees, from which a line runs down the picture rather than across


def doubtful(blocks: tuple[Block, ...]) -> bool:
    """Whether a reading looks like that of a turned picture.

    It is poor, or most of its words are taller than wide, or it has no words but letters one below the other.
    """
    words = [word for block in blocks for line in block.lines for word in line.words if len(word.text) >= _LONG]
    tall = sum(word.box.height > word.box.width for word in words)
    return layout.confidence(blocks) < POOR or 2 * tall > len(words) or (not words and _is_column(blocks))


def turn(flat: Picture, strips: Sequence[Strip], read: Callable[[Picture], tuple[Word, ...]]) -> int | None:
    """Degrees clockwise after which the text is the right way up: 0, 90, 180 or 270; None where that is not certain.

    Its lines run the way most of it runs; some of them are read from either end.

    Args:
        flat: grey.
        strips: its lines.
        read: the words of a level line.
    """
    lengths = [strip.size[0] - strip.size[1] for strip in strips]
    steep = [abs(strip.angle) > _STEEP for strip in strips]
    down = sum(length for length, is_steep in zip(lengths, steep, strict=True) if is_steep and length > 0)
    across = sum(length for length, is_steep in zip(lengths, steep, strict=True) if not is_steep and length > 0)
    along = [strip for strip, is_steep in zip(strips, steep, strict=True) if is_steep == (down > across)]
    along.sort(key=lambda strip: strip.size[0] / strip.size[1], reverse=True)
    forwards = backwards = 0.0
    for strip in along[:_LINES]:
        cut = strip.cut(flat)
        cut = np.ascontiguousarray(cut[:, : int(_PART * cut.shape[0])])
        forwards += _letters(read(cut))
        backwards += _letters(read(np.ascontiguousarray(cut[::-1, ::-1])))
    if max(forwards, backwards) < _CERTAIN or min(forwards, backwards) > _OTHER * max(forwards, backwards):
        return None
    # A steep strip is followed from its top: to be read that way, it has to go a quarter back.
    quarter = 270 if down > across else 0
    return quarter if forwards > backwards else (quarter + 180) % 360


def is_upside_down(line: Picture, read: Callable[[Picture], tuple[Word, ...]]) -> bool:
    """Whether one level line certainly stands on its head; where little is read that way, the other is not looked at.

    Args:
        line: grey.
        read: the words of a level line.
    """
    cut = line[:, : int(_PART * line.shape[0])]
    turned = _letters(read(np.ascontiguousarray(cut[::-1, ::-1])))
    return turned >= _CERTAIN and _letters(read(np.ascontiguousarray(cut))) <= _OTHER * turned


def _is_column(blocks: tuple[Block, ...]) -> bool:
    """Whether lines of single letters may be one line that lies on its side; Chinese and the like do stand so."""
    lines = [line.text for block in blocks for line in block.lines]
    return len(lines) >= _COLUMN and not any(unicodedata.east_asian_width(sign) in "WF" for sign in "".join(lines))


def _letters(words: tuple[Word, ...]) -> float:
    """How many letters were read for certain, letters below even odds counting against them."""
    return max(0.0, sum(len(word.text) * (word.confidence - 50) / 50 for word in words))
