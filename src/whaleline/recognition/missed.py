"""Print that no word covers, of whatever size: the detector finds its lines, and they are read.

Tesseract takes a large word above small print for a picture, and small print beside larger print for a part of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture
from whaleline.imaging.sight import Sight
from whaleline.imaging.strip import Strip
from whaleline.recognition import unread
from whaleline.recognition.detector import LARGEST, detector
from whaleline.recognition.page import Block, Line, Word
from whaleline.recognition.repeats import once
from whaleline.recognition.verdict import KEPT

_LEAST_PARTS = 4  # of a row that no word covers; fewer are points, accents and stains
_TALL = 0.8  # of the usual letter's height, of a part that is looked at by itself; lower ones are stains as often
_MOST_PARTS = 1000  # more are the dots of a picture, which may have print on it
_SMALL = 0.5  # of a word's height, less of which is no letter of it
_SEEN = 640  # pixels of the longer side, to which a large picture is shrunk: large print shows, in half of the time
_LARGER = 2.0  # times as high as a strip is at most a word of it; the box of a higher one reached over it
_OFF = 0.35  # of its height, from its middle to that of a word of it at most: two lines may make one strip
_AMID = 0.5  # of a word's height, in whose middle small print is a part of its letters, such as a printer's dots
_EDGE = 0.5  # of the usual letter's height, within which an edge leaves tips of a neighbouring line
_FEW_LINES = 8.0  # times the usual letter's height, of a region; a page may have a lone letter at its edge
_RIM = 0.3  # of a strip's height, by which it reaches beyond its print
_OPEN = 0.8  # of a strip's height, the least columns of print between words: a letter
_OPEN_END = 0.3  # the same before the first word and after the last, where there is no white between words
_BETTER = 1.2  # times as much text, as `Line.weight` tells it, that another reading of words must show
_ALL = 0.85  # of the letters of a line's pieces, in which some are cut through and seen twice
_LIKELY = 60.0  # confidence of a line that is told as not read; less is a signature, or a stamp half inked
_SURE = 85.0  # confidence from which on a line is answered; signatures have up to 81
_DOUBTFUL = 30.0  # that of other lines


def completed(
    sight: Sight, blocks: tuple[Block, ...], read: Callable[[Picture, Strip], Line | None], alone: float
) -> tuple[Block, ...]:
    """The blocks, and what they lack of the picture's print; what is not read for certain has 30 at most.

    Args:
        sight: of the picture.
        blocks: what is known of it, boxes in its pixels.
        read: reads a strip of a picture.
        alone: confidence from which on less than a word is answered, and what has fewer different letters, such as
            rows of a printer's dots.
    """
    words = _answered(blocks)
    torn = _torn(blocks)
    if not torn and not _is_lacking(sight, words):
        return blocks
    picture = sight.picture if sight.stretched is None else sight.grey
    largest = LARGEST if max(picture.shape[:2]) <= 2 * LARGEST else _SEEN
    for strip in detector().find(picture, largest=largest):
        own, places = _known(strip, words)
        parted = any(id(word) in torn for word in own)
        if not (places or parted) or _is_part(strip.box, words):
            continue
        line = read(sight.picture, strip)
        if line is None or line.confidence < _LIKELY:
            continue
        letters = set(filter(str.isalnum, line.text))
        if not letters:
            continue
        if len(letters) >= unread.LEAST_SEEN:
            sure = line.confidence >= _SURE
        else:
            is_row = len(letters) == 1 < len(line.text)
            is_stain = _is_tip(line.box, words, sight) or (is_row and _is_dotted(line.box, sight))
            sure = line.confidence >= alone and not is_stain
        better = bool(own) and line.weight > _BETTER * Line(tuple(own)).weight
        if sure and (better or (parted and _has_all(line, own))):
            blocks = _without(blocks, own)
        elif own:
            added, parts = _added(line, own, places)
            if not added:
                continue
            line = Line(tuple(added))
            blocks = _without(blocks, parts) if sure else blocks
        blocks = (*blocks, Block((line if sure else line.at_most(_DOUBTFUL),)))
        words = _answered(blocks)
    return once(blocks)


def _is_lacking(sight: Sight, words: Sequence[Word]) -> bool:
    """Whether rows of parts, or single ones as high as letters, lie in no word, or are too low for its letters."""
    parts = sight.letters
    left, top, width, height, _ = parts.T
    across, down = left + width / 2, top + height / 2
    inside, low = np.zeros(len(parts), bool), np.zeros(len(parts), bool)
    for box in (word.box for word in words):
        here = (box.left <= across) & (across < box.right) & (box.top <= down) & (down < box.bottom)
        inside |= here & (height >= _SMALL * box.height)
        low |= here & (height < _SMALL * box.height)
    if bool((~inside & ~low & (height >= _TALL * sight.height)).any()):
        return True
    free = np.asarray(parts[~inside], np.int32)
    return len(free) > _MOST_PARTS or any(len(row) >= _LEAST_PARTS for row in unread.rows_of(free))


def _is_tip(box: Rectangle, words: Sequence[Word], sight: Sight) -> bool:
    """Whether a line lies at the edge of a region of few lines, in no word's row: the tail of a g above reads as 0."""
    height, reach = len(sight.ink), _EDGE * sight.height
    if height > _FEW_LINES * sight.height or (reach < box.top and box.bottom < height - reach):
        return False
    return not any(box.top <= (word.box.top + word.box.bottom) / 2 < box.bottom for word in words)


