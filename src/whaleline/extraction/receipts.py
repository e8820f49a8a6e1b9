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

from whaleline.extraction import head
from whaleline.extraction.found import Found, found
from whaleline.extraction.receipt_items import Item, items_of
from whaleline.extraction.receipt_lines import CENTS, NEVER, TAX_WORD, Line, line_of, pattern
from whaleline.extraction.vocabulary import folded
from whaleline.extraction.words import Words, of_fields
from whaleline.values import amounts, dates
from whaleline.values.dates import DateOrder


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
    lines = tuple(line_of(row) for row in rows)
    company, address = head.company_and_address(rows)
    date, time = _date_and_time(rows, language)
    total, at = _total(lines)
    return Receipt(company, address, date, time, total, _tax(lines, total), _currency(rows), items_of(lines, at))


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


def _total(lines: Sequence[Line]) -> tuple[Found[Decimal] | None, int]:
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
        ((line.last, at) for at, line in enumerate(lines[:end]) if line.last and not NEVER.search(line.label)),
        key=lambda each: each[0].value,
        default=None,
    )
    return largest or (None, len(lines))


def _strength(label: str) -> float:
    """How surely a label means the total; negative where it means something else."""
    if _TOTAL[0][1].search(label):
        return _TOTAL[0][0]
    if NEVER.search(label):
        return -1
    for strength, expression in _TOTAL:
        if expression.search(label):
            return strength
    return 0 if not _PAID.search(label) else 0.5


def _tax(lines: Sequence[Line], total: Found[Decimal] | None) -> Found[Decimal] | None:
    """The tax within the total: by its label, else of the summary of taxes."""
    end = next((at for at, line in enumerate(lines) if _SUMMARY.search(line.label)), len(lines))
    if len({rate for line in lines[:end] if line.last and _TAX.search(line.label) for rate in _rates(line)}) > 1:
        end = 0  # an amount for each rate, and none for all
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


def _rates(line: Line) -> list[str]:
    return [rate for rate in _RATE.findall(line.row.text) if rate.strip("0.,")]


def _currency(rows: Iterable[Words]) -> Found[str] | None:
    """The currency printed most."""
    count: dict[str, list[Words]] = {}
    for row in rows:
        for each in amounts.find_amounts(row.spaced):
            if each.currency and each.decimals == CENTS:
                count.setdefault(each.currency, []).append(row)
        for sign in _LONE_CURRENCY.findall(row.text):
            if code := amounts.currency_of(sign):
                count.setdefault(code, []).append(row)
    if not count:
        return None
    code = max(count, key=lambda each: len(count[each]))
    return found(code, count[code][0])


_TOTAL = (
    (6.0, pattern("total_sure")),
    (
        5.0,
        re.compile(
            rf"{pattern('total').pattern}.*{pattern('inclusive').pattern}"
            rf"|{pattern('inclusive').pattern}.*{TAX_WORD}.*{pattern('total').pattern}"
        ),
    ),
    (4.0, pattern("total")),
    (2.0, pattern("amount")),
)
_PAID, _CHANGE, _ROUNDING = pattern("paid"), pattern("change"), pattern("rounding")
_SUMMARY, _TAX = pattern("summary"), re.compile(rf"{TAX_WORD}|steuer(?!\w)")
_NOT_TAX = re.compile(rf"{pattern('not_tax').pattern}|{pattern('inclusive').pattern}(?!.* in total)")
_DATE_LABEL, _OTHER_DATE = pattern("date"), pattern("other_date")
_HOURS = re.compile(r"\b(hours?|open|mon|sun|daily|from|to|till|uhr|ouvert)\b.*\d:\d\d.*(-|to|till|bis)", re.IGNORECASE)
_RATE = re.compile(r"(\d+(?:[.,]\d+)?) ?%")
_UNMARKED = re.compile(r"(?<![\d-])(\d\d)[ ./:-]{0,2}(\d\d)[ ./:-]{0,2}(20[0-4]\d)(?!\d)")
_LONE_CURRENCY = re.compile(r"(?<![A-Za-z])(RM|EUR|MYR|USD|GBP|CHF|SGD|€|£|\$|DH)(?![A-Za-z])")
