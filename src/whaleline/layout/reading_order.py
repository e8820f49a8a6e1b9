"""The order in which people read boxes: by recursive cuts through the white between them (XY-cut)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Rectangle

_SLACK = 0.5  # letters' heights by which boxes with a rim of paper overlap that stand below or beside each other
_ROW = 2.0  # letters' heights of a box with one row of text, at most

_Numbers = npt.NDArray[np.int64]


def ordered(boxes: Sequence[Rectangle], height: float, prose: Collection[int]) -> list[int]:
    """The indexes of boxes in reading order: what stands above everything else first, then column by column.

    A cut through level white comes first where it is the wider one: columns under a common heading stay together. So it
    does where there are no columns: labels stand beside what they belong to, or boxes are scattered, as on the head of
    a letter. Of scattered boxes beside each other the higher one comes first.

    Args:
        boxes: in any order.
        height: of a letter, in pixels.
        prose: the indexes of boxes that hold prose, whose columns are read one after the other.
    """
    slack = round(_SLACK * height)
    spans = np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], np.int64).reshape(-1, 4)
    left, top, right, bottom = np.ascontiguousarray(spans.T)
    is_prose = np.zeros(len(boxes), bool)
    is_prose[list(prose)] = True
    order: list[int] = []
    # Each group from the top down and from left to right. Both stay sorted when it is parted, so it is sorted once.
    waiting = [(np.lexsort((bottom, top)), np.lexsort((right, left)))]
    while waiting:
        down, across = waiting.pop()
        if len(down) <= 1:
            order += down.tolist()
            continue
        row, between_rows = _cut(top[down], bottom[down], slack)
        column, between_columns = _cut(left[across], right[across], slack)
        if not row and not column:
            highest = down[top[down] == top[down[0]]]
            next_ = highest[np.argmin(left[highest])]
            order.append(int(next_))
            waiting.append((down[down != next_], across[across != next_]))
            continue
        left_ones, right_ones = across[:column], across[column:]
        columns = bool(
            column
            and (abs(top[left_ones].min() - top[right_ones].min()) <= slack or is_prose[across].any())
            and not _are_rows(spans[left_ones], spans[right_ones], height)
        )
        if columns and (not row or between_columns > between_rows):
            first = left_ones
        elif row:
            first = down[:row]
        else:
            higher = top[right_ones].min() < top[left_ones].min() - height
            first = right_ones if higher and not columns else left_ones
        is_first = np.zeros(len(boxes), bool)
        is_first[first] = True
        of_down, of_across = is_first[down], is_first[across]
        waiting += [(down[~of_down], across[~of_across]), (down[of_down], across[of_across])]
    return order


def _are_rows(labels: _Numbers, others: _Numbers, height: float) -> bool:
    """Whether each box of the left column stands alone, or is a label that begins level with what is on its right.

    Args:
        labels: the left column: left, top, right and bottom of each box.
        others: the right column.
        height: of a letter, in pixels.
    """
    slack = _SLACK * height
    labels = labels[labels[:, 3] - labels[:, 1] > slack]
    others = others[others[:, 3] - others[:, 1] > slack]
    others = others[np.argsort(others[:, 1], kind="stable")]
    top, bottom = labels[:, 1], labels[:, 3]
    # The highest box that ends below a label's top stands beside it, if any does.
    place = np.searchsorted(np.maximum.accumulate(others[:, 3]), top + slack, side="right")
    reached = place < len(others)
    first = others[place[reached]]
    top, bottom = top[reached], bottom[reached]
    beside = bottom - first[:, 1] > slack
    uneven = np.abs(first[:, 1] - top) > slack
    high = np.minimum(bottom - top, first[:, 3] - first[:, 1]) > _ROW * height
    return not (beside & (uneven | high)).any()


def _cut(starts: _Numbers, ends: _Numbers, slack: int) -> tuple[int, int]:
    """How many spans, sorted by where they start, lie before the widest white between them, and its width, or 0."""
    white = starts[1:] - np.maximum.accumulate(ends)[:-1]
    place = int(np.argmax(white))
    return (place + 1, int(white[place])) if white[place] > -slack else (0, -slack)
