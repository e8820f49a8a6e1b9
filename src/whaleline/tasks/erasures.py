"""Erasing the inputs of tasks that have ended, those of half a second in one request."""

from __future__ import annotations

import threading
import time

import structlog

from whaleline.tasks.blobs import Blobs

_log = structlog.get_logger()

_GATHER_SECONDS = 0.5


class Erasures:
    """Erases inputs at once in a directory, and together within half a second in an object store.

    There a request takes as long for one as for many, and was a third of what a worker asks of the store for a task.
    What is still to be erased when the worker is killed is left to the sweep.
    """

    def __init__(self, blobs: Blobs) -> None:
        """Make it; its thread ends with the process."""
        self._blobs = blobs
        self._due: list[str] = []
        self._some = threading.Event()
        self._erasing = threading.Lock()
        if not blobs.is_directory:
            threading.Thread(target=self._run, name="erasing", daemon=True).start()

    def add(self, task_id: str) -> None:
        """Have the input of a task erased that has ended. Never raises."""
        if self._blobs.is_directory:
            self._blobs.erase_input(task_id)
            return
        self._due.append(task_id)
        self._some.set()

    def flush(self) -> None:
        """Erase at once what is to be erased; returns when that is done, whoever does it."""
        with self._erasing:
            self._some.clear()  # before they are taken, so that the thread comes for what is added meanwhile
            if due := self._due.copy():
                del self._due[: len(due)]  # from the one list that there is, to which others may add at the same moment
                self._blobs.erase_inputs(due)

    def _run(self) -> None:
        while True:
            self._some.wait()
            time.sleep(_GATHER_SECONDS)
            try:
                self.flush()
            except Exception:  # of memory, say, beside a large task; there are others to erase
                _log.exception("inputs are left to the sweep")
