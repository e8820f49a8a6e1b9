"""Tables as JSON: cells with their spans, boxes and confidences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from whaleline.imaging.geometry import Rectangle
from whaleline.layout.table import PageContent, Table


def write(pages: Sequence[PageContent], language: str) -> bytes:  # noqa: ARG001 - as all formats of tables
    """A UTF-8 JSON array with an object for each page: its number and its parts, texts and tables, in reading order."""
    return orjson.dumps(
        [
            {
                "page": page.number,
                "parts": [
                    {"table": as_json(part)} if isinstance(part, Table) else {"text": part} for part in page.parts
                ],
            }
            for page in pages
        ]
    )


def as_json(table: Table) -> dict[str, Any]:
    """A table's keys, which docs/tables.md lists."""
    return {
        "rows": len(table.rows),
        "columns": table.columns,
        "confidence": round(table.confidence, 1),
        **corners(table.box),
        "cells": [
            {
                "row": cell.row,
                "column": cell.column,
                "rowSpan": cell.rows,
                "columnSpan": cell.columns,
                "text": cell.text,
                "confidence": round(cell.confidence, 1),
                **corners(cell.box),
            }
            for cell in table.cells
        ],
    }


def corners(box: Rectangle) -> dict[str, int]:
    """A box as the protocol writes rectangles."""
    return {"topLeftX": box.left, "topLeftY": box.top, "bottomRightX": box.right, "bottomRightY": box.bottom}
