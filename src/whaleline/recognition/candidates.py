"""The texts that a piece of a line may be, and what speaks for each.

Two engines' readings of a line are aligned and cut into pieces; where they differ, each text is a candidate with
features: how much PP-OCRv6's output objects to it, how sure its reader was, and how it is written.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import Levenshtein

from whaleline.recognition.accents import bare, strange
from whaleline.recognition.alternatives import alternatives, fit, read_by
from whaleline.recognition.emission import Emission, Symbol, text_of
from whaleline.recognition.frequency import Frequency
from whaleline.recognition.page import Line, Word
from whaleline.recognition.writing import lexical, odd_brackets, plain, written

_SAME_SIGN = str.maketrans(dict.fromkeys("\u2018\u2019\u201c\u201d\u201e\u2033'", '"'))
_END_MARKS = frozenset(".,:;")
_SAME_FORM = frozenset("cosvwxz.:,;-")  # letters whose capitals differ by their height alone
_MOST_SPACES = 2
_MOST_UNLIKE = 3  # edits; more say no more
_LEAST_FIT = 6.0  # natural logarithm of how much less probable a text may be
_MOST_OBJECTION = 12.0  # natural logarithm; more says no more


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line between two spaces on which both readings agree.

    Attributes:
        words: Tesseract's.
        symbols: PP-OCRv6's.
    """

    words: tuple[Word, ...]
    symbols: tuple[Symbol, ...]

    @property
    def first(self) -> str:
        """Tesseract's text."""
        return " ".join(word.text for word in self.words)

    @property
    def second(self) -> str:
        """PP-OCRv6's text."""
        return text_of(self.symbols)


@dataclass(frozen=True)
class Candidate:
    """One text for a piece, and what is known about it."""

    text: str
    features: Mapping[str, float]


def pieces(line: Line, symbols: Sequence[Symbol]) -> list[Piece]:
    """Both readings cut wherever a space of the one is aligned with a space of the other."""
    first, second = line.text, text_of(symbols)
    cuts: list[tuple[int, int]] = []
    for step in Levenshtein.opcodes(first, second):
        if step.tag == "equal":
            length = step.src_end - step.src_start
            spaces = [index for index in range(length) if first[step.src_start + index] == " "]
            cuts += [(step.src_start + index, step.dest_start + index) for index in spaces]
    result, word, start = [], 0, 0
    for end, other in [*cuts, (len(first), len(second))]:
        count = first.count(" ", 0, end) + 1 - word
        result.append(Piece(line.words[word : word + count], tuple(symbols[start:other])))
        word, start = word + count, other + 1
    return result


def candidates(parts: Sequence[Piece], place: int, seen: Sequence[Emission], frequency: Frequency) -> list[Candidate]:
    """The texts that one piece of a line may be: PP-OCRv6's first, then Tesseract's where it is another.

    Then the one with the other's spaces, and what else PP-OCRv6 may have seen.
    """
    part = parts[place]
    first, second = part.first, part.second
    before = "".join(f"{other.second} " for other in parts[:place])
    after = "".join(f" {other.second}" for other in parts[place + 1 :])
    parted = _with_spaces_of(second, first)
    texts = list(dict.fromkeys(one for one in (second, first, parted) if one or one in (first, second)))
    others = alternatives(part.symbols, seen) if second else []
    others += [bare(second)] if strange(second, frequency) else []
    others = [one for one in others if one not in texts and _difference(one, second) not in ("quotes", "dashes")]
    fits = fit([*texts, *others], seen, before, after)
    objections = {text: fits[0] - value for text, value in zip([*texts, *others], fits, strict=True)}
    texts += [one for one in others if objections[one] < _LEAST_FIT]
    votes = read_by(part.symbols, seen)
    sure = min((word.confidence for word in part.words), default=0.0) / 100
    by_words = lexical(first, second)
    found = []
    for text in texts:
        told = {
            "pictures": votes.count(text) / len(votes) if votes else 0.0,
            "unlike first": sure * min(_MOST_UNLIKE, Levenshtein.distance(_loose(text), _loose(first))),
            "strange accents": float(strange(text, frequency)),
            "odd brackets": odd_brackets(f"{before}{text}{after}"),
        }
        usual = frequency(text) if by_words else 0.0
        if text == first != second:
            told |= _objected(objections[text], _difference(first, second))
            told |= _pair(first, second, part, last=place == len(parts) - 1)
        elif text in (second, parted):
            told["second's least"] = _least(part) / 100
            if text != second:
                told |= _objected(objections[text], "spaces")
                told |= {"spaces of the other": 1.0, "spaces": _more_spaces(text, second)}
        else:
            told["neither's"] = 1.0
            told["neither's least"] = _least(part) / 100
            told["neither's objection"] = min(max(objections[text], 0.0), _MOST_OBJECTION) / 4
            told["spaces"] = _more_spaces(text, second)
            usual = frequency(second) if by_words else 0.0
            usual += frequency(text) - frequency(second) if lexical(text, second) else 0.0
        found.append(Candidate(text, {**told, **written(text, usual)}))
    return found


