"""How much of one picture PP-OCRv6 may be shown: a sheet of a thousand doubtful marks must not cost a minute."""

from __future__ import annotations

import math
from typing import Final

from whaleline.imaging.picture import Picture

OF_A_PAGE: Final = 100_000
"""Columns for each page, at the height of the recogniser: 70 full lines, some five seconds of a processor's time."""

_HEIGHT: Final = 48  # pixels of the recogniser's pictures
_LEAST: Final = 160  # columns that the narrowest picture costs


class Allowance:
    """What is left of it; not for several threads at a time."""

    def __init__(self, columns: float = math.inf) -> None:
        """Begin with so many columns."""
        self._most = self._left = columns

    def spend(self, picture: Picture) -> None:
        """Take off what the picture of a line costs."""
        height, width = picture.shape[:2]
        self._left -= max(_LEAST, width * _HEIGHT / height)

    @property
    def is_spent(self) -> bool:
        """Whether nothing is left, and Tesseract reads the rest alone."""
        return self._left <= 0

    @property
    def is_short(self) -> bool:
        """Whether less than half is left, and no line is shown in further pictures."""
        return 2 * self._left < self._most
