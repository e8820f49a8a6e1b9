"""A regular expression as an automaton that is asked character by character: reading and validation both go by it.

greenery parses it; what is made of its tree is Glushkov's automaton, whose size is that of the expression, with sets of
places as states (integers as bit sets). No expression can blow it up, as it could a table of all states.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, TypeVar

from greenery import Charclass, Pattern

from whaleline.errors import InvalidRequest
from whaleline.recognition import dialect

_MOST_PLACES: Final = 4000
"""Characters that an expression may stand for at most, repetitions written out."""


class Automaton:
    """All texts that an expression stands for, from their beginnings to their ends.

    A state is an integer: the places of the expression at which the next character may stand. 0 is no state: what led
    there is no beginning of any of its texts.

    Attributes:
        expression: as it was given; empty where only characters are laid down.
        places: how many characters it stands for at most, repetitions written out.
        start: the state before the first character.
        own_spaces: whether spaces are part of the expression. Where they are not, they are let pass anywhere, since
            print has them where nobody thinks of them.
    """

    def __init__(self, expression: str, characters: str | None = None) -> None:
        """Make it; see `compiled`, which keeps those that it has made.

        Raises:
            InvalidRequest: the expression is none, is too long, or uses something that is not supported.
        """
        self.expression = expression
        self._allowed = None if characters is None else frozenset(characters)
        self._steps: dict[tuple[int, str], int] = {}
        whole = _pattern(dialect.parsed(expression))
        self._places: dict[str, int] = {}
        self._by_class: dict[Charclass, int] = {}
        for place, each in enumerate(whole.classes):
            self._by_class[each] = self._by_class.get(each, 0) | 1 << place
        self.places = len(whole.classes)
        self._end = end = 1 << self.places
        self._follow = [after | end * (whole.last >> place & 1) for place, after in enumerate(whole.follow)]
        self.start = whole.first | (end if whole.empty else 0)
        self.own_spaces = bool(expression) and any(
            not each.negated and each.accepts(" ") and each.num_chars() < _MANY for each in self._by_class
        )

    def step(self, state: int, character: str) -> int:
        """The state after one more character; 0 where there is none."""
        known = self._steps.get((state, character))
        if known is not None:
            return known
        if character == " " and not self.own_spaces:
            return state
        after = 0
        if self._allowed is None or character in self._allowed:
            for place in _bits(state & self._places_of(character)):
                after |= self._follow[place]
        if len(self._steps) < _MOST_KEPT:
            self._steps[state, character] = after
        return after

    def _places_of(self, character: str) -> int:
        """The places at which a character may stand."""
        if (known := self._places.get(character)) is None:
            known = 0
            for each, places in self._by_class.items():
                known |= places if each.accepts(character) else 0
            self._places[character] = known
        return known

    def is_end(self, state: int) -> bool:
        """Whether a text may end in a state."""
        return bool(state & self._end)

    def matches(self, text: str) -> bool:
        """Whether the expression stands for a text."""
        state = self.start
        for character in text:
            state = self.step(state, character)
            if not state:
                return False
        return self.is_end(state)

    def plain(self, text: str) -> str:
        """A text without the spaces that the expression does not have."""
        return text if self.own_spaces or not self.expression else text.replace(" ", "")


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of an expression as Glushkov's construction has it, its places counted from 0.

    Attributes:
        classes: what may stand at each place.
        follow: for each place those that may come next, as bits.
        empty: whether nothing at all may stand for the part.
        first: the places that may come first.
        last: the places that may be last.
    """

    classes: tuple[Charclass, ...]
    follow: tuple[int, ...]
    empty: bool
    first: int
    last: int


def _pattern(pattern: Pattern) -> _Part:
    """Any of some sequences."""
    classes: list[Charclass] = []
    follow: list[int] = []
    empty, first, last = False, 0, 0
    for sequence in sorted(pattern.concs, key=str):
        one = _sequence([part for each in sequence.mults for part in _repeated(each.multiplicand, each.multiplier)])
        start = len(classes)
        classes += one.classes
        follow += [places << start for places in one.follow]
        empty, first, last = empty or one.empty, first | one.first << start, last | one.last << start
    return _Part(tuple(_few(classes)), tuple(follow), empty, first, last)


def _sequence(parts: Sequence[_Part]) -> _Part:
    """Parts one after the other."""
    classes = _few([each for part in parts for each in part.classes])
    follow = [0] * len(classes)
    start = len(classes)
    empty, first, last = True, 0, 0
    # From the end on: each part is joined to all that comes behind it at once.
    for part in reversed(parts):
        start -= len(part.classes)
        for place, after in enumerate(part.follow, start):
            follow[place] = after << start
        for place in _bits(part.last):
            follow[start + place] |= first
        last |= part.last << start if empty else 0
        first = part.first << start | (first if part.empty else 0)
        empty = empty and part.empty
    return _Part(tuple(classes), tuple(follow), empty, first, last)


def _repeated(part: object, times: object) -> list[_Part]:
    """A part as often as it may stand there; the last of an endless row may follow itself."""
    least, most = times.min.v, times.max.v  # type: ignore[attr-defined]
    if isinstance(part, Pattern):
        one = _pattern(part)
    else:
        assert isinstance(part, Charclass)  # noqa: S101 - greenery has no third kind
        one = _Part((part,), (0,), False, 1, 1)
    # What has no places says the same however often it stands there.
    count = (max(least, 1) if most is None else most) if one.classes else min(1, least if most is None else most)
    _few(one.classes, count)
    written = [replace(one, empty=one.empty or number >= least) for number in range(count)]
    if most is None and written:
        follow = list(one.follow)
        for place in _bits(one.last):
            follow[place] |= one.first
        written[-1] = replace(written[-1], follow=tuple(follow))
    return written


_Classes = TypeVar("_Classes", bound=Sequence[Charclass])


def _few(classes: _Classes, times: int = 1) -> _Classes:
    """The classes of some places, if these are not too many."""
    if len(classes) * times > _MOST_PLACES:
        raise InvalidRequest("pattern", f"pattern: it matches texts of more than {_MOST_PLACES} characters")
    return classes


_MANY: Final = 1000  # characters of a class that is not meant for spaces, such as the full stop
_MOST_KEPT: Final = 20_000  # steps


@lru_cache(maxsize=64)  # of some megabytes each, at worst
def compiled(expression: str, characters: str | None = None) -> Automaton:
    r"""The automaton of an expression, of which only some characters are allowed.

    Args:
        expression: a regular expression for all of a text; empty for any text. Digits (`\d`) and letters (`\w`) are
            those of ASCII.
        characters: all that may occur, but for spaces; any, if None.

    Raises:
        InvalidRequest: the expression is none, is too long, or uses something that is not supported.
    """
    return Automaton(expression, characters)


def _bits(state: int) -> list[int]:
    """The places of a state."""
    places = []
    while state:
        low = state & -state
        places.append(low.bit_length() - 1)
        state ^= low
    return places


def alternatives(texts: Mapping[str, object] | tuple[str, ...]) -> str:
    """An expression for any of some texts, just as they are."""
    return "|".join(re.escape(text) for text in texts)
