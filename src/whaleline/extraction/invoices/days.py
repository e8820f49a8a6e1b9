"""The dates of an invoice: of issue, of delivery, and on which payment is due."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Sequence
from functools import partial

from whaleline.extraction.found import Found, found
from whaleline.extraction.invoices.facts import Labels, Rows, labelled
from whaleline.extraction.words import Words
from whaleline.values import amounts, dates
from whaleline.values.dates import DateOrder


def dates_of(rows: Rows, labels: Labels, title_row: int | None, language: str) -> dict[str, Found[datetime.date]]:
    """The dates of issue, of delivery, and on which payment is due."""
    order = dates.order_seen(row.text for row in rows) or _order(rows, language)

    def read(words: Words, *, last: bool = False) -> Found[datetime.date] | None:
        text = words.text
        seen = list(dates.find_dates(text, language, order))
        if not seen or len(text[: seen[0].start].split()) > _BEFORE_DATE:
            return None
        date = seen[-1] if last else seen[0]
        return found(date.value, words.within(date.start, date.end) or words, text=date.text)

    result = {}
    taken: list[Words] = []
    for kind in ("due_date", "delivery_date", "other_date", "issue_date"):
        # What is delivered over a time is delivered at its end.
        reads = partial(read, last=kind == "delivery_date")
        candidates = [each for each in labelled(kind, rows, labels, reads) if not _overlaps(each[2], taken)]
        value = max(candidates, key=lambda each: each[0], default=(0.0, None, None))[2]
        if kind == "other_date":
            taken += [place for _, _, each in candidates for place in each.places]
            continue
        if value is not None:
            result[kind] = value
            taken += value.places
    issued = result.get("issue_date")
    if title_row is not None and (titled := _date_of_title(rows, title_row, language, order)):
        result["issue_date"] = titled
    elif issued is None:
        for row in rows:
            for date in dates.find_dates(row.text, language, order):
                value = found(date.value, row.within(date.start, date.end) or row, text=date.text)
                if not _overlaps(value, taken):
                    result["issue_date"] = value
                    return result
    return result


def _order(rows: Rows, language: str) -> DateOrder:
    """Day or month first, where no date shows it: English invoices in dollars are taken for American."""
    if language != "en":
        return dates.order_of(language)
    signs = Counter(each.currency for row in rows for each in amounts.find_amounts(row.spaced) if each.currency)
    american = bool(signs) and signs.most_common(1)[0][0] == "USD"
    return DateOrder.MONTH_FIRST if american else DateOrder.DAY_FIRST


def _date_of_title(rows: Rows, at: int, language: str, order: DateOrder) -> Found[datetime.date] | None:
    """The date in the title, or at the head of the next row where the title runs on."""
    row = rows[at]
    for date in dates.find_dates(row.text, language, order):
        return found(date.value, row.within(date.start, date.end) or row, text=date.text)
    if at + 1 < len(rows) and re.search(r"(?:vom|du|of|van|del|di|z dnia|von)\W*$", row.text):
        after = rows[at + 1]
        for date in dates.find_dates(after.text, language, order):
            if date.start == 0:
                return found(date.value, after.within(date.start, date.end) or after, text=date.text)
    return None


def _overlaps(value: Found[datetime.date], taken: Sequence[Words]) -> bool:
    words = {word for place in value.places for word in place.words}
    return any(word in words for place in taken for word in place.words)


_BEFORE_DATE = 3
