"""The body that GET answers with: {id, responseStatusCode, taskStatus, results, error} and never another key.

Clients are strict here: `error` is null, or both its members are lists; `messages` is never empty then (the official
command line reads its first entry), and what was not fatal stands in `warnings` too.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

import orjson

from whaleline.operations.operation import ResponseStatusCode
from whaleline.results import Result
from whaleline.tasks.task import TaskStatus


def answer(
    task_id: str,
    status: TaskStatus,
    code: ResponseStatusCode,
    results: Sequence[Result] | None = None,
    messages: Sequence[str] = (),
) -> bytes:
    """The answer as JSON in UTF-8; without results, `results` is null."""
    failed = status is TaskStatus.ERROR
    return orjson.dumps(
        {
            "id": task_id,
            "responseStatusCode": code,
            "taskStatus": status,
            "results": None
            if results is None
            else [{"type": r.type, "data": base64.b64encode(r.data).decode("ascii")} for r in results],
            "error": {"messages": messages, "warnings": [] if failed else messages} if messages else None,
        }
    )


def parsed(body: bytes) -> tuple[list[Result], list[str]]:
    """The results in an answer, and its messages."""
    told = orjson.loads(body)
    results = [Result(each["type"], base64.b64decode(each["data"])) for each in told["results"] or ()]
    return results, told["error"]["messages"] if told["error"] else []
