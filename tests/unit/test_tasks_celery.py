"""tasks/dispatch/celery.py by itself: what is asked of Celery."""

from __future__ import annotations

import pytest

from whaleline.settings import Settings
from whaleline.tasks.dispatch.celery import make_app


@pytest.mark.parametrize("broker", ["redis://localhost:1/0", "amqp://localhost:1//"])
def test_celery_is_asked_for_what_keeps_tasks_and_bounds_them(broker: str) -> None:
    settings = Settings(
        database="postgresql://localhost/x",
        blobs="s3://bucket/x",
        broker=broker,
        task_seconds=7,
        worker_resident_mb=9,
        workers=3,
    )
    conf = make_app(settings).conf
    assert conf.task_acks_late
    assert conf.task_reject_on_worker_lost
    assert conf.worker_prefetch_multiplier == 1
    assert (conf.task_time_limit, conf.task_soft_time_limit) == (7, None)
    assert conf.worker_max_memory_per_child == 9 * 1024
    assert conf.worker_concurrency == 3
    assert conf.task_ignore_result
    assert conf.result_backend is None
    assert conf.accept_content == ["json"]
