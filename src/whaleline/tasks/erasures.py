"""Erasing the inputs of tasks that have ended, those of half a second in one request."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque

from whaleline.tasks.blobs import Blobs

_GATHER_SECONDS = 0.5


class Erasures:
    """Erases inputs at once in a directory, and together within half a second in an object store.

    There a request takes as long for one as for many, and was a third of what a worker asks of the store for a task.
    What is still to be erased when the worker is killed is left to the sweep.
    """

    def __init__(self, blobs: Blobs) -> None:
        """Make it; its thread ends with the process."""
        self._blobs = blobs
        self._due: deque[str] = deque()
        self._some = threading.Event()
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
        """Erase at once what is to be erased."""
        self._some.clear()  # before they are counted, so that the thread comes for what is added meanwhile
        task_ids = []
        with contextlib.suppress(IndexError):
            while True:
                task_ids.append(self._due.popleft())
        if task_ids:
            self._blobs.erase_inputs(task_ids)

    def _run(self) -> None:
        while True:
            self._some.wait()
            time.sleep(_GATHER_SECONDS)
            self.flush()
