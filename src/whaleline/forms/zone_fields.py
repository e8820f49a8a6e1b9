"""Fields with a machine readable zone of two or three lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from whaleline.forms.field_value import FieldValue
from whaleline.recognition import field as fields
from whaleline.recognition import zones
from whaleline.recognition.field import Constraint, FieldLine, FieldText, constraint
from whaleline.values import mrz


def read_zone(seen: list[FieldLine]) -> FieldValue:
    """A machine readable zone: the lines at the field's bottom, in the layout that they fit best."""
    told = zones.whole([(line.plain[0], *(each.text for each in line.evidence.seen)) for line in seen])
    best: tuple[float, mrz.Layout, list[FieldText]] | None = None
    for layout in mrz.LAYOUTS if told is None else (told[0],):
        if len(layout.lines) > len(seen):
            continue
        own = seen[-len(layout.lines) :]
        read = [fields.decide(line, _of_zone(layout, number)) for number, line in enumerate(own)]
        score = sum(each.score for each in read)
        if all(each.fits for each in read) and (best is None or score > best[0]):
            best = score, layout, read
    if told is not None and (
        best is None or _failed(told[0], told[1]) < _failed(told[0], [each.text for each in best[2]])
    ):
        # No search gets the number of fillers right where many are not seen.
        layout, lines = told
        sure = min(line.plain[1] for line in seen[-len(lines) :])
        printed = lines
    elif best is not None:
        layout = best[1]
        printed = [each.text for each in best[2]]
        sure = min(each.confidence for each in best[2])
    else:
        whole = "\n".join(line.plain[0] for line in seen)
        return FieldValue(whole, None, 0.0).fault("no size of document has such lines")
    lines = [each.replace(" ", "") for each in printed]
    found = FieldValue("\n".join(printed), "\n".join(lines), sure)
    fault = mrz.faults(layout, lines)
    return found.fault(fault) if fault else found


def _failed(layout: mrz.Layout, lines: Sequence[str]) -> int:
    """How many check digits of a zone do not hold."""
    texts = [line.replace(" ", "") for line in lines]
    return mrz.held(layout, texts).count(False)


def _of_zone(layout: mrz.Layout, number: int) -> Constraint:
    own = replace(
        layout,
        checks=tuple(
            each for each in layout.checks if each[0] == number and all(part[0] == number for part in each[2])
        ),
    )
    weigh = fields.passes(lambda holds: holds == "1", 10)

    def of_line(text: str) -> float:
        lines = [""] * len(layout.lines)
        lines[number] = text.replace(" ", "")
        return sum(weigh("1" if holds else "0") for holds in mrz.held(own, lines))

    return constraint(layout.lines[number], None, of_line if own.checks else None)
