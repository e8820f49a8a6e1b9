"""Labels on a page, and what stands beside or below them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from whaleline.extraction.invoices.stems import is_stem, meaning
from whaleline.extraction.vocabulary import folded, kinds_of
from whaleline.extraction.words import Words
from whaleline.imaging.geometry import Rectangle

_TABLE = "invoice_words"


@dataclass(frozen=True, slots=True)
class Label:
    """Words that say what stands beside or below them.

    Attributes:
        kinds: that they may be of (invoice_words.tsv), the likelier first.
        row: number of their row.
        start: their first word in the row.
        end: just behind their last.
        words: themselves.
        length: letters and digits; longer labels say more.
        leads: whether they begin a piece of the row.
    """

    kinds: tuple[str, ...]
    row: int
    start: int
    end: int
    words: Words
    length: int
    leads: bool

    @property
    def is_known(self) -> bool:
        """Whether a table has it, so that its meaning is not guessed from its words."""
        return self.length > _GUESSED


def labels_of(rows: Sequence[Words]) -> tuple[Label, ...]:
    """All labels of a document: row by row, the longest that fit, none within another."""
    return tuple(label for number, row in enumerate(rows) for label in _labels_of_row(number, row))


def _labels_of_row(number: int, row: Words) -> Iterator[Label]:
    kinds = kinds_of(_TABLE)
    tokens = [folded(word.text).replace(" ", "") for word in row.words]
    starts = _starts_of_pieces(row)
    last: Label | None = None
    at = depth = 0
    while at < len(tokens):
        if row.words[at].text.startswith("(") and at not in starts:
            depth = max(depth, 1)
        found = None
        joined = ""
        for end in range(at + 1, min(len(tokens), at + _MOST_WORDS) + 1):
            if end - 1 in starts and end - 1 > at:
                break
            joined += tokens[end - 1]
            if tokens[end - 1] and joined in kinds:
                found = (end, kinds[joined], len(joined))
        if found is None and at in starts and len(tokens[at]) > 0:
            found = _nearly(tokens, at, starts) or _by_meaning(row, at, starts)
        elif found is not None and at in starts and (further := _to_colon(row, found[0], starts)) > found[0]:
            kind = meaning(" ".join(word.text for word in row.words[at:further]))
            found = (further, (kind, *found[1]) if kind else found[1], found[2])
        if found is None or not tokens[at] or depth > 0:
            depth = max(0, depth + row.words[at].text.count("(") - row.words[at].text.count(")"))
            at += 1
            continue
        end, which, length = found
        if last is not None and set(which) & set(last.kinds) and _is_value(row, last.end, at):
            at = end  # Bank: Bank of the North
            continue
        text = "".join(word.text for word in row.words[at:end])
        depth = max(0, depth + text.count("(") - text.count(")"))
        last = Label(which, number, at, end, Words(row.words[at:end]), length, at in starts)
        yield last
        at = end


def _by_meaning(row: Words, at: int, starts: frozenset[int]) -> tuple[int, tuple[str, ...], int] | None:
    """The label that the words of a piece up to the first number seem to be."""
    end = at + 1
    while end < len(row.words) and end not in starts and not re.search(r"\d", row.words[end].text):
        end += 1
        if _closes(row.words[end - 1].text):
            break
    kind = meaning(" ".join(word.text for word in row.words[at:end]))
    return (end, (kind,), _GUESSED) if kind and not re.search(r"\d", row.words[at].text) else None


def _to_colon(row: Words, end: int, starts: frozenset[int]) -> int:
    """Where a label ends that goes on to a colon within a few words: Bank (branch):."""
    if _closes(row.words[end - 1].text):
        return end
    for at in range(end, min(len(row.words), end + _BEFORE_COLON)):
        if at in starts or re.search(r"\d", row.words[at].text):
            break
        if _closes(row.words[at].text):
            return at + 1
    return end


def _is_value(row: Words, end: int, at: int) -> bool:
    """Whether nothing but a colon stands between a label's end and a word."""
    between = "".join(word.text for word in row.words[end:at])
    return (at == end and _closes(row.words[end - 1].text)) or between == ":"


