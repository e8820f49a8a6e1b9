"""Result type Text: the plain text."""

from __future__ import annotations

from whaleline.results.reading import Reading


def write(reading: Reading) -> bytes:
    """UTF-8, one line feed between two lines, none at the end; empty where nothing was read.

    The protocol's own sample ends without a line feed, and clients print or compare the text as it comes.
    """
    return reading.page.text.encode()
