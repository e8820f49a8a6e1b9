"""The lines of a field, as both engines saw them in several pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from whaleline.imaging import pictures
from whaleline.imaging.panel import panel
from whaleline.imaging.picture import Picture, grey
from whaleline.imaging.sight import Sight
from whaleline.imaging.skew import skew
from whaleline.recognition import layout
from whaleline.recognition.chooser import legible
from whaleline.recognition.emission import Emission
from whaleline.recognition.line import Evidence, LineReader

_LOW: Final = 0.4  # of the highest line, less of which is no line
_LEAST: Final = 20.0  # confidence of a line, less of which is a stain beside others
_COMMA: Final = 20.0  # times more probable than it seems a comma is that may be a point: it is taught few small ones


@dataclass(frozen=True, eq=False, slots=True)
class FieldLine:
    """A line of a field, as the engines saw it.

    Attributes:
        evidence: of both engines.
        shown: what PP-OCRv6 saw in pictures of it, those of the evidence and further ones.
        alternatives: Tesseract's, symbol by symbol; None where it has none.
        plain: the line's text and confidence without any knowledge of the field.
    """

    evidence: Evidence
    shown: Sequence[Emission]
    alternatives: Emission | None
    plain: tuple[str, float]


def look(picture: Picture, lines: LineReader) -> list[FieldLine]:
    """The lines of a field, from the top down; none where it is empty.

    Args:
        picture: of the field, grey or colour.
        lines: of its language.
    """
    seen = pictures.visible(Sight(picture))
    if seen is None:
        return []
    window = panel(seen)
    found = [] if window is None else _lines(Sight(window), lines)
    return found if any(line.plain[1] >= _LEAST for line in found) else _lines(seen, lines)


def _lines(seen: Sight, lines: LineReader) -> list[FieldLine]:
    flat = _level(seen.picture if seen.stretched is None else seen.stretched)
    found = [_line(np.ascontiguousarray(flat[top:bottom]), lines) for top, bottom in rows(flat)]
    return [line for line in found if line.plain[1] >= _LEAST or line is max(found, key=lambda one: one.plain[1])]


def rows(picture: Picture) -> list[tuple[int, int]]:
    """The rows (top, bottom) of each line of a field, from the top down; all of them where they cannot be told."""
    bands = layout.lines_of(Sight(_smooth(picture)).clear)
    highest = max((bottom - top for top, bottom in bands), default=0)
    kept = [(top, bottom) for top, bottom in bands if bottom - top >= _LOW * highest]
    # Specks above and below are no lines.
    return kept if len(kept) > 1 else [(0, picture.shape[0])]


def _smooth(picture: Picture) -> Picture:
    """The picture in grey without its noise, which fills what is left free between lines and hides their edges."""
    return pictures.stretched(np.asarray(cv2.GaussianBlur(grey(picture), (0, 0), 1), np.uint8))


def _level(picture: Picture) -> Picture:
    """The picture with level lines: even a slight slant takes long ones out of their rows."""
    angle = skew(Sight(_smooth(picture)))
    if not angle:
        return picture
    height, width = picture.shape[:2]
    turned = cv2.getRotationMatrix2D((width / 2, height / 2), -angle, 1)
    flat = cv2.warpAffine(picture, turned, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, np.uint8)


def _line(picture: Picture, lines: LineReader) -> FieldLine:
    evidence = lines.evidence(Sight(picture))
    read = lines.chosen(evidence)
    shown = [*evidence.seen, *lines.look(pictures.again(evidence.picture))] if evidence.seen else []
    alternatives = lines.first.alternatives(grey(evidence.picture)) if lines.first else None
    told = [one.likelier(",", ".", _COMMA) for one in legible(shown)]
    return FieldLine(evidence, told, alternatives, (read.text, read.confidence) if read else ("", 0.0))
