"""Clients take turns: what one has posted does not hold up another, whoever runs the tasks."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness import Api, ServiceProcess, draw, rows, texts

pytestmark = pytest.mark.every_deployment

StartService = Callable[..., ServiceProcess]


def order(service: ServiceProcess) -> list[str]:
    """Ids of the tasks that have begun, in the order in which they did."""
    return [task for (task,) in rows(service, "SELECT id FROM tasks WHERE started IS NOT NULL ORDER BY started")]


def post(api: Api, count: int, **headers: str) -> list[str]:
    return [api.submit(draw([f"Call me number {n}"]), headers) for n in range(count)]


def test_a_small_task_behind_two_hundred_of_another_client_is_next(start_service: StartService) -> None:
    service = start_service(workers=1)
    many, one = service.connect(), service.connect(*service.add_client())
    with service.frozen_workers():
        post(many, 200)
        small = one.submit(draw(["a small region"]))
    assert texts(one.finished(small)) == ["a small region"]
    assert order(service).index(small) <= 1


def test_urgent_tasks_of_one_client_do_not_hold_another_up(start_service: StartService) -> None:
    service = start_service(workers=1)
    hasty, other = service.connect(), service.connect(*service.add_client())
    with service.frozen_workers():
        usual = post(hasty, 1)
        urgent = post(hasty, 10, Priority="u=0")
        task = other.submit(draw(["no hurry"]), {"Priority": "u=7"})
    assert texts(other.finished(task)) == ["no hurry"]
    for each in (*urgent, *usual):
        assert hasty.finished(each)["taskStatus"] == "Completed"
    begun = order(service)
    assert begun.index(task) <= 1
    assert [each for each in begun if each != task] == [*urgent, *usual]
