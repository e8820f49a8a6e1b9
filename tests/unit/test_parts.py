"""What becomes of a task by what became of its pages."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import corpus
from new_task import new_task
from whaleline.documents import Document
from whaleline.operations.kept_documents import DRAW_PAGE, DrawSettings
from whaleline.operations.operation import Outcome, ResponseStatusCode
from whaleline.settings import Settings
from whaleline.tasks.blobs import Blobs, result_key
from whaleline.tasks.object_store import digest_of
from whaleline.tasks.parts import Parts, joined
from whaleline.tasks.task import Task, TaskStatus

DOCUMENT = Document(corpus.pdf(*[corpus.Sheet()] * 3))


def row(page: int, answer: bytes | None = None, digest: str | None = None, why: str = "") -> Task:
    status = TaskStatus.ERROR if why else TaskStatus.COMPLETED
    stored = None if answer is None else base64.b64encode(answer).decode()
    messages = (why,) if why else ()
    return new_task(
        "c", id=f"t-{page}", page=page, status=status, answer=stored, digest=digest, claim="x", messages=messages
    )


def join(blobs: Blobs, rows: Sequence[Task]) -> Outcome | str:
    return joined(DRAW_PAGE, DOCUMENT, Parts(rows, blobs), DrawSettings(), Settings())


def test_parts_come_from_their_rows_and_from_blobs(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path.as_uri())
    blobs.put(result_key("t-2", "x"), b"large")
    outcome = join(blobs, [row(1, b"small"), row(2, digest=digest_of(b"large"))])
    assert isinstance(outcome, Outcome)
    assert [result.data for result in outcome.results] == [b"small", b"large"]
    assert (outcome.code, outcome.messages) == (ResponseStatusCode.OK, ())


def test_a_page_that_failed_and_one_whose_blob_is_lost_are_named_in_their_order(tmp_path: Path) -> None:
    outcome = join(Blobs(tmp_path.as_uri()), [row(2, digest="gone"), row(4, b"there"), row(5, why="It is damaged.")])
    assert isinstance(outcome, Outcome)
    assert outcome.code is ResponseStatusCode.RESULT_DATA_LOST
    assert outcome.messages == (
        "page 2 was not read: Its result was lost.",
        "page 5 was not read: It is damaged.",
    )


def test_without_any_page_nothing_is_joined(tmp_path: Path) -> None:
    outcome = join(Blobs(tmp_path.as_uri()), [row(1, why="It is damaged."), row(2, why="It is too large.")])
    assert outcome == "None of the 2 pages could be read; page 1 was not read: It is damaged."
