"""The rules of a picture as lines with two ends, and which of them hang together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from whaleline.imaging.geometry import Rectangle


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line.

    Attributes:
        at: y of a level rule, x of an upright one: its middle.
        start: where it begins on the other axis.
        end: where it ends.
        clear: whether it is more than a few grey levels darker or lighter than what is beside it.
    """

    at: float
    start: int
    end: int
    clear: bool = True

    @property
    def length(self) -> int:
        """Pixels from end to end."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Ruling:
    """All rules of a picture, level ones from the top down, upright ones from left to right."""

    level: tuple[Rule, ...] = ()
    upright: tuple[Rule, ...] = ()

    def within(self, box: Rectangle, rim: float) -> Ruling:
        """The parts of rules that lie in a box or so many pixels around it."""

        def inside(all_: tuple[Rule, ...], low: int, high: int, start: int, end: int) -> tuple[Rule, ...]:
            cut = (
                Rule(each.at, max(each.start, start), min(each.end, end), each.clear)
                for each in all_
                if low - rim <= each.at <= high + rim
            )
            return tuple(each for each in cut if each.length > 0)

        return Ruling(
            inside(self.level, box.top, box.bottom, box.left - int(rim), box.right + int(rim)),
            inside(self.upright, box.left, box.right, box.top - int(rim), box.bottom + int(rim)),
        )


def joined(ruling_: Ruling, reach: float) -> list[Ruling]:
    """The rules that meet or cross, group by group, the largest group first; those that meet no other are left out."""
    level, upright = ruling_.level, ruling_.upright
    if not level or not upright:
        return []
    ys = np.array([(rule.at, rule.start, rule.end) for rule in level])
    xs = np.array([(rule.at, rule.start, rule.end) for rule in upright])
    meets = (
        (ys[:, None, 1] - reach <= xs[None, :, 0])
        & (xs[None, :, 0] <= ys[:, None, 2] + reach)
        & (xs[None, :, 1] - reach <= ys[:, None, 0])
        & (ys[:, None, 0] <= xs[None, :, 2] + reach)
    )
    group = np.full(len(level), -1)
    of_upright = np.full(len(upright), -1)
    count = 0
    for first in range(len(level)):
        if group[first] >= 0 or not meets[first].any():
            continue
        rows: npt.NDArray[np.bool_] = np.zeros(len(level), bool)
        rows[first] = True
        columns = np.zeros(len(upright), bool)
        while True:
            more_columns = np.asarray(meets[rows].any(axis=0))
            more_rows = np.asarray(meets[:, more_columns].any(axis=1) | rows)
            if (more_columns == columns).all() and (more_rows == rows).all():
                break
            columns, rows = more_columns, more_rows
        group[rows], of_upright[columns] = count, count
        count += 1
    found = [
        Ruling(
            tuple(rule for rule, of in zip(level, group, strict=True) if of == index),
            tuple(rule for rule, of in zip(upright, of_upright, strict=True) if of == index),
        )
        for index in range(count)
    ]
    return sorted(found, key=lambda each: -len(each.level) - len(each.upright))
