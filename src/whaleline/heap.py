"""How memory is asked for and given back. It is glibc that is told; other C libraries are left as they are."""

from __future__ import annotations

import contextlib
import ctypes

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # malloc.h

_LARGE_BLOCK = 128 * 1024
_HEAPS = 2

_PICTURE = 64 * 2**20  # bytes; a page at 300 dpi in colour has 26 million
_KEPT = 128 * 2**20  # bytes at the end of the heap that are not given back


def give_large_blocks_back() -> None:
    """Return each large block when it is freed, and use few heaps for the others.

    Left to itself glibc gives blocks back only until the first is freed, and keeps those of up to that size in its
    heaps from then on, of which it makes one for nearly each thread. Bodies of megabytes leave these ever more
    scattered: 12 MiB more for each 1000 mixed tasks.
    """
    _set({_M_MMAP_THRESHOLD: _LARGE_BLOCK, _M_ARENA_MAX: _HEAPS})


def keep_pictures() -> None:
    """Use the memory of one picture for the next.

    Left to itself glibc gives that of large ones back each time, and the system clears every page of memory that is
    asked for anew: 13,000 of them for one page of a document, a twenty-fifth of its time. No more memory is held at
    most.
    """
    _set({_M_MMAP_THRESHOLD: _PICTURE, _M_TRIM_THRESHOLD: _KEPT})


def _set(options: dict[int, int]) -> None:
    with contextlib.suppress(AttributeError):
        for option, value in options.items():
            ctypes.CDLL(None).mallopt(option, value)
