"""Result type JSON: blocks, lines and words with their places and confidences."""

from __future__ import annotations

from typing import Any

import orjson

from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.recognition.page import Block, Line
from whaleline.results.reading import Reading


def write(reading: Reading) -> bytes:
    """A UTF-8 JSON array of blocks in reading order; `[]` where nothing was read.

    The protocol promises blocks with the coordinates of their corners and their text but publishes no key
    names; ours follow its rectangles (`topLeftX`, ...). All coordinates are whole pixels of the submitted
    image and may lie outside it where a turned region does. docs/results.md lists the keys.
    """
    return orjson.dumps([_block(block, reading.placement) for block in reading.page.blocks])


def _block(block: Block, placement: Affine) -> dict[str, Any]:
    # A block's corners follow the text where it was turned: "top left" is where its reader starts.
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = placement.corners(block.box)
    return {
        "text": block.text,
        "topLeftX": round(x0),
        "topLeftY": round(y0),
        "topRightX": round(x1),
        "topRightY": round(y1),
        "bottomRightX": round(x2),
        "bottomRightY": round(y2),
        "bottomLeftX": round(x3),
        "bottomLeftY": round(y3),
        "lines": [_line(line, placement) for line in block.lines],
    }


def _line(line: Line, placement: Affine) -> dict[str, Any]:
    return {
        **_piece(line.text, line.box, line.confidence, placement),
        "words": [_piece(word.text, word.box, word.confidence, placement) for word in line.words],
    }


def _piece(text: str, box: Rectangle, confidence: float, placement: Affine) -> dict[str, Any]:
    placed = placement.bounds(box)
    return {
        "text": text,
        "confidence": round(confidence, 1),
        "topLeftX": placed.left,
        "topLeftY": placed.top,
        "bottomRightX": placed.right,
        "bottomRightY": placed.bottom,
    }
