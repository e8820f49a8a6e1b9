"""Characters that a document format cannot hold."""

from __future__ import annotations

import re
from typing import Final

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"

# Control characters, surrogates and noncharacters. XML 1.0 (production 2, Char) forbids most of them and PDF
# readers take them for line ends or cut the text there; the engine means none of them.
_UNPRINTABLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


def printable(text: str) -> str:
    """The text with U+FFFD for each character that XML 1.0 forbids or that would break a line."""
    return _UNPRINTABLE.sub(REPLACEMENT, text)
