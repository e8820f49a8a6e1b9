"""GET waits for the end of a task, as long as its client prefers and without being in anybody's way."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from concurrent.futures import ThreadPoolExecutor, wait

import httpx
import pytest

from harness import DEADLINE, REGIONS, Api, ServiceProcess, draw

pytestmark = pytest.mark.every_deployment

HELD = 60


def preferred(api: Api, task_id: str, prefer: str) -> httpx.Response:
    return api.http.get(REGIONS, params={"id": task_id}, headers={"Prefer": prefer})


def test_a_client_that_will_not_wait_is_answered_at_once(service: ServiceProcess, api: Api, page: bytes) -> None:
    with service.frozen_workers():
        task_id = api.submit(page)
        answer = preferred(api, task_id, "wait=0")
        assert answer.json()["taskStatus"] == "Pending"
        assert answer.headers["preference-applied"] == "wait=0"
    api.finished(task_id)


def test_a_task_that_takes_longer_is_told_as_pending(narrow_service: ServiceProcess, narrow: Api) -> None:
    with narrow_service.frozen_workers():
        task_id = narrow.submit(draw(["Pip"], 100))
        answer = narrow.http.get(REGIONS, params={"id": task_id})  # held for this service's second
        assert answer.json()["taskStatus"] == "Pending"
        assert "preference-applied" not in answer.headers
    narrow.finished(task_id)


def test_a_get_without_a_preference_waits_for_a_task_of_several_seconds(
    service: ServiceProcess, api: Api, page: bytes
) -> None:
    """As the official samples need it, which take the first answer for the last."""
    with ThreadPoolExecutor(1) as threads:
        with service.frozen_workers():
            task_id = api.submit(page)
            held = threads.submit(api.get, task_id)
            assert not wait([held], timeout=4).done
        assert held.result(DEADLINE)["taskStatus"] == "Completed"


def test_a_held_get_comes_back_with_the_result(service: ServiceProcess, api: Api, page: bytes) -> None:
    with ThreadPoolExecutor(1) as threads:
        with service.frozen_workers():
            task_id = api.submit(page)
            held = threads.submit(preferred, api, task_id, "respond-async, wait=30")
            assert api.status(task_id)["taskStatus"] == "Pending"
        answer = held.result(DEADLINE)
    assert answer.json()["taskStatus"] == "Completed"
    assert answer.json()["results"]
    assert answer.headers["preference-applied"] == "wait=30"


def test_a_held_get_is_let_go_when_its_task_is_cancelled(service: ServiceProcess, api: Api, page: bytes) -> None:
    with service.frozen_workers(), ThreadPoolExecutor(1) as threads:
        task_id = api.submit(page)
        held = threads.submit(preferred, api, task_id, "wait=30")
        api.cancel(task_id)
        assert held.result(DEADLINE).json()["taskStatus"] == "NotExist"


@pytest.mark.parametrize(
    ("prefer", "applied"),
    [
        ("wait=5", "wait=5"),
        ("Wait=5", "wait=5"),
        ('wait="5"', "wait=5"),
        ("return=minimal, wait = 5; strict", "wait=5"),
        ("wait=999999", "wait=30"),
        ("wait=-1", None),
        ("wait=soon", None),
        ("await=5", None),
        ("", None),
    ],
)
def test_preferences_are_read_as_rfc_7240_writes_them(api: Api, prefer: str, applied: str | None) -> None:
    # Of a task that does not exist, so that nobody really waits.
    answer = preferred(api, "unknown", prefer)
    assert answer.json()["taskStatus"] == "NotExist"
    assert answer.headers.get("preference-applied") == applied


def test_many_held_gets_are_in_nobodys_way(service: ServiceProcess, api: Api, page: bytes) -> None:
    async def hold_many(task_id: str) -> list[str]:
        waiting, all_wait = 0, asyncio.Event()

        async def trace(event: str, _: object) -> None:
            nonlocal waiting
            waiting += event == "http11.receive_response_headers.started"
            if waiting == HELD:
                all_wait.set()

        limits = httpx.Limits(max_connections=None)
        headers = {"Authorization": f"Bearer {api.token}", "Prefer": "wait=30"}
        async with httpx.AsyncClient(base_url=service.url, timeout=DEADLINE, limits=limits) as http:
            get = functools.partial(
                http.get, REGIONS, params={"id": task_id}, headers=headers, extensions={"trace": trace}
            )
            held = [asyncio.create_task(get()) for _ in range(HELD)]
            async with asyncio.timeout(DEADLINE):
                await all_wait.wait()
            for _ in range(20):
                assert (await http.get("/healthz")).text == "ok"
            assert (await http.get("/readyz")).text == "ready"
            assert not any(each.done() for each in held)
            frozen.close()
            return [(await each).json()["taskStatus"] for each in held]

    with contextlib.ExitStack() as frozen:
        frozen.enter_context(service.frozen_workers())
        states = asyncio.run(hold_many(api.submit(page)))
    assert states == ["Completed"] * HELD
