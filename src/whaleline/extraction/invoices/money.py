"""The sums of an invoice: net, tax, gross, what was paid and what is due."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal

from whaleline.extraction.found import Found, found
from whaleline.extraction.invoices.labels import Label, below, beside
from whaleline.extraction.vocabulary import folded, pattern
from whaleline.extraction.words import Words
from whaleline.values import amounts
from whaleline.values.amounts import Amount

KINDS = ("net", "tax", "gross", "due", "prepaid", "lines_total")


@dataclass(frozen=True, slots=True)
class _Candidate:
    value: Decimal
    score: float
    money: Found[Decimal]


def decimal_mark(rows: Iterable[Words], language: str) -> str:
    """The decimal mark that most amounts of the document show, else that of the language (BCP 47)."""
    seen: Counter[str] = Counter()
    for row in rows:
        for amount in amounts.find_amounts(row.spaced):
            if amount.other is None and amount.decimals == _CENTS:
                seen[re.sub(r"[^.,]", "", amount.text)[-1:]] += 1
    return seen.most_common(1)[0][0] if seen else amounts.decimal_mark_of(language)


def sums(rows: Sequence[Words], labels: Sequence[Label], mark: str) -> Mapping[str, Found[Decimal]]:
    """The sums that are printed, by kind.

    Candidates stand beside or below labels. Of those, the ones are taken that agree: net and tax make gross, gross less
    what was paid is due. A sum without a label is found by its value, if it is printed. Nothing is worked out that is
    not printed.
    """
    candidates: dict[str, list[_Candidate]] = {kind: [] for kind in KINDS}
    for label in labels:
        kind = next((each for each in label.kinds if each in candidates), None)
        if kind is not None and not _is_head_of_goods(rows[label.row]):
            candidates[_refined(kind, label, rows)] += _candidates(label, rows, labels, mark)
    others = {label.row for label in labels if label.leads and label.kinds[0] == "not_money"}
    printed = _printed(rows, mark, others)
    best: dict[str, _Candidate | None] = _agreeing(candidates, printed)
    result = {kind: candidate.money for kind, candidate in best.items() if candidate is not None}
    for kind in ("prepaid", "lines_total"):
        if (first := max(candidates[kind], key=lambda each: each.score, default=None)) is not None:
            result[kind] = first.money
    gross, paid = result.get("gross"), result.get("prepaid")
    due = max(
        candidates["due"],
        key=lambda each: each.score + (2 if gross and paid and each.value == gross.value - abs(paid.value) else 0),
        default=None,
    )
    if due is not None:
        result["due"] = due.money
        if gross is None and paid is None:
            result["gross"] = due.money
        elif gross is not None and paid is None:
            rest = gross.value - due.money.value
            settled = next((each for each in printed if each.value == rest), None)
            if rest > 0 and settled is not None:
                result["prepaid"] = settled.money
    elif gross is not None and not (paid and paid.value):
        result["due"] = gross
    return result


def _is_head_of_goods(row: Words) -> bool:
    """Whether a row names the columns of a table of goods, whose amounts are no sums."""
    return bool(_GOODS.search(folded(row.text))) and not re.search(r"\d[.,]\d\d(?!\d)", row.text)


def _refined(kind: str, label: Label, rows: Sequence[Words]) -> str:
    """The kind of a sum, where more words of its piece say that tax is in it or not."""
    piece = next((each for each in rows[label.row].pieces if label.words.words[0] in each.words), None)
    text = folded(piece.text) if piece else ""
    if kind in ("gross", "net") and label.leads:
        if _WITHOUT.search(text):
            return "net"
        if _WITH.search(text):
            return "gross"
    return kind


def _candidates(label: Label, rows: Sequence[Words], labels: Sequence[Label], mark: str) -> list[_Candidate]:
    """Amounts beside a label, else below it."""
    weight = min(2.0, label.length / 8) + (0.3 if label.leads else -1.0)
    right = beside(label, rows, labels, within_piece=label.leads)
    if right is not None:
        money = _money(right, mark)
        if money:
            place = rows[label.row].box
            # Of several amounts, as of a rate's base and tax, the last is the sum; sums stand to the right of the page.
            score = (
                weight + 1 - 0.4 * (len(money) - 1) + (0.3 if money[-1].places[0].box.right > place.right - 5 else 0)
            )
            return [_Candidate(money[-1].value, score + 0.5 * label.row / len(rows), money[-1])]
        if len(right.words) > _SENTENCE:
            return []
    result = []
    for depth, piece in enumerate(below(label, rows)):
        money = _money(piece, mark)
        if not money and re.search(r"[^\W\d_]{4}", piece.text):
            break
        # The last row of a column under a heading has the sums.
        result += [
            _Candidate(each.value, weight + 0.3 + 0.2 * depth + 0.5 * label.row / len(rows), each) for each in money
        ]
    return result


def _money(words: Words, mark: str) -> list[Found[Decimal]]:
    """The amounts of a part of a row, rates and whole numbers without a currency left out."""
    result = []
    for amount in amounts.find_amounts(words.spaced, mark):
        if amount.decimals == _CENTS or (amount.currency and amount.decimals == 0) or _is_dashed(amount):
            place = words.within(amount.start, amount.end)
            result.append(found(amount.value, place or words, text=amount.text))
    return result


def _is_dashed(amount: Amount) -> bool:
    return bool(re.search(r"[.,][-\u2013\u2014]", amount.text))


def _printed(rows: Sequence[Words], mark: str, others: Set[int]) -> list[_Candidate]:
    """All amounts of the document but for rows that are called something else; those further down are likelier sums."""
    return [
        _Candidate(money.value, 0.5 * number / len(rows) - 1.0, money)
        for number, row in enumerate(rows)
        if number not in others
        for money in _money(row, mark)
    ]


def _agreeing(
    candidates: Mapping[str, Sequence[_Candidate]], printed: Sequence[_Candidate]
) -> dict[str, _Candidate | None]:
    """Net, tax and gross: the three that the labels speak for most, where agreement counts as much as a label."""
    by_value: dict[Decimal, _Candidate] = {}
    for each in printed:
        if each.value not in by_value or each.score > by_value[each.value].score:
            by_value[each.value] = each
    nets, taxes, grosses = (_best_of_each(candidates[kind]) for kind in ("net", "tax", "gross"))
    dues = _best_of_each(candidates["due"])
    best: tuple[float, dict[str, _Candidate | None]] = (0.0, {"net": None, "tax": None, "gross": None})

    def consider(net: _Candidate | None, tax: _Candidate | None, gross: _Candidate | None) -> None:
        nonlocal best
        score = sum(each.score for each in (net, tax, gross) if each)
        if net and tax and gross:
            score += _AGREEMENT if _agree(net.value, tax.value, gross.value) else -2 * _AGREEMENT
        elif (
            (net and gross and abs(gross.value) < abs(net.value))
            or (tax and gross and abs(gross.value) <= abs(tax.value))
            or (net and tax and abs(net.value) <= abs(tax.value))
        ):
            score -= _AGREEMENT
        if score > best[0]:
            best = (score, {"net": net, "tax": tax, "gross": gross})

    for net in (*nets, None):
        for tax in (*taxes, None):
            for gross in (*grosses, *dues, None):
                consider(net, tax, gross)
            if net and tax:
                consider(net, tax, by_value.get(net.value + tax.value))
        for gross in (*grosses, *dues):
            rest = gross.value - net.value if net else Decimal()
            third = by_value.get(rest) or by_value.get(-rest)  # a minus may not have been read
            if net and third and rest:
                consider(net, third, gross)
    for tax in taxes:
        for gross in (*grosses, *dues):
            consider(by_value.get(gross.value - tax.value), tax, gross)
    if not any((nets, taxes, grosses, dues)):
        return _without_labels(by_value)
    return best[1]


def _without_labels(by_value: Mapping[Decimal, _Candidate]) -> dict[str, _Candidate | None]:
    """The largest three amounts of which two make the third, at a rate that taxes have."""
    values = sorted((value for value in by_value if value > 0), reverse=True)[:_MOST]
    for gross in values:
        for net in values:
            if net < gross and gross - net in by_value and _LEAST_RATE <= (gross - net) / net <= _MOST_RATE:
                return {"net": by_value[net], "tax": by_value[gross - net], "gross": by_value[gross]}
    return {"net": None, "tax": None, "gross": None}


def _best_of_each(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """For each value the candidate that most speaks for; the best few."""
    best: dict[Decimal, _Candidate] = {}
    for each in candidates:
        if each.value not in best or each.score > best[each.value].score:
            best[each.value] = each
    return sorted(best.values(), key=lambda each: -each.score)[:_MOST]


def _agree(net: Decimal, tax: Decimal, gross: Decimal) -> bool:
    return abs(abs(net) + abs(tax) - abs(gross)) <= _ROUNDED and abs(tax) <= abs(net) * _MOST_RATE


_WITHOUT, _WITH, _GOODS = (pattern("invoice_stems", kind) for kind in ("without", "with", "goods"))
_CENTS = 2
_AGREEMENT = 3.0
_ROUNDED = Decimal("0.01")
_LEAST_RATE, _MOST_RATE = Decimal("0.02"), Decimal("0.3")
_MOST = 12
_SENTENCE = 6
