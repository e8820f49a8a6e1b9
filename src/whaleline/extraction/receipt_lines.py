"""The rows of a till slip with their amounts, and the words of their labels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from whaleline.extraction import vocabulary
from whaleline.extraction.found import Found, found
from whaleline.extraction.vocabulary import folded
from whaleline.extraction.words import Words
from whaleline.values import amounts

CENTS = 2
"""Decimals of money."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its amounts of money.

    Attributes:
        label: the words without amounts, folded.
        money: with two decimals, from left to right.
    """

    row: Words
    label: str
    money: tuple[Found[Decimal], ...]

    @property
    def last(self) -> Found[Decimal] | None:
        """The amount at the end of the row."""
        return self.money[-1] if self.money else None


def line_of(row: Words) -> Line:
    """A row with its label and its amounts."""
    text = mended(row.spaced)
    money = [each for each in amounts.find_amounts(text, ".") if each.decimals == CENTS or _is_whole(each)]
    label = text
    for each in reversed(money):
        label = f"{label[: each.start]} {label[each.end :]}"
    same = text == row.spaced
    return Line(
        row,
        _spelled(folded(label)),
        tuple(
            found(each.value, (row.within(each.start, each.end) if same else None) or row, text=each.text)
            for each in money
        ),
    )


def mended(text: str) -> str:
    """Amounts that were read with a space beside the decimal mark, or with a colon for it."""
    text = _MISREAD.sub(_digits, text)
    text = re.sub(r"(?<=\d) ?([.,]) ?(?=\d\d(?!\d|[.,/]))", r"\1", text)
    return re.sub(r"(?<=\d[.,]\d\d)(?=[A-Z]{1,3}\b)", " ", text)  # 5.20S


def _digits(match: re.Match[str]) -> str:
    return match.group().translate(_LOOKALIKES)


def _spelled(label: str) -> str:
    """A label with its words as they are spelt, where one letter is misread."""
    words = []
    for word in label.split():
        near = None
        if len(word) >= _SPELLED and word not in _SPELLINGS:
            near = process.extractOne(word, _SPELLINGS, scorer=Levenshtein.distance, score_cutoff=1)
        words.append(near[0] if near else word)
    return " ".join(words)


def _is_whole(amount: amounts.Amount) -> bool:
    """Whether an amount without decimals is money all the same, by its currency."""
    return bool(amount.currency) and amount.decimals == 0


_SPELLED = 5

pattern = partial(vocabulary.pattern, "receipt_words")
"""The expression of a kind of label."""

TAX_WORD = pattern("tax").pattern
"""What taxes are called."""

NEVER = re.compile(
    rf"{pattern('never').pattern}|{pattern('total').pattern} {TAX_WORD}|^{TAX_WORD}|^(?:add )?{TAX_WORD}"
    rf"|{TAX_WORD} (?:amt|amount|total|payable)|^round"
)
"""Labels of what is no total and no goods."""

_SPELLINGS = tuple(
    {
        word
        for kind in ("total", "never", "paid", "change", "summary", "rounding")
        for each in vocabulary.words("receipt_words", kind)
        for word in each.split()
        if len(word) >= _SPELLED
    }
    | {"invoice", "payable", "charge"}
)
"""Long words of labels, and the one that is nearest to `change`."""

_LOOKALIKES = str.maketrans("OoQDIl|SB", "000011158")
_MISREAD = re.compile(r"(?:(?<=RM)|(?<![A-Za-z\d.,]))(?=[OoQDIl|SB.,]*\d)[\dOoQDIl|SB]+[.,][\dOoQDIl|SB]{2}(?![\w.,])")
"""What is an amount but for letters that look like digits."""
