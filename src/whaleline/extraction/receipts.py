"""What a till slip says: who sold, where, when, what, and for how much.

The rules are of kinds of slips: the seller stands at the head, the total below the items, what was paid and given back
below that. They know the words of English, Malay, German, French, Dutch, Spanish, Italian, Portuguese and Polish slips.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from whaleline.extraction import head, vocabulary
from whaleline.extraction.found import Found, found
from whaleline.extraction.vocabulary import folded
from whaleline.extraction.words import Words, of_fields
from whaleline.values import amounts, dates
from whaleline.values.dates import DateOrder


@dataclass(frozen=True, slots=True)
class Item:
    """A row of goods; what is not printed is None."""

    text: str
    quantity: Decimal | None
    price: Decimal | None
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Receipt:
    """The fields of a slip; what is not printed is None."""

    company: Found[str] | None = None
    address: Found[str] | None = None
    date: Found[datetime.date] | None = None
    time: Found[datetime.time] | None = None
    total: Found[Decimal] | None = None
    tax: Found[Decimal] | None = None
    currency: Found[str] | None = None
    items: tuple[Item, ...] = ()


def extract(rows: Sequence[Words], language: str = "") -> Receipt:
    """The fields of one slip.

    Args:
        rows: of its words, from the top down.
        language: that it was read in (BCP 47).
    """
    rows = of_fields(rows)
    lines = tuple(_line(row) for row in rows)
    company, address = head.company_and_address(rows)
    date, time = _date_and_time(rows, language)
    total, at = _total(lines)
    return Receipt(company, address, date, time, total, _tax(lines, total), _currency(rows), _items(lines, at))


@dataclass(frozen=True, slots=True)
class _Line:
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
        return self.money[-1] if self.money else None


def _line(row: Words) -> _Line:
    text = _mended(row.spaced)
    money = [each for each in amounts.find_amounts(text, ".") if each.decimals == _CENTS or _is_whole(each)]
    label = text
    for each in reversed(money):
        label = f"{label[: each.start]} {label[each.end :]}"
    same = text == row.spaced
    return _Line(
        row,
        _spelled(folded(label)),
        tuple(
            found(each.value, (row.within(each.start, each.end) if same else None) or row, text=each.text)
            for each in money
        ),
    )


def _mended(text: str) -> str:
    """Amounts that were read with a blank beside the decimal mark, or with a colon for it."""
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


def _date_and_time(
    rows: Sequence[Words], language: str
) -> tuple[Found[datetime.date] | None, Found[datetime.time] | None]:
    """The first date that is called one or stands beside a time, else the first of all; and the time beside it."""
    texts = [re.sub(r"(?<=\d) ?: ?(?=\d\d\b)", ":", row.text) for row in rows]
    order = dates.order_seen(texts) or (DateOrder.DAY_FIRST if language == "en" else dates.order_of(language))
    seen = []
    for at, text in enumerate(texts):
        times = list(dates.find_times(text))
        for date in dates.find_dates(text, language, order):
            label = bool(_DATE_LABEL.search(folded(text[: date.start]))) or (
                at > 0 and bool(_DATE_LABEL.search(folded(texts[at - 1])))
            )
            other = bool(_OTHER_DATE.search(folded(text)))
            seen.append((other, not (label or times), at, date))
    if not seen:
        return _unmarked_date(rows, order), _time(rows, texts, 0)
    _, _, at, date = min(seen, key=lambda each: each[:3])
    place = rows[at].within(date.start, date.end) if texts[at] == rows[at].text else rows[at]
    return found(date.value, place or rows[at], text=date.text), _time(rows, texts, at)


def _unmarked_date(rows: Sequence[Words], order: DateOrder) -> Found[datetime.date] | None:
    """A date whose marks were not read: 27032018, 27.03 2018."""
    for row in rows:
        for match in _UNMARKED.finditer(row.text):
            if date := dates.read_date("/".join(match.groups()), order=order):
                return found(date.value, row.within(*match.span()) or row, text=match.group())
    return None


def _time(rows: Sequence[Words], texts: Sequence[str], near_to: int) -> Found[datetime.time] | None:
    """The time that stands nearest to a row; opening hours are none."""
    near = sorted(range(len(rows)), key=lambda each: (abs(each - near_to), each))
    for index in near:
        times = list(dates.find_times(texts[index]))
        if len(times) == 1 and not _HOURS.search(texts[index]):
            printed, value = times[0]
            at = rows[index].text.find(printed)
            place = rows[index].within(at, at + len(printed)) if at >= 0 else None
            return found(value, place or rows[index], text=printed)
    return None


def _total(lines: Sequence[_Line]) -> tuple[Found[Decimal] | None, int]:
    """What is to be paid, and the line it stands in (the number of lines where there is none).

    Of the amounts whose label may mean the total, that which the label, what was paid and given back, and the rounding
    speak for most.
    """
    end = next((at for at, line in enumerate(lines) if _SUMMARY.search(line.label)), len(lines))
    paid = [each.value for line in lines if _PAID.search(line.label) for each in line.money[-1:]]
    change = [abs(each.value) for line in lines if _CHANGE.search(line.label) for each in line.money[-1:]]
    settled = {money - back for money in paid for back in change} | set(paid)
    rounding = {each.value for line in lines if _ROUNDING.search(line.label) for each in line.money[-1:]}
    seen = [each.value for line in lines for each in line.money]
    best: tuple[float, int, Found[Decimal]] | None = None
    for at, line in enumerate(lines):
        strength = _strength(line.label)
        money = line.last
        if money is None and strength > 0 and at + 1 < len(lines) and _strength(lines[at + 1].label) >= 0:
            money = lines[at + 1].last
        if money is None or strength < 0:
            continue
        value = money.value
        if strength == 0 and value not in settled:
            continue
        score = strength
        score += 3 if change and value in {each - back for each in paid for back in change} else 0
        score += 1.5 if value in settled else 0
        score += min(1.0, 0.3 * (seen.count(value) - 1))
        score += 2 if any(value - each in seen for each in rounding if each) else 0
        score -= 6 if at > end else 0
        score -= 2 if value <= 0 else 0
        if best is None or score > best[0]:
            best = (score, at, money)
    if best is not None:
        return best[2], best[1]
    largest = max(
        ((line.last, at) for at, line in enumerate(lines[:end]) if line.last and not _NEVER.search(line.label)),
        key=lambda each: each[0].value,
        default=None,
    )
    return largest or (None, len(lines))


def _strength(label: str) -> float:
    """How surely a label means the total; negative where it means something else."""
    if _TOTAL[0][1].search(label):
        return _TOTAL[0][0]
    if _NEVER.search(label):
        return -1
    for strength, pattern in _TOTAL:
        if pattern.search(label):
            return strength
    return 0 if not _PAID.search(label) else 0.5


def _tax(lines: Sequence[_Line], total: Found[Decimal] | None) -> Found[Decimal] | None:
    """The tax within the total: by its label, else of the summary of taxes."""
    end = next((at for at, line in enumerate(lines) if _SUMMARY.search(line.label)), len(lines))
    for line in lines[:end]:
        if line.last and _TAX.search(line.label) and not _NOT_TAX.search(line.label):
            value = line.last.value
            if total is None or abs(value) < abs(total.value) or value == 0:
                return line.last
    rates = [line for line in lines[end:] if line.money and not _CHANGE.search(line.label) and len(line.money) > 1]
    whole = [line for line in rates if line.label.startswith("total")]
    parts = whole or rates
    if not parts:
        return None
    return parts[0].last if len(parts) == 1 or sum(line.money[-1].value != 0 for line in parts) == 1 else None


def _currency(rows: Iterable[Words]) -> Found[str] | None:
    """The currency printed most."""
    count: dict[str, list[Words]] = {}
    for row in rows:
        for each in amounts.find_amounts(row.spaced):
            if each.currency and each.decimals == _CENTS:
                count.setdefault(each.currency, []).append(row)
        for sign in _LONE_CURRENCY.findall(row.text):
            if code := amounts.currency_of(sign):
                count.setdefault(code, []).append(row)
    if not count:
        return None
    code = max(count, key=lambda each: len(count[each]))
    return found(code, count[code][0])


def _items(lines: Sequence[_Line], total_at: int) -> tuple[Item, ...]:
    """The rows of goods: those with an amount between the column heads, or the head of the slip, and the sums."""
    ends = [at for at, line in enumerate(lines) if at <= total_at and line.money and _SUMS.search(line.label)]
    end = ends[0] if ends else total_at
    heads = [at for at, line in enumerate(lines[:end]) if not line.money and len(_COLUMNS.findall(line.label)) > 1]
    start = heads[-1] + 1 if heads else 0
    items: list[Item] = []
    waiting = ""  # a name that stands above its numbers
    below = False  # whether names stand below their numbers
    for line in lines[start:end]:
        name = _name(line.row.text)
        if not line.money:
            if below and items and not items[-1].text:
                items[-1] = Item(name, items[-1].quantity, items[-1].price, items[-1].amount)
            else:
                waiting = name
            continue
        if _NEVER.search(line.label) and not name:
            continue
        numbers = list(amounts.find_amounts(_mended(line.row.spaced), "."))
        amount = line.money[-1].value
        named = len(re.findall(r"[^\W\d_]", name)) >= _NAME_LETTERS
        if not named and not waiting:
            below = True
        text = name if named else waiting or ""
        quantity, price = _quantity_and_price([each.value for each in numbers], amount)
        items.append(Item(text, quantity, price, amount))
        waiting = ""
    return tuple(items)


def _quantity_and_price(numbers: Sequence[Decimal], amount: Decimal) -> tuple[Decimal | None, Decimal | None]:
    """Two of a row's numbers whose product is the amount."""
    rest = list(numbers)
    if amount in rest:
        rest.reverse()
        rest.remove(amount)
        rest.reverse()
    for first, one in enumerate(rest):
        for other in rest[first + 1 :]:
            if abs(one * other - amount) <= _ROUNDED:
                return (one, other) if one == int(one) else (other, one) if other == int(other) else (one, other)
    return None, None


