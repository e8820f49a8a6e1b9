"""Words as they are written: no space before a comma, no small letter among capitals, no 0 before small letters."""

from __future__ import annotations

import re
from dataclasses import replace

from whaleline.recognition.page import Block, Line, Word, joined_words

_FARTHEST = 1.0  # of the line's height, between a word and its comma
_COMMA = re.compile(r",[^\w,]*")  # alone; with letters it may be a low quote, with digits a number
_WORD = re.compile(r"\b[^\W\d_]{6,}\b")  # one that may be in small capitals; DDoS, PPPoE and HBsAg are shorter
_SMALL = re.compile("(?<=[A-Z\u00c0-\u00de]{2})[cosuvwxz\u0131](?=[A-Z\u00c0-\u00de])")
_ZERO = re.compile(r"\b0(?=[a-z\u00df-\u017f]{4,}\b)(?!x|[a-f]+\b)")  # 0x1f, 0cdf
_CURVED, _LOW = frozenset("\u201c\u201d"), "\u201e"  # behind a low one, that of the other form closes
_OPENING, _CLOSING = re.compile(r"(?<!\w)\"(?=\w)"), re.compile(r"(?<=[^\W\d_]|[.,!?;:)])\"(?!\w)")  # 5" is inches


def repaired(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
    """The blocks with what no writer does undone.

    Old printers set a space before a comma. Of capitals that are lower than the first one of the word (small capitals)
    the engines read those as small letters that differ from them by their height alone. A capital O of a typewriter is
    as round as its 0. Where one double quote of a line is curved, all are.
    """
    return tuple(Block(tuple(_repaired(line) for line in block.lines)) for block in blocks)


def _repaired(line: Line) -> Line:
    words: list[Word] = []
    curved = not _CURVED.isdisjoint(line.text) and _LOW not in line.text
    for word in line.words:
        if curved and '"' in word.text:
            word = replace(word, text=_CLOSING.sub("\u201d", _OPENING.sub("\u201c", word.text)))  # noqa: PLW2901
        if words and _COMMA.fullmatch(word.text) and words[-1].text[-1].isalnum() and _is_near(words[-1], word, line):
            words[-1] = joined_words(words[-1], word)
        else:
            words.append(replace(word, text=_WORD.sub(_capitals, _ZERO.sub("O", word.text))))
    return Line(tuple(words))


def _is_near(word: Word, comma: Word, line: Line) -> bool:
    gap = max(comma.box.left - word.box.right, word.box.left - comma.box.right)
    return gap <= _FARTHEST * line.box.height


def _capitals(word: re.Match[str]) -> str:
    """The word in capitals where all but a few of its letters are; else as it is."""
    whole = _SMALL.sub(lambda small: small[0].upper(), word[0])
    return whole if whole.isupper() else word[0]
