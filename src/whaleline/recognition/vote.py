"""One reading from two: Tesseract's words of a line and PP-OCRv6's symbols, piece by piece."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.recognition.frequency import Frequency
from whaleline.recognition.page import Line, Word
from whaleline.recognition.ppocr import Symbol

_CLEARLY = 0.5  # Zipf units between two pieces, of which the more usual one is taken
_PLAIN = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})
_STROKES = str.maketrans("li|!/\\", "111111")  # of which one by itself is any
_ROMAN = re.compile(r"\W*[IVXLCM]+\W*$")
_UNSURE_FIRST, _UNSURE_SECOND, _ALIKE = 50.0, 60.0, 0.45  # confidences and similarity, under which a piece is no text
_SURE_OF_SIGNS = 88.0  # confidence of Tesseract, where PP-OCRv6 gives a straight quote or hyphen for another
_DOUBLE_QUOTES = frozenset("\u201c\u201d")
_BLANK_AT_SIGN = re.compile(r" (?=[,/]|--)|(?<=/) ")  # where no printer puts one
_SAME_FORM = frozenset("cosvwxz.:,;-")  # letters whose capitals differ by their height alone, which Tesseract looks at
_POINTS = str.maketrans(",", ".")
_NUMBER = re.compile(
    r"[^\w.,]*\d{1,3}(?:(?:,\d{3})+(?:\.\d+)?|(?:\.\d{3})+(?:,\d+)?)[^\w]*$"
)  # with its thousands apart
_LIKE_DIGITS = [set(pair) for pair in ("1l", "1I", "1|", "1i", "1!", "0O", "0o", "0Q", "0D", "5S", "8B")]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a line between two blanks on which both readings agree."""

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


def text_of(symbols: Sequence[Symbol]) -> str:
    """The symbols as text."""
    return "".join(symbol.text for symbol in symbols)


def similarity(line: Line, symbols: Sequence[Symbol]) -> float:
    """1 where both are the same but for capitals and the kind of quotes, 0 where they have nothing in common."""
    first, second = (plain(text).casefold() for text in (line.text, text_of(symbols)))
    if len(first) == len(second) == 1:
        first, second = first.translate(_STROKES), second.translate(_STROKES)
    return Levenshtein.normalized_similarity(first, second)


def vote(line: Line, symbols: Sequence[Symbol], frequency: Frequency) -> Line | None:
    """The line with, of every piece on which the readings differ, the better one.

    Args:
        line: Tesseract's reading.
        symbols: PP-OCRv6's reading, placed in the same picture as the line's boxes.
        frequency: how usual words are in the language.

    Returns:
        None where nothing is left.
    """
    parts = pieces(line, symbols)
    following = [*(part.first for part in parts[1:]), ""]
    words = [word for part, after in zip(parts, following, strict=True) for word in _chosen(part, after, frequency)]
    return Line(tuple(words)) if words else None


def pieces(line: Line, symbols: Sequence[Symbol]) -> list[Piece]:
    """Both readings cut wherever a blank of the one is aligned with a blank of the other."""
    first, second = line.text, text_of(symbols)
    cuts: list[tuple[int, int]] = []
    for step in Levenshtein.opcodes(first, second):
        if step.tag == "equal":
            length = step.src_end - step.src_start
            blanks = [index for index in range(length) if first[step.src_start + index] == " "]
            cuts += [(step.src_start + index, step.dest_start + index) for index in blanks]
    result, word, start = [], 0, 0
    for end, other in [*cuts, (len(first), len(second))]:
        count = first.count(" ", 0, end) + 1 - word
        result.append(Piece(line.words[word : word + count], tuple(symbols[start:other])))
        word, start = word + count, other + 1
    return result


def _chosen(piece: Piece, following: str, frequency: Frequency) -> tuple[Word, ...]:
    first, second = piece.first, piece.second
    if first == second:
        return tuple(_agreed(word, symbols) for word, symbols in zip(piece.words, runs(piece.symbols), strict=True))
    if _noise(piece):
        return ()
    if takes_second(piece, following, frequency):
        return _words(piece)
    if not second:
        return piece.words if any(map(str.isalnum, first)) else ()
    return _with_alternatives(piece.words, [text_of(run) for run in runs(piece.symbols)])


def _noise(piece: Piece) -> bool:
    """Whether neither engine is sure of a piece, and they read it quite differently: a stain beside the text."""
    if not piece.words or not piece.symbols:
        return False
    return (
        min(word.confidence for word in piece.words) < _UNSURE_FIRST
        and min(symbol.confidence for symbol in piece.symbols) < _UNSURE_SECOND
        and Levenshtein.normalized_similarity(piece.first, piece.second) < _ALIKE
    )


