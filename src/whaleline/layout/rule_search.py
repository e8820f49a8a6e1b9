"""The rules that a picture shows: dark, light, grey and faint ones, and the edges of grounds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

import cv2
import numpy as np

from whaleline.imaging import rules
from whaleline.imaging.filters import binarize
from whaleline.imaging.picture import Picture, at_half, grey
from whaleline.layout.grounds import print_and_edges, steps
from whaleline.layout.ruling import Rule, Ruling

_MOST = 4_000  # rules that are looked at, the longest first; hatching has more
_LARGE = 20_000_000  # pixels; rules of a larger picture show as well at half its size
_BRIDGED = 0.5  # letters' heights, which a break in a rule may be wide
_SHORT = 1.2  # letters' heights, which an upright rule between two level ones is long at least
_THIN, _LONG = 0.45, 5.0  # letters' heights, of a rule that is not as dark as print
_SMALL = 12  # pixels of letters, under which those of a word run into each other
_FAINT, _CLEAR = 12, 24  # grey levels between a rule and what is beside it
_BESIDE, _INK_BESIDE = 4, 0.15  # pixels beside a short stroke, and how much of them ink may fill
_NEXT, _PRINTED_BESIDE = 2, 0.5  # pixels from a rule's middle, and how much of it print may stand at, in small print
_MOSTLY = 0.5  # of a rule's length, that is clear where it is a clear one
_CROSSED = 13  # pixels that a rule is wide at most, where it leaves a gap in one that crosses it
_TOUCHING = 4  # pixels between a rule's end and the rule that it meets


def ruling(picture: Picture, height: float, *, grids: bool = False) -> Ruling:
    """The rules of a picture, dark on light as well as light on dark.

    Args:
        picture: grey or colour.
        height: of a letter, in pixels.
        grids: whether only grids are asked for: without two level rules, no upright ones are looked for.
    """
    if not height:
        return Ruling()
    if picture.shape[0] * picture.shape[1] > _LARGE:
        small = ruling(at_half(grey(picture)), height / 2, grids=grids)
        return Ruling(tuple(map(_doubled, small.level)), tuple(map(_doubled, small.upright)))
    flat = grey(picture)
    dark, level_edges, upright_edges = print_and_edges(picture, height)
    shortest = (_LONG if height >= _SMALL else 2 * _LONG) * height
    long = max(30, int(shortest)) | 1
    gap = max(3, int(_BRIDGED * height)) | 1
    # What is shorter is left over of a dark ground between light letters.
    least = int(0.8 * max(30, shortest))
    contrast = _contrast(flat, height)
    faint = _longest(_beyond(contrast, _FAINT), long)
    plain = _longest(_beyond(contrast, _CLEAR), long) if faint.any() else faint
    shaded = rules.level_runs(steps(flat, height), int(shortest) | 1)
    clear = reduce(np.maximum, [rules.level(dark, shortest / _LONG), plain, level_edges, shaded])
    levels = _segments(np.maximum(clear, faint), clear, gap, min(least, int(0.6 * dark.shape[1])))
    levels = _standing_free(levels, picture, dark, height, int(shortest) | 1)
    if grids and len(levels) < 2:  # noqa: PLR2004 - above and below
        return Ruling(levels)
    # Turned, upright rules are level. Where two rules cross, neither differs from what is beside it.
    turned = _contrast(rules.turned(flat), height)
    faint = _longest(map(np.maximum, _beyond(turned, _FAINT), _crossings(contrast, _FAINT, long)), long)
    plain = (
        _longest(map(np.maximum, _beyond(turned, _CLEAR), _crossings(contrast, _CLEAR, long)), long)
        if faint.any()
        else faint
    )
    clear = reduce(
        np.maximum,
        [rules.level(rules.turned(dark), shortest / _LONG, upright=True), plain, rules.turned(upright_edges)],
    )
    uprights = _segments(np.maximum(clear, faint), clear, gap, min(least, int(0.6 * dark.shape[0])))
    strokes = rules.turned(_short_uprights(dark, levels, height))
    short = _segments(strokes, strokes, gap, int(_SHORT * height))
    short = tuple(rule for rule in short if not any(_same(rule, other) for other in uprights))
    return Ruling(levels, tuple(sorted((*uprights, *short), key=lambda rule: (rule.at, rule.start))))


def _standing_free(
    levels: tuple[Rule, ...], picture: Picture, dark: Picture, height: float, long: int
) -> tuple[Rule, ...]:
    """The level rules that stand free of print."""
    if not levels:
        return ()
    # In small print the feet of letters run into each other; elsewhere what is as long is a rule.
    in_small_print = height < _SMALL
    print_ = cv2.bitwise_not(binarize(picture)) if in_small_print else cv2.subtract(dark, rules.level_runs(dark, long))
    return tuple(rule for rule in levels if _stands_free(np.asarray(print_, np.uint8), rule))


def _stands_free(print_: Picture, rule: Rule) -> bool:
    """Whether there is paper above and below a level rule, which the foot of a line of small letters does not have."""
    above, below = int(rule.at) - _NEXT, int(rule.at) + _NEXT
    sides = (print_[max(0, above - 2) : max(0, above + 1)], print_[below : below + 3])
    return all(
        float(np.mean(side[:, rule.start : rule.end].any(axis=0))) < _PRINTED_BESIDE for side in sides if side.size
    )


def _doubled(rule: Rule) -> Rule:
    return Rule(2 * rule.at, 2 * rule.start, 2 * rule.end, rule.clear)


def _same(rule: Rule, other: Rule) -> bool:
    """Whether most of a rule lies on another one."""
    common = min(rule.end, other.end) - max(rule.start, other.start)
    return abs(rule.at - other.at) <= _TOUCHING and common > rule.length / 2


def _contrast(flat: Picture, height: float) -> list[Picture]:
    """How much darker, and how much lighter, thin level things are than what is beside them: grey rules, light ones."""
    kernel = np.ones((max(7, int(_THIN * height)) | 1, 1), np.uint8)
    return [np.asarray(cv2.morphologyEx(flat, way, kernel), np.uint8) for way in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT)]


def _beyond(contrast: Sequence[Picture], least: int) -> list[Picture]:
    """Masks of where contrasts are larger than that, short breaks closed."""
    return [
        _closed(np.asarray(cv2.threshold(each, least, 255, cv2.THRESH_BINARY)[1], np.uint8), 3) for each in contrast
    ]


def _longest(masks: Iterable[Picture], long: int) -> Picture:
    """What of any of some masks runs level for so many pixels."""
    return reduce(np.maximum, [rules.level_runs(mask, long) for mask in masks])


def _crossings(contrast: Sequence[Picture], least: int, long: int) -> list[Picture]:
    """Level rules with the gaps that others leave in them closed, turned."""
    return [rules.turned(_closed(rules.level_runs(each, long), _CROSSED)) for each in _beyond(contrast, least)]


def _closed(mask: Picture, gap: int) -> Picture:
    """A mask with level breaks of less than so many pixels closed."""
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((1, gap), np.uint8)), np.uint8)


def _segments(mask: Picture, clear: Picture, gap: int, least: int) -> tuple[Rule, ...]:
    """The level rules of a mask, breaks closed, and which of them are clear."""
    if not mask.any():
        return ()
    _, labels, found, centres = cv2.connectedComponentsWithStats(_closed(mask, gap), connectivity=8)
    lefts, widths = found[:, cv2.CC_STAT_LEFT], found[:, cv2.CC_STAT_WIDTH]
    pixels = np.bincount(labels[clear > 0], minlength=len(found))
    long = 1 + np.flatnonzero(widths[1:] >= least)
    # Not half way from top to bottom: a letter may touch it.
    made = (
        Rule(
            float(centres[part, 1]) + 0.5,
            int(lefts[part]),
            int(lefts[part] + widths[part]),
            bool(pixels[part] >= _MOSTLY * widths[part]),
        )
        for part in long[np.argsort(-widths[long], kind="stable")][:_MOST]
    )
    return tuple(sorted(made, key=lambda rule: (rule.at, rule.start)))


def _short_uprights(dark: Picture, levels: tuple[Rule, ...], height: float) -> Picture:
    """Upright strokes too short to be told from letters, that run from one level rule to another."""
    result = np.zeros_like(dark)
    if not levels:
        return result
    length = max(10, int(_SHORT * height))
    strokes = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    wide = cv2.morphologyEx(strokes, cv2.MORPH_OPEN, np.ones((1, 9), np.uint8))
    strokes = cv2.subtract(strokes, cv2.dilate(wide, np.ones((3, 3), np.uint8)))
    _, _, found, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    ats = np.array([rule.at for rule in levels])
    starts, ends = np.array([rule.start for rule in levels]), np.array([rule.end for rule in levels])
    for left, top, wide_, high, _area in found[1:].tolist():
        if high < length or wide_ > high // 2:
            continue
        middle = left + wide_ / 2
        here = (starts - _TOUCHING <= middle) & (middle <= ends + _TOUCHING)
        meets = [bool(np.any(here & (np.abs(ats - end) <= _TOUCHING))) for end in (top, top + high)]
        if all(meets) and _is_free(dark, left, top, wide_, high):
            result[top : top + high, left : left + wide_] = 255
    return result


def _is_free(dark: Picture, left: int, top: int, wide: int, high: int) -> bool:
    """Whether there is paper on both sides of a stroke, which a letter's stem does not have."""
    beside = (
        dark[top : top + high, max(0, left - _BESIDE) : left - 1],
        dark[top : top + high, left + wide + 1 :][:, :_BESIDE],
    )
    return all(side.size == 0 or float(np.mean(side > 0)) < _INK_BESIDE for side in beside)
