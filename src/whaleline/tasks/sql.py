"""All SQL of Whaleline: its tables, and one method for each change of a row.

A change of a task's state is one fenced UPDATE: it names the state and the claim that it expects, and gives the row if
it took place. The statements are the same on SQLite and PostgreSQL; what differs stands in `_connect`, and at the end
of `Store` what only PostgreSQL has. The migrations beside this file make the tables, and tests compare the two. Rows
are locked in one order, so that no two transactions wait for each other: a document before its parts, a task before its
client.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import orjson
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from whaleline.errors import ConfigurationError, PreconditionFailed, QueueFull, Unauthorized, Unavailable
from whaleline.operations import OWN
from whaleline.operations.operation import ResponseStatusCode
from whaleline.tasks import migrations
from whaleline.tasks.task import Task, TaskStatus
from whaleline.wording import counted, quoted

if TYPE_CHECKING:
    import psycopg

_BUSY_SECONDS = 10
"""How long a statement waits for a lock or a free connection before the store counts as away."""

_LISTEN_SECONDS = 1.0
"""How long who listens to PostgreSQL takes to notice that it is to stop."""

_SOLE_SERVICE, _HOUSEKEEPING, _FIRST_CLIENT = 0x77680001, 0x77680002, 0x77680003
"""Keys of PostgreSQL's advisory locks."""

ON_TRIAL = "trial:"
"""What the ids of those begin with who are on trial, and come last in turn."""

_AWAY = "The database cannot be reached at the moment."
_TOO_MANY_OPEN = "{} of your tasks are waiting or running, which is the limit; try again later."
CLIENT_REMOVED = "The client of this token has been removed."
OTHER_VERSION = "The template {} has another version than the request expects."
_DAMAGED = "The database is damaged. Stop the service, and restore the file from a backup or remove it."

METADATA = sa.MetaData()

_clients = sa.Table(
    "clients",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("secret_hash", sa.String, nullable=False),
    sa.Column("created", sa.Double, nullable=False),
    sa.Column("used", sa.Double, nullable=False, server_default="0"),
    sa.Column("open", sa.Integer, nullable=False, server_default="0"),
    sa.Column("key_hash", sa.String, nullable=False, server_default=""),
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
    sa.Column("started", sa.Double),
    sa.Column("lease", sa.Double),
    sa.Column("finished", sa.Double),
    sa.Column("digest", sa.String),
    sa.Column("interruptions", sa.Integer, nullable=False),
    sa.Column("idempotency_key", sa.String),
    sa.Column("request_digest", sa.String),
    sa.Column("answer", sa.String),
    sa.Column("parent", sa.String),
    sa.Column("page", sa.Integer),
    sa.Column("parts", sa.Integer),
    sa.Column("parts_open", sa.Integer),
    sa.UniqueConstraint("client_id", "idempotency_key", name="tasks_by_key"),
    sa.Index("tasks_by_client", "client_id", "status", "priority", "created", "page"),
    sa.Index("tasks_by_parent", "parent"),
    sa.Index("tasks_by_status", "status", "created"),
)

