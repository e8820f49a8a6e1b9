"""How text is looked for, and how sure a line must be: the two `dsr` settings of the wire. See docs/modes.md."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from whaleline.recognition.page import Block, Line


class DsrMode(StrEnum):
    """How text is found in a region."""

    REGIONS = "Regions"
    """Blocks and columns."""
    DSR_NO_FILTER = "DsrNoFilter"
    """The same."""
    DSR_AND_FILTER = "DsrAndFilter"
    """The same, but small pictures are one block."""
    NO_DSR_NO_FILTER = "NoDsrNoFilter"
    """The region is one block of lines; nothing is looked for. The fastest."""
    TEXT_DETECTOR = "TextDetector"
    """Sparse text anywhere, at any angle, found by a neural detector."""
    DSR_PLUS_DETECTOR = "DsrPlusDetector"
    """Blocks and columns, and what the detector finds besides."""
    POLYGONAL_TEXT_DETECTOR = "PolygonalTextDetector"
    """The detector, and lines that bend are straightened."""
    LINE_DETECTOR = "LineDetector"
    """Line by line, each read by itself."""


ANY_ANGLE = frozenset({DsrMode.TEXT_DETECTOR, DsrMode.POLYGONAL_TEXT_DETECTOR})
"""Modes that read every line as it lies, so that no region needs to be turned or made flat for them."""


class DsrConfidence(StrEnum):
    """How sure a line must be to be in the result."""

    DEFAULT = "Default"
    LOW = "Low"
    LOW_MID = "LowMid"
    MID = "Mid"
    MID_HIGH = "MidHigh"
    HIGH = "High"
    ULTRA = "Ultra"
    ALL = "All"


LEAST_CONFIDENCE: Mapping[DsrConfidence, float] = MappingProxyType(
    {
        DsrConfidence.ALL: 0.0,
        DsrConfidence.LOW: 15.0,
        DsrConfidence.LOW_MID: 25.0,
        DsrConfidence.MID: 35.0,
        DsrConfidence.DEFAULT: 35.0,
        DsrConfidence.MID_HIGH: 50.0,
        DsrConfidence.HIGH: 65.0,
        DsrConfidence.ULTRA: 80.0,
    }
)
"""The mean confidence of its words, 0 to 100, that a line must reach."""


def dropped(blocks: tuple[Block, ...], confidence: DsrConfidence) -> tuple[Line, ...]:
    """The lines that `sure` leaves out."""
    least = LEAST_CONFIDENCE[confidence]
    return tuple(line for block in blocks for line in block.lines if line.confidence < least)


def sure(blocks: tuple[Block, ...], confidence: DsrConfidence) -> tuple[Block, ...]:
    """The blocks without the lines that are less sure than that. A higher setting never keeps more."""
    least = LEAST_CONFIDENCE[confidence]
    kept = (tuple(line for line in block.lines if line.confidence >= least) for block in blocks)
    return tuple(Block(lines) for lines in kept if lines)
