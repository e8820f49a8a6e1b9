"""What a worker process is denied.

It decodes and reads what strangers send, so it sets these limits on itself before its first task and cannot remove
them. docs/isolation.md says what they stop and what they do not.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from pathlib import Path

from whaleline.errors import ConfigurationError
from whaleline.settings import Settings

MEBIBYTE = 1024 * 1024

_DESCRIPTORS = 256
"""Open files at most: a worker has about twenty, and a leak shows before it is the machine's."""

_PRIVATE = 0o077
_PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h


def confine(settings: Settings) -> dict[str, object]:
    """Set the limits on this process for good; returns them by name, as the kernel reports them.

    Raises:
        ConfigurationError: the kernel refuses one of them.
    """
    os.umask(_PRIVATE)
    try:
        _limit(resource.RLIMIT_AS, settings.worker_memory_mb * MEBIBYTE)
        _limit(resource.RLIMIT_CORE, 0)  # which would hold what people sent
        _limit(resource.RLIMIT_NOFILE, _DESCRIPTORS)
        if sys.platform == "linux":
            # All five arguments as the kernel reads them; it refuses anything but zero in the last three.
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.prctl(_PR_SET_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0))):
                raise OSError(ctypes.get_errno(), "prctl")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"A worker cannot be confined: {error}.") from error
    return {
        "address_space_mb": resource.getrlimit(resource.RLIMIT_AS)[0] // MEBIBYTE,
        "descriptors": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "core_bytes": resource.getrlimit(resource.RLIMIT_CORE)[0],
        "no_new_privileges": "\nNoNewPrivs:\t1\n" in _told(Path("/proc/self/status")),
        "umask": f"{_PRIVATE:03o}",
    }


def resident_mb(pid: int) -> int:
    """Mebibytes of memory that a process uses; 0 if it is gone or the system does not say."""
    fields = _told(Path(f"/proc/{pid}/statm")).split()
    return int(fields[1]) * resource.getpagesize() // MEBIBYTE if fields else 0


def _limit(which: int, most: int) -> None:
    """Lower a limit, soft and hard; one that is lower already stays."""
    hard = resource.getrlimit(which)[1]
    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(which, (least, least))


def _told(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
