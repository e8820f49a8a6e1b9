"""Whose task a worker takes next: clients take turns by what their tasks have cost, on SQLite and on PostgreSQL."""

from __future__ import annotations

import collections
import contextlib
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from new_task import CLIENT, new_task
from whaleline.errors import QueueFull
from whaleline.operations.operation import ResponseStatusCode
from whaleline.tasks import clients
from whaleline.tasks.sql import Store
from whaleline.tasks.task import Task, TaskStatus

AHAB, ISHMAEL, QUEEQUEG = "ahab", "ishmael", "queequeg"


@pytest.fixture
def crew(store: Store) -> Store:
    """The store with three clients more."""
    for name in (AHAB, ISHMAEL, QUEEQUEG):
        store.add_client(replace(CLIENT, id=name))
    return store


def post(store: Store, client_id: str, count: int = 1, **fields: Any) -> None:
    for _ in range(count):
        task = new_task(client_id, **fields)
        assert store.insert(task, most_open=1000, most_waiting=1000)


def claim(store: Store, now: float) -> Task:
    task = store.claim(f"claim at {now}", now, now + 1000)
    assert task is not None
    return task


def end(store: Store, task: Task, now: float) -> None:
    told: dict[str, Any] = {"status": TaskStatus.COMPLETED, "code": ResponseStatusCode.OK, "messages": ()}
    assert store.finish(task, **told, now=now)


def work(store: Store, costs: Mapping[str, float], workers: int, seconds: float, start: float = 0.0) -> list[Task]:
    """What so many workers claim in a time, one after the other, where each client's tasks take what they cost."""
    busy: list[tuple[float, Task]] = []
    order: list[Task] = []
    now = start
    while now < start + seconds:
        while len(busy) < workers and (task := store.claim(f"{len(order)} at {now}", now, now + 1000)) is not None:
            order.append(task)
            busy.append((now + costs[task.client_id], task))
        if not busy:
            break
        now, task = min(busy, key=lambda each: each[0])
        busy.remove((now, task))
        end(store, task, now)
    for moment, task in busy:
        end(store, task, moment)
    return order


def owners(tasks: list[Task]) -> list[str]:
    return [task.client_id for task in tasks]


def test_who_is_on_trial_comes_last(crew: Store) -> None:
    """However little it has used, and however long it has waited."""
    tried = clients.on_trial("192.0.2.1")
    clients.ensure(crew, tried)
    post(crew, tried, created=1.0)
    post(crew, AHAB, 2, created=2.0)
    order = []
    for now in (10.0, 20.0, 30.0):
        order.append(claim(crew, now))
        end(crew, order[-1], now + 5)
    assert owners(order) == [AHAB, AHAB, tried]


def test_who_comes_behind_two_hundred_tasks_of_another_is_next(crew: Store) -> None:
    post(crew, AHAB, 200, created=1.0)
    running = [claim(crew, now) for now in (10.0, 11.0)]
    post(crew, ISHMAEL, created=12.0)
    end(crew, running[0], 20.0)
    assert claim(crew, 20.0).client_id == ISHMAEL


def test_urgency_counts_among_a_clients_own_tasks_alone(crew: Store) -> None:
    post(crew, ISHMAEL, 3, priority=7, created=1.0)
    post(crew, AHAB, 10, priority=0, created=2.0)
    order = owners(work(crew, {AHAB: 1.0, ISHMAEL: 1.0}, workers=1, seconds=6.0))
    assert collections.Counter(order) == {AHAB: 3, ISHMAEL: 3}


def test_a_clients_own_tasks_go_by_urgency_then_age(crew: Store) -> None:
    for created, priority in ((1.0, 3), (2.0, 0), (3.0, 3), (4.0, 0)):
        post(crew, AHAB, created=created, priority=priority)
    order = work(crew, {AHAB: 1.0}, workers=2, seconds=10.0, start=10.0)
    assert [task.created for task in order] == [2.0, 4.0, 1.0, 3.0]


@pytest.mark.parametrize("workers", [1, 3])
def test_clients_get_the_same_time_and_not_the_same_number_of_tasks(crew: Store, workers: int) -> None:
    costs = {AHAB: 8.0, ISHMAEL: 1.0, QUEEQUEG: 2.0}
    for name in costs:
        post(crew, name, 150, created=1.0)
    taken = collections.Counter(owners(work(crew, costs, workers, seconds=240.0 / workers)))
    seconds = {name: costs[name] * taken[name] for name in costs}
    assert all(80 - workers * 8 <= each <= 80 + workers * 8 for each in seconds.values()), seconds


