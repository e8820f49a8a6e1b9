"""The store's statements, on SQLite and on PostgreSQL: each change takes place once, and only where it may."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from harness import wait_until
from new_task import CLIENT, new_task
from servers import PostgreSQL, running
from whaleline.errors import ConfigurationError, Unauthorized, Unavailable
from whaleline.operations.operation import ResponseStatusCode
from whaleline.tasks.sql import Store
from whaleline.tasks.task import Task, TaskStatus


def insert(store: Store, task: Task) -> bool:
    return store.insert(task, most_open=1000, most_waiting=1000)


def held(task_id: str, claim: str) -> Task:
    """A task as its worker has it."""
    return new_task(CLIENT.id, id=task_id, claim=claim, attempts=1)


def complete(store: Store, task_id: str, claim: str, answer: str | None = None) -> bool:
    end = store.finish(
        held(task_id, claim),
        status=TaskStatus.COMPLETED,
        code=ResponseStatusCode.OK,
        messages=("cut",),
        digest=None if answer else "d",
        answer=answer,
        now=120.0,
    )
    return end is not None


def test_a_task_comes_back_as_it_was_put(store: Store) -> None:
    task = new_task(CLIENT.id, messages=("one", "zwei"), settings='{"a": "ü"}')
    assert insert(store, task)
    assert store.task(task.id) == task


def test_only_one_of_many_claims_takes_place(store: Store) -> None:
    task = new_task(CLIENT.id)
    assert insert(store, task)
    claims: list[Task | None] = []
    start = threading.Barrier(8)

    def claim(token: str) -> None:
        start.wait()
        claims.append(store.claim(token, 100.0, 200.0))

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
    insert(store, task)
    store.claim("early", 100.0, 200.0)
    assert store.release(held(task.id, "early"), 100.0)
    store.claim("late", 100.0, 300.0)
    assert not complete(store, task.id, "early")
    assert complete(store, task.id, "late")
    assert not complete(store, task.id, "late")
    done = store.task(task.id)
    assert done is not None
    assert (done.status, done.code, done.messages, done.digest, done.finished, done.attempts) == (
        TaskStatus.COMPLETED,
        ResponseStatusCode.OK,
        ("cut",),
        "d",
        120.0,
        2,
    )


@pytest.mark.parametrize("answer", ['{"a": "ü"}', '{"' + 9000 * "a" + '": 1}'], ids=["small", "large"])
def test_an_answer_in_its_row_is_given_to_who_sends_it(store: Store, answer: str) -> None:
    insert(store, new_task(CLIENT.id, id="a"))
    store.claim("x", 100.0, 200.0)
    assert complete(store, "a", "x", answer)
    task = store.task_of(CLIENT.id, "a")
    assert task is not None
    assert (task.answer, task.digest) == (answer, None)
    assert store.task("a") == replace(task, answer=None)


def test_an_answer_that_is_erased_is_gone_from_the_file(tmp_path: Path) -> None:
    """Debian builds its SQLite so that this would be so unasked; others do not."""
    file = tmp_path / "test.db"
    store = Store(f"sqlite:///{file}")
    store.migrate()
    store.add_client(CLIENT)
    insert(store, new_task(CLIENT.id, id="a"))
    store.claim("x", 100.0, 200.0)
    complete(store, "a", "x", '{"precious": 1}')
    store.close()
    assert b"precious" in file.read_bytes()
    again = Store(f"sqlite:///{file}")
    again.delete(CLIENT.id, "a", 1.0)
    again.close()
    assert b"precious" not in file.read_bytes()
    assert sorted(tmp_path.iterdir()) == [file]


def test_a_refunded_release_does_not_count(store: Store) -> None:
    task = new_task(CLIENT.id)
    insert(store, task)
    store.claim("a", 100.0, 200.0)
    store.release(held(task.id, "a"), 100.0, refund=True)
    assert store.task(task.id) == replace(task, claim="a", started=100.0, lease=200.0)


def test_a_claim_knows_the_one_before_it_and_why_that_failed(store: Store) -> None:
    task = new_task(CLIENT.id)
    insert(store, task)
    first = store.claim("a", 100.0, 200.0)
    assert first is not None
    assert first.former_claim is None
    assert store.release(held(task.id, "a"), 100.0, "It broke.")
    assert not complete(store, task.id, "a")
    second = store.claim("b", 100.0, 200.0)
    assert second is not None
    assert (second.claim, second.former_claim, second.messages) == ("b", "a", ("It broke.",))


def test_a_claim_is_renewed_for_its_holder_alone(store: Store) -> None:
    for name in ("a", "b", "c"):
        insert(store, new_task(CLIENT.id, id=name))
        store.claim(f"claim of {name}", 1.0, 10.0)
    complete(store, "c", "claim of c")
    store.renew(["claim of a", "claim of another", "claim of c", "claim of d"], 50.0)
    store.renew([], 50.0)
    assert {task.id for task in store.processing(lease_before=20.0)} == {"b"}
    done = store.task("c")
    assert done is not None
    assert done.lease == 10.0


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
    stop = threading.Event()
    ends = store.ends(stop)
    assert next(ends) is None
    for name in ("blob", "row", "failed", "running"):
        insert(store, new_task(CLIENT.id, id=name))
        store.claim("x", 100.0, 200.0)
    store.release(held("running", "x"), 100.0)  # no end
    store.claim("y", 100.0, 200.0)
    insert(store, new_task(CLIENT.id, id="waiting"))
    complete(store, "blob", "x")
    complete(store, "row", "x", '{"a": "\u00fc b"}')
    store.fail(held("failed", "x"), "why", 1.0)
    store.delete(CLIENT.id, "blob", 1.0)  # has been told already
    store.delete(CLIENT.id, "waiting", 1.0)
    store.remove_client(CLIENT.id)  # takes its tasks along
    assert [next(ends) for _ in range(5)] == ["blob", "row", "failed", "waiting", "running"]
    stop.set()
    assert list(ends) == []
    store.close()


def test_what_postgresql_has_no_place_for_is_refused_and_never_cut_off(database: str) -> None:
    store = Store(database)
    store.migrate()
    store.add_client(CLIENT)
    task = new_task(CLIENT.id)
    insert(store, task)
    with pytest.raises(Unavailable):
        store.task_of(CLIENT.id, f"{task.id}\0more")
    with pytest.raises(Unavailable):
        insert(store, new_task(CLIENT.id, settings="{}\0"))
    assert store.client(f"{CLIENT.id}\0") is None  # what requests name freely is unknown
    assert store.template(CLIENT.id, "berth\0") is None
    assert store.task_of(CLIENT.id, task.id) == task
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
        insert(store, task)
        server.restart()
        assert store.task(task.id) == task
        server.restart()
        claimed = store.claim("a", 100.0, 200.0)
        assert claimed is not None
        assert claimed.attempts == 1
        server.restart()
        assert complete(store, task.id, "a")
        server.kill()
        with pytest.raises(Unavailable):
            store.task(task.id)
        store.close()


LOCKED = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.mark.parametrize("change", ["finish", "insert"])
def test_a_connection_that_is_lost_amid_a_transaction_is_told_as_one(database: str, change: str) -> None:
    store = Store(database)
    store.migrate()
    store.add_client(CLIENT)
    insert(store, new_task(CLIENT.id, id="a"))
    store.claim("x", 100.0, 200.0)
    with (
        ThreadPoolExecutor() as threads,
        psycopg.connect(database) as keeper,  # of a row that each of the two changes, and waits for
        psycopg.connect(database, autocommit=True) as server,
    ):
        keeper.execute("SELECT id FROM clients FOR UPDATE")
        if change == "finish":
            end = threads.submit(complete, store, "a", "x")
        else:
            end = threads.submit(insert, store, new_task(CLIENT.id, id="b"))
        ((pid,),) = wait_until(lambda: server.execute(LOCKED).fetchall(), "a statement that waits")
        server.execute("SELECT pg_terminate_backend(%s)", (pid,))
        keeper.rollback()
        if change == "finish":
            assert end.result()  # it was done once more
        else:
            with pytest.raises(Unavailable):
                end.result()
    store.remove_client(CLIENT.id)
    store.close()


def test_processing_knows_whose_claim_has_run_out(store: Store) -> None:
    for name, lease in (("a", 10.0), ("b", 30.0)):
        insert(store, new_task(CLIENT.id, id=name))
        store.claim("x", 100.0, lease)
    assert [task.id for task in store.processing(lease_before=20.0)] == ["a"]
    assert {task.id for task in store.processing()} == {"a", "b"}


def test_a_client_sees_and_deletes_its_own_tasks_only(store: Store) -> None:
    task = new_task(CLIENT.id)
    insert(store, task)
    assert store.add_client(replace(CLIENT, id="c2"))
    try:
        assert store.task_of("c1", task.id) == task
        assert store.task_of("c2", task.id) is None
        assert store.task_of("nobody", task.id) is None
        assert store.delete("c2", task.id, 1.0) == []
        assert store.delete("c1", task.id, 1.0) == [task]
        assert store.task(task.id) is None
    finally:
        store.remove_client("c2")


def test_no_task_without_a_client_and_none_left_behind_by_one(store: Store) -> None:
    with pytest.raises(Unauthorized):
        insert(store, new_task("nobody"))
    store.add_client(replace(CLIENT, id="c2"))
    task = new_task("c2")
    insert(store, task)
    assert store.remove_client("c2")
    assert store.task(task.id) is None
    assert not store.remove_client("c2")


def test_a_limit_may_be_as_large_as_none_at_all(store: Store) -> None:
    assert store.insert(new_task(CLIENT.id), most_open=2**63 - 1, most_waiting=2**63 - 1)


def test_an_id_is_given_to_one_client_only(store: Store) -> None:
    assert not store.add_client(replace(CLIENT, name="another"))
    assert store.client("c1") == CLIENT
    assert store.clients() == [CLIENT]


def test_delete_older_takes_the_oldest_first_and_no_more_than_the_limit(store: Store) -> None:
    for created in (30.0, 10.0, 20.0, 40.0):
        insert(store, new_task(CLIENT.id, created=created))
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