def _is_dotted(box: Rectangle, sight: Sight) -> bool:
    """Whether a line has no print half as high as it is: two rows of a printer's dots read as noughts."""
    left, top, width, height, _ = sight.letters.T
    across, down = left + width / 2, top + height / 2
    inside = (box.left <= across) & (across < box.right) & (box.top <= down) & (down < box.bottom)
    return not bool((inside & (2 * height >= box.height)).any())


def _answered(blocks: Sequence[Block]) -> list[Word]:
    """The words of lines that are sure enough to be answered."""
    return [word for block in blocks for line in block.lines if line.confidence >= KEPT for word in line.words]


def _torn(blocks: Sequence[Block]) -> set[int]:
    """Ids of the words that touch a word of another line in the same row: what was passed over within a line."""
    lines = [line for block in blocks for line in block.lines if line.confidence >= KEPT]
    return {
        id(word)
        for number, line in enumerate(lines)
        for other in lines[number + 1 :]
        if not line.box.intersection(other.box).is_empty
        for one in line.words
        for two in other.words
        if _touch(one.box, two.box)
        for word in (one, two)
    }


def _touch(box: Rectangle, other: Rectangle) -> bool:
    common = box.intersection(other)
    return not common.is_empty and 2 * common.height > min(box.height, other.height)


def _has_all(line: Line, pieces: Sequence[Word]) -> bool:
    """Whether a line reaches over all of its pieces and has about as many letters, those under two pieces once."""
    middles = [(piece.box.left + piece.box.right) / 2 for piece in pieces]
    whole = line.box.left <= min(middles) and max(middles) <= line.box.right
    count, reach = 0.0, -math.inf
    for piece in sorted(pieces, key=lambda piece: piece.box.left):
        free = max(0.0, piece.box.right - max(piece.box.left, reach))
        count += len(piece.text) * free / max(1, piece.box.width)
        reach = max(reach, piece.box.right)
    return whole and sum(len(word.text) for word in line.words) >= _ALL * count


def _is_part(box: Rectangle, words: Sequence[Word]) -> bool:
    """Whether what was found lies amid a word, of whose letters it is a part."""
    down = box.top + box.bottom
    return any(
        _lies_in(box, word.box) and abs(down - word.box.top - word.box.bottom) <= _AMID * word.box.height
        for word in words
    )


def _known(strip: Strip, words: Sequence[Word]) -> tuple[list[Word], list[Rectangle]]:
    """The words that lie in a strip, wholly or in part, and the places with room for a letter that none covers."""
    width, height = strip.size
    boxes = np.array([(each.box.left, each.box.top, each.box.right, each.box.bottom) for each in words], float)
    left, top, right, bottom = boxes.reshape(-1, 4).T
    start, ahead = strip.path[0], strip.path[-1] - strip.path[0]
    across, down = ahead / max(1.0, float(np.hypot(*ahead)))
    x, y = (left + right) / 2 - start[0], (top + bottom) / 2 - start[1]
    along, off = x * across + y * down, np.abs(y * across - x * down)
    half = (abs(across) * (right - left) + abs(down) * (bottom - top)) / 2
    level = (bottom - top <= _LARGER * height) & (off <= _OFF * height)
    own = np.flatnonzero(level & (along + half > 0) & (along - half < width))
    free = np.ones(width, np.int8)
    for first, last in np.stack([along - half, along + half])[:, own].T.tolist():
        free[max(0, int(first - _RIM * height)) : max(0, int(last + _RIM * height))] = 0
    turns = np.flatnonzero(np.diff(np.concatenate([[0], free, [0]]))).tolist()
    places = [
        strip.bounds(first, last)
        for first, last in zip(turns[::2], turns[1::2], strict=True)
        if last - first >= (_OPEN if first > 0 and last < width else _OPEN_END) * height
    ]
    return [words[number] for number in own.tolist()], places


def _added(line: Line, own: Sequence[Word], places: Sequence[Rectangle]) -> tuple[list[Word], list[Word]]:
    """What a reading of a strip has more than the words that are known: words, and those of which it has the whole.

    Args:
        line: the reading.
        own: the words that are known.
        places: in which none of these lies.
    """
    added: list[Word] = []
    parts: list[Word] = []
    for word in line.words:
        if any(_lies_in(word.box, place) for place in places):
            added.append(word)
        elif word.confidence >= _SURE and any(not word.box.intersection(place).is_empty for place in places):
            under = [each for each in own if _lies_in(each.box, word.box)]
            text, whole = _bare("".join(each.text for each in under)), _bare(word.text)
            if text and len(text) < len(whole) and (whole.startswith(text) or whole.endswith(text)):
                added.append(word)
                parts += under
    return added, parts


def _bare(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _lies_in(box: Rectangle, other: Rectangle) -> bool:
    """Whether most of a box lies in another one."""
    common = box.intersection(other)
    return not common.is_empty and 2 * common.width * common.height > box.width * box.height


def _without(blocks: tuple[Block, ...], words: Sequence[Word]) -> tuple[Block, ...]:
    """The blocks without some of their words."""
    taken = set(map(id, words))

    def left(line: Line) -> Line | None:
        kept = tuple(word for word in line.words if id(word) not in taken)
        return line if len(kept) == len(line.words) else Line(kept) if kept else None

    lines = (tuple(one for line in block.lines if (one := left(line))) for block in blocks)
    return tuple(Block(kept) for kept in lines if kept)
