"""A task as it is when it has just been submitted, for tests of what keeps tasks."""

from __future__ import annotations

import uuid
from typing import Any

from whaleline.operations.operation import ResponseStatusCode
from whaleline.tasks.sql import Client
from whaleline.tasks.task import Task, TaskStatus

CLIENT = Client("c1", "first", "hash", 1.0)


def new_task(client_id: str, **others: Any) -> Task:
    """A task of a client, but for its other fields as they are given."""
    fields: dict[str, Any] = {
        "id": str(uuid.uuid4()),
        "operation": "RecognizeRegions",
        "settings": "{}",
        "priority": 3,
        "status": TaskStatus.PENDING,
        "code": ResponseStatusCode.NOT_READY,
        "messages": (),
        "attempts": 0,
        "claim": None,
        "created": 100.0,
        "lease": None,
        "finished": None,
        "digest": None,
    }
    return Task(client_id=client_id, **fields | others)
