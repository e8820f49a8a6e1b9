"""The goods of a till slip."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from whaleline.extraction.factors import ROUNDED, quantity_and_price
from whaleline.extraction.receipt_lines import CENTS, NEVER, Line, mended, pattern
from whaleline.values import amounts


@dataclass(frozen=True, slots=True)
class Item:
    """A row of goods; what is not printed is None."""

    text: str
    quantity: Decimal | None
    price: Decimal | None
    amount: Decimal


def items_of(lines: Sequence[Line], total_at: int) -> tuple[Item, ...]:
    """The rows of goods: those with an amount between the column heads, or the head of the slip, and the sums."""
    ends = [at for at, line in enumerate(lines) if at <= total_at and line.money and _SUMS.search(line.label)]
    end = ends[0] if ends else total_at
    heads = [at for at, line in enumerate(lines[:end]) if not line.money and len(_COLUMNS.findall(line.label)) > 1]
    # Words of column heads come in the count of all goods below them, too.
    start = next((at + 1 for at in reversed(heads) if any(line.money for line in lines[at:end])), 0)
    items: list[Item] = []
    waiting = ""  # a name that stands above its numbers
    multiplied: tuple[Decimal, ...] | None = None  # a row of a quantity and a price, before the row of its goods
    below = False  # whether names stand below their numbers
    for at, line in enumerate(lines[start:total_at], start):
        name = _name(line.row.text)
        if at >= end and not (_NAMED.search(name) and line.money and _multiplied(line)[0]):
            continue  # what follows a sum of some of the goods is others, if it tells their price
        if not line.money:
            if below and items and not items[-1].text:
                items[-1] = Item(name, items[-1].quantity, items[-1].price, items[-1].amount)
            else:
                printed = line.row.spaced.split("\t")[0].strip(_SIGNS)
                # The line below a name may hold its code.
                is_text = sum(map(str.isalpha, printed)) >= sum(map(str.isdigit, printed))
                waiting = printed if is_text or not waiting else waiting
            continue
        if NEVER.search(line.label) and not name:
            continue
        if times := _TIMES.search(mended(line.row.spaced)):
            pair = tuple(Decimal(each.replace(",", ".")) for each in times.groups())
            if items and items[-1].quantity is None and _is_product(pair, items[-1].amount):
                items[-1] = replace(items[-1], quantity=pair[0], price=pair[1])
            else:
                multiplied = pair
            continue
        amount = line.money[-1].value
        named = _NAMED.search(name) and not _COUNTED.match(line.row.text)
        if not named and not waiting:
            below = True
        text = name if named else waiting or ""
        quantity, price = _multiplied(line)
        if multiplied and quantity is None and _is_product(multiplied, amount):
            quantity, price = multiplied
        multiplied = None
        items.append(Item(text, quantity, price, amount))
        waiting = ""
    return tuple(items)


def _multiplied(line: Line) -> tuple[Decimal | None, Decimal | None]:
    """The quantity and the price that a row with an amount tells."""
    numbers = amounts.find_amounts(mended(line.row.spaced), ".")
    return _quantity_and_price([each.value for each in numbers], line.money[-1].value)


def _is_product(numbers: Sequence[Decimal], amount: Decimal) -> bool:
    return abs(numbers[0] * numbers[1] - amount) <= ROUNDED


def _quantity_and_price(numbers: Sequence[Decimal], amount: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """Those of a row's numbers, of which the last one that is the amount stands for itself."""
    rest = list(numbers)
    if amount in rest:
        rest.reverse()
        rest.remove(amount)
        rest.reverse()
    return quantity_and_price(rest, amount)


def _name(text: str) -> str:
    """A row without its numbers, codes of taxes and signs at both ends."""
    rest = mended(text)
    letters = re.search(r"[^\W\d_]{2}", rest)
    parts, start = [], 0
    for each in amounts.find_amounts(rest, "."):
        is_price = each.decimals == CENTS
        if is_price or not letters or each.start < letters.end():
            # Three capitals beside a number may be a currency, or the name.
            before, after = (None, None) if each.currency else (_CAPITALS.search(each.text), _LAST.search(each.text))
            parts += [rest[start : each.start], before[0] if before else "", _AMOUNT, after[0] if after else ""]
            start = each.end
        if is_price and letters and letters.end() <= each.start:
            break  # what comes behind a price is numbers and codes
    else:
        parts.append(rest[start:])
    tokens = " ".join(parts).split()
    # A unit, numbers, and a code of a tax; three capitals that no number stands before are the name's last word.
    end = len(tokens)
    if _CODE.fullmatch(tokens[-1] if tokens else "") and (len(tokens[-1]) < _NAME_LETTERS or _is_number(tokens[-2:-1])):
        end -= 1
    while _is_number(tokens[max(0, end - 1) : end]):
        end -= 1
    if end > 1 and _UNIT.fullmatch(tokens[end - 1]) and any(map(_INTEGER.fullmatch, tokens[end - 2 : end + 1])):
        end -= 1
    bare, whole = (" ".join(each for each in part if each != _AMOUNT) for part in (tokens[:end], tokens))
    return (bare if re.search(r"[^\W\d_]", bare) else whole).strip(_SIGNS)


def _is_number(tokens: Sequence[str]) -> bool:
    return bool(tokens) and (tokens[0] == _AMOUNT or _INTEGER.fullmatch(tokens[0]) is not None)


_AMOUNT = "\0"
"""In the place of an amount."""

_CAPITALS, _LAST = re.compile(r"^[A-Z]{3}\b"), re.compile(r"\b[A-Z]{3}$")
_CODE, _UNIT, _INTEGER = map(re.compile, (r"[A-Z]{1,3}", r"[A-Za-z]{1,2}", r"-?\d{1,3}%?"))
_TIMES = re.compile(
    r"^\W*(\d+(?:[.,]\d{1,3})?) ?(?:kg|g|st|stk|pcs?|un?|uds?)?\.?"
    r" ?[x\u00d7*@] ?(?:RM|[$\u20ac\u00a3])? ?(\d+[.,]\d\d)(?: ?[A-Z\u20ac$]{1,3})?(?:/\w+)?$",
    re.IGNORECASE,
)
"""A row that is nothing but a quantity and a price."""

_COUNTED = re.compile(r"^\W*\d+(?:[.,]\d+)? ?[A-Z]{0,4}\.? ?[x\u00d7*@] ?\d+[.,]\d", re.IGNORECASE)
"""A row that begins with a quantity and a price, so that its name stands above it."""

_NAME_LETTERS = 3
_NAMED = re.compile(rf"[^\W\d_]{{{_NAME_LETTERS}}}")
_SIGNS = " .,:*@xX-"
_SUMS, _COLUMNS = pattern("sums"), pattern("column")
