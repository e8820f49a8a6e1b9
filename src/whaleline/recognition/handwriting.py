"""English handwriting: lines by the detector, read by PP-OCRv6, their words decided by a list of words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from string import ascii_lowercase
from typing import Final

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.sight import Sight
from whaleline.recognition import layout
from whaleline.recognition.blocks import BlockReader
from whaleline.recognition.chooser import best
from whaleline.recognition.detector import detector
from whaleline.recognition.emission import Emission
from whaleline.recognition.engine import Shape
from whaleline.recognition.frequency import Frequency, frequency
from whaleline.recognition.line import LineReader
from whaleline.recognition.page import Block, Line, Word, joined_words

WIRE: Final = "HWT_ENG"
"""The language's name on the wire."""

_LISTED, _USUAL = 2.0, 2.5  # Zipf frequency of a word that stands as it was read, and of one that it may have been
_OBJECTION = -8.0  # natural logarithm of how much less probable, by what was seen, the word may be that was meant
_SHORTEST = 3  # letters of a word that is looked at
_CORE = re.compile(r"^(\W*)(.*?)([^\w-]*)$", re.DOTALL)  # an r at the end is often read as a hyphen


def read(lines: LineReader, sight: Sight) -> tuple[Block, ...]:
    """What is written in a picture; nothing where no line was found.

    Args:
        lines: of English. Tesseract, which reads no handwriting, is not asked; a list of words takes its place.
        sight: of the picture.
    """
    reader = BlockReader(replace(lines, first=None, joined=True, mended=mended))
    if layout.shape_of(sight.ink, sight.height) is Shape.LINE:
        line = reader.lines.read(sight)
        return (Block((line,)),) if line else ()
    return reader.strips(sight.picture, detector().find(sight.grey))


def mended(line: Line, seen: Sequence[Emission]) -> Line:
    """The line with each word that no list has as the listed one that fits best what was seen.

    A word may differ by a letter, lack one, have one too many, be two words, or be the half of one. What PP-OCRv6 saw
    (the CTC forward sum) and how usual the words are decide together.

    Args:
        line: as it was chosen.
        seen: of its pictures.
    """
    shown = best(seen)
    if shown is None:
        return line
    usual = frequency("en")
    words = list(line.words)
    place = 0
    while place < len(words):
        found = _meant(words, place, shown, usual)
        if found is not None:
            first, last, text = found
            parts = text.split(" ")
            whole = reduce(joined_words, words[first:last])
            words[first:last] = _parted(whole, parts) if len(parts) > 1 else [replace(whole, text=text)]
            place = first
        place += 1
    return Line(tuple(words))


def _meant(words: Sequence[Word], place: int, shown: Emission, usual: Frequency) -> tuple[int, int, str] | None:
    """What a word that no list has was meant to be: the first and last + 1 of the words it takes the place of."""
    before, core, after = _parts(words[place].text)
    if len(core) < _SHORTEST or any(map(str.isdigit, core)) or usual(core) >= _LISTED:
        return None
    texts = [word.text for word in words]
    made = [(place, place + 1, before + each + after) for each in _near(core) if usual(each) >= _USUAL]
    for first in (place - 1, place):  # the halves of a word
        if 0 <= first < len(words) - 1:
            whole = texts[first] + texts[first + 1]
            if usual(whole) >= _USUAL and _parts(whole)[1].isalpha():
                made.append((first, first + 2, whole))
    base = shown.log_likelihood(" ".join(texts))
    ranked = []
    for first, last, text in made:
        fits = shown.log_likelihood(" ".join([*texts[:first], text, *texts[last:]])) - base
        if fits >= _OBJECTION:
            ranked.append((fits + usual(text), (first, last, text)))
    return max(ranked)[1] if ranked else None


def _parts(text: str) -> tuple[str, str, str]:
    """What stands before a word's letters, the letters, and what stands after them."""
    found = _CORE.match(text)
    assert found is not None  # noqa: S101 - the pattern matches everything
    before, core, after = found.groups()
    return before, core, after


def _near(word: str) -> set[str]:
    """The words that one letter or space more, less or other makes of a word."""
    found = set()
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        found |= {head + letter + tail[1:] for letter in ascii_lowercase} if tail else set()
        found |= {head + letter + tail for letter in ascii_lowercase} | {head + tail[1:]}
        if 1 < place < len(word) - 1:
            found.add(f"{head} {tail}")
    return found - {word}


def _parted(word: Word, texts: list[str]) -> list[Word]:
    """A word as several, each with its share of the box by its letters."""
    total, place, parts = len("".join(texts)), 0, []
    for text in texts:
        left = word.box.left + word.box.width * place // total
        place += len(text)
        right = word.box.left + word.box.width * place // total
        parts.append(Word(text, Rectangle(left, word.box.top, right, word.box.bottom), word.confidence))
    return parts
