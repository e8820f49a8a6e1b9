"""How many pieces at which price, among the numbers of a row."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import combinations
from typing import Final

ROUNDED: Final = Decimal("0.01")
"""What a printed product may be off by."""

_CENTS: Final = -2  # exponent of what is printed with two decimals


def quantity_and_price(numbers: Sequence[Decimal], amount: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """Two numbers whose product is the amount, in whatever order they stand.

    The price is the one that is printed with cents, else the one that is not whole, else the second.
    """
    for pair in combinations(numbers, 2):
        if abs(pair[0] * pair[1] - amount) <= ROUNDED:
            quantity, price = sorted(pair, key=lambda each: (each.as_tuple().exponent == _CENTS, each != int(each)))
            return quantity, price
    return None, None