def test_time_that_a_client_did_not_use_is_no_credit(crew: Store) -> None:
    costs = {AHAB: 1.0, ISHMAEL: 1.0}
    post(crew, ISHMAEL, created=0.0)
    work(crew, costs, workers=1, seconds=1.0)
    post(crew, AHAB, 60, created=2.0)
    work(crew, costs, workers=1, seconds=40.0, start=2.0)
    post(crew, ISHMAEL, 20, created=50.0)
    order = owners(work(crew, costs, workers=1, seconds=10.0, start=50.0))
    assert collections.Counter(order) == {AHAB: 5, ISHMAEL: 5}


def test_who_has_worked_alone_owes_nothing_to_who_comes_later(crew: Store) -> None:
    costs = {AHAB: 1.0, ISHMAEL: 1.0}
    post(crew, AHAB, 40, created=1.0)
    work(crew, costs, workers=1, seconds=60.0, start=2.0)
    post(crew, ISHMAEL, 20, created=100.0)
    post(crew, AHAB, 20, created=100.0)
    order = owners(work(crew, costs, workers=1, seconds=10.0, start=100.0))
    assert collections.Counter(order) == {AHAB: 5, ISHMAEL: 5}


def test_an_attempt_costs_no_more_than_its_claim_lasted(crew: Store) -> None:
    """However long nobody was there to take it back."""
    costs = {AHAB: 1.0, ISHMAEL: 1.0}
    post(crew, AHAB, 20, created=0.0)
    post(crew, ISHMAEL, 20, created=0.0)
    broken_off = crew.claim("broken off", 0.0, 3.0)
    assert broken_off is not None
    assert crew.release(broken_off, 1_000_000.0)
    order = owners(work(crew, costs, workers=1, seconds=13.0, start=1_000_000.0))
    assert sorted(collections.Counter(order).values()) == [5, 8]


@pytest.mark.parametrize("how", ["released", "cancelled"])
def test_an_attempt_without_a_result_has_its_cost(crew: Store, how: str) -> None:
    post(crew, AHAB, 2, created=0.0)
    task = claim(crew, 0.0)
    post(crew, ISHMAEL, 5, created=0.0)
    if how == "released":
        assert crew.release(task, 10.0)
    else:
        assert crew.delete(AHAB, task.id, 10.0)
    order = owners(work(crew, {AHAB: 1.0, ISHMAEL: 1.0}, workers=1, seconds=5.0, start=10.0))
    assert order == [ISHMAEL] * 5


def test_many_workers_at_once_claim_each_task_once_and_none_in_vain(crew: Store) -> None:
    for name, count in ((AHAB, 40), (ISHMAEL, 2), (QUEEQUEG, 6)):
        post(crew, name, count)
    start = threading.Barrier(8)

    def claims(number: int) -> list[str]:
        start.wait()
        tasks = [crew.claim(f"{number}, {n}", 10.0, 1000.0) for n in range(6)]
        return [task.id for task in tasks if task is not None]

    with ThreadPoolExecutor(8) as threads:
        claimed = [task for each in threads.map(claims, range(8)) for task in each]
    assert len(claimed) == len(set(claimed)) == 48
    assert crew.claim("one more", 10.0, 1000.0) is None


def test_of_many_tasks_at_once_as_many_are_taken_in_as_may_be_open(crew: Store) -> None:
    start = threading.Barrier(20)

    def insert(_: int) -> int:
        start.wait()
        taken = 0
        for _ in range(5):
            with contextlib.suppress(QueueFull):
                taken += crew.insert(new_task(AHAB), most_open=10, most_waiting=1000)
        return taken

    with ThreadPoolExecutor(20) as threads:
        assert sum(threads.map(insert, range(20))) == 10
    assert crew.insert(new_task(ISHMAEL), most_open=10, most_waiting=1000)


def test_who_has_too_many_open_tasks_is_told_so_though_one_ends_at_that_moment(crew: Store) -> None:
    is_over = threading.Event()

    def insert(_: int) -> set[str]:
        said = set()
        while not is_over.is_set():
            try:
                crew.insert(new_task(AHAB), most_open=3, most_waiting=1000)
            except QueueFull as error:
                said.add(str(error))
        return said

    with ThreadPoolExecutor(4) as threads:
        posted = threads.map(insert, range(4))
        try:
            for number in range(300):
                if (task := crew.claim(f"claim {number}", 10.0, 1000.0)) is not None:
                    crew.fail(task, "It is over.", 11.0)
        finally:
            is_over.set()
    assert set().union(*posted) == {"3 of your tasks are waiting or running, which is the limit; try again later."}


def test_of_many_processes_at_once_one_makes_the_first_client(store: Store) -> None:
    store.remove_client(CLIENT.id)
    clients.ensure(store, clients.LOCAL)  # has no secret, and so nobody could sign in
    start = threading.Barrier(8)

    def add(_: int) -> object:
        start.wait()
        return clients.add_first(store)

    with ThreadPoolExecutor(8) as threads:
        made = [each for each in threads.map(add, range(8)) if each is not None]
    assert len(made) == 1
    assert len(store.clients()) == 2
