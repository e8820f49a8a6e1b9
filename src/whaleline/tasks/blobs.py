"""Bytes of a task: the submitted input until it ends, then the response body where that is too large for its row.

Kept through obstore, in a directory or in an S3-compatible store: inputs/<task id> and results/<task id>.<claim>. A
blob is durable once `put_*` has returned: a directory is synchronised with the disk, an object store gives that promise
itself.

obstore's threads do not survive a fork, so a process that forks workers must not make a `Blobs`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError as StoreError
from obstore.store import LocalStore, S3Store

from whaleline.errors import ConfigurationError, Unavailable

_TRY = timedelta(seconds=10)
"""How long a request to an object store is tried again before the store counts as away."""

_REQUEST = timedelta(seconds=30)
"""How long one request to an object store may take; the largest blob is some hundred mebibytes."""

_PRIVATE = 0o600


_WHOLE_BYTES = 4 * 1024 * 1024
"""A blob up to this size is read as a whole, a larger one piece by piece where it is only passed on."""

_CHUNK_BYTES = 1024 * 1024


class BlobKind(StrEnum):
    """What a blob is; its value is the first part of the key."""

    INPUT = "inputs"
    RESULT = "results"
    TEMPLATE = "templates"


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """What a listing tells: the key, the task it belongs to, and the claim under which a result was written."""

    key: str
    task_id: str
    claim: str


@dataclass(frozen=True, slots=True)
class Chunks:
    """A large blob, read piece by piece each time that it is gone through.

    Attributes:
        size: its bytes.
        read: begins to read it.
    """

    size: int
    read: Callable[[], Iterator[bytes]]

    def __iter__(self) -> Iterator[bytes]:
        """Its bytes in pieces."""
        return self.read()


class Blobs:
    """A directory or a bucket of blobs."""

    def __init__(self, url: str) -> None:
        """Open a store, file:///DIRECTORY or s3://BUCKET/PREFIX; the latter is configured by the variables AWS_*.

        Raises:
            ConfigurationError: the URL or the variables cannot work.
            Unavailable: the directory cannot be made.
        """
        # obstore's runtime has a thread for each core, of which two pass each request on to each other; with one, a
        # request to an object store takes a seventh less. The runtime is made, and reads this, when it is first used.
        os.environ.setdefault("TOKIO_WORKER_THREADS", "1")
        parts = urlsplit(url)
        self._directory = Path(unquote(parts.path)) if parts.scheme == "file" else None
        self._store: LocalStore | S3Store
        if self._directory is not None:
            self._mode = _make_directories(self._directory)
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

    @property
    def is_directory(self) -> bool:
        """Whether the blobs are files of this host, where no request goes over a network."""
        return self._directory is not None

    def check(self) -> None:
        """Look whether the store answers.

        Raises:
            Unavailable: it does not.
        """
        try:
            next(iter(obstore.list(self._store, chunk_size=1)), None)
        except (OSError, StoreError) as error:
            raise Unavailable(f"The blob store cannot be reached: {error}") from error

    def put_input(self, task_id: str, data: bytes) -> None:
        """Keep a submitted input.

        Raises:
            Unavailable: it cannot be stored.
        """
        self._put(f"{BlobKind.INPUT}/{task_id}", data)

    def copy_input(self, from_id: str, to_id: str) -> bool:
        """Keep another task's input for a task, too, without it passing through here; False if it is not there.

        Raises:
            Unavailable: it cannot be stored.
        """
        key = f"{BlobKind.INPUT}/{to_id}"
        try:
            obstore.copy(self._store, f"{BlobKind.INPUT}/{from_id}", key)
            if self._directory is not None:
                _synchronise(self._directory / key, self._mode)
        except FileNotFoundError:
            return False
        except (OSError, StoreError) as error:
            self.erase([key])
            raise Unavailable("The blob store cannot take data at the moment.") from error
        return True

    def input_head(self, task_id: str, size: int) -> bytes | None:
        """The first bytes of a task's input; None if it is not there.

        Raises:
            Unavailable: the store cannot be read.
        """
        try:  # not as a range, which not every object store gives
            chunks = obstore.get(self._store, f"{BlobKind.INPUT}/{task_id}").stream(min_chunk_size=size)
            return bytes(next(iter(chunks), b""))[:size]
        except FileNotFoundError:
            return None
        except (OSError, StoreError) as error:
            raise Unavailable("The blob store cannot be read at the moment.") from error

    def input(self, task_id: str) -> bytes | None:
        """A task's input; None if it is not there.

        Raises:
            Unavailable: the store cannot be read.
        """
        return self._get(f"{BlobKind.INPUT}/{task_id}")

    def put_result(self, task_id: str, claim: str, body: bytes) -> str:
        """Keep a response body; its digest.

        Raises:
            Unavailable: it cannot be stored.
        """
        self._put(f"{BlobKind.RESULT}/{task_id}.{claim}", body)
        return _digest(body)

    def result(self, task_id: str, claim: str, digest: str) -> bytes | None:
        """A response body as it was put; None if it is not there or no longer what was put.

        Raises:
            Unavailable: the store cannot be read.
        """
        body = self._get(f"{BlobKind.RESULT}/{task_id}.{claim}")
        return body if body is not None and _digest(body) == digest else None

    def open_result(self, task_id: str, claim: str, digest: str) -> bytes | Chunks | None:
        """The same, but a large one by pieces: it is gone through twice, to see that it is whole before any is sent.

        Raises:
            Unavailable: the store cannot be read.
        """
        key = f"{BlobKind.RESULT}/{task_id}.{claim}"
        try:
            size = obstore.head(self._store, key)["size"]
            if size <= _WHOLE_BYTES:
                return self.result(task_id, claim, digest)
            chunks, told = Chunks(size, partial(self._chunks, key)), hashlib.sha256()
            for chunk in chunks:
                told.update(chunk)
        except FileNotFoundError:
            return None
        except (OSError, StoreError) as error:
            raise Unavailable("The blob store cannot be read at the moment.") from error
        return chunks if told.hexdigest() == digest else None

    def _chunks(self, key: str) -> Iterator[bytes]:
        for chunk in obstore.get(self._store, key).stream(min_chunk_size=_CHUNK_BYTES):
            yield bytes(chunk)

    def put_template(self, template_id: str, data: bytes) -> None:
        """Keep a version of a template, with its pictures.

        Raises:
            Unavailable: it cannot be stored.
        """
        self._put(f"{BlobKind.TEMPLATE}/{template_id}", data)

    def template(self, template_id: str) -> bytes | None:
        """A version of a template; None if it is not there.

        Raises:
            Unavailable: the store cannot be read.
        """
        return self._get(f"{BlobKind.TEMPLATE}/{template_id}")

    def erase_templates(self, template_ids: Iterable[str]) -> None:
        """Erase versions of templates."""
        self.erase([f"{BlobKind.TEMPLATE}/{template_id}" for template_id in template_ids])

    def erase_input(self, task_id: str) -> None:
        """Erase a task's input, if it is there; one that cannot be erased now is left to the sweep."""
        self.erase_inputs([task_id])

    def erase_inputs(self, task_ids: Sequence[str]) -> None:
        """The same for several tasks."""
        self.erase([f"{BlobKind.INPUT}/{task_id}" for task_id in task_ids])

    def erase_result(self, task_id: str, claim: str) -> None:
        """Erase a response body, if it is there; one that cannot be erased now is left to the sweep."""
        self.erase_results([(task_id, claim)])

    def erase_results(self, tasks_and_claims: Iterable[tuple[str, str]]) -> None:
        """The same for several tasks."""
        self.erase([f"{BlobKind.RESULT}/{task_id}.{claim}" for task_id, claim in tasks_and_claims])

    def erase(self, keys: Sequence[str]) -> None:
        """Erase blobs by their keys; an object store is asked once for a thousand (S3's DeleteObjects)."""
        if not keys:
            return
        # Of several files obstore would leave those that come behind one that is not there.
        for each in [[key] for key in keys] if self.is_directory else [keys]:
            with contextlib.suppress(OSError, StoreError):
                obstore.delete(self._store, each)

    def erase_unfinished(self, seconds: float) -> None:
        """Erase what killed processes left half written, where nothing was written to it for so many seconds.

        In a directory obstore writes to a name with # and a number, which it renames in the end and never lists.
        """
        if self._directory is None:
            return
        for kind in BlobKind:
            for path in (self._directory / kind).glob("*#*"):
                with contextlib.suppress(OSError):
                    if path.stat().st_mtime <= time.time() - seconds:
                        path.unlink()

    def list(self, kind: BlobKind) -> Iterator[StoredBlob]:
        """Every blob of a kind.

        Raises:
            Unavailable: the store cannot be read.
        """
        try:
            for chunk in obstore.list(self._store, prefix=kind):
                for meta in chunk:
                    task_id, _, claim = meta["path"].rpartition("/")[2].partition(".")
                    yield StoredBlob(meta["path"], task_id, claim)
        except (OSError, StoreError) as error:
            raise Unavailable("The blob store cannot be read at the moment.") from error

    def _put(self, key: str, data: bytes) -> None:
        try:
            obstore.put(self._store, key, data)
            if self._directory is not None:
                _synchronise(self._directory / key, self._mode)
        except (OSError, StoreError) as error:
            self.erase([key])  # it may be there and not be durable
            raise Unavailable("The blob store cannot take data at the moment.") from error

    def _get(self, key: str) -> bytes | None:
        try:
            return obstore.get(self._store, key).bytes().to_bytes()
        except FileNotFoundError:
            return None
        except (OSError, StoreError) as error:
            raise Unavailable("The blob store cannot be read at the moment.") from error


def _make_directories(directory: Path) -> int:
    """Make those that are not there; the mode of files in them, where a shared directory's group has its rights."""
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        mode = stat.S_IMODE(directory.stat().st_mode)
        for name in BlobKind:
            with contextlib.suppress(FileExistsError):
                (directory / name).mkdir()
                (directory / name).chmod(mode)
    except OSError as error:
        raise Unavailable(f"The blob directory {directory} cannot be made: {error.strerror}.") from error
    return _PRIVATE | mode & 0o060


def _synchronise(path: Path, mode: int) -> None:
    """Write a file, its mode and its name to the disk: obstore renames it into place but leaves that to the kernel."""
    for each in (path, path.parent):
        descriptor = os.open(each, os.O_RDONLY)
        try:
            if each is path and mode != _PRIVATE:  # the umask has seen to that
                os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
