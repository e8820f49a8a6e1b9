"""Whether a region lies on its side or upside down: told, and never turned unasked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from whaleline.imaging.picture import Picture, text_height
from whaleline.recognition import layout
from whaleline.recognition.engine import Engine, Shape
from whaleline.recognition.page import Block

POOR = 70.0
"""Mean confidence of a reading under which the other ways up are tried."""

_LONG = 3  # letters of a word that is wider than high wherever it is level
_BETTER = 85.0  # confidence of a reading that shows which way is up
_LEAST_LETTERS = 6  # of it; single signs read well upside down
_SAMPLE = 900  # pixels of a side of what is tried of a large picture


def doubtful(blocks: tuple[Block, ...]) -> bool:
    """Whether a reading looks like that of a turned picture: poor, or of words that are taller than wide."""
    words = [word for block in blocks for line in block.lines for word in line.words if len(word.text) >= _LONG]
    tall = sum(word.box.height > word.box.width for word in words)
    return layout.confidence(blocks) < POOR or 2 * tall > len(words)


def rotation(flat: Picture, print_: Picture, engine: Engine) -> int:
    """Degrees clockwise by which to turn a poorly read picture so that it can be read: 0, 90, 180 or 270.

    A part of the picture is read all four ways, which costs as much as reading four small blocks. (Tesseract's own
    test of orientation needs some fifty letters; regions seldom have them.)

    Args:
        flat: grey.
        print_: its ink.
        engine: reads blocks.
    """
    part, ink = _sample(flat, print_)
    height = text_height(ink)
    best, sureness = 0, _BETTER
    for quarters in (0, 2, 1, 3):
        framed, _ = layout.fit(np.ascontiguousarray(np.rot90(part, -quarters)), height)
        blocks = engine.read(framed, Shape.BLOCK)
        letters = sum(len(word.text) for block in blocks for line in block.lines for word in line.words)
        found = layout.confidence(blocks)
        if letters >= _LEAST_LETTERS and found > sureness:
            best, sureness = 90 * quarters, found
    return best


def _sample(flat: Picture, print_: Picture) -> tuple[Picture, Picture]:
    """The picture, or the part of it that has most ink where it is large; with its ink."""
    rows, columns = (_window(np.count_nonzero(print_, axis=1 - axis)) for axis in (0, 1))
    return flat[rows, columns], print_[rows, columns]


def _window(ink: npt.NDArray[np.intp]) -> slice:
    """The stretch of rows or columns that holds most of the ink that was counted in each."""
    if len(ink) <= _SAMPLE:
        return slice(0, len(ink))
    total = np.cumsum(ink)
    start = int(np.argmax(total[_SAMPLE:] - total[:-_SAMPLE]))
    return slice(start, start + _SAMPLE)
