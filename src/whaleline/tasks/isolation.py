"""What a worker process is denied.

It decodes and reads what strangers send, so it sets these limits on itself before its first task and cannot remove
them. docs/isolation.md says what they stop and what they do not.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from dataclasses import dataclass
from pathlib import Path

from whaleline.errors import ConfigurationError
from whaleline.settings import Settings

MEBIBYTE = 1024 * 1024

_DESCRIPTORS = 256
"""Open files at most: a worker has about twenty, and a leak shows before it is the machine's."""

_PRIVATE = 0o077
_PR_SET_NO_NEW_PRIVS = 38  # linux/prctl.h


@dataclass(frozen=True, slots=True)
class Isolation:
    """The limits of one process, as the kernel reports them.

    Attributes:
        address_space_mb: mebibytes of address space at most; None if there is no limit.
        descriptors: open files at most.
        core_bytes: bytes of a core dump at most, which would hold what people sent.
        no_new_privileges: whether programs that it might start gain no rights by setuid bits or file capabilities.
        umask: permission bits that new files do not get.
    """

    address_space_mb: int | None
    descriptors: int
    core_bytes: int
    no_new_privileges: bool
    umask: int


def confine(settings: Settings) -> Isolation:
    """Set the limits on this process for good; returns them.

    Raises:
        ConfigurationError: the kernel refuses one of them.
    """
    os.umask(_PRIVATE)
    try:
        _limit(resource.RLIMIT_AS, settings.worker_memory_mb * MEBIBYTE)
        _limit(resource.RLIMIT_CORE, 0)
        _limit(resource.RLIMIT_NOFILE, _DESCRIPTORS)
        if sys.platform == "linux":
            # All five arguments as the kernel reads them; it refuses anything but zero in the last three.
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.prctl(_PR_SET_NO_NEW_PRIVS, *map(ctypes.c_ulong, (1, 0, 0, 0))):
                raise OSError(ctypes.get_errno(), "prctl")
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"A worker cannot be confined: {error}.") from error
    return in_force()


def in_force() -> Isolation:
    """The limits of this process."""
    space, _ = resource.getrlimit(resource.RLIMIT_AS)
    umask = os.umask(_PRIVATE)  # the only way to read it is to set it
    os.umask(umask)
    return Isolation(
        address_space_mb=None if space == resource.RLIM_INFINITY else space // MEBIBYTE,
        descriptors=resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        core_bytes=resource.getrlimit(resource.RLIMIT_CORE)[0],
        no_new_privileges="\nNoNewPrivs:\t1\n" in _told(Path("/proc/self/status")),
        umask=umask,
    )


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
