"""What is kept of a task as bytes: its input until it ends, then the response body if that is too large for its row.

Keys are inputs/<task id>, results/<task id>.<claim> and templates/<id>.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from whaleline.tasks.object_store import Chunks, ObjectStore, digest_of


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


class Blobs(ObjectStore):
    """The blobs of tasks and templates. Every method may raise `Unavailable`, but for those that erase."""

    def __init__(self, url: str) -> None:
        """Open the store; the errors are those of `ObjectStore`."""
        super().__init__(url, list(BlobKind))

    def put_input(self, task_id: str, data: bytes) -> None:
        """Keep a submitted input."""
        self.put(_input(task_id), data)

    def copy_input(self, from_id: str, to_id: str) -> bool:
        """Keep another task's input for a task, too; False if it is not there."""
        return self.copy(_input(from_id), _input(to_id))

    def input(self, task_id: str) -> bytes | None:
        """A task's input; None if it is not there."""
        return self.get(_input(task_id))

    def input_head(self, task_id: str, size: int) -> bytes | None:
        """The first bytes of a task's input; None if it is not there."""
        return self.head(_input(task_id), size)

    def erase_input(self, task_id: str) -> None:
        """Erase a task's input, if it is there."""
        self.erase_inputs([task_id])

    def erase_inputs(self, task_ids: Sequence[str]) -> None:
        """The same for several tasks."""
        self.erase([_input(task_id) for task_id in task_ids])

    def put_result(self, task_id: str, claim: str, body: bytes) -> str:
        """Keep a response body; its digest."""
        self.put(_result(task_id, claim), body)
        return digest_of(body)

    def result(self, task_id: str, claim: str, digest: str) -> bytes | None:
        """A response body as it was put; None if it is not there or no longer what was put."""
        body = self.get(_result(task_id, claim))
        return body if body is not None and digest_of(body) == digest else None

    def open_result(self, task_id: str, claim: str, digest: str) -> bytes | Chunks | None:
        """The same, but a large one by pieces."""
        return self.open(_result(task_id, claim), digest)

    def erase_result(self, task_id: str, claim: str) -> None:
        """Erase a response body, if it is there."""
        self.erase_results([(task_id, claim)])

    def erase_results(self, tasks_and_claims: Iterable[tuple[str, str]]) -> None:
        """The same for several tasks."""
        self.erase([_result(task_id, claim) for task_id, claim in tasks_and_claims])

    def put_template(self, template_id: str, data: bytes) -> None:
        """Keep a version of a template, with its pictures."""
        self.put(_template(template_id), data)

    def template(self, template_id: str) -> bytes | None:
        """A version of a template; None if it is not there."""
        return self.get(_template(template_id))

    def erase_templates(self, template_ids: Iterable[str]) -> None:
        """Erase versions of templates."""
        self.erase([_template(template_id) for template_id in template_ids])

    def list(self, kind: BlobKind) -> Iterator[StoredBlob]:
        """Every blob of a kind."""
        for key in self.keys(kind):
            task_id, _, claim = key.rpartition("/")[2].partition(".")
            yield StoredBlob(key, task_id, claim)


def _input(task_id: str) -> str:
    return f"{BlobKind.INPUT}/{task_id}"


def _result(task_id: str, claim: str) -> str:
    return f"{BlobKind.RESULT}/{task_id}.{claim}"


def _template(template_id: str) -> str:
    return f"{BlobKind.TEMPLATE}/{template_id}"
