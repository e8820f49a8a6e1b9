"""Several hosts for real: one for the API, two for workers and one for the servers, each a network of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployments import Servers
from harness import (
    ServiceProcess,
    assert_settled,
    count_ends,
    draw,
    rows,
    texts,
    wait_for_processing,
    wait_until,
    workers_of,
)
from hosts import Host, hosts
from servers import S3, PostgreSQL, Redis, running


@dataclass(frozen=True)
class World:
    """The hosts, and a service whose API runs on the first of them; its workers are the test's to start."""

    api: Host
    one: Host
    two: Host
    servers: Host
    service: ServiceProcess


@pytest.fixture
def world(tmp_path: Path, signing_key: Path) -> Iterator[World]:
    with contextlib.ExitStack() as stack:
        api, one, two, servers = stack.enter_context(hosts("api", "one", "two", "servers"))
        # The test sees what the servers' host sees.
        stack.enter_context(servers.entered())
        postgresql = stack.enter_context(running(PostgreSQL(tmp_path / "postgresql", servers.address)))
        redis = stack.enter_context(running(Redis(tmp_path / "redis", servers.address)))
        s3 = stack.enter_context(running(S3(tmp_path / "s3", servers.address)))
        data = tmp_path / "data"
        service = ServiceProcess(
            data,
            Servers(postgresql, redis, s3, signing_key).deployment(data),
            host=api.address,
            workers=1,
            lease_seconds=4,
            task_seconds=600,  # a busy machine takes its time, and a late worker must live to be refused
        )
        with api.entered():
            service.start_api()
        stack.callback(service.kill)
        count_ends(service)
        yield World(api, one, two, servers, service)


def test_a_host_that_is_cut_off_in_a_task_leaves_it_to_another(world: World, long_page: bytes) -> None:
    service = world.service
    api = service.connect()
    with world.one.entered():
        service.start_worker()
    assert texts(api.read(draw(["warm"]))) == ["warm"]
    (child,) = workers_of(service)
    worked = child.cpu_times().user
    task = api.submit(long_page)
    wait_for_processing(api, task)
    wait_until(lambda: child.cpu_times().user > worked + 0.3, "its work on the image")
    child.suspend()  # it takes long to read, and finishes when its host is joined again
    ((late,),) = rows(service, f"SELECT claim FROM tasks WHERE id = '{task}'")
    with world.two.entered():
        service.start_worker()
    world.one.cut_off()

    waiting = {api.submit(draw([f"meanwhile {n}"])): f"meanwhile {n}" for n in range(4)}
    answer = api.finished(task)
    assert texts(answer)[0].count("true places never are") > 12
    for other, text in waiting.items():
        assert texts(api.finished(other)) == [text]
    ((claim, attempts),) = rows(service, f"SELECT claim, attempts FROM tasks WHERE id = '{task}'")
    assert claim != late
    assert attempts == 2

    world.one.join()
    child.resume()
    wait_until(lambda: "a late result is dropped" in service.log, "the late finish of the host that was cut off")
    assert api.get(task) == answer
    # The host is of use again: it takes one of two tasks that are there at once.
    together = [api.submit(long_page) for _ in range(2)]
    both = "SELECT count(*) FROM tasks WHERE status = 'Processing'"
    wait_until(lambda: rows(service, both) == [(2,)], "work on both hosts")
    for other in together:
        assert api.finished(other)["taskStatus"] == "Completed"
    everything = [row for (row,) in rows(service, "SELECT id FROM tasks")]
    assert_settled(service, everything)
    assert dict(rows(service, "SELECT id, count(*) FROM ends GROUP BY id")) == dict.fromkeys(everything, 1)
