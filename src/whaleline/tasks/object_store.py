"""Bytes by key, kept through obstore in a directory or in an S3-compatible store.

What was put is durable once `put` or `copy` has returned: a directory is synchronised with the disk, an object store
gives that promise itself.

obstore's threads do not survive a fork, so a process that forks workers must not make an `ObjectStore`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError as StoreError
from obstore.store import LocalStore, S3Store

from whaleline.errors import ConfigurationError, Unavailable

_TRY = timedelta(seconds=10)
"""How long a request to an object store is tried again before the store counts as away."""

_REQUEST = timedelta(seconds=30)
"""How long one request to an object store may take; the largest object is some hundred mebibytes."""

_PRIVATE = 0o600

_WHOLE_BYTES = 4 * 1024 * 1024
"""An object up to this size is read as a whole, a larger one piece by piece where it is only passed on."""

_CHUNK_BYTES = 1024 * 1024

_UNREADABLE = "The blob store cannot be read at the moment."

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Chunks:
    """A large object, read piece by piece each time that it is gone through.

    Attributes:
        size: its bytes.
        read: begins to read it.
    """

    size: int
    read: Callable[[], Iterator[bytes]]

    def __iter__(self) -> Iterator[bytes]:
        """Its bytes in pieces."""
        return self.read()


def whole(data: bytes | Chunks) -> bytes:
    """All of an object."""
    return data if isinstance(data, bytes) else b"".join(data)


class ObjectStore:
    """A directory or a bucket. Keys are FOLDER/NAME. What reads or stores may raise `Unavailable`."""

    def __init__(self, url: str, folders: Sequence[str]) -> None:
        """Open a store, file:///DIRECTORY or s3://BUCKET/PREFIX; the latter is configured by the variables AWS_*.

        Args:
            url: of the store.
            folders: the first parts of all keys.

        Raises:
            ConfigurationError: the URL or the variables cannot work.
            Unavailable: the directory cannot be made.
        """
        # obstore's runtime has a thread for each core, of which two pass each request on to each other; with one, a
        # request to an object store takes a seventh less. The runtime is made, and reads this, when it is first used.
        os.environ.setdefault("TOKIO_WORKER_THREADS", "1")
        parts = urlsplit(url)
        self._directory = Path(unquote(parts.path)) if parts.scheme == "file" else None
        self._folders = folders
        self._store: LocalStore | S3Store
        if self._directory is not None:
            self._mode = _make_directories(self._directory, folders)
            self._store = LocalStore(self._directory)
            return
        try:
            self._store = S3Store(
                parts.netloc,
                prefix=parts.path.strip("/") or None,
                # Plain HTTP is spoken only where an endpoint is named by it, in AWS_ENDPOINT_URL.
                client_options={"timeout": _REQUEST, "connect_timeout": _TRY / 2, "allow_http": True},
                retry_config={"retry_timeout": _TRY},
            )
        except (StoreError, ValueError) as error:
            raise ConfigurationError(f"blobs: {url!r}: {error}") from error

    def check(self) -> None:
        """Look whether the store answers."""
        try:
            next(iter(obstore.list(self._store, chunk_size=1)), None)
        except (OSError, StoreError) as error:
            raise Unavailable(f"The blob store cannot be reached: {error}") from error

    def put(self, key: str, data: bytes) -> None:
        """Keep an object."""
        try:
            obstore.put(self._store, key, data)
            self._synchronise(key)
        except (OSError, StoreError) as error:
            self.erase([key])  # it may be there and not be durable
            raise Unavailable("The blob store cannot take data at the moment.") from error

    def copy(self, key: str, to: str) -> bool:
        """Keep an object under another key, too, without it passing through here; False if it is not there."""
        try:
            obstore.copy(self._store, key, to)
            self._synchronise(to)
        except FileNotFoundError:
            return False
        except (OSError, StoreError) as error:
            self.erase([to])
            raise Unavailable("The blob store cannot take data at the moment.") from error
        return True

    def get(self, key: str, digest: str | None = None) -> bytes | None:
        """An object; None if it is not there, or has another digest than this one."""
        data = _look(lambda: obstore.get(self._store, key).bytes().to_bytes())
        return data if data is None or digest is None or digest_of(data) == digest else None

    def head(self, key: str, size: int) -> bytes | None:
        """The first bytes of an object; None if it is not there."""
        # Not as a range, which not every object store gives.
        return _look(lambda: next(self._chunks(key, size), b"")[:size])

    def open(self, key: str, digest: str) -> bytes | Chunks | None:
        """An object as it was put, a large one by pieces; None if it is not there or has another digest.

        A large one is gone through twice, to see that it is whole before any of it is sent.
        """
        size = _look(lambda: obstore.head(self._store, key)["size"])
        if size is None or size <= _WHOLE_BYTES:
            return self.get(key, digest)
        chunks = Chunks(size, partial(self._chunks, key, _CHUNK_BYTES))
        return chunks if _look(lambda: digest_of(chunks)) == digest else None

    def erase(self, keys: Sequence[str]) -> None:
        """Erase those of the objects that are there; what cannot be erased now is left to the sweep.

        An object store is asked once for a thousand (S3's DeleteObjects).
        """
        if not keys:
            return
        # Of several files obstore would leave those that come behind one that is not there.
        for each in [keys] if self._directory is None else [[key] for key in keys]:
            with contextlib.suppress(OSError, StoreError):
                obstore.delete(self._store, each)

    def erase_unfinished(self, seconds: float) -> None:
        """Erase what killed processes left half written, where nothing was written to it for so many seconds.

        In a directory obstore writes to a name with # and a number, which it renames in the end and never lists.
        """
        if self._directory is None:
            return
        for folder in self._folders:
            for path in (self._directory / folder).glob("*#*"):
                with contextlib.suppress(OSError):
                    if path.stat().st_mtime <= time.time() - seconds:
                        path.unlink()

    def keys(self, folder: str) -> Iterator[str]:
        """The key of every object in a folder."""
        try:
            for chunk in obstore.list(self._store, prefix=folder):
                yield from (meta["path"] for meta in chunk)
        except (OSError, StoreError) as error:
            raise Unavailable(_UNREADABLE) from error

    def _chunks(self, key: str, size: int) -> Iterator[bytes]:
        for chunk in obstore.get(self._store, key).stream(min_chunk_size=size):
            yield bytes(chunk)

    def _synchronise(self, key: str) -> None:
        """Write a file, its mode and its name to the disk: obstore renames it but leaves that to the kernel."""
        if self._directory is None:
            return
        path = self._directory / key
        for each in (path, path.parent):
            descriptor = os.open(each, os.O_RDONLY)
            try:
                if each is path and self._mode != _PRIVATE:  # the umask has seen to that
                    os.fchmod(descriptor, self._mode)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _look(read: Callable[[], _T]) -> _T | None:
    """What is read of a store; None if it is not there."""
    try:
        return read()
    except FileNotFoundError:
        return None
    except (OSError, StoreError) as error:
        raise Unavailable(_UNREADABLE) from error


def digest_of(data: bytes | Chunks) -> str:
    """By which `get` and `open` tell whether an object is still what was put."""
    told = hashlib.sha256()
    for piece in [data] if isinstance(data, bytes) else data:
        told.update(piece)
    return told.hexdigest()


def _make_directories(directory: Path, folders: Sequence[str]) -> int:
    """Make those that are not there; the mode of files in them, where a shared directory's group has its rights."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        mode = stat.S_IMODE(directory.stat().st_mode)
        for name in folders:
            with contextlib.suppress(FileExistsError):
                (directory / name).mkdir()
                (directory / name).chmod(mode)
    except OSError as error:
        raise Unavailable(f"The blob directory {directory} cannot be made: {error.strerror}.") from error
    return _PRIVATE | mode & 0o060
