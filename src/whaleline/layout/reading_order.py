"""The order in which people read boxes: by recursive cuts through the white between them (XY-cut)."""

from __future__ import annotations

from collections.abc import Sequence

from whaleline.imaging.geometry import Rectangle

_SLACK = 0.5  # letters' heights by which boxes with a rim of paper overlap that stand below or beside each other
_ROW = 2.0  # letters' heights of a box with one row of text, at most


def ordered(boxes: Sequence[Rectangle], height: float) -> list[int]:
    """The indexes of boxes in reading order: what stands above everything else first, then column by column.

    A cut through level white comes first where it is the wider one: columns under a common heading stay together. So it
    does where there are no columns: nothing stands beside anything else, or labels stand beside what they belong to.

    Args:
        boxes: in any order.
        height: of a letter, in pixels.
    """
    slack = round(_SLACK * height)
    order: list[int] = []
    waiting = [list(range(len(boxes)))] if boxes else []
    while waiting:
        group = waiting.pop()
        if len(group) == 1:
            order += group
            continue
        rows, between_rows = _split([(boxes[i].top, boxes[i].bottom) for i in group], slack)
        columns, between_columns = _split([(boxes[i].left, boxes[i].right) for i in group], slack)
        if len(rows) == len(columns) == 1:
            first = min(group, key=lambda i: (boxes[i].top, boxes[i].left))
            order.append(first)
            waiting.append([i for i in group if i != first])
            continue
        side_by_side = len(columns) > 1 and (
            len(rows) == 1
            or (
                between_columns > between_rows
                and not _are_rows([[boxes[group[i]] for i in part] for part in columns], height)
            )
        )
        waiting += [[group[i] for i in part] for part in reversed(columns if side_by_side else rows)]
    return order


def _are_rows(columns: Sequence[Sequence[Rectangle]], height: float) -> bool:
    """Whether each box of the left column stands alone, or is a label that begins level with what is on its right."""
    left, right = columns
    for box in left:
        common = [min(box.bottom, other.bottom) - max(box.top, other.top) for other in right]
        beside = [other for other, pixels in zip(right, common, strict=True) if pixels > _SLACK * height]
        first = min(beside, key=lambda other: other.top, default=None)
        if first and (abs(first.top - box.top) > _SLACK * height or min(box.height, first.height) > _ROW * height):
            return False
    return True


def _split(spans: Sequence[tuple[int, int]], slack: int) -> tuple[list[list[int]], int]:
    """The spans parted at the widest white between them, in order, and how wide it is."""
    order = sorted(range(len(spans)), key=lambda i: spans[i])
    best, at, end = -slack, -1, spans[order[0]][1]
    for place in range(1, len(order)):
        gap = spans[order[place]][0] - end
        if gap > best:
            best, at = gap, place
        end = max(end, spans[order[place]][1])
    return ([order[:at], order[at:]], best) if at > 0 else ([order], -slack)
