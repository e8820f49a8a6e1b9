"""What `whaleline read --template` has read: a line of JSON for each file, written as soon as it is read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from whaleline.errors import InvalidRequest

_TEMPLATE = "template"
_KEYS = frozenset({"file", "state", "error", "fields", "messages"})


class Journal:
    """A file with a line for each file that was read, so that the work can be resumed.

    Its first line has the digest of the template. A last line that is cut short, since the program was killed, is
    passed over.
    """

    def __init__(self, path: Path, template: bytes) -> None:
        """Open a journal, or make one.

        Raises:
            InvalidRequest: it is of another template, or no journal.
            OSError: it cannot be read or written.
        """
        self._path = path
        self._head = {_TEMPLATE: hashlib.sha256(template).hexdigest()}
        self.lines: dict[str, dict[str, Any]] = {}
        whole = 0
        if path.exists():
            data = path.read_bytes()
            for line in data.splitlines(keepends=True):
                if not line.endswith(b"\n"):
                    break
                self._take(line, is_first=not whole)
                whole += len(line)
            if not whole and not orjson.dumps(self._head).startswith(data):  # somebody's own file of one line
                raise self._no_journal()
        self._file = path.open("ab")
        self._file.truncate(whole)
        if not whole:
            self._write(self._head)

    def _take(self, line: bytes, *, is_first: bool) -> None:
        try:
            entry = orjson.loads(line)
        except orjson.JSONDecodeError:
            raise self._no_journal() from None
        if not isinstance(entry, dict) or not ({_TEMPLATE} if is_first else _KEYS) <= entry.keys():
            raise self._no_journal()
        if not is_first:
            self.lines[entry["file"]] = entry
        elif entry != self._head:
            raise InvalidRequest(
                "output", f"{self._path} has readings with another template; delete it, or use another --output"
            )

    def _no_journal(self) -> InvalidRequest:
        return InvalidRequest("output", f"{self._path} is not a file of readings; use another --output")

    def is_read(self, name: str) -> bool:
        """Whether a file was read without an error, and has not changed since."""
        entry = self.lines.get(shown(name))
        return entry is not None and not entry["error"] and entry["state"] == state(name)

    def add(self, entry: Mapping[str, Any]) -> None:
        """Add a file's reading; it is on disk when this returns."""
        self.lines[entry["file"]] = dict(entry)
        self._write(entry)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, entry: Mapping[str, Any]) -> None:
        self._file.write(orjson.dumps(entry) + b"\n")
        self._file.flush()


def shown(name: str) -> str:
    r"""A file's name as text: one that is not UTF-8 has `\xff` and the like for its odd bytes."""
    return os.fsencode(name).decode(errors="backslashreplace")


def state(name: str) -> list[int]:
    """What changes when a file does: its size and time; nothing for the standard input."""
    if name == "-":
        return []
    facts = os.stat(name)  # noqa: PTH116 - names are kept as they were given
    return [facts.st_size, facts.st_mtime_ns]
