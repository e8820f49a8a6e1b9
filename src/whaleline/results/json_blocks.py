"""Result type JSON: blocks, lines and words with their places and confidences."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.mesh import Placement
from whaleline.layout.table import Table
from whaleline.recognition.page import Block, Line
from whaleline.results.reading import Reading
from whaleline.results.table_json import as_json


def write(reading: Reading, page: int | None = None) -> bytes:
    """A UTF-8 JSON array of blocks in reading order, then of places with print that was not read; `[]` without either.

    With the number of a page, each entry has it under `page`.

    The protocol promises blocks with the coordinates of their corners and their text but publishes no key
    names; ours follow its rectangles (`topLeftX`, ...). All coordinates are whole pixels of the submitted
    image and may lie outside it where a turned region does. docs/results.md lists the keys.
    """
    tables = dict(reading.tables)
    blocks = [_block(block, reading, tables.get(index)) for index, block in enumerate(reading.page.blocks)]
    unread = [{**_placed("", box, reading.placement), "lines": [], "unread": True} for box in reading.page.unread]
    numbered = {} if page is None else {"page": page}
    return orjson.dumps([{**entry, **numbered} for entry in blocks + unread])


def join(pages: Iterable[bytes]) -> bytes:
    """The arrays of several pages as one."""
    return b"[" + b",".join(filter(None, (page[1:-1] for page in pages))) + b"]"


def _block(block: Block, reading: Reading, table: Table | None) -> dict[str, Any]:
    placement = reading.placement
    return {
        **_placed(block.text, block.box, placement),
        "turned": reading.turned,
        "flattened": reading.flattened,
        "lines": [_line(line, placement) for line in block.lines],
        **({"table": as_json(table.placed(placement.bounds))} if table else {}),
    }


def _placed(text: str, box: Rectangle, placement: Placement) -> dict[str, Any]:
    # A block's corners follow the text where it was turned: "top left" is where its reader starts.
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = placement.corners(box)
    return {
        "text": text,
        "topLeftX": round(x0),
        "topLeftY": round(y0),
        "topRightX": round(x1),
        "topRightY": round(y1),
        "bottomRightX": round(x2),
        "bottomRightY": round(y2),
        "bottomLeftX": round(x3),
        "bottomLeftY": round(y3),
    }


def _line(line: Line, placement: Placement) -> dict[str, Any]:
    return {
        **_piece(line.text, line.box, line.confidence, placement),
        "words": [_piece(word.text, word.box, word.confidence, placement) for word in line.words],
    }


def _piece(text: str, box: Rectangle, confidence: float, placement: Placement) -> dict[str, Any]:
    placed = placement.bounds(box)
    return {
        "text": text,
        "confidence": round(confidence, 1),
        "topLeftX": placed.left,
        "topLeftY": placed.top,
        "bottomRightX": placed.right,
        "bottomRightY": placed.bottom,
    }
