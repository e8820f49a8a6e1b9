"""All SQL of Whaleline: two tables, and one statement for each thing that happens to a row.

Every statement is a transaction of its own (the connections are in autocommit mode), so a change of a task's state is
one fenced UPDATE: it names the state and the claim that it expects and tells by its count whether it took place. The
statements are the same on SQLite and PostgreSQL; what differs between the two stands in `_connect`, and at the end of
`Store` what only PostgreSQL has. The tables come about by the migrations beside this file, which tests hold to them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from whaleline.errors import ConfigurationError, Unavailable
from whaleline.operations.operation import ResponseStatusCode
from whaleline.tasks import migrations
from whaleline.tasks.task import Answered, StoredAnswer, Task, TaskStatus

if TYPE_CHECKING:
    import psycopg
    from psycopg.pq import PGnotify
    from psycopg.pq.abc import PGresult

BUSY_SECONDS = 10
"""How long a statement waits for a locked SQLite file or a free connection before the store counts as away."""

_SOLE_SERVICE, _HOUSEKEEPING = 0x77680001, 0x77680002
"""Keys of PostgreSQL's advisory locks."""

_AWAY = "The database cannot be reached at the moment."

METADATA = sa.MetaData()

_clients = sa.Table(
    "clients",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("secret_hash", sa.String, nullable=False),
    sa.Column("created", sa.Double, nullable=False),
)

