"""Files of the data directory: nobody but their owner may read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import structlog

from whaleline.settings import Settings

UMASK = 0o077
"""For every process of the service, so that what it makes is its owner's alone from the first byte on."""

_OWN = ("lock", "whaleline.db*", "signing-key*", "page-link*")
_OWN_BLOBS = ("blobs", "blobs/**/*")

_log = structlog.get_logger()


def tighten(settings: Settings) -> None:
    """Take the rights of other users off the service's own files, which an earlier version or a copy may have left.

    The directory itself and other files in it are the operator's. A blob directory that a setting names may be shared
    with a group on purpose, so it stays as it is.
    """
    closed = []
    for pattern in _OWN if settings.blobs else _OWN + _OWN_BLOBS:
        for path in settings.data.glob(pattern):
            try:
                mode = path.lstat().st_mode
                if mode & UMASK and not stat.S_ISLNK(mode):
                    path.chmod(stat.S_IMODE(mode) & ~UMASK)
                    closed.append(path.relative_to(settings.data))
            except OSError as error:
                _log.warning("a file may be open to other users", path=str(path), why=error.strerror)
    if closed:
        _log.warning("files could be read by other users, and cannot any more", files=len(closed), first=str(closed[0]))


def write(path: Path, content: bytes) -> None:
    """Write a file, durably, whole or not at all, in the place of one that may be there."""
    made = path.with_name(f"{path.name}.new")
    made.unlink(missing_ok=True)
    write_new(made, content)
    made.replace(path)


def write_new(path: Path, content: bytes) -> None:
    """Write a file, durably, whole or not at all.

    Raises:
        FileExistsError: there is a file of that name.
    """
    made = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        path.hardlink_to(made)  # unlike a rename, a link never replaces a file
    finally:
        made.unlink()
