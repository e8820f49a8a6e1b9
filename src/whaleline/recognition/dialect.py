"""Regular expressions as users write them, in greenery's words: what it lacks or takes otherwise is refused."""

from __future__ import annotations

import re
from typing import Final

from greenery import Pattern, parse

from whaleline.errors import InvalidRequest

_DEEPEST: Final = 50  # brackets within brackets
_WIDEST: Final = 300  # characters of a class, which greenery takes the square of their number to read
_ESCAPES: Final = frozenset("wWdDsSntrfvx")
_MISUNDERSTOOD: Final = re.compile(r"\(\?(?!:)|\\[1-9bBAZ]|[^\\][*+?}]\+")


def parsed(expression: str) -> Pattern:
    """The tree of an expression; of the empty one, which stands for any text.

    Raises:
        InvalidRequest: it is no regular expression, or uses something that is not supported.
    """
    if not expression:
        return parse("(.|\\s)*")
    if found := _MISUNDERSTOOD.search(expression):
        raise InvalidRequest(
            "pattern",
            f"pattern: {found.group()!a} is not supported; use characters, classes, groups, alternatives and"
            " repetitions",
        )
    try:
        re.compile(expression)
        return parse(_respelled(expression))
    except InvalidRequest:
        raise
    except re.error as error:
        raise InvalidRequest("pattern", f"pattern: it is not a regular expression: {error}") from None
    except Exception as error:  # greenery raises NoMatch, ValueError, IndexError, RecursionError ...
        raise InvalidRequest("pattern", f"pattern: {expression[:60]!a} uses something that is not supported") from error


def _respelled(expression: str) -> str:  # noqa: PLR0912 - one for each kind of sign
    """The expression as greenery spells it: without anchors at its ends, without escapes that mean nothing.

    Raises:
        InvalidRequest: it has anchors elsewhere, too many brackets within each other, or too large a class.
    """
    body = expression.removeprefix("^")
    if body.endswith("$") and not body.endswith("\\$"):
        body = body[:-1]
    written: list[str] = []
    in_class, depth, at, opened = False, 0, 0, 0
    while at < len(body):
        sign = body[at]
        if sign == "\\":
            sign, at = body[at + 1], at + 1
            if sign in _ESCAPES or sign in ("\\[]^-" if in_class else "\\[]|().?*+{}"):
                sign = "\\" + sign
        elif in_class:
            if at - opened > _WIDEST:
                raise InvalidRequest("pattern", f"pattern: a class has more than {_WIDEST} characters")
            if sign == "]":
                in_class = False
            elif sign == "-" and (body[at + 1] == "]" or written[-1] in ("[", "[^") or written[-1][:1] == "\\"):
                sign = "\\-"
            elif sign == "[":
                sign = "\\["
        elif sign == "[":
            in_class, opened = True, at
            if body[at + 1] == "^":
                sign, at = "[^", at + 1
        elif sign in "^$":
            raise InvalidRequest("pattern", f"pattern: {sign} can only stand at an end of it")
        elif sign == "(":
            depth += 1
            if depth > _DEEPEST:
                raise InvalidRequest("pattern", f"pattern: more than {_DEEPEST} brackets are open at once")
        elif sign == ")":
            depth -= 1
        written.append(sign)
        at += 1
    return "".join(written)