def _name(text: str) -> str:
    """A row without its numbers, codes of taxes and signs at both ends."""
    rest = _mended(text)
    for each in reversed(list(amounts.find_amounts(rest, "."))):
        if each.decimals == _CENTS or not re.search(r"[^\W\d_]{2}", rest[: each.start]):
            rest = f"{rest[: each.start]} {rest[each.end :]}"
    # A code of a tax, then numbers without decimals.
    rest = re.sub(r"(?: [A-Za-z]{1,2})?(?: -?\d{1,3})*(?: [A-Z]{1,3})?$", "", " ".join(rest.split()))
    return rest.strip(" .,:*@xX-")


_CENTS = 2
_ROUNDED = Decimal("0.01")
_NAME_LETTERS = 3
_SPELLED = 5

_pattern = partial(vocabulary.pattern, "receipt_words")
_TAX_WORD = _pattern("tax").pattern
_TOTAL = (
    (6.0, _pattern("total_sure")),
    (
        5.0,
        re.compile(
            rf"{_pattern('total').pattern}.*{_pattern('inclusive').pattern}"
            rf"|{_pattern('inclusive').pattern}.*{_TAX_WORD}.*{_pattern('total').pattern}"
        ),
    ),
    (4.0, _pattern("total")),
    (2.0, _pattern("amount")),
)
_NEVER = re.compile(
    rf"{_pattern('never').pattern}|{_pattern('total').pattern} {_TAX_WORD}|^{_TAX_WORD}|^(?:add )?{_TAX_WORD}"
    rf"|{_TAX_WORD} (?:amt|amount|total|payable)|^round"
)
_SUMS, _PAID, _CHANGE, _ROUNDING = _pattern("sums"), _pattern("paid"), _pattern("change"), _pattern("rounding")
_SUMMARY, _TAX, _COLUMNS = _pattern("summary"), re.compile(rf"{_TAX_WORD}|steuer(?!\w)"), _pattern("column")
_NOT_TAX = re.compile(rf"{_pattern('not_tax').pattern}|{_pattern('inclusive').pattern}(?!.* in total)")
_DATE_LABEL, _OTHER_DATE = _pattern("date"), _pattern("other_date")
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

_HOURS = re.compile(r"\b(hours?|open|mon|sun|daily|from|to|till|uhr|ouvert)\b.*\d:\d\d.*(-|to|till|bis)", re.IGNORECASE)
_UNMARKED = re.compile(r"(?<![\d-])(\d\d)[ ./:-]{0,2}(\d\d)[ ./:-]{0,2}(20[0-4]\d)(?!\d)")
_LOOKALIKES = str.maketrans("OoQDIl|SB", "000011158")
_MISREAD = re.compile(r"(?:(?<=RM)|(?<![A-Za-z\d.,]))(?=[OoQDIl|SB.,]*\d)[\dOoQDIl|SB]+[.,][\dOoQDIl|SB]{2}(?![\w.,])")
"""What is an amount but for letters that look like digits."""
_LONE_CURRENCY = re.compile(r"(?<![A-Za-z])(RM|EUR|MYR|USD|GBP|CHF|SGD|€|£|\$|DH)(?![A-Za-z])")
