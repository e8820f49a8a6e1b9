"""How a worker's memory is asked for and given back."""

from __future__ import annotations

import contextlib
import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # malloc.h
_PICTURE = 64 * 2**20  # bytes; a page at 300 dpi in colour has 26 million
_KEPT = 128 * 2**20  # bytes at the end of the heap that are not given back


def keep_pictures() -> None:
    """Make glibc use the memory of one picture for the next.

    Left to itself it gives that of large ones back each time, and the system clears every page of memory that is asked
    for anew: 13,000 of them for one page of a document, a twenty-fifth of its time. No more memory is held at most.
    """
    with contextlib.suppress(AttributeError):  # other C libraries
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, _PICTURE)
        libc.mallopt(_M_TRIM_THRESHOLD, _KEPT)
