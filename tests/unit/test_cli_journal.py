"""The journal of `whaleline read --template`."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path

import pytest

from whaleline.cli.journal import Journal, shown, state
from whaleline.errors import InvalidRequest


@pytest.mark.parametrize("content", [b"my notes", b"my notes\n", b"[1]\n", b'{"a": 1}\n', b'{"template": "x"}\n{}\n'])
def test_a_file_that_is_no_journal_stays_as_it_is(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_bytes(content)
    with pytest.raises(InvalidRequest):
        Journal(file, b"a template")
    assert file.read_bytes() == content


def test_a_journal_is_taken_up_even_where_its_first_line_is_cut_short(tmp_path: Path) -> None:
    file, image = tmp_path / "read.jsonl", tmp_path / os.fsdecode(b"odd \xff name")
    image.touch()
    name = str(image)
    for content in (b"", b'{"templ'):
        file.write_bytes(content)
        with closing(Journal(file, b"a template")) as journal:
            assert not journal.is_read(name)
            journal.add({"file": shown(name), "state": state(name), "error": "", "fields": [], "messages": []})
        with closing(Journal(file, b"a template")) as journal:
            assert journal.is_read(name)
    assert shown(name).endswith(r"odd \xff name")