_tasks = sa.Table(
    "tasks",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("client_id", sa.ForeignKey("clients.id", ondelete="CASCADE"), nullable=False),
    sa.Column("operation", sa.String, nullable=False),
    sa.Column("settings", sa.String, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("code", sa.String, nullable=False),
    sa.Column("messages", sa.String, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("claim", sa.String),
    sa.Column("former_claim", sa.String),
    sa.Column("created", sa.Double, nullable=False, index=True),
    sa.Column("sent", sa.Double, nullable=False, server_default="0"),
    sa.Column("lease", sa.Double),
    sa.Column("finished", sa.Double),
    sa.Column("digest", sa.String),
    sa.Column("interruptions", sa.Integer, nullable=False),
    sa.Column("idempotency_key", sa.String),
    sa.Column("request_digest", sa.String),
    sa.Column("answer", sa.String),
    sa.UniqueConstraint("client_id", "idempotency_key", name="tasks_by_key"),
    sa.Index("tasks_by_client", "client_id", "status"),
    sa.Index("tasks_by_urgency", "status", "priority", "created"),
)

_row = [column for column in _tasks.c if column.name != "answer"]
"""All of a task but its answer, which only who sends it needs."""

_is_pending = _tasks.c.status == TaskStatus.PENDING
_is_processing = _tasks.c.status == TaskStatus.PROCESSING

_Values = Mapping[str, Any] | None
"""What stands for the parameters of a statement that has some."""

# What every task goes through is built once: SQLAlchemy takes twice as long to build such a statement as to run it.

_task_id: sa.BindParameter[str] = sa.bindparam("the_task")
_client_id: sa.BindParameter[str] = sa.bindparam("the_client")

_INSERT_TASK = _tasks.insert()

_CLAIM = (
    _tasks.update()
    .where(_tasks.c.id == _task_id, _is_pending)
    .values(
        status=TaskStatus.PROCESSING,
        claim=sa.bindparam("new_claim"),
        former_claim=_tasks.c.claim,
        lease=sa.bindparam("new_lease"),
        attempts=_tasks.c.attempts + 1,
    )
    .returning(*_row)
)

_FINISH = (
    _tasks.update()
    .where(_tasks.c.id == _task_id, _tasks.c.claim == sa.bindparam("held_claim"), _is_processing)
    .values(
        status=sa.bindparam("new_status"),
        code=sa.bindparam("new_code"),
        messages=sa.bindparam("new_messages"),
        digest=sa.bindparam("new_digest"),
        answer=sa.bindparam("new_answer"),
        finished=sa.bindparam("now"),
        lease=None,
    )
)

_TASK = sa.select(*_row).where(_tasks.c.id == _task_id)

_TASKS = sa.select(*_row).where(_tasks.c.id.in_(sa.bindparam("the_tasks", expanding=True)))

_CLIENT_AND_TASK = (
    sa.select(_clients.c.id.label("client"), _tasks)
    .select_from(_clients.outerjoin(_tasks, sa.and_(_tasks.c.client_id == _clients.c.id, _tasks.c.id == _task_id)))
    .where(_clients.c.id == _client_id)
)

_waiting = sa.select(_tasks.c.id).where(_is_pending).limit(sa.bindparam("most_waiting")).subquery()
_open = (
    sa.select(_tasks.c.id)
    .where(_tasks.c.client_id == _client_id, _is_pending | _is_processing)
    .limit(sa.bindparam("most_open"))
    .subquery()
)
_CROWD = sa.select(
    sa.select(sa.func.count()).select_from(_waiting).scalar_subquery().label("waiting"),
    sa.select(sa.func.count()).select_from(_open).scalar_subquery().label("own"),
)


_OFTEN: dict[str, sa.Select[Any] | sa.UpdateBase] = {
    "insert": _INSERT_TASK,
    "claim": _CLAIM,
    "finish": _FINISH,
    "look": _CLIENT_AND_TASK,
}
"""What every task goes through."""


class _Compiled:
    """A statement in the terms of a driver, to be run without SQLAlchemy's own way there.

    That way takes longer than the database, so what every task goes through does not take it.

    Attributes:
        text: the statement as the driver takes it.
        columns: names of what its rows hold; none where it gives no rows.
    """

    def __init__(self, statement: sa.Select[Any] | sa.UpdateBase, dialect: sa.Dialect) -> None:
        compiled = statement.compile(dialect=dialect)
        self.text = str(compiled)
        self.columns = tuple(column.name for column in statement.exported_columns)
        self._constants = compiled.params
        self._order = compiled.positiontup or ()

    def run(self, connection: sa.PoolProxiedConnection, values: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
        """The rows that it gives, and how many it concerned."""
        with contextlib.closing(connection.cursor()) as cursor:
            cursor.execute(self.text, self._ordered(values))
            rows = cursor.fetchall() if self.columns else []
            return [dict(zip(self.columns, row, strict=True)) for row in rows], cursor.rowcount

    def _ordered(self, values: Mapping[str, Any]) -> list[Any]:
        values = {**self._constants, **values}
        return [values[name] for name in self._order]


class _Prepared(_Compiled):
    """The same on PostgreSQL: prepared once on each connection, and run by libpq, with values as text both ways.

    psycopg's cursors have 70 of the 87 microseconds that it takes to find one task.
    """

    def __init__(self, statement: sa.Select[Any] | sa.UpdateBase, dialect: sa.Dialect, name: str) -> None:
        super().__init__(statement, cast("Any", type(dialect))(paramstyle="numeric_dollar"))
        self._driver: Any = dialect.loaded_dbapi
        self._name = name.encode()
        self._readers = [_reader(column.type) for column in statement.exported_columns]

    def run(self, connection: sa.PoolProxiedConnection, values: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
        libpq = cast("psycopg.Connection[Any]", connection.driver_connection).pgconn
        if self._name not in (prepared := connection.info.setdefault("prepared", set())):
            self._checked(libpq.prepare(self._name, self.text.encode()))
            prepared.add(self._name)
        texts: Any = [self._as_text(each) for each in self._ordered(values)]
        result = self._checked(libpq.exec_prepared(self._name, texts))
        rows = [
            {
                name: None if (text := result.get_value(row, column)) is None else read(text)
                for column, (name, read) in enumerate(zip(self.columns, self._readers, strict=True))
            }
            for row in range(result.ntuples)
        ]
        return rows, result.command_tuples or 0

    def _checked(self, result: PGresult) -> PGresult:
        if result.status not in (self._driver.pq.ExecStatus.COMMAND_OK, self._driver.pq.ExecStatus.TUPLES_OK):
            raise self._driver.errors.error_from_result(result)
        return result

    def _as_text(self, value: object) -> bytes | None:
        if value is None:
            return None
        text = str(value).encode()
        if b"\0" in text:  # what would end the text for libpq
            raise self._driver.DataError("PostgreSQL has no place for NUL in a text")
        return text


def _reader(kind: sa.types.TypeEngine[Any]) -> Callable[[bytes], Any]:
    """What makes a column's value of its text."""
    return float if isinstance(kind, sa.Double) else int if isinstance(kind, sa.Integer) else bytes.decode


@dataclass(frozen=True, slots=True)
class Client:
    """Who may submit tasks. `created` is in seconds since the epoch."""

    id: str
    name: str
    secret_hash: str
    created: float


class Store:
    """The database. Safe to share between threads; every method may raise `Unavailable`."""

    def __init__(self, url: str) -> None:
        self._engine = _connect(url)
        self._compiled: dict[sa.Executable, _Compiled] = {
            statement: _Prepared(statement, self._engine.dialect, name)
            if self._is_postgresql
            else _Compiled(statement, self._engine.dialect)
            for name, statement in _OFTEN.items()
        }
        self._lock_holder: sa.Connection | None = None

    def migrate(self) -> None:
        """Bring the tables to the form that this version needs; nothing happens where they have it."""
        with _told_as_unavailable(), self._engine.connect() as connection:
            migrations.upgrade(connection)

    def check_schema(self) -> None:
        """Look whether the tables have the form that this version needs.

        Raises:
            ConfigurationError: they have not.
        """
        with _told_as_unavailable(), self._engine.connect() as connection:
            if not migrations.is_current(connection):
                raise ConfigurationError("database: its tables are those of another version; run `whaleline migrate`")

    def close(self) -> None:
        """Give the connections back."""
        if self._lock_holder is not None:
            with contextlib.suppress(DBAPIError):
                self._lock_holder.detach()
                self._lock_holder.close()
        self._engine.dispose()

    def ping(self) -> None:
        """Ask the database for a sign of life: from a table, since SQLite would tell a bare 1 without its file."""
        self._rows(sa.select(_clients.c.id).limit(1))

    # Clients

    def add_client(self, client: Client) -> bool:
        """Add a client; False if its id is taken."""
        return self._insert(_clients.insert(), client)

    def clients(self) -> list[Client]:
        """All clients, oldest first."""
        return [Client(**row) for row in self._rows(sa.select(_clients).order_by(_clients.c.created))]

    def client(self, client_id: str) -> Client | None:
        """One client."""
        if "\0" in client_id:  # what PostgreSQL has no place for in a text, and so refuses to look for
            return None
        rows = self._rows(sa.select(_clients).where(_clients.c.id == client_id))
        return Client(**rows[0]) if rows else None

    def set_secret(self, client_id: str, secret_hash: str) -> bool:
        """Give a client another secret; False if there is none."""
        statement = _clients.update().where(_clients.c.id == client_id).values(secret_hash=secret_hash)
        return self._count(statement) == 1

    def remove_client(self, client_id: str) -> bool:
        """Remove a client and, by the foreign key, what tasks it still has; False if there is none."""
        return self._count(_clients.delete().where(_clients.c.id == client_id)) == 1

    # The life of a task

    def insert(self, task: Task) -> bool:
        """Take a task in; False if its client is no more, or has another task under the same idempotency key."""
        return self._insert(_INSERT_TASK, task)

    def claim(self, task_id: str, claim: str, lease: float) -> Task | None:
        """Pending -> Processing under a fresh claim; None if the task is not there to be claimed."""
        values = {"the_task": task_id, "new_claim": claim, "new_lease": lease}
        try:
            return self._one(_CLAIM, values)
        except Unavailable as error:
            if not may_have_taken_place(error):
                raise
            # The first try may have taken place.
            if (task := self._one(_CLAIM, values)) is None:
                task = self.task(task_id)
            return task if task is not None and task.claim == claim else None

    def finish(
        self,
        task_id: str,
        claim: str,
        *,
        status: TaskStatus,
        code: ResponseStatusCode,
        messages: Sequence[str],
        digest: str | None = None,
        answer: str | None = None,
        now: float,
    ) -> bool:
        """Processing -> Completed or Error; False if the claim is no longer the task's."""
        values = {
            "the_task": task_id,
            "held_claim": claim,
            "new_status": status,
            "new_code": code,
            "new_messages": _to_json(messages),
            "new_digest": digest,
            "new_answer": answer,
            "now": now,
        }
        try:
            return self._count(_FINISH, values) == 1
        except Unavailable as error:
            if not may_have_taken_place(error):
                raise
            # The same; and work that is done is not to be thrown away for that.
            if self._count(_FINISH, values) == 1:
                return True
            task = self.task(task_id)
            return task is not None and (task.claim, task.status, task.digest) == (claim, status, digest)

    def fail(self, task_id: str, claim: str, message: str, now: float) -> bool:
        """Processing -> Error with a sentence that says why; False if the claim is no longer the task's."""
        return self.finish(
            task_id,
            claim,
            status=TaskStatus.ERROR,
            code=ResponseStatusCode.ERROR,
            messages=[message],
            now=now,
        )

    def release(
        self, task_id: str, claim: str, reason: str = "", *, refund: bool = False, interrupted: bool = False
    ) -> bool:
        """Processing -> Pending; False if the claim is no longer the task's.

        Args:
            task_id: which task.
            claim: under which claim it was tried.
            reason: a sentence on why the attempt failed.
            refund: do not count the attempt, since it was the service that broke it off.
            interrupted: count it as an interruption instead.
        """
        return (
            self._count(
                _tasks.update()
                .where(_tasks.c.id == task_id, _tasks.c.claim == claim, _is_processing)
                .values(
                    status=TaskStatus.PENDING,
                    messages=_to_json([reason] if reason else []),
                    lease=None,
                    attempts=_tasks.c.attempts - (1 if refund or interrupted else 0),
                    interruptions=_tasks.c.interruptions + (1 if interrupted else 0),
                )
            )
            == 1
        )

    def renew(self, claims: Mapping[str, str], lease: float) -> None:
        """Let claims hold until a later moment; those that are no longer their task's stay as they are.

        Args:
            claims: claim by task.
            lease: seconds since the epoch.
        """
        if claims:
            held = (_tasks.c.id.in_(claims.keys()), _tasks.c.claim.in_(claims.values()))
            self._count(_tasks.update().where(*held, _is_processing).values(lease=lease))

    def resend(self, sent_before: float, limit: int, now: float) -> list[tuple[str, int, float]]:
        """Mark tasks that wait, and were last sent to workers before a moment, as sent now; as `pending` gives them.

        Args:
            sent_before: seconds since the epoch.
            limit: how many; those that were sent first come first.
            now: seconds since the epoch.
        """
        first = (
            sa.select(_tasks.c.id)
            .where(_is_pending, _tasks.c.sent < sent_before)
            .order_by(_tasks.c.sent, _tasks.c.priority)
            .limit(limit)
        )
        rows = self._rows(
            _tasks.update()
            .where(_tasks.c.id.in_(first), _is_pending)
            .values(sent=now)
            .returning(_tasks.c.id, _tasks.c.priority, _tasks.c.created)
        )
        return [(row["id"], row["priority"], row["created"]) for row in rows]

    def delete(self, client_id: str, task_id: str) -> Task | None:
        """Take a client's task out, whatever its state; the row as it was, None if there was none."""
        return self._one(
            _tasks.delete().where(_tasks.c.id == task_id, _tasks.c.client_id == client_id).returning(*_row)
        )

    def delete_all(self, client_id: str) -> list[Task]:
        """Take all tasks of a client out; the rows as they were."""
        return self._tasks(_tasks.delete().where(_tasks.c.client_id == client_id).returning(*_row))

    def delete_older(self, created_before: float, limit: int) -> list[Task]:
        """Take out the tasks that were submitted before a moment, oldest first; the rows as they were."""
        oldest = sa.select(_tasks.c.id).where(_tasks.c.created < created_before).order_by(_tasks.c.created).limit(limit)
        return self._tasks(_tasks.delete().where(_tasks.c.id.in_(oldest)).returning(*_row))

    # Looking

    def task(self, task_id: str) -> Task | None:
        """One task, whoever's it is."""
        return self._one(_TASK, {"the_task": task_id})

    def task_of(self, client_id: str, task_id: str) -> tuple[bool, Task | None]:
        """Whether the client exists, and its task; another client's task is None like an unknown one."""
        rows = self._rows(_CLIENT_AND_TASK, {"the_client": client_id, "the_task": task_id})
        if not rows:
            return False, None
        row = dict(rows[0])
        del row["client"]
        return True, _to_task(row) if row["id"] is not None else None

    def task_by_key(self, client_id: str, idempotency_key: str) -> Task | None:
        """A client's task by the key that it gave."""
        return self._one(
            sa.select(*_row).where(_tasks.c.client_id == client_id, _tasks.c.idempotency_key == idempotency_key)
        )

    def crowd(self, client_id: str, most_waiting: int, most_open: int) -> tuple[int, int]:
        """How many tasks wait, and how many of a client are open; counted no further than the bounds given."""
        bounds = {"most_waiting": most_waiting, "most_open": most_open}
        (row,) = self._rows(_CROWD, {"the_client": client_id, **bounds})
        return row["waiting"], row["own"]

    def tasks(self, task_ids: Sequence[str]) -> list[Task]:
        """Those of the tasks that are there."""
        return self._tasks(_TASKS, {"the_tasks": task_ids})

    def tasks_of(self, client_id: str, created_from: float, limit: int) -> list[Task]:
        """A client's tasks that were submitted since a moment, newest first."""
        return self._tasks(
            sa.select(*_row)
            .where(_tasks.c.client_id == client_id, _tasks.c.created >= created_from)
            .order_by(_tasks.c.created.desc(), _tasks.c.id)
            .limit(limit)
        )

    def pending(self, limit: int | None = None) -> list[tuple[str, int, float]]:
        """Id, priority and moment of submission of the tasks that wait for a worker, in order of priority, then age."""
        rows = self._rows(
            sa.select(_tasks.c.id, _tasks.c.priority, _tasks.c.created)
            .where(_is_pending)
            .order_by(_tasks.c.priority, _tasks.c.created)
            .limit(limit)
        )
        return [(row["id"], row["priority"], row["created"]) for row in rows]

    def processing(self, lease_before: float | None = None) -> list[Task]:
        """Tasks that are claimed; with `lease_before`, only those whose claim had run out by then."""
        query = sa.select(*_row).where(_is_processing)
        if lease_before is not None:
            query = query.where(_tasks.c.lease < lease_before)
        return self._tasks(query)

    def load(self) -> tuple[int, float | None, int]:
        """How many tasks wait, since when the oldest of them, and how many are claimed."""
        waiting, claimed = self._rows(
            sa.select(sa.func.count().label("count"), sa.func.min(_tasks.c.created).label("oldest"))
            .where(_is_pending)
            .union_all(sa.select(sa.func.count(), sa.null()).where(_is_processing))
        )
        return waiting["count"], waiting["oldest"], claimed["count"]

    # Between processes

    @contextlib.contextmanager
    def housekeeping(self) -> Iterator[bool]:
        """Whether this process is the one that keeps house at the moment; SQLite has one process that does anyway."""
        with _told_as_unavailable(), self._engine.connect() as connection:
            if not self._is_postgresql:
                yield True
                return
            is_ours = connection.execute(sa.select(sa.func.pg_try_advisory_lock(_HOUSEKEEPING))).scalar_one()
            try:
                yield is_ours
            finally:
                if is_ours:
                    connection.execute(sa.select(sa.func.pg_advisory_unlock(_HOUSEKEEPING)))

    def be_sole_service(self) -> bool:
        """Hold the database for a service that takes every claim at its start for void; False if others are on it.

        On PostgreSQL only: a SQLite file stands in a data directory that is locked already. Held until `close`.
        """
        if not self._is_postgresql:
            return True
        return self._keep_lock(sa.func.pg_try_advisory_lock(_SOLE_SERVICE))

    def be_one_of_many(self) -> bool:
        """Hold the database against a sole service; False if there is one. Held until `close`."""
        return self._keep_lock(sa.func.pg_try_advisory_lock_shared(_SOLE_SERVICE))

    def ends(self) -> Ends:
        """Have PostgreSQL tell from now on which tasks end or are taken out, by whatever process."""
        with _told_as_unavailable():
            connection = self._engine.connect()
            ends = Ends(connection)
            try:
                connection.exec_driver_sql(f"LISTEN {migrations.ENDS_CHANNEL}")
            except BaseException:
                ends.close()
                raise
            return ends

    @property
    def _is_postgresql(self) -> bool:
        return self._engine.dialect.name == "postgresql"

    def _keep_lock(self, lock: sa.Function[Any]) -> bool:
        with _told_as_unavailable():
            holder = self._engine.connect()
            if not holder.execute(sa.select(lock)).scalar_one():
                holder.close()
                return False
            self._lock_holder = holder
            return True

    # How statements run

    def _rows(self, statement: sa.Executable, values: _Values = None) -> list[dict[str, Any]]:
        try:
            return self._run(statement, values)[0]
        except Unavailable as error:
            # What only looks may look again; whether a change took place cannot be known here.
            if not (statement.is_select and may_have_taken_place(error)):
                raise
            return self._run(statement, values)[0]

    def _insert(self, statement: sa.Insert, row: Client | Task) -> bool:
        """Insert a row; False if a constraint forbids it."""
        try:
            self._count(statement, _fields(row))
        except IntegrityError:
            return False
        return True

    def _count(self, statement: sa.Executable, values: _Values = None) -> int:
        return self._run(statement, values)[1]

    def _run(self, statement: sa.Executable, values: _Values) -> tuple[list[dict[str, Any]], int]:
        """The rows that a statement gives, and how many it concerned."""
        with _told_as_unavailable():
            if (compiled := self._compiled.get(statement)) is not None:
                return self._run_compiled(compiled, values or {})
            with self._engine.connect() as connection:
                result = connection.execute(statement, values)
                rows = [dict(row) for row in result.mappings()] if result.returns_rows else []
                return rows, result.rowcount

    def _run_compiled(self, statement: _Compiled, values: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
        connection, dialect = None, self._engine.dialect
        try:
            connection = self._engine.raw_connection()
            return statement.run(connection, values)
        except dialect.loaded_dbapi.Error as error:
            is_lost = connection is not None and dialect.is_disconnect(error, connection, None)
            if connection is not None and is_lost:
                connection.invalidate(error)
                self._engine.dispose()  # the others have most likely ended with it
            raise DBAPIError.instance(
                statement.text, None, error, dialect.loaded_dbapi.Error, connection_invalidated=is_lost, dialect=dialect
            ) from error
        finally:
            if connection is not None:
                connection.close()

    def _tasks(self, statement: sa.Executable, values: _Values = None) -> list[Task]:
        return [_to_task(row) for row in self._rows(statement, values)]

    def _one(self, statement: sa.Executable, values: _Values = None) -> Task | None:
        tasks = self._tasks(statement, values)
        return tasks[0] if tasks else None


class Ends:
    """A connection on which PostgreSQL tells of the tasks that end or are taken out. Not to be shared between threads.

    It is libpq's asynchronous notification, for an event loop to wait for: psycopg's `notifies()` would take a thread.
    """

    def __init__(self, connection: sa.Connection) -> None:
        """Take a connection over from its pool."""
        self._libpq = cast("psycopg.Connection[Any]", connection.connection.driver_connection).pgconn
        self._driver: Any = connection.dialect.loaded_dbapi
        self._connection = connection
        connection.detach()

    def fileno(self) -> int:
        """The descriptor that is readable once something was told, or the connection is lost."""
        return self._libpq.socket

    def take(self) -> list[tuple[str, Answered | None]]:
        """Ids of the tasks that were told of since the last time, with their answer if there is one; never waits.

        Raises:
            Unavailable: the connection is lost, and what ends from now on may be missed.
        """
        told: list[tuple[str, Answered | None]] = []
        try:
            # Until nothing comes: a connection may be lost behind a word, which only the next look at it tells, and
            # uvloop may have no other chance to call for one.
            while True:
                self._libpq.consume_input()
                if self._libpq.status != self._driver.pq.ConnStatus.OK:
                    raise self._driver.OperationalError("the connection is lost")
                words = list(iter(self._libpq.notifies, None))
                if not words:
                    return told
                told += map(_end_told, words)
        except self._driver.Error as error:
            raise Unavailable(_AWAY) from error

    def close(self) -> None:
        """End the connection."""
        with contextlib.suppress(DBAPIError):
            self._connection.close()


def _end_told(word: PGnotify) -> tuple[str, Answered | None]:
    """A word as the trigger of the last migration writes it."""
    task_id, _, answered = word.extra.partition(b" ")
    if not answered or answered.startswith(b"{"):
        return task_id.decode(), answered or None
    claim, _, digest = answered.decode().partition(" ")
    return task_id.decode(), StoredAnswer(claim, digest)


_POOL: dict[str, Any] = {
    "pool_size": 8,
    "max_overflow": 32,
    "pool_timeout": BUSY_SECONDS,
    "pool_reset_on_return": None,  # in autocommit mode there is nothing to roll back
}

_POSTGRESQL = {
    # A server that is gone, or cut off, is told within seconds, where TCP alone would wait for a quarter of an hour.
    "connect_timeout": 5,
    "keepalives_idle": BUSY_SECONDS,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": BUSY_SECONDS * 1000,
    "client_encoding": "utf8",
    "options": " ".join(
        f"-c {name}={value}"
        for name, value in {
            "lock_timeout": f"{BUSY_SECONDS}s",
            "statement_timeout": f"{3 * BUSY_SECONDS}s",
            # The same at the server's end, so that a host that is cut off does not go on holding locks.
            "tcp_keepalives_idle": BUSY_SECONDS,
            "tcp_keepalives_interval": 5,
            "tcp_keepalives_count": 3,
            "tcp_user_timeout": f"{BUSY_SECONDS}s",
        }.items()
    ),
}


def _connect(url: str) -> sa.Engine:
    """The engine, with what the dialects need apart.

    Raises:
        ConfigurationError: the URL is none, or names a database that Whaleline does not run on.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise ConfigurationError(f"database: {url!r} is not a SQLAlchemy URL") from error
    if parsed.get_backend_name() == "postgresql":
        return sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            isolation_level="AUTOCOMMIT",
            connect_args=_POSTGRESQL,
            **_POOL,
        )
    if parsed.get_backend_name() != "sqlite":
        raise ConfigurationError(f"database: {parsed.get_backend_name()} is not supported; take sqlite or postgresql")
    engine = sa.create_engine(parsed, isolation_level="AUTOCOMMIT", connect_args={"timeout": BUSY_SECONDS}, **_POOL)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        # The last: what is erased is overwritten, results among it, also where SQLite was not built to do that.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return engine


@contextlib.contextmanager
def _told_as_unavailable() -> Iterator[None]:
    """Tell what the database refuses as the service being unavailable; broken constraints are the caller's to judge."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeoutError) as error:
        raise Unavailable(_AWAY) from error


def may_have_taken_place(error: Unavailable) -> bool:
    """Whether what failed may have been done all the same.

    So it is where the connection ended in the middle of a statement, as it does when the database is started again;
    else the statement was refused, or never sent.
    """
    return isinstance(error.__cause__, DBAPIError) and error.__cause__.connection_invalidated


def _fields(row: Client | Task) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in row.__slots__}
    if "messages" in fields:
        fields["messages"] = _to_json(fields["messages"])
    return fields


def _to_task(row: dict[str, Any]) -> Task:
    return Task(
        **{
            **row,
            "status": TaskStatus(row["status"]),
            "code": ResponseStatusCode(row["code"]),
            "messages": tuple(orjson.loads(row["messages"])),
        }
    )


def _to_json(messages: Sequence[str]) -> str:
    return orjson.dumps(messages).decode()
