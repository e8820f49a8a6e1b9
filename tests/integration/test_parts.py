"""Parts: rows that are a page of another row's document, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from new_task import CLIENT, new_task
from whaleline.errors import QueueFull
from whaleline.operations.operation import ResponseStatusCode
from whaleline.tasks.sql import End, Store
from whaleline.tasks.task import Task, TaskStatus

PAGES = (1, 2, 5)


def claim(store: Store, token: str, now: float = 100.0) -> Task:
    task = store.claim(token, now, now + 1000)
    assert task is not None
    return task


def split(store: Store, client_id: str = CLIENT.id, **fields: Any) -> Task:
    """A document that was split into pages 1, 2 and 5."""
    assert store.insert(new_task(client_id, **fields), most_open=1000, most_waiting=1000)
    task = claim(store, f"split {fields}")
    assert store.split(task, PAGES, 101.0)
    return task


def end(store: Store, task: Task, answer: str | None = None, now: float = 110.0) -> End | None:
    status, code = TaskStatus.COMPLETED, ResponseStatusCode.OK
    return store.finish(task, status=status, code=code, messages=(), answer=answer, now=now)


def there(store: Store, task_id: str) -> Task:
    task = store.task(task_id)
    assert task is not None
    return task


def test_a_document_is_split_read_page_by_page_and_joined(store: Store) -> None:
    task = split(store, settings='{"language": "German"}', priority=2)
    split_up = there(store, task.id)
    assert (split_up.status, split_up.claim, split_up.attempts) == (TaskStatus.PROCESSING, None, 0)
    assert (split_up.parts, split_up.parts_open) == (3, 3)
    pages = []
    for number in range(3):
        part = claim(store, f"part {number}")
        assert (part.parent, part.client_id, part.priority, part.attempts) == (task.id, CLIENT.id, 2, 1)
        pages.append(part.page)
        assert number < 2 or store.claim("in vain", 100.0, 200.0) is None
        assert end(store, part, f"page {part.page}") == End(ready=int(number == 2))
        assert there(store, task.id).parts_open == 2 - number
    assert tuple(pages) == PAGES
    waiting = there(store, task.id)
    assert (waiting.status, waiting.told_status) == (TaskStatus.PENDING, TaskStatus.PROCESSING)
    last = claim(store, "join")
    assert (last.id, last.attempts) == (task.id, 1)
    assert [(part.page, part.answer) for part in store.parts(task.id)] == [(n, f"page {n}") for n in PAGES]
    ended = end(store, last)
    assert ended is not None
    assert [part.page for part in ended.left] == list(PAGES)
    assert store.parts(task.id) == []
    assert there(store, task.id).status is TaskStatus.COMPLETED


def test_of_many_parts_that_end_at_once_one_is_the_last(store: Store) -> None:
    assert store.insert(new_task(CLIENT.id, id="d"), most_open=1, most_waiting=1000)
    assert store.split(claim(store, "split"), range(1, 25), 101.0)
    parts = [claim(store, str(number)) for number in range(24)]
    start = threading.Barrier(8)

    def finish(number: int) -> int:
        start.wait()
        ends = [end(store, part) for part in parts[number::8]]
        return sum(each.ready for each in ends if each is not None)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(finish, range(8))) == 1
    assert claim(store, "join").id == "d"


def test_a_part_has_the_fences_of_a_task(store: Store) -> None:
    task = split(store)
    early = claim(store, "early")
    assert store.release(early, 105.0, "It broke.")
    late = claim(store, "late")
    assert (late.id, late.attempts, late.former_claim, late.messages) == (early.id, 2, "early", ("It broke.",))
    assert end(store, early) is None
    assert store.fail(early, "why", 106.0) is None
    assert there(store, task.id).parts_open == 3
    assert end(store, late) == End()
    assert end(store, late) is None
    assert there(store, task.id).parts_open == 2


def test_a_split_and_a_join_have_the_fences_of_a_task(store: Store) -> None:
    assert store.insert(new_task(CLIENT.id), most_open=1, most_waiting=1000)
    early = claim(store, "early")
    store.release(early, 101.0)
    task = claim(store, "late")
    assert not store.split(early, PAGES, 102.0)
    assert store.parts(task.id) == []
    assert store.split(task, PAGES, 102.0)
    assert not store.split(task, PAGES, 102.0)
    assert end(store, there(store, task.id)) is None  # nobody claims it while its pages are read
    for number in range(3):
        end(store, claim(store, str(number)))
    late = claim(store, "join")
    store.release(late, 103.0)
    again = claim(store, "join again")
    assert end(store, late) is None
    assert len(store.parts(task.id)) == 3
    assert end(store, again) is not None


def test_a_part_that_fails_ends_and_the_others_go_on(store: Store) -> None:
    task = split(store)
    assert store.fail(claim(store, "a"), "It is damaged.", 105.0) == End()
    for token, ready in (("b", 0), ("c", 1)):
        assert end(store, claim(store, token)) == End(ready)
    told = [(part.page, part.status, part.messages) for part in store.parts(task.id)]
    assert told[0] == (1, TaskStatus.ERROR, ("It is damaged.",))
    assert [status for _, status, _ in told[1:]] == [TaskStatus.COMPLETED] * 2


def test_deleting_a_document_takes_its_parts_along(store: Store) -> None:
    task = split(store)
    running = claim(store, "running")
    assert store.delete(CLIENT.id, running.id, 104.0) == []  # a part is no task of its client
    gone = store.delete(CLIENT.id, task.id, 105.0)
    assert {(each.page, each.claim) for each in gone} == {(None, None), (1, "running"), (2, None), (5, None)}
    assert store.claim("x", 106.0, 200.0) is None
    assert end(store, running) is None
    assert store.tasks([each.id for each in gone]) == []


def test_a_document_is_one_task_of_its_client_and_of_the_queue(store: Store) -> None:
    task = split(store)
    assert store.load() == (3, 100.0, 0)
    assert [each.id for each in store.tasks_of(CLIENT.id, 0.0, 10)] == [task.id]
    assert store.insert(new_task(CLIENT.id), most_open=2, most_waiting=1)  # it does not wait itself
    with pytest.raises(QueueFull, match="2 of your tasks are waiting or running"):
        store.insert(new_task(CLIENT.id), most_open=2, most_waiting=2)
    with pytest.raises(QueueFull, match="1 tasks are waiting,"):
        store.insert(new_task(CLIENT.id), most_open=3, most_waiting=1)
    assert store.insert(new_task(CLIENT.id), most_open=3, most_waiting=2)


def test_a_document_whose_parts_are_at_work_is_not_overdue_itself(store: Store) -> None:
    split(store)
    part = claim(store, "part")
    assert store.processing() == [part]
    assert store.processing(lease_before=2000.0) == [part]
    assert store.claimed("part") == part


@pytest.mark.parametrize("ending", ["finished", "failed", "deleted", "expired", "released"])
def test_the_number_of_open_tasks_is_kept_by_every_ending(store: Store, ending: str) -> None:
    document = split(store, created=50.0)
    assert store.insert(new_task(CLIENT.id, created=60.0), most_open=2, most_waiting=1000)
    parts = [claim(store, str(number)) for number in range(3)]
    if ending in ("finished", "failed"):
        for part in parts:
            end(store, part)
        join = claim(store, "join")
        assert (end(store, join) if ending == "finished" else store.fail(join, "why", 120.0)) is not None
    elif ending == "deleted":
        store.delete(CLIENT.id, document.id, 120.0)
    elif ending == "expired":
        store.delete_older(55.0, 100)
    else:
        store.release(parts[0], 120.0)
    room = 1 if ending == "released" else 2
    taken = 0
    for _ in range(3):
        try:
            taken += store.insert(new_task(CLIENT.id), most_open=3, most_waiting=1000)
        except QueueFull:
            break
    assert taken == room


def test_pages_take_turns_with_the_tasks_of_others(store: Store) -> None:
    store.add_client(replace(CLIENT, id="c2"))
    split(store)
    first = claim(store, "first", 200.0)
    assert store.insert(new_task("c2", created=201.0), most_open=10, most_waiting=1000)
    end(store, first, now=210.0)
    assert claim(store, "second", 210.0).client_id == "c2"