_templates = sa.Table(
    "templates",
    METADATA,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("client_id", sa.ForeignKey("clients.id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("fields", sa.Integer, nullable=False),
    sa.Column("created", sa.Double, nullable=False),
    sa.Column("retired", sa.Double),
    sa.UniqueConstraint("client_id", "name", "version", name="templates_by_version"),
    sa.Index("templates_by_end", "retired"),
)

_client = [column for column in _clients.c if column.name not in ("used", "open")]

_row = [column for column in _tasks.c if column.name != "answer"]
"""All of a task but its answer, which only who sends it needs."""

_is_pending = _tasks.c.status == TaskStatus.PENDING
_is_processing = _tasks.c.status == TaskStatus.PROCESSING
_is_claimed = sa.and_(_is_processing, _tasks.c.claim.is_not(None))  # else its parts are what is worked on
_is_task = _tasks.c.parent.is_(None)

# Turns. The order is that of start-time fair queueing (Goyal, Vin and Cheng, 1996), with what tasks have cost where the
# paper has the length of packets: it is known only when they end, so what runs counts for as long as it has run.


_now: sa.BindParameter[float] = sa.bindparam("now", type_=sa.Double)


def _used(who: sa.FromClause) -> sa.ColumnElement[float]:
    """What a client has used by now, in seconds of a worker; no attempt counts past the end of its claim."""
    running = _tasks.alias("running")
    end = sa.case((running.c.lease < _now, running.c.lease), else_=_now)
    seconds = sa.case((running.c.started < end, end - running.c.started), else_=0.0)
    spent = sa.select(sa.func.sum(seconds)).where(
        running.c.client_id == who.c.id, running.c.status == TaskStatus.PROCESSING
    )
    return who.c.used + sa.func.coalesce(spent.correlate(who).scalar_subquery(), 0.0)


def _claim(*which: sa.ColumnElement[bool], order: Sequence[Any]) -> sa.UpdateBase:
    """The claim of the first of some waiting tasks; what others are claiming at this moment is passed over."""
    waiting = sa.select(_first.c.id).where(_first.c.status == TaskStatus.PENDING, *which).order_by(*order).limit(1)
    return (
        _tasks.update()
        .where(_tasks.c.id == waiting.with_for_update(skip_locked=True).scalar_subquery(), _is_pending)
        .values(
            status=TaskStatus.PROCESSING,
            claim=sa.bindparam("new_claim"),
            former_claim=_tasks.c.claim,
            started=_now,
            lease=sa.bindparam("new_lease"),
            attempts=_tasks.c.attempts + 1,
        )
        .returning(*_row)
    )


_first, _other, _others = _tasks.alias("first"), _tasks.alias("other"), _clients.alias("others")

_WHOSE_TURN = (
    sa.select(_clients.c.id)
    .where(sa.exists().where(_other.c.client_id == _clients.c.id, _other.c.status == TaskStatus.PENDING))
    .order_by(sa.case((_clients.c.id.startswith(ON_TRIAL), 1), else_=0), _used(_clients), _clients.c.id)
    .limit(1)
    .scalar_subquery()
)

_CLAIMS = (
    _claim(_first.c.client_id == _WHOSE_TURN, order=(_first.c.priority, _first.c.created, _first.c.page)),
    # The last task of whose turn it is may just be claimed by another worker.
    _claim(order=(_first.c.created,)),
)

_LEAST_USED = sa.func.coalesce(
    sa.select(sa.func.min(_used(_others))).where(_others.c.open > 0).scalar_subquery(),
    sa.select(sa.func.max(_others.c.used)).scalar_subquery(),
)
"""What a client without tasks is taken to have used when it posts one: what it did not use meanwhile is no credit.

That is as much as any that has tasks; where none has, as much as any.
"""

_running = sa.select(sa.func.count()).where(_is_processing, _is_task).scalar_subquery()
_WAITING = sa.select(sa.func.sum(_others.c.open)).scalar_subquery() - _running
"""How many tasks wait; parts of documents do not count, nor do documents whose parts wait."""

_ADMIT = (
    _clients.update()
    .where(
        _clients.c.id == sa.bindparam("the_client"),
        sa.bindparam("most_waiting", type_=sa.BigInteger) > _WAITING,
    )
    .values(
        open=_clients.c.open + 1,
        used=sa.case(
            (sa.and_(_clients.c.open == 0, _clients.c.used < _LEAST_USED), _LEAST_USED), else_=_clients.c.used
        ),
    )
    .returning(_clients.c.open)
)
"""One more open task of a client, unless too many wait."""

_HELD = (
    _tasks.update()
    .where(_tasks.c.id == sa.bindparam("the_task"), _tasks.c.claim == sa.bindparam("the_claim"), _is_claimed)
    .returning(_tasks.c.lease)
)
"""A change of a row that its claim still holds."""

_CHARGE = (
    _clients.update()
    .where(_clients.c.id == sa.bindparam("the_client"))
    .values(used=_clients.c.used + sa.bindparam("cost"), open=_clients.c.open - sa.bindparam("ended"))
)

_TASK_OF = sa.select(_tasks).where(
    _tasks.c.id == sa.bindparam("the_task"), _tasks.c.client_id == sa.bindparam("the_client")
)


@dataclass(frozen=True, slots=True)
class Client:
    """Who may submit tasks. `created` is in seconds since the epoch; `key_hash` is empty without an API key."""

    id: str
    name: str
    secret_hash: str
    created: float
    key_hash: str = ""


@dataclass(frozen=True, slots=True)
class StoredTemplate:
    """A version of a template. Moments are in seconds since the epoch; `retired` is None for the present one."""

    id: str
    client_id: str
    name: str
    version: int
    fields: int
    created: float
    retired: float | None = None


@dataclass(frozen=True, slots=True)
class End:
    """The effect of the end of a row.

    Attributes:
        ready: rows that wait now because of it.
        left: parts whose rows it took out, and whose blobs are to be erased.
    """

    ready: int = 0
    left: tuple[Task, ...] = ()


class Store:
    """The database. Safe to share between threads; every method may raise `Unavailable`."""

    def __init__(self, url: str) -> None:
        self._engine = _connect(url)
        self._lock_holder: sa.Connection | None = None

    def migrate(self) -> None:
        """Migrate the tables to the schema of this version; does nothing if they have it.

        Raises:
            ConfigurationError: they are those of a newer version.
        """
        with self._connected() as connection:
            migrations.upgrade(connection)

    def check_schema(self) -> None:
        """Raise `ConfigurationError` unless the tables have the schema of this version."""
        with self._connected() as connection:
            if not migrations.is_current(connection):
                raise ConfigurationError("database: its tables are those of another version; run `whaleline migrate`")

    def check_integrity(self) -> None:
        """Raise `Unavailable` if a SQLite file is damaged; PostgreSQL checks its own files."""
        if not self._is_postgresql:
            with self._connected() as connection:
                if connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one() != "ok":
                    raise Unavailable(_DAMAGED)

    def close(self) -> None:
        """Close the connections."""
        if self._lock_holder is not None:
            with contextlib.suppress(DBAPIError):
                self._lock_holder.detach()
                self._lock_holder.close()
        self._engine.dispose()

    def ping(self) -> None:
        """Check that the database answers, from its tables: SQLite would return a bare 1 without its file."""
        self._rows(sa.select(_tasks.c.id).join(_clients).limit(1))

    # Clients

    def add_client(self, client: Client) -> bool:
        """Add a client; False if its id is taken."""
        try:
            self._count(_clients.insert().values(_fields(client)))
        except IntegrityError:
            return False
        return True

    def add_first_client(self, client: Client) -> bool:
        """Add a client if none has a secret, however many processes try it at once; False if one has."""
        with self._transaction() as connection:
            if self._is_postgresql:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_FIRST_CLIENT)))
            if connection.execute(sa.select(_clients.c.id).where(_clients.c.secret_hash != "").limit(1)).first():
                return False
            connection.execute(_clients.insert(), _fields(client))
            return True

    def clients(self) -> list[Client]:
        """All clients, oldest first."""
        return [Client(**row) for row in self._rows(sa.select(*_client).order_by(_clients.c.created))]

    def client(self, client_id: str) -> Client | None:
        """One client."""
        if "\0" in client_id:  # what PostgreSQL has no place for in a text, and so refuses to look for
            return None
        rows = self._rows(sa.select(*_client).where(_clients.c.id == client_id))
        return Client(**rows[0]) if rows else None

    def change_client(self, client_id: str, **hashes: str) -> bool:
        """Give a client another `secret_hash` or `key_hash`; False if there is none."""
        return self._count(_clients.update().where(_clients.c.id == client_id).values(hashes)) == 1

    def remove_idle_clients(self, prefix: str, before: float) -> None:
        """Remove the clients without tasks and templates that were made before a time, by a prefix of their ids."""
        has_tasks = sa.exists().where(_tasks.c.client_id == _clients.c.id)
        has_templates = sa.exists().where(_templates.c.client_id == _clients.c.id, _templates.c.retired.is_(None))
        is_idle = sa.and_(_clients.c.id.startswith(prefix), _clients.c.created < before, ~has_tasks, ~has_templates)
        self._count(_clients.delete().where(is_idle))

    def remove_client(self, client_id: str) -> bool:
        """Remove a client and, by the foreign key, what tasks it still has; False if there is none."""
        return self._count(_clients.delete().where(_clients.c.id == client_id)) == 1

    # Templates: a row is a version, and the present one of a name is the one that is not retired

    def put_template(
        self, row: StoredTemplate, expected: Callable[[StoredTemplate | None], bool], most: int
    ) -> StoredTemplate:
        """Store the next version of a template in place of the present one; returns its row.

        Args:
            row: what it is to be, but for its version.
            expected: says whether the present version, if there is one, may be replaced.
            most: names that a client may have.

        Raises:
            PreconditionFailed: it may not.
            Unauthorized: there is no such client any more.
            QueueFull: the client has as many already.
        """
        own = _templates.c.client_id == row.client_id
        with self._transaction() as connection:
            lock = sa.select(_clients.c.id).where(_clients.c.id == row.client_id).with_for_update(key_share=True)
            if connection.execute(lock).first() is None:
                raise Unauthorized(CLIENT_REMOVED)
            last = connection.execute(
                sa.select(_templates).where(own, _templates.c.name == row.name).order_by(_templates.c.version.desc())
            )
            former = StoredTemplate(**found) if (found := last.mappings().first()) is not None else None
            present = former if former is not None and former.retired is None else None
            if not expected(present):
                raise PreconditionFailed(OTHER_VERSION.format(quoted(row.name)))
            if present is None:
                count = sa.select(sa.func.count()).select_from(_templates).where(own, _templates.c.retired.is_(None))
                if row.retired is None and connection.execute(count).scalar_one() >= most:
                    raise QueueFull(f"You have {counted(most, 'template')}, which is the limit.")
            else:
                connection.execute(_templates.update().where(_templates.c.id == present.id).values(retired=row.created))
            placed = replace(row, version=former.version + 1 if former is not None else 1)
            connection.execute(_templates.insert(), _fields(placed))
            return placed

    def template(self, client_id: str, name: str) -> StoredTemplate | None:
        """The present version of a client's template."""
        if "\0" in name:  # as for a client
            return None
        return next(iter(self._templates(_templates.c.name == name, client_id)), None)

    def templates(self, client_id: str) -> list[StoredTemplate]:
        """The present versions of a client's templates, by name."""
        return self._templates(sa.true(), client_id)

    def _templates(self, which: sa.ColumnElement[bool], client_id: str) -> list[StoredTemplate]:
        is_present = sa.and_(_templates.c.client_id == client_id, _templates.c.retired.is_(None))
        statement = sa.select(_templates).where(is_present, which).order_by(_templates.c.name)
        return [StoredTemplate(**row) for row in self._rows(statement)]

    def retire_template(self, template_id: str, now: float) -> bool:
        """Delete a template; False if the version is not the present one. Versions that tasks need stay."""
        is_present = sa.and_(_templates.c.id == template_id, _templates.c.retired.is_(None))
        return self._count(_templates.update().where(is_present).values(retired=now)) == 1

    def known_templates(self, ids: Collection[str]) -> set[str]:
        """Those of the ids that have a row."""
        return {row["id"] for row in self._rows(sa.select(_templates.c.id).where(_templates.c.id.in_(ids)))}

    def delete_templates(self, *, client_id: str | None = None, retired_before: float = 0.0) -> list[str]:
        """Delete all versions of a client, or those that were retired before a time; returns their ids."""
        which = _templates.c.retired < retired_before if client_id is None else _templates.c.client_id == client_id
        return [row["id"] for row in self._rows(_templates.delete().where(which).returning(_templates.c.id))]

    # The life of a task

    def insert(self, task: Task, most_open: int, most_waiting: int) -> bool:
        """Insert a task; False if its client has another one with the same idempotency key.

        Args:
            task: the task.
            most_open: how many tasks of its client may be open, this one among them.
            most_waiting: how many tasks of all clients may wait, likewise.

        Raises:
            QueueFull: as many are open already, however many tasks come at once, or about as many wait.
            Unauthorized: there is no such client any more.
        """
        values = {"the_client": task.client_id, "most_waiting": most_waiting, "now": task.created}
        try:
            with self._transaction() as connection:
                if (own := connection.execute(_ADMIT, values).scalar()) is not None:
                    if own > most_open:
                        raise QueueFull(_TOO_MANY_OPEN.format(most_open))
                    connection.execute(_tasks.insert(), _fields(task))
                    return True
        except IntegrityError:
            return False
        if self.client(task.client_id) is None:
            raise Unauthorized(CLIENT_REMOVED)
        raise QueueFull(f"{most_waiting} tasks are waiting, which is the limit; try again later.")

    def claim(self, claim: str, now: float, lease: float) -> Task | None:
        """Pending -> Processing: the most urgent task of whoever has used least; None if no task waits.

        The claim is a token that was never used before, and holds until `lease`.
        """
        values = {"new_claim": claim, "now": now, "new_lease": lease}
        try:
            return self._claim(values)
        except Unavailable as error:
            if not may_have_taken_place(error):
                raise
            return self.claimed(claim) or self._claim(values)

    def _claim(self, values: Mapping[str, Any]) -> Task | None:
        return next((_to_task(row) for statement in _CLAIMS for row in self._rows(statement, values)), None)

    def finish(
        self,
        task: Task,
        *,
        status: TaskStatus,
        code: ResponseStatusCode,
        messages: Sequence[str],
        digest: str | None = None,
        answer: str | None = None,
        now: float,
    ) -> End | None:
        """Processing -> Completed or Error; None if the claim is no longer the row's.

        The end of a document's last part lets the document wait to be joined; the end of a document takes its parts
        out.
        """
        values = {
            "status": status,
            "code": code,
            "messages": _to_json(messages),
            "digest": digest,
            "answer": answer,
            "finished": now,
        }
        try:
            return self._finish(task, values, now)
        except Unavailable as error:
            if not may_have_taken_place(error):
                raise
            # Work that is done is not to be thrown away for that.
            if (end := self._finish(task, values, now)) is not None:
                return end
            there = self.task(task.id)
            is_done = there is not None and (there.claim, there.status, there.digest) == (task.claim, status, digest)
            return End(0 if task.parent is None else 1) if is_done else None

    def _finish(self, task: Task, values: Mapping[str, Any], now: float) -> End | None:
        with self._transaction() as connection:
            if task.parent is not None:  # which is locked before its parts
                connection.execute(sa.select(_tasks.c.id).where(_tasks.c.id == task.parent).with_for_update())
            if not _end_attempt(connection, task, values, now, ended=0 if task.parent else 1):
                return None
            if task.parts is not None:
                return End(left=tuple(_delete(connection, _tasks.c.parent == task.id)))
            if task.parent is None:
                return End()
            still_open = connection.execute(
                _tasks.update()
                .where(_tasks.c.id == task.parent, _is_processing)
                .values(
                    parts_open=_tasks.c.parts_open - 1,
                    status=sa.case((_tasks.c.parts_open == 1, TaskStatus.PENDING), else_=_tasks.c.status),
                )
                .returning(_tasks.c.parts_open)
            ).scalar()
            return End(ready=int(still_open == 0))

    def fail(self, task: Task, message: str, now: float) -> End | None:
        """Processing -> Error with a sentence that says why; None if the claim is no longer the row's."""
        return self.finish(task, status=TaskStatus.ERROR, code=ResponseStatusCode.ERROR, messages=[message], now=now)

    def release(
        self, task: Task, now: float, reason: str = "", *, refund: bool = False, interrupted: bool = False
    ) -> bool:
        """Processing -> Pending, with a sentence on why the attempt failed; False if the claim is no longer the row's.

        Args:
            task: as it was claimed.
            now: seconds since the epoch.
            reason: the sentence.
            refund: do not count the attempt, since it was the service that broke it off.
            interrupted: count it as an interruption instead.
        """
        values = {
            "status": TaskStatus.PENDING,
            "messages": _to_json([reason] if reason else []),
            "attempts": task.attempts - int(refund or interrupted),
            "interruptions": task.interruptions + int(interrupted),
        }
        with self._transaction() as connection:
            return _end_attempt(connection, task, values, now)

    def split(self, task: Task, pages: Sequence[int], now: float) -> bool:
        """Let the pages of a claimed task's document be claimed one by one; False if the claim is no longer the row's.

        Each becomes a row that has the task for its parent. The task itself waits, claimed by nobody, until they have
        ended, and is then claimed once more, to join them.
        """
        anew: dict[str, Any] = {"claim": None, "former_claim": None, "started": None, "attempts": 0}
        own: dict[str, Any] = {"settings": "", "lease": None, "idempotency_key": None, "request_digest": None}
        part = replace(task, status=TaskStatus.PENDING, interruptions=0, **anew, **own)
        rows = [_fields(replace(part, id=f"{task.id}-{page}", parent=task.id, page=page)) for page in pages]
        with self._transaction() as connection:
            is_ours = _end_attempt(connection, task, anew | {"parts": len(pages), "parts_open": len(pages)}, now)
            if is_ours:
                connection.execute(_tasks.insert(), rows)
            return is_ours

    def parts(self, task_id: str) -> list[Task]:
        """The parts of a document that was split, by their pages, and with the answers that stand in their rows."""
        return self._several(sa.select(_tasks).where(_tasks.c.parent == task_id).order_by(_tasks.c.page))

    def renew(self, claims: Collection[str], lease: float) -> None:
        """Extend claims to a later time, in seconds since the epoch; those that have ended stay ended."""
        if claims:
            self._count(_tasks.update().where(_is_claimed, _tasks.c.claim.in_(claims)).values(lease=lease))

    def delete(self, client_id: str, task_id: str, now: float) -> list[Task]:
        """Delete a client's task in any state, and its parts; returns the rows as they were."""
        with self._transaction() as connection:
            gone = _delete(connection, sa.and_(_tasks.c.id == task_id, _tasks.c.client_id == client_id, _is_task))
            if gone and gone[0].parts:
                gone += _delete(connection, _tasks.c.parent == task_id)
            _settle(connection, gone, now)
            return gone

    def delete_all(self, client_id: str) -> list[Task]:
        """Delete all tasks of a client that is about to be removed; returns the rows as they were."""
        return self._several(_tasks.delete().where(_tasks.c.client_id == client_id).returning(*_row))

    def delete_older(self, created_before: float, limit: int, operations: Collection[str] = ()) -> list[Task]:
        """Delete the tasks, or those of some types, that were submitted before a time, oldest first.

        The rows as they were.
        """
        is_older = _tasks.c.created < created_before
        if operations:
            is_older = sa.and_(is_older, _tasks.c.operation.in_(operations))
        oldest = sa.select(_tasks.c.id).where(is_older).order_by(_tasks.c.created).limit(limit)
        with self._transaction() as connection:
            gone = _delete(connection, _tasks.c.id.in_(oldest))
            _settle(connection, gone, created_before)
            return gone

    # Looking

    def task(self, task_id: str) -> Task | None:
        """One task of any client."""
        return self._one(sa.select(*_row).where(_tasks.c.id == task_id))

    def task_of(self, client_id: str, task_id: str) -> Task | None:
        """A client's task, with the answer that stands in its row; another client's is None like an unknown one."""
        return self._one(_TASK_OF, {"the_task": task_id, "the_client": client_id})

    def task_by_key(self, client_id: str, idempotency_key: str) -> Task | None:
        """A client's task by the key that it gave."""
        return self._one(
            sa.select(*_row).where(_tasks.c.client_id == client_id, _tasks.c.idempotency_key == idempotency_key)
        )

    def claimed(self, claim: str) -> Task | None:
        """The task that is claimed so; None if it has ended, was taken back, or never was."""
        return self._one(sa.select(*_row).where(_is_claimed, _tasks.c.claim == claim))

    def tasks(self, task_ids: Sequence[str]) -> list[Task]:
        """Those of the tasks that are there."""
        return self._several(sa.select(*_row).where(_tasks.c.id.in_(task_ids)))

    def tasks_of(self, client_id: str, created_from: float, limit: int) -> list[Task]:
        """A client's tasks that were submitted since a moment, newest first; but for the service's own."""
        return self._several(
            sa.select(*_row)
            .where(_tasks.c.client_id == client_id, _tasks.c.created >= created_from, _is_task)
            .where(_tasks.c.operation.not_in(OWN))
            .order_by(_tasks.c.created.desc(), _tasks.c.id)
            .limit(limit)
        )

    def processing(self, lease_before: float | None = None) -> list[Task]:
        """Tasks and parts that are claimed; with `lease_before`, only those whose claim had run out by then."""
        query = sa.select(*_row).where(_is_claimed)
        if lease_before is not None:
            query = query.where(_tasks.c.lease < lease_before)
        return self._several(query)

    def load(self) -> tuple[int, float | None, int]:
        """How many tasks and parts wait, since when the oldest of them, and how many are claimed."""
        waiting, claimed = self._rows(
            sa.select(sa.func.count().label("count"), sa.func.min(_tasks.c.created).label("oldest"))
            .where(_is_pending)
            .union_all(sa.select(sa.func.count(), sa.null()).where(_is_claimed))
        )
        return waiting["count"], waiting["oldest"], claimed["count"]

    # Between processes

    @contextlib.contextmanager
    def housekeeping(self) -> Iterator[bool]:
        """Whether this process does the housekeeping at the moment; with SQLite there is only one process."""
        with self._connected() as connection:
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
        """Lock the database for a service that voids every claim when it starts; False if others use it.

        On PostgreSQL only: a SQLite file stands in a data directory that is locked already. Held until `close`.
        """
        if not self._is_postgresql:
            return True
        return self._keep_lock(sa.func.pg_try_advisory_lock(_SOLE_SERVICE))

    def be_one_of_many(self) -> bool:
        """Lock the database against such a service, until `close`; False if there is one."""
        return self._keep_lock(sa.func.pg_try_advisory_lock_shared(_SOLE_SERVICE))

    def ends(self, stop: threading.Event) -> Iterator[str | None]:
        """Ids of the tasks that end or are deleted, in any process, as PostgreSQL announces them.

        The first is None, once it listens: what ended before was not told. It goes on until `stop` is set.
        """
        with self._connected() as connection:
            driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
            connection.detach()  # from the pool, where others would get it with what it listens to
            try:
                driver.execute(f"LISTEN {migrations.ENDS_CHANNEL}")
                yield None
                while not stop.is_set():
                    for told in driver.notifies(timeout=_LISTEN_SECONDS):
                        yield told.payload
            except self._engine.dialect.loaded_dbapi.Error as error:
                raise Unavailable(_AWAY) from error

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

    def _rows(self, statement: sa.Executable, values: Mapping[str, Any] | None = None) -> Sequence[sa.RowMapping]:
        """What a statement gives that is a transaction of its own."""
        try:
            return self._run(statement, values)
        except Unavailable as error:
            # What only looks may look again; whether a change took place cannot be known here.
            if not (statement.is_select and may_have_taken_place(error)):
                raise
            return self._run(statement, values)

    def _run(self, statement: sa.Executable, values: Mapping[str, Any] | None) -> Sequence[sa.RowMapping]:
        with self._connected() as connection:
            return connection.execute(statement, values).mappings().all()

    def _several(self, statement: sa.Executable, values: Mapping[str, Any] | None = None) -> list[Task]:
        return [_to_task(row) for row in self._rows(statement, values)]

    def _one(self, statement: sa.Executable, values: Mapping[str, Any] | None = None) -> Task | None:
        return next(iter(self._several(statement, values)), None)

    def _count(self, statement: sa.Executable) -> int:
        """How many rows a change concerns."""
        with self._connected() as connection:
            return connection.execute(statement).rowcount

    @contextlib.contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        with _told_as_unavailable(), self._engine.connect() as connection:
            yield connection

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        """Statements that take place together or not at all."""
        with self._connected() as connection:
            connection.exec_driver_sql("BEGIN" if self._is_postgresql else "BEGIN IMMEDIATE")
            try:
                yield connection
                connection.exec_driver_sql("COMMIT")
            except BaseException:
                with contextlib.suppress(
                    SQLAlchemyError
                ):  # where the connection is what was lost, it says so once more
                    connection.exec_driver_sql("ROLLBACK")
                raise


