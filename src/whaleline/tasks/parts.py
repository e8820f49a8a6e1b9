"""The results of a document's pages, kept until they are joined: in their rows, or as blobs if they are large."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, overload

from whaleline.documents import Document
from whaleline.operations.operation import Operation, Outcome, ResponseStatusCode
from whaleline.settings import Settings
from whaleline.tasks.blobs import Blobs, result_key
from whaleline.tasks.task import Task, TaskStatus


class Parts(Sequence[bytes | None]):
    """The parts of a task in the order of their pages, each loaded when it is needed; None for one that is lost.

    Attributes:
        lost: why, by page; of what was read of others, that is known once they were asked for.
    """

    def __init__(self, rows: Sequence[Task], blobs: Blobs) -> None:
        ended = ((row.page, row) for row in rows if row.status is not TaskStatus.COMPLETED)
        self.lost = {page or 0: " ".join(row.messages) for page, row in ended}
        self._rows = rows
        self._blobs = blobs

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> bytes | None: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[bytes | None]: ...

    def __getitem__(self, index: int | slice) -> bytes | Sequence[bytes | None] | None:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        row = self._rows[index]
        if row.status is not TaskStatus.COMPLETED:
            return None
        if row.answer is not None:
            return base64.b64decode(row.answer)
        data = self._blobs.get(result_key(row.id, row.claim), row.digest) if row.digest else None
        if data is None:
            self.lost[row.page or 0] = "Its result was lost."
        return data


def joined(
    operation: Operation[Any], document: Document, parts: Parts, request: Any, settings: Settings
) -> Outcome | str:
    """The outcome of a task whose parts have all ended; a sentence instead where none of them is left."""
    if len(parts.lost) == len(parts):
        return f"None of the {len(parts)} pages could be read; {_gap(*min(parts.lost.items()))}"
    outcome = operation.join(document, parts, request, settings)
    if not parts.lost:
        return outcome
    gaps = tuple(_gap(page, why) for page, why in sorted(parts.lost.items()))
    return replace(outcome, code=ResponseStatusCode.RESULT_DATA_LOST, messages=(*gaps, *outcome.messages))


def _gap(page: int, why: str) -> str:
    return f"page {page} was not read: {why}"
