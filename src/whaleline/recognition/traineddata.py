"""What a file of Tesseract's holds beside its network."""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path
from typing import Final

_CHARACTERS: Final = 21  # the place of the list of characters of the LSTM among the parts of a file


@cache
def characters(file: Path) -> frozenset[str]:
    """All that a model can give; nothing where the file does not say.

    Args:
        file: traineddata: the number of its parts (int32), where each begins (int64, -1 where there is none), and the
            parts one after the other. The list of characters has their number in its first line, then one in each.
    """
    data = file.read_bytes()
    try:
        (count,) = struct.unpack_from("<i", data)
        starts = struct.unpack_from(f"<{count}q", data, 4)
        start = starts[_CHARACTERS]
        end = min((other for other in starts if other > start), default=len(data))
        rows = data[start:end].decode().splitlines() if start > 0 else ["0"]
        return frozenset(row.split(" ", 1)[0] for row in rows[1 : int(rows[0]) + 1])
    except (struct.error, IndexError, ValueError):
        return frozenset()
