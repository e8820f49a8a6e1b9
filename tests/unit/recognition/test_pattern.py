"""Regular expressions as automata."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from whaleline.errors import InvalidRequest
from whaleline.recognition.pattern import Automaton, alternatives, compiled

EXPRESSIONS = [
    r"\d{2}\.\d{2}\.\d{4}",
    r"[A-Z]{2}\d{2}([0-9A-Z]{4}){2,7}",
    r"(a|b)*a(a|b){3}",
    r"a?b+c*|x{0}y",
    r"[^\d]+",
    r"[\w-]+\.\-\/",
    r"[a\]\-x]{1,2}",
    r"(?:ab|cd)?e{2,}",
    r"^abc$",
    r"\$\d+",
    r"(a?b*){2,3}c",
    r"((a|b)+c?){0,2}(x{0}){5}y?",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
@given(data=st.data())
@settings(max_examples=25)
def test_it_stands_for_the_same_texts_as_python_says(expression: str, data: st.DataObject) -> None:
    signs = "abcdexy019AZ.-/]$_"
    text = data.draw(
        st.one_of(
            st.from_regex(re.compile(expression, re.ASCII), fullmatch=True, alphabet=st.sampled_from(signs)),
            st.text(signs, max_size=12),
        )
    )
    assert compiled(expression).matches(text) == bool(re.fullmatch(expression, text, re.ASCII))


@pytest.mark.parametrize(
    "expression",
    [
        *(r"(a)\1", "a(?=b)b", "(?!a)b", r"\bfoo", "(?i)abc", "a++", "a$b", "(", "["),
        *("x" * 4001, "((a{100}){100}){100}", "(" * 60 + "a" + ")" * 60, f"[{'ab' * 151}]"),
    ],
)
def test_what_it_lacks_is_refused(expression: str) -> None:
    with pytest.raises(InvalidRequest, match="pattern: "):
        Automaton(expression)


@pytest.mark.parametrize(
    "expression",
    ["(){999999999}", "(a{0}|){9999999}", "(" * 40 + "){2}" * 40, "(a?){4000}", "a{0,4000}", "([a-z]*|\\d*){1900}"],
)
def test_no_repetition_takes_long(expression: str) -> None:
    start = time.process_time()
    assert Automaton(expression).matches("")
    assert time.process_time() - start < 1


def test_no_expression_takes_long() -> None:
    start = time.process_time()
    automaton = Automaton("(a|b)*a(a|b){30}")
    assert automaton.matches("ab" * 50 + "a" * 31)
    assert not automaton.matches("ab" * 50)
    assert time.process_time() - start < 1


def test_blanks_pass_where_the_expression_has_none() -> None:
    assert compiled(r"\d{4}").matches("12 34")
    assert compiled(r"\d{4}").plain("12 34") == "1234"
    assert not compiled(r"\d\d \d\d").matches("1 23 4")


def test_only_some_characters_are_allowed() -> None:
    digits = compiled("", "0123456789")
    assert digits.matches("12 34")
    assert not digits.matches("12a")
    assert not compiled("[a-z]+", "abc").matches("abd")


def test_texts_are_taken_as_they_are() -> None:
    assert compiled(alternatives(("a.b", "c d", "(x)"))).matches("a.b")
    assert not compiled(alternatives(("a.b", "c d", "(x)"))).matches("axb")
    assert compiled(alternatives(("a.b", "c d", "(x)"))).matches("(x)")


def test_no_expression_makes_a_step_slow() -> None:
    start = time.process_time()
    automaton = Automaton("(a?b?){500}")
    state = automaton.start
    for sign in "ab" * 100:
        state = automaton.step(state, sign)
        assert not automaton.step(state, "c")
    assert time.process_time() - start < 5
