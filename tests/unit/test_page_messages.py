"""The texts of the page: all in its files of messages, the same ones in each language."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import html

PAGE = Path(__file__).parents[2] / "src/whaleline/wire/page"
LANGUAGES = ("en", "de", "es")


@cache
def messages(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((PAGE / f"messages.{language}.json").read_text())
    return found


def places(message: str) -> set[str]:
    """The places of a message that are filled in."""
    return set(re.findall(r"\{(\w+)\}", message))


def scripts() -> list[Path]:
    return sorted(PAGE.glob("*.js"))


def asked() -> tuple[set[str], list[re.Pattern[str]]]:
    """The messages that the page asks for: by name, and by names that it puts together."""
    code = "".join(path.read_text() for path in scripts())
    calls = re.findall(r"\bt\((?:[^()`]*? \? )?('[^']*'(?: : '[^']*')?|`[^`]*`)", code)
    names = {name for call in calls if call[0] == "'" for name in re.findall(r"'([^']*)'", call)}
    names |= set(re.findall(r'\bdata-t(?:-\w+)?="([^"]+)"', (PAGE / "index.html").read_text()))
    names |= set(re.findall(r"'([a-zA-Z.]+)'", code)) & set(messages("en"))  # handed on to what asks
    made = [re.sub(r"\\\$\\\{.*?\\\}", ".+", re.escape(call[1:-1])) for call in calls if call[0] == "`"]
    return names, [re.compile(pattern) for pattern in made]


def test_every_message_that_is_asked_for_is_there_and_no_other() -> None:
    names, patterns = asked()
    assert names - set(messages("en")) == set()
    unused = {name for name in messages("en") if name not in names and not any(p.fullmatch(name) for p in patterns)}
    assert unused == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_exists_in_every_language_with_the_same_places(language: str) -> None:
    assert list(messages(language)) == list(messages("en"))
    for name, english in messages("en").items():
        message = messages(language)[name]
        assert type(message) is type(english), name
        forms = message if isinstance(message, dict) else {"other": message}
        assert set(forms) == (set(english) if isinstance(english, dict) else {"other"}), name
        for form, text in forms.items():
            original = english[form] if isinstance(english, dict) else english
            assert text.strip(), name
            # A form for one may say it in words.
            assert places(text) | {"count"} == places(original) | {"count"}, name


def test_the_document_has_no_text_of_its_own() -> None:
    tree = html.fromstring((PAGE / "index.html").read_text())
    for node in tree.xpath("//*[@translate='no'] | //noscript | //script | //title"):
        node.drop_tree()
    own = [text.strip() for text in tree.xpath("//text()") if re.search(r"[^\W\d]", text)]
    own += tree.xpath("//@aria-label | //@title | //@placeholder")
    assert own == []
    assert re.findall(r'content: "([^"]*\w[^"]*)"', (PAGE / "style.css").read_text()) == []


def test_the_scripts_have_no_sentences_of_their_own() -> None:
    """A literal with two words, one of them begun large, is a sentence; so is one with a full stop."""
    found = []
    for path in scripts():
        if path.name in (
            "code.js",
            "example.js",
            "xlsx.js",
        ):  # code, a drawn form and a format are the same in every language
            continue
        code = re.sub(r"^\s*(//|\*|/\*).*$|\s// .*$", "", path.read_text(), flags=re.MULTILINE)
        for literal in re.findall(r"'((?:[^'\\\n]|\\.)*)'|`([^`]*)`", code):
            text = re.sub(r"\$\{[^}]*\}", "", "".join(literal))
            if re.search(r"[A-Z][a-z]+ [a-z]+|[a-z]+ [a-z]+\.( |$)", text):
                found.append(f"{path.name}: {text}")
    assert [each for each in found if "This region " not in each] == []  # the service's own words, shortened
