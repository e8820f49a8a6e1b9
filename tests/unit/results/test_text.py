from __future__ import annotations

from collections.abc import Callable

from whaleline.results import Reading, text


def test_lines_and_blocks_are_parted_by_one_line_feed_and_none_ends_the_text(typeset: Callable[..., Reading]) -> None:
    reading = typeset(["All men live", "enveloped in"], ["whale-lines."])
    assert text.write(reading) == b"All men live\nenveloped in\nwhale-lines."


def test_the_text_is_utf_8(typeset: Callable[..., Reading]) -> None:
    assert text.write(typeset(["Größe 鲸 😀"])) == "Größe 鲸 😀".encode()
