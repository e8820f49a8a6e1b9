"""The coefficients by which readings are weighed and confidences told, from one file that is fitted, never edited.

`benchmarks/calibrate.py` writes calibration.json beside this module, with the figures of the fit.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Calibration:
    """Fitted coefficients by the names of their features.

    Attributes:
        choice: of the features of one candidate for a piece of a line.
        confidence: of the features of a word that was read, by how it came about.
    """

    choice: Mapping[str, float]
    confidence: Mapping[str, Mapping[str, float]]

    def score(self, features: Mapping[str, float]) -> float:
        """How much speaks for a candidate: differences are logarithms of odds."""
        return sum(self.choice[name] * value for name, value in features.items())

    def probability(self, way: str, features: Mapping[str, float]) -> float:
        """How probable it is that a word is right, from 0 to 1."""
        coefficients = self.confidence[way]
        return logistic(sum(coefficients[name] * value for name, value in features.items()))


@cache
def calibration() -> Calibration:
    """The coefficients in use."""
    content = json.loads(files(__package__).joinpath("calibration.json").read_text(encoding="utf-8"))
    return Calibration(content["choice"], content["confidence"])


def logistic(value: float) -> float:
    """The probability that belongs to the logarithm of odds."""
    return 1 / (1 + math.exp(-max(-500.0, min(500.0, value))))


def logit(confidence: float) -> float:
    """The logarithm of the odds that belong to a confidence from 0 to 100, which is never quite 0 or 100."""
    share = min(max(confidence / 100, 0.001), 0.999)
    return math.log(share / (1 - share))