_ENGINE: dict[str, Any] = {
    "hide_parameters": True,  # which may be a task's text, from errors that are logged
    "pool_size": 8,
    "max_overflow": 32,
    "pool_timeout": _BUSY_SECONDS,
    "pool_reset_on_return": None,  # in autocommit mode there is nothing to roll back
}

_POSTGRESQL = {
    # A server that is gone, or cut off, is told within seconds, where TCP alone would wait for a quarter of an hour.
    "connect_timeout": 5,
    "keepalives_idle": _BUSY_SECONDS,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": _BUSY_SECONDS * 1000,
    "client_encoding": "utf8",
    "options": " ".join(
        f"-c {name}={value}"
        for name, value in {
            "lock_timeout": f"{_BUSY_SECONDS}s",
            "statement_timeout": f"{3 * _BUSY_SECONDS}s",
            "idle_in_transaction_session_timeout": f"{_BUSY_SECONDS}s",
            # The same at the server's end, so that a host that is cut off does not go on holding locks.
            "tcp_keepalives_idle": _BUSY_SECONDS,
            "tcp_keepalives_interval": 5,
            "tcp_keepalives_count": 3,
            "tcp_user_timeout": f"{_BUSY_SECONDS}s",
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
            **_ENGINE,
        )
    if parsed.get_backend_name() != "sqlite":
        raise ConfigurationError(f"database: {parsed.get_backend_name()} is not supported; take sqlite or postgresql")
    engine = sa.create_engine(parsed, isolation_level="AUTOCOMMIT", connect_args={"timeout": _BUSY_SECONDS}, **_ENGINE)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        record.info["file"] = _file(parsed.database)
        cursor = connection.cursor()
        # The last: what is erased is overwritten, results among it, also where SQLite was not built to do that.
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "checkout")
    def _check(_connection: Any, record: Any, _proxy: Any) -> None:
        # SQLite itself goes on with a file that is no more, and all that it writes there is lost.
        if _file(parsed.database) != record.info["file"]:
            raise Unavailable(f"The database file {parsed.database} was removed or replaced. Start the service again.")

    return engine


def _file(path: str | None) -> tuple[int, int] | None:
    """Which file is there."""
    try:
        found = Path(path or "").stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


@contextlib.contextmanager
def _told_as_unavailable() -> Iterator[None]:
    """Tell what the database refuses as the service being unavailable; broken constraints are the caller's to judge."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeoutError) as error:
        code = getattr(getattr(error, "orig", None), "sqlite_errorname", "")
        raise Unavailable(_DAMAGED if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) else _AWAY) from error


def may_have_taken_place(error: Unavailable) -> bool:
    """Whether a statement that failed may have taken effect.

    So it is where the connection ended in the middle of a statement, as it does when the database is started again;
    else the statement was refused, or never sent.
    """
    return isinstance(error.__cause__, DBAPIError) and error.__cause__.connection_invalidated


def _end_attempt(connection: sa.Connection, task: Task, values: Mapping[str, Any], now: float, ended: int = 0) -> bool:
    """Change a row that its claim still holds, and charge its client, as `_charge`; False if it no longer does."""
    lease = connection.execute(_HELD, {**values, "the_task": task.id, "the_claim": task.claim}).scalar()
    if lease is not None:
        _charge(connection, replace(task, lease=lease), now, ended)
    return lease is not None


def _delete(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[Task]:
    """Delete tasks; as they were."""
    return [_to_task(row) for row in connection.execute(_tasks.delete().where(which).returning(*_row)).mappings()]


def _charge(connection: sa.Connection, task: Task, now: float, ended: int = 0) -> None:
    """Charge an attempt to its client, which has so many open tasks less."""
    cost = 0.0 if task.started is None or task.lease is None else max(0.0, min(now, task.lease) - task.started)
    connection.execute(_CHARGE, {"the_client": task.client_id, "cost": cost, "ended": ended})


def _settle(connection: sa.Connection, gone: Sequence[Task], now: float) -> None:
    """Charge the clients of tasks that are gone for what ran, and count what was open."""
    for task in sorted(gone, key=lambda task: task.client_id):
        is_claimed = task.status is TaskStatus.PROCESSING and task.claim is not None
        is_open = task.is_open and task.parent is None
        if is_claimed or is_open:
            _charge(connection, task if is_claimed else replace(task, started=None), now, ended=int(is_open))


def _fields(row: Client | Task | StoredTemplate) -> dict[str, Any]:
    fields = {name: getattr(row, name) for name in row.__slots__}
    if "messages" in fields:
        fields["messages"] = _to_json(fields["messages"])
    return fields


def _to_task(row: Mapping[Any, Any]) -> Task:
    told = {"status": TaskStatus(row["status"]), "code": ResponseStatusCode(row["code"])}
    return Task(**{**row, **told, "messages": tuple(orjson.loads(row["messages"]))})


def _to_json(messages: Sequence[str]) -> str:
    return orjson.dumps(messages).decode()
