"""The store's statements, on SQLite and on PostgreSQL: each change takes place once, and only where it may."""

import select
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness import DEADLINE
from new_task import new_task
from servers import PostgreSQL, running
from whaleline.errors import ConfigurationError, Unavailable
from whaleline.operations.operation import ResponseStatusCode
from whaleline.tasks.sql import Client, Store
from whaleline.tasks.task import Answered, StoredAnswer, Task, TaskStatus

CLIENT = Client("c1", "first", "hash", 1.0)


@pytest.fixture(scope="module")
def database(postgresql: PostgreSQL) -> Iterator[str]:
    """URL of a database on a PostgreSQL server."""
    url = postgresql.create_database()
    yield url
    postgresql.drop_database(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        store = Store(f"sqlite:///{tmp_path / 'test.db'}")
    else:
        store = Store(request.getfixturevalue("database"))
    store.migrate()
    assert store.add_client(CLIENT)
    yield store
    store.delete_all(CLIENT.id)
    store.remove_client(CLIENT.id)
    store.close()


def complete(store: Store, task_id: str, claim: str, answer: str | None = None) -> bool:
    return store.finish(
        task_id,
        claim,
        status=TaskStatus.COMPLETED,
        code=ResponseStatusCode.OK,
        messages=("cut",),
        digest=None if answer else "d",
        answer=answer,
        now=120.0,
    )


def test_a_task_comes_back_as_it_was_put(store: Store) -> None:
    task = new_task(CLIENT.id, messages=("one", "zwei"), settings='{"a": "ü"}')
    assert store.insert(task)
    assert store.task(task.id) == task


def test_only_one_of_many_claims_takes_place(store: Store) -> None:
    task = new_task(CLIENT.id)
    store.insert(task)
    claims: list[Task | None] = []
    start = threading.Barrier(8)

    def claim(token: str) -> None:
        start.wait()
        claims.append(store.claim(task.id, token, 200.0))

    threads = [threading.Thread(target=claim, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won = [claimed for claimed in claims if claimed is not None]
    assert len(won) == 1
    assert won[0] == store.task(task.id)
    assert won[0].attempts == 1
    assert won[0].status is TaskStatus.PROCESSING


def test_finish_is_refused_once_the_claim_has_gone_to_another(store: Store) -> None:
    task = new_task(CLIENT.id)
    store.insert(task)
    store.claim(task.id, "early", 200.0)
    assert store.release(task.id, "early")
    store.claim(task.id, "late", 300.0)
    assert not complete(store, task.id, "early")
    assert complete(store, task.id, "late")
    assert not complete(store, task.id, "late")
    done = store.task(task.id)
    assert done is not None
    assert (done.status, done.code, done.messages, done.digest, done.finished, done.lease, done.attempts) == (
        TaskStatus.COMPLETED,
        ResponseStatusCode.OK,
        ("cut",),
        "d",
        120.0,
        None,
        2,
    )


@pytest.mark.parametrize("answer", ['{"a": "ü"}', '{"' + 9000 * "a" + '": 1}'], ids=["small", "large"])
def test_an_answer_in_its_row_is_given_to_who_sends_it(store: Store, answer: str) -> None:
    store.insert(new_task(CLIENT.id, id="a"))
    store.claim("a", "x", 200.0)
    assert complete(store, "a", "x", answer)
    _, task = store.task_of(CLIENT.id, "a")
    assert task is not None
    assert (task.answer, task.digest) == (answer, None)
    assert store.task("a") == replace(task, answer=None)


def test_an_answer_that_is_erased_is_gone_from_the_file(tmp_path: Path) -> None:
    """Debian builds its SQLite so that this would be so unasked; others do not."""
    file = tmp_path / "test.db"
    store = Store(f"sqlite:///{file}")
    store.migrate()
    store.add_client(CLIENT)
    store.insert(new_task(CLIENT.id, id="a"))
    store.claim("a", "x", 200.0)
    complete(store, "a", "x", '{"precious": 1}')
    store.close()
    assert b"precious" in file.read_bytes()
    again = Store(f"sqlite:///{file}")
    again.delete(CLIENT.id, "a")
    again.close()
    assert b"precious" not in file.read_bytes()
    assert sorted(tmp_path.iterdir()) == [file]


def test_a_refunded_release_does_not_count(store: Store) -> None:
    task = new_task(CLIENT.id)
    store.insert(task)
    store.claim(task.id, "a", 200.0)
    store.release(task.id, "a", refund=True)
    assert store.task(task.id) == replace(task, claim="a")


def test_a_claim_knows_the_one_before_it_and_why_that_failed(store: Store) -> None:
    task = new_task(CLIENT.id)
    store.insert(task)
    first = store.claim(task.id, "a", 200.0)
    assert first is not None
    assert first.former_claim is None
    assert store.release(task.id, "a", "It broke.")
    assert not complete(store, task.id, "a")
    second = store.claim(task.id, "b", 200.0)
    assert second is not None
    assert (second.claim, second.former_claim, second.messages) == ("b", "a", ("It broke.",))


def test_a_claim_is_renewed_for_its_holder_alone(store: Store) -> None:
    for name in ("a", "b", "c"):
        store.insert(new_task(CLIENT.id, id=name))
        store.claim(name, f"claim of {name}", 10.0)
    complete(store, "c", "claim of c")
    store.renew({"a": "claim of a", "b": "claim of another", "c": "claim of c", "d": "claim of d"}, 50.0)
    store.renew({}, 50.0)
    assert {task.id for task in store.processing(lease_before=20.0)} == {"b"}
    done = store.task("c")
    assert done is not None
    assert done.lease is None


def test_ids_are_sent_again_by_when_they_were_sent_and_each_but_once(store: Store) -> None:
    for name, sent in (("late", 30.0), ("first", 10.0), ("second", 20.0), ("young", 90.0)):
        store.insert(new_task(CLIENT.id, id=name, sent=sent, priority=5, created=sent))
    store.insert(new_task(CLIENT.id, id="claimed", sent=1.0))
    store.claim("claimed", "x", 200.0)
    assert sorted(store.resend(50.0, 2, now=60.0)) == [("first", 5, 10.0), ("second", 5, 20.0)]
    assert store.resend(50.0, 2, now=60.0) == [("late", 5, 30.0)]
    assert store.resend(50.0, 2, now=60.0) == []


def test_one_process_keeps_house_at_a_time(database: str) -> None:
    one, two = Store(database), Store(database)
    with one.housekeeping() as is_ones:
        assert is_ones
        with two.housekeeping() as is_twos:
            assert not is_twos
    with two.housekeeping() as is_twos:
        assert is_twos
    one.close()
    two.close()


def test_a_sole_service_and_others_exclude_each_other(database: str) -> None:
    many, more, sole = Store(database), Store(database), Store(database)
    assert many.be_one_of_many()
    assert more.be_one_of_many()
    assert not sole.be_sole_service()
    for store in (many, more, sole):
        store.close()
    sole, late = Store(database), Store(database)
    assert sole.be_sole_service()
    assert not late.be_one_of_many()
    assert not late.be_sole_service()
    sole.close()
    late.close()


def test_every_end_is_told_once_however_a_task_ends(database: str) -> None:
    store = Store(database)
    store.migrate()
    store.add_client(CLIENT)
    ends = store.ends()
    assert ends.take() == []
    answer, too_large = '{"a": "ü b"}', '{"' + 4000 * "ü" + '": 1}'  # by its bytes: a word has room for 7999
    for name in ("blob", "row", "large", "failed", "waiting", "running"):
        store.insert(new_task(CLIENT.id, id=name))
    for name in ("blob", "row", "large", "failed", "running"):
        store.claim(name, "x", 200.0)
    store.release("running", "x")  # no end
    store.claim("running", "y", 200.0)
    complete(store, "blob", "x")
    complete(store, "row", "x", answer)
    complete(store, "large", "x", too_large)
    store.fail("failed", "x", "why", 1.0)
    store.delete(CLIENT.id, "blob")  # has been told already
    store.delete(CLIENT.id, "waiting")
    store.remove_client(CLIENT.id)  # takes its tasks along
    told: list[tuple[str, Answered | None]] = []
    while len(told) < 6 and select.select([ends], [], [], DEADLINE)[0]:
        told += ends.take()
    assert told == [
        ("blob", StoredAnswer("x", "d")),
        ("row", answer.encode()),
        ("large", None),
        ("failed", None),
        ("waiting", None),
        ("running", None),
    ]
    assert ends.take() == []
    ends.close()
    store.close()


def test_what_postgresql_has_no_place_for_is_refused_and_never_cut_off(database: str) -> None:
    store = Store(database)
    store.migrate()
    store.add_client(CLIENT)
    task = new_task(CLIENT.id)
    store.insert(task)
    with pytest.raises(Unavailable):
        store.task_of(CLIENT.id, f"{task.id}\0more")
    with pytest.raises(Unavailable):
        store.insert(new_task(CLIENT.id, settings="{}\0"))
    assert store.task_of(CLIENT.id, task.id) == (True, task)
    store.remove_client(CLIENT.id)
    store.close()


def test_what_only_looks_is_asked_again_and_finished_work_is_kept_over_a_restart(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with running(PostgreSQL(tmp_path_factory.mktemp("restarted"))) as server:
        url = server.create_database()
        store = Store(url)
        store.migrate()
        store.add_client(CLIENT)
        task = new_task(CLIENT.id)
        store.insert(task)
        server.restart()
        assert store.task(task.id) == task
        server.restart()
        claimed = store.claim(task.id, "a", 200.0)
        assert claimed is not None
        assert claimed.attempts == 1
        server.restart()
        assert complete(store, task.id, "a")
        server.kill()
        with pytest.raises(Unavailable):
            store.task(task.id)
        store.close()


def test_pending_goes_by_priority_then_age(store: Store) -> None:
    for created, priority in ((1.0, 3), (2.0, 0), (3.0, 3), (4.0, 0)):
        store.insert(new_task(CLIENT.id, created=created, priority=priority))
    store.insert(new_task(CLIENT.id, created=0.5, priority=0, status=TaskStatus.PROCESSING))
    assert [created for _, _, created in store.pending()] == [2.0, 4.0, 1.0, 3.0]
    assert [created for _, _, created in store.pending(limit=1)] == [2.0]


def test_processing_knows_whose_claim_has_run_out(store: Store) -> None:
    for name, lease in (("a", 10.0), ("b", 30.0)):
        store.insert(new_task(CLIENT.id, id=name))
        store.claim(name, "x", lease)
    assert [task.id for task in store.processing(lease_before=20.0)] == ["a"]
    assert {task.id for task in store.processing()} == {"a", "b"}


def test_a_client_sees_and_deletes_its_own_tasks_only(store: Store) -> None:
    task = new_task(CLIENT.id)
    store.insert(task)
    assert store.add_client(replace(CLIENT, id="c2"))
    try:
        assert store.task_of("c1", task.id) == (True, task)
        assert store.task_of("c2", task.id) == (True, None)
        assert store.task_of("nobody", task.id) == (False, None)
        assert store.delete("c2", task.id) is None
        assert store.delete("c1", task.id) == task
        assert store.task(task.id) is None
    finally:
        store.remove_client("c2")


def test_no_task_without_a_client_and_none_left_behind_by_one(store: Store) -> None:
    assert not store.insert(new_task("nobody"))
    store.add_client(replace(CLIENT, id="c2"))
    task = new_task("c2")
    store.insert(task)
    assert store.remove_client("c2")
    assert store.task(task.id) is None
    assert not store.remove_client("c2")


def test_an_id_is_given_to_one_client_only(store: Store) -> None:
    assert not store.add_client(replace(CLIENT, name="another"))
    assert store.client("c1") == CLIENT
    assert store.clients() == [CLIENT]


def test_delete_older_takes_the_oldest_first_and_no_more_than_the_limit(store: Store) -> None:
    for created in (30.0, 10.0, 20.0, 40.0):
        store.insert(new_task(CLIENT.id, created=created))
    assert sorted(task.created for task in store.delete_older(35.0, 2)) == [10.0, 20.0]
    assert [task.created for task in store.delete_older(35.0, 2)] == [30.0]
    assert store.delete_older(35.0, 2) == []


def test_a_database_that_is_away_is_told_as_unavailable(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path / 'no' / 'such' / 'directory.db'}", f"postgresql://nobody@/none?host={tmp_path}"):
        with pytest.raises(Unavailable, match="cannot be reached"):
            Store(url).ping()


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/database"])
def test_a_url_that_cannot_work_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="database"):
        Store(url)


def test_an_id_that_no_client_can_have_is_unknown(store: Store) -> None:
    assert store.client("c1") == CLIENT
    for client_id in ("", "c2", "\0", "c1\0", "\ufffd"):
        assert store.client(client_id) is None
