"""What the two engines might have read in a line, made up."""

from __future__ import annotations

import string
from collections.abc import Mapping

import numpy as np

from whaleline.imaging.geometry import Rectangle
from whaleline.recognition.emission import BLANK, Alphabet, Emission
from whaleline.recognition.page import Line, Word

_OTHERS = "\u00c9\u00d6\u00e9\u2014\u201c\u201d"
ALPHABET = Alphabet(("", *string.ascii_letters, *string.digits, *string.punctuation, " ", *_OTHERS))
STEP = 10.0
"""Pixels of a step; each letter has one, and one without a symbol behind it."""


def seen(text: str, sure: float = 0.8, doubts: Mapping[int, str] | None = None) -> Emission:
    """An emission whose best text is that.

    Args:
        text: of characters of ALPHABET.
        sure: the probability of each symbol.
        doubts: at places in the text the character that has nearly all of the rest; a blank symbol if empty.
    """
    count = len(ALPHABET.characters)
    matrix = np.full((2 * len(text) + 1, count), 1e-6, np.float32)
    matrix[::2, BLANK] = 1 - 1e-6 * (count - 1)
    for place, character in enumerate(text):
        row = matrix[2 * place + 1]
        row[:] = (1 - sure) / 10 / (count - 2)
        other = (doubts or {}).get(place, "")
        row[ALPHABET.places[other] if other else BLANK] = (1 - sure) * 0.9
        row[ALPHABET.places[character]] = sure
    return Emission(matrix, ALPHABET, STEP)


def doubting(text: str, place: int, other: str) -> Emission:
    """An emission that is sure of a text but for one character, which may be another as well."""
    emission = seen(text, 0.98)
    row = emission.matrix[2 * place + 1]
    row[:] = 1e-6
    row[[ALPHABET.places[text[place]], ALPHABET.places[other]]] = 0.6, 0.39
    return emission


def line(text: str, confidence: float = 80) -> Line:
    """Words of 20 pixels a letter and as much between them, as in what `seen` makes; 20 pixels high."""
    words, left = [], 0
    for word in text.split():
        words.append(Word(word, Rectangle(left, 0, left + 20 * len(word), 20), confidence))
        left += 20 * len(word) + 20
    return Line(tuple(words))
