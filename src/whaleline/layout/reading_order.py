"""The order in which people read boxes: by recursive cuts through the white between them (XY-cut)."""

from __future__ import annotations

from collections.abc import Sequence

from whaleline.imaging.geometry import Rectangle


def ordered(boxes: Sequence[Rectangle]) -> list[int]:
    """The indexes of boxes in reading order: what stands above everything else first, then column by column.

    A cut through level white comes first where it is the wider one: columns under a common heading stay together.
    """
    order: list[int] = []
    waiting = [list(range(len(boxes)))] if boxes else []
    while waiting:
        group = waiting.pop()
        if len(group) == 1:
            order += group
            continue
        rows, between_rows = _split([(boxes[i].top, boxes[i].bottom) for i in group])
        columns, between_columns = _split([(boxes[i].left, boxes[i].right) for i in group])
        if len(rows) == len(columns) == 1:
            order += sorted(group, key=lambda i: (boxes[i].top, boxes[i].left))
            continue
        parts = columns if len(columns) > 1 and (len(rows) == 1 or between_columns > between_rows) else rows
        waiting += [[group[i] for i in part] for part in reversed(parts)]
    return order


def _split(spans: Sequence[tuple[int, int]]) -> tuple[list[list[int]], int]:
    """The spans parted at the widest white between them, in order, and how wide it is."""
    order = sorted(range(len(spans)), key=lambda i: spans[i])
    best, at, end = 0, -1, spans[order[0]][1]
    for place in range(1, len(order)):
        gap = spans[order[place]][0] - end
        if gap > best:
            best, at = gap, place
        end = max(end, spans[order[place]][1])
    return ([order[:at], order[at:]], best) if at > 0 else ([order], 0)