def takes_second(piece: Piece, following: str, frequency: Frequency) -> bool:  # noqa: PLR0911
    """Whether PP-OCRv6's text of a piece is the better one.

    Args:
        piece: what the two read.
        following: Tesseract's reading of the next word of the line, or nothing.
        frequency: how usual words are.
    """
    first, second = piece.first, piece.second
    if not second:
        return False
    sure = min(word.confidence for word in piece.words)
    if plain(first) == plain(second) and (sure >= _SURE_OF_SIGNS or not _DOUBLE_QUOTES.isdisjoint(first)):
        return False
    if first.casefold() == second.casefold():
        if _regular(first) != _regular(second):
            return _regular(second)
        if not set(first.casefold()) - _SAME_FORM:
            return False
    usual, other = frequency(first), frequency(second)
    if first.count(" ") > second.count(" "):
        # PP-OCRv6 loses blanks readily; Tesseract parts words that are spaced wide, and signs from their words.
        if _BLANK_AT_SIGN.sub("", plain(first)) == plain(second):
            return True
        if (lost := _lost(first.split(), second.split())) is not None:
            return not any(letter.isalnum() for word in lost for letter in word)
        least = _CLEARLY if plain(first).replace(" ", "") == plain(second) else 0
        return other > usual + least
    if found := _by_rule(first, second, following):
        return found is second
    if abs(usual - other) > _CLEARLY:
        return other > usual
    return _least(piece) > sure


def _lost(words: list[str], others: list[str]) -> list[str] | None:
    """The words that the others lack; None where these are not the same but for gaps."""
    rest = list(others)
    lost = []
    for word in words:
        if rest and rest[0] == word:
            rest.pop(0)
        else:
            lost.append(word)
    return None if rest or not others else lost


def plain(text: str) -> str:
    """A text with the quotes and dashes of a typewriter."""
    return text.translate(_PLAIN).replace("''", '"')


def _by_rule(first: str, second: str, following: str) -> str | None:  # noqa: PLR0911
    """The one of two texts that spelling shows to be right; None where it does not tell."""
    if len(first) != len(second):
        return None
    if {first, second} == {"/", "1"}:
        return "/"  # PP-OCRv6 does not see that a single stroke leans
    differing = [(one, other) for one, other in zip(first, second, strict=True) if one != other]
    if all({one, other} in _LIKE_DIGITS for one, other in differing):
        # A one among digits, and an l among letters.
        rest = [letter for letter, twin in zip(first, second, strict=True) if letter == twin and letter.isalnum()]
        if len(rest) + len(differing) > 1 and not any(map(str.isalpha, rest)):
            return max(first, second, key=lambda text: sum(map(str.isdigit, text)))
        if bool(_ROMAN.match(first)) != bool(_ROMAN.match(second)):
            return first if _ROMAN.match(first) else second
    if first.translate(_POINTS) == second.translate(_POINTS) and bool(_NUMBER.match(first)) != bool(
        _NUMBER.match(second)
    ):
        return first if _NUMBER.match(first) else second
    if first[:-1] == second[:-1] and {first[-1], second[-1]} == {".", ","} and following[:1].isalpha():
        wanted = "," if following[0].islower() else "."
        return first if first[-1] == wanted else second
    return None


def _regular(text: str) -> bool:
    """Whether a text is in small letters, in capitals, or in words with capitals in front."""
    letters = "".join(letter if letter.isalpha() else " " for letter in text)
    return all(word.islower() or word.isupper() or word.istitle() for word in letters.split())


def _least(piece: Piece) -> float:
    """The least confidence of PP-OCRv6's symbols where they differ from Tesseract's by more than capitals."""
    steps = Levenshtein.opcodes(piece.first.casefold(), piece.second.casefold())
    places = [place for step in steps if step.tag != "equal" for place in range(step.dest_start, step.dest_end)]
    symbols = [piece.symbols[place] for place in places if place < len(piece.symbols)] or piece.symbols
    return min(symbol.confidence for symbol in symbols)


def _agreed(word: Word, symbols: Sequence[Symbol]) -> Word:
    """A word that both read: wrong only where both are."""
    doubt = (100 - word.confidence) * (100 - min(symbol.confidence for symbol in symbols)) / 100
    return Word(word.text, word.box, 100 - doubt)


def _words(piece: Piece) -> tuple[Word, ...]:
    """PP-OCRv6's words of a piece, in Tesseract's boxes where these are as many, else in parts of their bounds."""
    found = runs(piece.symbols)
    boxes = [word.box for word in piece.words]
    if len(found) != len(boxes):
        whole = bounds(boxes)
        left, right = piece.symbols[0].left, piece.symbols[-1].right
        scale = whole.width / max(right - left, 1)
        boxes = [
            Rectangle(
                round(whole.left + (run[0].left - left) * scale),
                whole.top,
                round(whole.left + (run[-1].right - left) * scale),
                whole.bottom,
            )
            for run in found
        ]
    words = [
        Word(text_of(run), box, min(symbol.confidence for symbol in run)) for run, box in zip(found, boxes, strict=True)
    ]
    return _with_alternatives(words, [word.text for word in piece.words])


def _with_alternatives(words: Sequence[Word], others: Sequence[str]) -> tuple[Word, ...]:
    """The words with what the other engine read in their places, where it read as many."""
    if len(words) != len(others):
        return tuple(words)
    return tuple(
        word if word.text == other else replace(word, alternative=other)
        for word, other in zip(words, others, strict=True)
    )


def runs(symbols: Sequence[Symbol]) -> list[list[Symbol]]:
    """The symbols of each word."""
    found: list[list[Symbol]] = [[]]
    for symbol in symbols:
        if symbol.text.isspace():
            found.append([])
        else:
            found[-1].append(symbol)
    return [run for run in found if run]
