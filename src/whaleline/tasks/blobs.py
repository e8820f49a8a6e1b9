"""What is kept of a task as bytes: its input until it ends, then the response body if that is too large for its row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from whaleline.tasks.object_store import ObjectStore


class BlobKind(StrEnum):
    """What a blob is; its value is the first part of the key."""

    INPUT = "inputs"
    RESULT = "results"
    TEMPLATE = "templates"


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """What a listing tells: the key, the task or template it belongs to, and the claim that wrote it, if it is one."""

    key: str
    owner_id: str
    claim: str


class Blobs(ObjectStore):
    """The blobs of tasks and templates."""

    def __init__(self, url: str) -> None:
        """Open the store; the errors are those of `ObjectStore`."""
        super().__init__(url, list(BlobKind))

    def list(self, kind: BlobKind) -> Iterator[StoredBlob]:
        """Every blob of a kind; may raise `Unavailable`."""
        for key in self.keys(kind):
            owner_id, _, claim = key.rpartition("/")[2].partition(".")
            yield StoredBlob(key, owner_id, claim)


def input_key(task_id: str) -> str:
    """The key of a task's input."""
    return f"{BlobKind.INPUT}/{task_id}"


def result_key(task_id: str, claim: str | None) -> str:
    """The key of a response body, which bears the claim of who wrote it, so that a late worker overwrites nothing."""
    return f"{BlobKind.RESULT}/{task_id}.{claim}"


def template_key(template_id: str) -> str:
    """The key of a version of a template, with its pictures."""
    return f"{BlobKind.TEMPLATE}/{template_id}"
