"""A system that refuses threads: the requests that need one are told 503, and nothing else is lost."""

from __future__ import annotations

import resource
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import httpx
import psutil
import pytest

from harness import DEADLINE, REGIONS, ServiceProcess, b64, draw, write_lock

CLIENTS = 20
LESS_THAN_A_STACK = 4 * 1024 * 1024


@pytest.mark.embedded("it is a matter of the API's process alone")
def test_a_thread_that_the_system_refuses_is_503(start_service: Callable[..., ServiceProcess]) -> None:
    service = start_service()
    api, process = service.connect(), psutil.Process(service.process.pid)

    def submit(_: int) -> httpx.Response:
        return httpx.post(
            f"{service.url}{REGIONS}",
            json={"image": b64(draw(["a line"]))},
            headers={"Authorization": f"Bearer {api.token}"},
            timeout=DEADLINE,
        )

    before = process.rlimit(resource.RLIMIT_AS)
    with ThreadPoolExecutor(CLIENTS) as clients:
        with write_lock(service):  # so that each call keeps its thread
            process.rlimit(resource.RLIMIT_AS, (process.memory_info().vms + LESS_THAN_A_STACK, before[1]))
            calls = [clients.submit(submit, number) for number in range(CLIENTS)]
            refused = {call.result() for call in wait(calls, DEADLINE, FIRST_COMPLETED).done}
            process.rlimit(resource.RLIMIT_AS, before)
        answers = [call.result() for call in calls]
    assert {answer.status_code for answer in refused} == {503}
    assert all(answer.headers["retry-after"] and "too busy" in answer.json()["detail"] for answer in refused)
    assert {answer.status_code for answer in answers} <= {200, 503}
    assert submit(0).status_code == 200
    assert "Traceback" not in service.log
