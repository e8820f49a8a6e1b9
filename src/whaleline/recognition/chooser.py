"""One reading of a line from those of two engines.

Both are hypotheses about the same print, equal before the evidence. Where they differ, the candidate for which most
speaks is taken; how probable each word is then is told by how it came about. All weights are fitted; see `calibration`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from types import MappingProxyType

from rapidfuzz.distance import Levenshtein

from whaleline.imaging.geometry import Rectangle, bounds
from whaleline.recognition.calibration import Calibration, calibration, logit
from whaleline.recognition.candidates import Piece, candidates, only_capitals_of_one_form, pieces
from whaleline.recognition.emission import Emission, Symbol, runs, text_of
from whaleline.recognition.frequency import Frequency
from whaleline.recognition.page import Line, Word

_RUN = re.compile(r"([.*=_<~-])\1{2,}|\u2026+")
_MOST_MARGIN = 10.0  # between the scores of two candidates; more says no more
_NEXT_TO_NOTHING, _A_WORD, _CONFIDENT = 0.3, 4, 70.0  # of a text's length, letters, confidence
_MOST_LOST = 0.75  # of the letters of the reading in which most is certain, less of which is no look at them
_DOUBT = 95.0  # confidence of a symbol, less of which is a doubt though both engines agree
_GUESS = 50.0  # confidence of a symbol that says nothing


@dataclass(frozen=True)
class Found:
    """A word of the reading and how it came about.

    Attributes:
        word: with the confidence of the engine that read it.
        way: which of the engines read it; a key of the calibration.
        features: what is known about it, for the calibration.
    """

    word: Word
    way: str
    features: Mapping[str, float]


def choose(first: Line | None, seen: Sequence[Emission], frequency: Frequency, height: int) -> tuple[Word, ...]:
    """The words of a line for which most speaks, with calibrated confidences.

    Args:
        first: Tesseract's reading, boxes in the line's picture; None where it found none.
        seen: PP-OCRv6's, of one or more pictures of the line; none where it was not asked or saw nothing.
        frequency: how usual words are in the language.
        height: pixels of the line's picture, which the boxes of words have that Tesseract did not see.
    """
    weights = calibration()
    return tuple(
        replace(found.word, confidence=100 * weights.probability(found.way, found.features))
        for found in explained(first, seen, frequency, height, weights)
    )


def explained(
    first: Line | None, seen: Sequence[Emission], frequency: Frequency, height: int, weights: Calibration
) -> list[Found]:
    """The words for which most speaks, and how each came about; the arguments are those of `choose`."""
    main = best(seen)
    if main is None or not main.symbols:
        return [_alone(word, "first") for word in first.words] if first else []
    if first is None:
        known = {"line": logit(main.least)}
        return [_alone(word, "second", known) for word in _placed(runs(main.symbols), (), height)]
    parts = pieces(first, main.symbols)
    found: list[Found] = []
    for place, part in enumerate(parts):
        agreed = part.first == part.second
        if (agreed and not is_doubtful(part)) or _longer_row(part):
            found += _agreed(part)
            continue
        scores = {one.text: weights.score(one.features) for one in candidates(parts, place, legible(seen), frequency)}
        if agreed and max(scores, key=scores.__getitem__) == part.first:
            found += _agreed(part)
        else:
            found += _chosen(part, scores, height)
    return found


def best(seen: Sequence[Emission]) -> Emission | None:
    """Of the readings of several pictures of a line, the one in which most text was read for certain.

    A picture in which letters are lost may be sure of the few that are left.
    """
    return max(seen, key=lambda one: sum(symbol.confidence - _GUESS for symbol in one.symbols), default=None)


def legible(seen: Sequence[Emission]) -> list[Emission]:
    """The readings of a line but those in which letters are lost: a text that lacks them fits such a picture best."""
    main = best(seen)
    return [one for one in seen if main is not None and len(one.text) >= _MOST_LOST * len(main.text)]


def is_doubtful(part: Piece) -> bool:
    """Whether PP-OCRv6 is not sure of a piece on which both agree."""
    return min((symbol.confidence for symbol in part.symbols), default=100.0) < _DOUBT


def _longer_row(part: Piece) -> bool:
    """Whether a piece is a row of leaders or stars of which PP-OCRv6 saw a few and Tesseract more."""
    return len(part.first) > len(part.second) and _RUN.sub(".", part.first) == _RUN.sub(".", part.second)


def _only_first_saw(part: Piece) -> bool:
    """Whether Tesseract read words with confidence where PP-OCRv6 saw next to nothing."""
    if len(part.second) > _NEXT_TO_NOTHING * len(part.first) or sum(map(str.isalnum, part.first)) < _A_WORD:
        return False
    return fmean(word.confidence for word in part.words) >= _CONFIDENT


def _agreed(part: Piece) -> list[Found]:
    """The words of a piece that both read alike."""
    return [
        Found(
            word,
            "agreed",
            {
                **_look(word.text),
                "first": logit(word.confidence),
                "second": logit(min(symbol.confidence for symbol in run)),
            },
        )
        for word, run in zip(part.words, runs(part.symbols), strict=True)
    ]


def _chosen(
    part: Piece,
    scores: Mapping[str, float],
    height: int,
) -> list[Found]:
    """The words of a piece on which the readings differ, by the scores of its candidates."""
    if only_capitals_of_one_form(part.first, part.second):
        scores = {part.first: math.inf}  # PP-OCRv6 sees every line at one height, and so no difference
    if _only_first_saw(part):
        scores = {part.first: math.inf}  # of what an engine has read with confidence nothing is lost
    text = max(scores, key=scores.__getitem__)
    if not text:
        return []
    margin = min((scores[text] - score for other, score in scores.items() if other != text), default=_MOST_MARGIN)
    is_first = text == part.first
    words = list(part.words) if is_first else _placed(_spelled(part.symbols, text), part.words, height)
    others = part.second.split() if is_first else [word.text for word in part.words]
    if len(words) == len(others):
        words = [
            word if word.text == other else replace(word, alternative=other)
            for word, other in zip(words, others, strict=True)
        ]
    first = min((word.confidence for word in part.words), default=0.0)
    second = min((symbol.confidence for symbol in part.symbols), default=0.0)
    known = {"first": logit(first), "second": logit(second), "margin": min(margin, _MOST_MARGIN)}
    return [
        Found(
            word,
            "first chosen" if is_first else "second chosen",
            {
                **_look(word.text),
                **known,
                "alone alike": float(len(words) == len(others) and not word.alternative),
                "nothing else": float(not part.first or not part.second),
            },
        )
        for word in words
    ]


def _alone(word: Word, way: str, known: Mapping[str, float] = MappingProxyType({})) -> Found:
    """A word that only one engine was asked for or saw."""
    return Found(word, f"{way} alone", {**_look(word.text), way: logit(word.confidence), **known})


def _look(text: str) -> dict[str, float]:
    """What a word looks like, as far as it tells how probably it is right."""
    return {
        "bias": 1.0,
        "single": float(len(text) == 1),
        "no letter or digit": float(not any(map(str.isalnum, text))),
        "digits": float(any(map(str.isdigit, text))),
        "long": float(len(text) > 8),  # noqa: PLR2004 - letters
    }


def _spelled(symbols: Sequence[Symbol], text: str) -> list[list[Symbol]]:
    """The symbols of each word of a text that is nearly what they say."""
    found: list[Symbol] = []
    for step in Levenshtein.opcodes(text_of(symbols), text):
        own = symbols[step.src_start : step.src_end] or symbols[max(0, step.src_start - 1) : step.src_start + 1]
        for place, letter in enumerate(text[step.dest_start : step.dest_end]):
            found.append(replace(own[min(place, len(own) - 1)], text=letter))
    return runs(found)


def _placed(found: Sequence[Sequence[Symbol]], words: Sequence[Word], height: int) -> list[Word]:
    """The symbols of each word as a word: in Tesseract's boxes where these are as many, else in its own columns."""
    boxes = [word.box for word in words]
    top, bottom = (bounds(boxes).top, bounds(boxes).bottom) if boxes else (0, height)
    if len(found) != len(boxes):
        boxes = [
            Rectangle(int(run[0].left), top, max(int(run[0].left) + 1, math.ceil(run[-1].right)), bottom)
            for run in found
        ]
    return [
        Word(text_of(run), box, min(symbol.confidence for symbol in run)) for run, box in zip(found, boxes, strict=True)
    ]
