"""Readings of single pictures, kept in a file from one run of a benchmark to the next.

The engines take most of the time of a run. Where only what is made of their readings has changed, they need not be
asked again. With each reading the processor time that it took is kept, and counted again whenever the reading is used,
so that costs can be compared as well.
"""

from __future__ import annotations

import pickle
import sqlite3
import time
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from typing import Any

from whaleline.imaging.picture import Picture
from whaleline.recognition.ppocr import PpOcr
from whaleline.recognition.tesseract import Tesseract


class KeptReadings:
    """The readings in one file.

    Attributes:
        saved: processor seconds that readings took when they were taken, less those for finding them.
    """

    def __init__(self, file: Path) -> None:
        """Open the file, or begin it, and let both engines look there first."""
        self.saved = 0.0
        self._rows = sqlite3.connect(file, isolation_level=None)
        self._rows.execute("CREATE TABLE IF NOT EXISTS reading (key BLOB PRIMARY KEY, seconds REAL, found BLOB)")
        self._rows.execute("PRAGMA synchronous = OFF")
        Tesseract.read = self._kept(Tesseract.read)  # type: ignore[method-assign]
        PpOcr.spell = self._kept(PpOcr.spell)  # type: ignore[method-assign]

    def _kept(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def read(engine: Any, picture: Picture, *arguments: object) -> Any:
            start = time.process_time()
            alphabet = len(getattr(engine, "alphabet", ""))
            key = blake2b(repr((engine.name, alphabet, picture.shape, arguments)).encode(), digest_size=20)
            key.update(picture.tobytes())
            row = self._rows.execute("SELECT seconds, found FROM reading WHERE key = ?", (key.digest(),)).fetchone()
            if row is None:
                begun = time.process_time()
                found = method(engine, picture, *arguments)
                seconds = time.process_time() - begun
                self._rows.execute("INSERT INTO reading VALUES (?, ?, ?)", (key.digest(), seconds, pickle.dumps(found)))
            else:
                seconds, found = row[0], pickle.loads(row[1])
            self.saved += seconds - (time.process_time() - start)
            return found

        return read
