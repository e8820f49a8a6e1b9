"""Erases blobs that no row needs: what a crash between blob and row, or a store that was away, left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from whaleline.tasks.blobs import BlobKind, Blobs, StoredBlob
from whaleline.tasks.sql import Store
from whaleline.tasks.task import Task

_SECONDS = {BlobKind.INPUT: 20.0, BlobKind.RESULT: 3600.0, BlobKind.TEMPLATE: 3600.0}
"""How often blobs of a kind are compared with rows.

Inputs are the documents of open tasks and little else, so that they are soon listed; and none should outlive its task
for long. Results are those of a whole day.
"""

_INSERTION_SECONDS = 60.0
"""How long the insertion of a row may take, whose input is stored before."""

_UNFINISHED_SECONDS = 3600.0
"""Seconds without a write after which a file counts as abandoned."""

_BATCH = 1000


class Sweep:
    """Looks for such blobs at intervals.

    What a row says is not needed any more is erased at once, and so is a result without a row, for it comes after its
    row. An input or a template comes before: one without a row is erased when it still is at a look a minute later. Its
    own age would not tell, by the clock of another host.
    """

    def __init__(self, store: Store, blobs: Blobs, clock: Callable[[], float]) -> None:
        self._store = store
        self._blobs = blobs
        self._clock = clock
        self._next_look = dict.fromkeys(BlobKind, 0.0)
        # Inputs and templates, and the moment of the first look that found them so.
        self._rowless: dict[BlobKind, dict[str, float]] = {kind: {} for kind in BlobKind}

    def erase_unneeded(self) -> None:
        """Erase all at once. Call it only while no task is being accepted."""
        self._blobs.erase_unfinished(0.0)
        for kind in BlobKind:
            self._blobs.erase([key for key, _ in self._unneeded(kind)])

    def erase_ended(self) -> None:
        """Erase the inputs of tasks that have ended and whose workers could not do it."""
        self._blobs.erase([key for key, has_row in self._unneeded(BlobKind.INPUT) if has_row])

    def look_around(self) -> None:
        """Look at the kinds that are due; may raise `Unavailable`."""
        now = self._clock()
        for kind, seconds in _SECONDS.items():
            if now >= self._next_look[kind]:
                self._next_look[kind] = now + seconds
                self._look(kind, now)
                self._blobs.erase_unfinished(_UNFINISHED_SECONDS)

    def _look(self, kind: BlobKind, now: float) -> None:
        rowless: dict[str, float] = {}
        keys = []
        for key, has_row in self._unneeded(kind):
            since = self._rowless[kind].get(key, now)
            if kind is BlobKind.RESULT or has_row or now >= since + _INSERTION_SECONDS:
                keys.append(key)
            else:
                rowless[key] = since
        self._rowless[kind] = rowless
        self._blobs.erase(keys)

    def _unneeded(self, kind: BlobKind) -> Iterator[tuple[str, bool]]:
        """Keys of blobs that no row needs, and whether their task has a row."""
        blobs = list(self._blobs.list(kind))
        for start in range(0, len(blobs), _BATCH):
            batch = blobs[start : start + _BATCH]
            if kind is BlobKind.TEMPLATE:
                known = self._store.known_templates([blob.owner_id for blob in batch])
                yield from ((blob.key, False) for blob in batch if blob.owner_id not in known)
                continue
            tasks = {task.id: task for task in self._store.tasks([blob.owner_id for blob in batch])}
            for blob in batch:
                task = tasks.get(blob.owner_id)
                if task is None or not (task.needs_input if kind is BlobKind.INPUT else _may_be_answer(blob, task)):
                    yield blob.key, task is not None


def _may_be_answer(blob: StoredBlob, task: Task) -> bool:
    return blob.claim == task.claim and (task.is_open or task.digest is not None)