def _loose(text: str) -> str:
    return plain(text).casefold()


def only_capitals_of_one_form(first: str, second: str) -> bool:
    """Whether two texts differ by the height of letters alone, as c and C do."""
    return first != second and first.casefold() == second.casefold() and not set(first.casefold()) - _SAME_FORM


def _difference(first: str, second: str) -> str:  # noqa: PLR0911
    """The one kind of difference between two texts, where it is of one kind that PP-OCRv6 is known to be blind to."""
    if first.translate(_SAME_SIGN) == second.translate(_SAME_SIGN):
        return "quotes"
    if plain(first) == plain(second):
        return "dashes"
    if first.replace(" ", "") == second.replace(" ", ""):
        return "spaces"
    if first.casefold() == second.casefold():
        return "capitals"
    if bare(first).casefold() == bare(second).casefold():
        return "accents"
    if first and first[:-1] == second and first[-1] in _END_MARKS:
        return "an end mark more"
    return ""


def _pair(first: str, second: str, part: Piece, *, last: bool) -> dict[str, float]:
    """What is to be known of Tesseract's text beside PP-OCRv6's."""
    sure = min((word.confidence for word in part.words), default=0.0)
    kind = _difference(first, second)
    found = {
        "first": 1.0,
        "first is over 90": float(sure > 90),  # noqa: PLR2004
        "curly quotes": float(kind == "quotes" and not {"\u201c", "\u201d", "\u2018", "\u2019"}.isdisjoint(first)),
        "an end mark at the end": float(kind == "an end mark more" and last),
        "spaces": _more_spaces(first, second),
        "digits": float(any(map(str.isdigit, first + second))),
        "first is empty": float(not first),
        "second is empty": float(not second),
        "alike": similarity(first, second),
    }
    if kind:
        found[f"only {kind}"] = 1.0
    return found


def _objected(value: float, kind: str) -> dict[str, float]:
    value = min(max(value, 0.0), _MOST_OBJECTION)
    name = f"objection to {kind}" if kind else "objection"
    return {name: value / 4, "log of objection": math.log1p(value)} if not kind else {name: math.log1p(value)}


def _more_spaces(text: str, other: str) -> float:
    """By how many spaces a text has more than another; many say no more than two, for stains fall into many parts."""
    return float(max(-_MOST_SPACES, min(_MOST_SPACES, text.count(" ") - other.count(" "))))


def _with_spaces_of(text: str, other: str) -> str:
    """A text with a space put in wherever the other one has one that it lacks."""
    if other.count(" ") <= text.count(" "):
        return ""
    result = list(text)
    for step in reversed(Levenshtein.opcodes(text, other)):
        if step.tag in ("insert", "replace") and " " in other[step.dest_start : step.dest_end]:
            own, theirs = text[step.src_start : step.src_end], other[step.dest_start : step.dest_end]
            place = step.src_start + min(len(own), theirs.index(" "))
            if 0 < place < len(text) and text[place - 1] != " " and text[place] != " ":
                result.insert(place, " ")
    return "".join(result)


def _least(piece: Piece) -> float:
    """The least confidence of PP-OCRv6's symbols where they differ from Tesseract's."""
    steps = Levenshtein.opcodes(piece.first.casefold(), piece.second.casefold())
    places = [place for step in steps if step.tag != "equal" for place in range(step.dest_start, step.dest_end)]
    symbols = [piece.symbols[place] for place in places if place < len(piece.symbols)] or piece.symbols
    return min((symbol.confidence for symbol in symbols), default=0.0)


def similarity(first: str, second: str) -> float:
    """1 where two texts are the same but for capitals and the kind of quotes and dashes, 0 where nothing is."""
    return Levenshtein.normalized_similarity(_loose(first), _loose(second))