def _nearly(tokens: Sequence[str], at: int, starts: frozenset[int]) -> tuple[int, tuple[str, ...], int] | None:
    """The label that the piece begins with but for a misread letter."""
    kinds = kinds_of(_TABLE)
    best = None
    joined = ""
    for end in range(at + 1, min(len(tokens), at + _MOST_WORDS) + 1):
        if end - 1 in starts and end - 1 > at:
            break
        joined += tokens[end - 1]
        if len(joined) < _FUZZY or any(sign.isdigit() for sign in joined) or is_stem(joined):
            continue
        near = _near(joined)
        if near and (best is None or len(near) > best[2]):
            best = (end, kinds[near], len(near))
    return best


@lru_cache(maxsize=8192)
def _near(text: str) -> str:
    """The label that a text is but for one letter, or two of a long one; empty if there is none."""
    cutoff = 1 if len(text) < 2 * _FUZZY else 2
    near = process.extractOne(text, kinds_of(_TABLE).keys(), scorer=Levenshtein.distance, score_cutoff=cutoff)
    return near[0] if near else ""


def _starts_of_pieces(row: Words) -> frozenset[int]:
    starts, at = set(), 0
    for piece in row.pieces:
        starts.add(at)
        at += len(piece.words)
    return frozenset(starts)


def _closes(text: str) -> bool:
    return text.endswith((":", ";"))


def beside(label: Label, rows: Sequence[Words], labels: Sequence[Label], *, within_piece: bool = False) -> Words | None:
    """What stands to the right of a label up to the next label; None if nothing does.

    Args:
        label: the one.
        rows: of the document.
        labels: of the document.
        within_piece: whether labels within the same piece belong to this one, as in Total incl. 19 % VAT.
    """
    row = rows[label.row]
    ends = [
        each.start
        for each in labels
        if each.row == label.row
        and each.start >= label.end
        and (each.leads or not (within_piece or set(each.kinds) & set(label.kinds)))
    ]
    end = min(ends, default=None)
    words = row.words[label.end : end]
    while words and not re.search(r"\w", words[0].text):
        words = words[1:]
    return Words(words) if words else None


def below(label: Label, rows: Sequence[Words]) -> Iterator[Words]:
    """The pieces that stand under a label, the nearest first."""
    box = _head(label, rows)
    last = box.bottom
    for row in rows[label.row + 1 : label.row + 1 + _ROWS_BELOW]:
        if row.page != label.words.page:
            return
        if row.box.top - last > _GAP_BELOW * max(box.height, row.height):
            return
        under = [piece for piece in row.pieces if _is_under(piece.box, box)]
        yield from under
        if under:
            last = under[0].box.bottom


def _head(label: Label, rows: Sequence[Words]) -> Rectangle:
    """The box of a label with what stands in brackets or as a rate behind it."""
    if not label.leads:
        return label.words.box
    row = rows[label.row]
    piece = next(each for each in row.pieces if label.words.words[0] in each.words)
    rest = row.words[label.end : row.words.index(piece.words[-1]) + 1]
    return piece.box if not any(re.search(r"[^\W\d_]{3}", word.text) for word in rest) else label.words.box


def _is_under(box: Rectangle, head: Rectangle) -> bool:
    """Whether something shares a label's column: they overlap, or begin or end at the same place."""
    overlap = min(box.right, head.right) - max(box.left, head.left)
    if overlap > _OVERLAP * min(box.width, head.width):
        return True
    near = head.height
    return overlap > -near and (abs(box.left - head.left) < near or abs(box.right - head.right) < near)


_MOST_WORDS = 7
_GUESSED = 3
"""The length of a label that no table has, as far as it counts."""
_BEFORE_COLON = 3
_FUZZY = 7
"""Letters that a label has at least which may be misread."""
_ROWS_BELOW = 4
_GAP_BELOW = 2.2
_OVERLAP = 0.4
