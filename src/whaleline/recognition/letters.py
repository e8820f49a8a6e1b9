"""What models get wrong in single letters, and how their languages write it.

Measured in docs/languages.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from unicodedata import normalize

from whaleline.recognition.languages import Language

_GREEK_VOWELS: Final = "\u0391\u0395\u0397\u0399\u039f\u03a5\u03a9"

_RULES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = MappingProxyType(
    {
        # The model was taught a ZERO WIDTH NON-JOINER after each virama; nobody types it.
        "Taml": (("(?<=\u0bcd)\u200c", ""),),
        # The anusvara is a circle and so is the digit zero, which does not follow a letter.
        # A ZERO WIDTH NON-JOINER after the virama of a word's end changes nothing that is seen, and few type it.
        "Knda": (("(?<=[\u0c85-\u0ccd])\u0ce6(?!\u0ce6)", "\u0c82"), ("(?<=\u0ccd)\u200c(?![\u0c85-\u0cb9])", "")),
        "Telu": (("(?<=[\u0c05-\u0c4d])\u0c66(?!\u0c66)", "\u0c02"), ("(?<=\u0c4d)\u200c(?![\u0c05-\u0c39])", "")),
        # Four annas for the vowel sign aa, or where a vowel stands already, for the danda at a sentence's end.
        "Beng": (("(?<=[\u0995-\u09b9\u09dc-\u09df])\u09f7", "\u09be"), ("\u09f7", "\u0964")),
        # The micro sign for mu; the other form of theta; a breathing that stands alone for the apostrophe at a word's
        # end, and before a capital that it belongs to.
        "Grek": (
            ("\u00b5", "\u03bc"),
            ("\u03d1", "\u03b8"),
            ("(?<=[\u0370-\u03ff\u1f00-\u1fff])[\u1fbd\u1fbf]", "\u2019"),
            *((f"[\u1fbd\u1fbf]{letter}", normalize("NFC", f"{letter}\u0313")) for letter in _GREEK_VOWELS),
            *((f"\u1ffe{letter}", normalize("NFC", f"{letter}\u0314")) for letter in _GREEK_VOWELS),
        ),
        # A comma after an Arabic letter is the Arabic one, and so is a quotation mark that clings to no word.
        "Arab": (
            ("(?<=[\u0621-\u0652\u0671-\u06d3]),(?!\\d)", "\u060c"),
            ("^[\u00ab\u00bb\u2039\u203a<>]$", "\u060c"),
        ),
    }
)
"""Regular expressions and what stands for their matches, by ISO 15924 code."""

_ARABIC: Final = "ar"
_LOOK_ALIKE: Final = str.maketrans(
    "\u06a9\u06aa\u06be\u06c1\u06d5\u06c0\u06c7\u06cb\u06d2\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9",
    "\u0643\u0643\u0647\u0647\u0647\u0629\u0648\u0648\u064a\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669",
)
"""Letters and digits of Persian, Urdu and other languages, and those of Arabic that look the same."""

_YEH_WITHIN: Final = re.compile("\u06cc(?=[\u0621-\u064a])")
_DIGITS: Final = str.maketrans("0123456789", "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669")
_MIXED: Final = re.compile("(?=.*[\u0660-\u0669])[0-9\u0660-\u0669]*[0-9][0-9\u0660-\u0669]*$")


def _with_arabic_letters(text: str) -> str:
    """A word in the letters of Arabic alone; its digits, where it has some of both kinds, are all Arabic ones."""
    text = _YEH_WITHIN.sub("\u064a", text.translate(_LOOK_ALIKE))
    # Without dots, as the Persian letter is at the end of a word, it is alef maksura.
    text = text.replace("\u06cc", "\u0649")
    return text.translate(_DIGITS) if _MIXED.match(text) else text


_PALOCHKA: Final = frozenset({"Chechen", "Kabardian"})
"""Languages that write it, by name on the wire."""


def repaired(text: str, language: Language) -> str:
    """A word as the language writes it, where models are known to write it otherwise."""
    for pattern, replacement in _RULES.get(language.script, ()):
        text = re.sub(pattern, replacement, text)
    if language.tag == _ARABIC:
        return _with_arabic_letters(text)
    return _with_palochka(text) if language.wire in _PALOCHKA else text


_CYRILLIC: Final = "\u0400-\u04bf\u04d0-\u052f"  # without the palochka itself
_LIKE_PALOCHKA: Final = "[Ii\u0406\u0456l1!|]"
_STROKE: Final = f"(?<=[{_CYRILLIC}]){_LIKE_PALOCHKA}|{_LIKE_PALOCHKA}(?=[{_CYRILLIC}])"


def _with_palochka(text: str) -> str:
    """The palochka where an upright stroke stands by a Cyrillic letter; no model has it.

    It follows the case of its word (Unicode 5.0 gave it two): capital where another letter is and none is small.
    An exclamation mark at the end stays one.
    """
    letters = [letter for letter in re.findall(f"[{_CYRILLIC}]", text) if letter.lower() not in "\u0456"]
    upper = bool(letters) and all(letter.isupper() for letter in letters)

    def stroke(found: re.Match[str]) -> str:
        if found.group() == "!" and not re.match(f"[{_CYRILLIC}]", text[found.end() :]):
            return "!"
        return "\u04c0" if upper else "\u04cf"

    return re.sub(_STROKE, stroke, text)
