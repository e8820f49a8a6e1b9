"""What PostgreSQL, a broker and workers of their own cost, beside the embedded service in the same run.

usage: python benchmarks/scale.py [--broker redis|rabbitmq] [--blobs s3|directory] [--workers 1,2,4] [--tasks N]
                                  [--clients N] [--expect]

Starts private servers as the tests do, but with a PostgreSQL that synchronises with the disk. For each number of worker
processes both services run, with log lines in JSON as the files in deploy/ have it, and take turns at each of:

one         trivial tasks one at a time: POST, then a held GET, the next when that is answered
trivial     trivial tasks by so many clients at once, each as above
real        the same with pages of eight lines of print that are read; a twentieth of the tasks

A trivial task cuts a picture of 16 x 16 pixels out and reads nothing (ImagePNG). Of each are told:

tasks/s     tasks by the time from the first POST to the last answer. Clients and servers take their part of the machine
turn        milliseconds from POST to the answer of the held GET
pickup      milliseconds from the insertion of the row to its claim, both by the clock of the database, which a trigger
            notes: the blob is stored before that, and the message sent after it
SQL         statements by pg_stat_statements, for all that a task takes: POST, GET, worker, less what the idle service
            sends in that time
CPU         milliseconds of processor time for each task: of the API process, of the worker's main process and of its
            children (embedded: of the pool's processes)
alone       those of the operation without a service around it, measured after each turn, with pauses as it has there
own         the service's CPU less that
least       own in the turn of a hundred tasks that took least, less the least that the operation took. Other programs,
            and on a rented machine its other tenants, slow a processor down and so add to the time that a program is
            charged for; nothing takes any away. So it is the least that tells about the program, as the documentation
            of timeit has it, and the mean about the machine, too

First PostgreSQL alone is asked how many lives of rows it has room for (pgbench inserts, claims and finishes them by 16
connections), with and without the trigger that tells ends (NOTIFY takes a lock for the commit), since that bounds
everything else.

With --expect the exit code is 1 when the scaled service misses one of: pickup p99 under 50 ms, one at a time; at most 6
statements for a task; own CPU, the least, under 5 ms for a trivial task of those by several clients.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import io
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from harness import EMBEDDED, Api, Deployment, ServiceProcess, draw, rows, whaleline, workers_of
from servers import S3, PostgreSQL, RabbitMQ, Redis, Server, running
from whaleline.operations import OPERATIONS
from whaleline.operations.warm_up import warm_up
from whaleline.settings import Settings

_TURN = 100
"""Trivial tasks of a turn. The services take turns, so that another program's load meets both alike: short ones, since
that comes and goes, but of enough tasks for a processor time that the system tells in hundredths of a second."""

_REAL_TURNS = 4
"""Turns of real tasks."""

_IDLE_SECONDS = 20.0
"""How long the services are left alone to see what they do then; two of the usual looks around."""

_PAUSE = 0.005
"""Seconds between two runs of the operation alone: in a service it finds the processor's caches as cold as that."""

_SERVICE = ("api", "main", "children")
"""The parts of a service that are its own."""

_PICKUP_MS, _STATEMENTS, _OWN_MS = 50.0, 6.0, 5.0
"""What is expected; see above."""

_LIFE = """
SELECT gen_random_uuid() AS id \\gset
INSERT INTO tasks (id, client_id, operation, settings, priority, status, code, messages, attempts, created,
    interruptions) VALUES (:id, 'one', 'RecognizeRegions', '{}', 3, 'Pending', 'NotReady', '[]', 0, 0, 0);
UPDATE tasks SET status = 'Processing', claim = 'c', lease = 1, attempts = 1 WHERE id = :id AND status = 'Pending';
UPDATE tasks SET status = 'Completed', lease = NULL, finished = 1, answer = rpad('{', 1000, '0123456789')
    WHERE id = :id AND status = 'Processing';
"""
"""What pgbench does to a row, whose answer has a thousand bytes."""

_LIFE_SECONDS = 8

_MOMENTS = (
    "CREATE TABLE moments (id TEXT, status TEXT, moment DOUBLE PRECISION)",
    "CREATE TRIGGER note_insert AFTER INSERT ON tasks BEGIN INSERT INTO moments"
    " VALUES (NEW.id, NEW.status, (julianday('now') - 2440587.5) * 86400.0); END",
    "CREATE TRIGGER note_claim AFTER UPDATE ON tasks WHEN OLD.status = 'Pending' AND NEW.status = 'Processing'"
    " BEGIN INSERT INTO moments VALUES (NEW.id, NEW.status, (julianday('now') - 2440587.5) * 86400.0); END",
)
_MOMENTS_ON_POSTGRESQL = (
    _MOMENTS[0].replace("CREATE", "CREATE UNLOGGED"),
    "CREATE FUNCTION note() RETURNS TRIGGER LANGUAGE plpgsql AS 'BEGIN INSERT INTO moments"
    " VALUES (NEW.id, NEW.status, extract(epoch FROM clock_timestamp())); RETURN NULL; END'",
    "CREATE TRIGGER note_insert AFTER INSERT ON tasks FOR EACH ROW EXECUTE FUNCTION note()",
    "CREATE TRIGGER note_claim AFTER UPDATE ON tasks FOR EACH ROW"
    " WHEN (OLD.status = 'Pending' AND NEW.status = 'Processing') EXECUTE FUNCTION note()",
)
_PICKUPS = (
    "SELECT a.id, b.moment - a.moment FROM moments a JOIN moments b ON a.id = b.id"
    " WHERE a.status = 'Pending' AND b.status = 'Processing'"
)


class DurablePostgreSQL(PostgreSQL):
    """As the tests have it, but what it says is committed is on the disk; and it counts statements."""

    def _command(self) -> list[str]:
        more = {
            "fsync": "on",
            "shared_preload_libraries": "pg_stat_statements",
            "pg_stat_statements.track": "top",  # not what triggers do
        }
        return [*super()._command(), *(part for name, value in more.items() for part in ("-c", f"{name}={value}"))]

    def lives_per_second(self, *, tells: bool) -> float:
        """How many rows of tasks can be inserted, claimed and finished, with or without a word of each end."""
        database = self.create_database()
        done = whaleline("migrate", database=database)
        assert done.returncode == 0, done
        with psycopg.connect(database, autocommit=True) as connection:
            connection.execute("INSERT INTO clients VALUES ('one', 'one', '', 0)")
            if not tells:
                connection.execute("ALTER TABLE tasks DISABLE TRIGGER tasks_ended")
        script = self.directory / "life.sql"
        script.write_text(_LIFE)
        # -n: no tables of its own; -M prepared: as psycopg does after some calls of a statement
        how = ["-n", "-M", "prepared", "-c", "16", "-j", "2", "-T", str(_LIFE_SECONDS), "-f", str(script)]
        told = subprocess.run(
            [(self._programs / "initdb").resolve().with_name("pgbench"), *how, database],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        self.drop_database(database)
        found = re.search(r"^tps = (\S+)", told, re.MULTILINE)
        assert found, told
        return float(found[1])


@dataclass(frozen=True)
class Kind:
    """A task to post."""

    image: bytes
    settings: dict[str, Any]

    def operation_ms(self) -> float:
        """Milliseconds of processor time that it takes without a service around it."""
        operation, settings = OPERATIONS["RecognizeRegions"], Settings()
        request = operation.settings_model.model_validate(self.settings)
        operation.run(self.image, request, settings)
        count, spent = 50, 0.0
        for _ in range(count):
            time.sleep(_PAUSE)
            start = time.process_time()
            operation.run(self.image, request, settings)
            spent += time.process_time() - start
        return 1000 * spent / count


@dataclass
class Figures:
    """What some turns of one kind of load came to.

    Attributes:
        tasks: how many.
        seconds: that they took.
        turns: milliseconds from POST to the answer of the held GET.
        ids: of the tasks.
        cpu: seconds of processor time by part of the service, servers and clients.
        cpu_ms_by_turn: milliseconds of the service's for each task, one figure for each turn.
        operation_ms: those of the operation alone, after each turn.
        statements: by text; none for the embedded service.
        wal: bytes that PostgreSQL wrote to its log.
    """

    tasks: int = 0
    seconds: float = 0.0
    turns: list[float] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    cpu: collections.Counter[str] = field(default_factory=collections.Counter)
    cpu_ms_by_turn: list[float] = field(default_factory=list)
    operation_ms: list[float] = field(default_factory=list)
    statements: collections.Counter[str] = field(default_factory=collections.Counter)
    wal: int = 0

    def cpu_ms(self, *parts: str) -> float:
        """Milliseconds of processor time of some parts for each task."""
        return 1000 * sum(self.cpu[part] for part in parts) / self.tasks

    def own_ms(self) -> float:
        """Milliseconds of the service's own processor time for each task, on the average."""
        return self.cpu_ms(*_SERVICE) - statistics.fmean(self.operation_ms)

    def least_ms(self) -> float:
        """The same where it was least; the least of the operation, too, lest a slow moment of its flatters."""
        return min(self.cpu_ms_by_turn) - min(self.operation_ms)


class Side:
    """One of the services that are compared, and the servers that it uses."""

    def __init__(self, name: str, service: ServiceProcess, servers: dict[str, Server], postgresql: str = "") -> None:
        self.name = name
        self.service = service
        self.apis: list[Api] = []
        self.figures: dict[str, Figures] = collections.defaultdict(Figures)
        self._servers = servers
        self._postgresql = postgresql
        for sql in _MOMENTS_ON_POSTGRESQL if postgresql else _MOMENTS:
            rows(service, sql)

    @contextlib.contextmanager
    def counted(self, load: str) -> Iterator[Figures]:
        """Add what happens within to the figures of a kind of load."""
        figures = self.figures[load]
        tasks = figures.tasks
        statements, wal = self._said()
        cpu = self._cpu()
        start = time.monotonic()
        yield figures
        figures.seconds += time.monotonic() - start
        spent = {part: seconds - cpu[part] for part, seconds in self._cpu().items()}
        figures.cpu.update(spent)
        if figures.tasks > tasks:
            own = sum(spent.get(part, 0.0) for part in _SERVICE)
            figures.cpu_ms_by_turn.append(1000 * own / (figures.tasks - tasks))
        after, wal_after = self._said()
        figures.statements.update({text: count - statements[text] for text, count in after.items()})
        figures.wal += wal_after - wal

    def pickups(self, load: str) -> list[float]:
        """Milliseconds from each task's row to its claim, of one kind of load."""
        wanted = set(self.figures[load].ids)
        return [1000 * seconds for task, seconds in rows(self.service, _PICKUPS) if task in wanted]

    def statements(self, load: str) -> dict[str, float]:
        """Statements for each task, by text, less those of the idle service in the same time."""
        figures, idle = self.figures[load], self.figures["idle"]
        return {
            text: (count - idle.statements[text] / idle.seconds * figures.seconds) / figures.tasks
            for text, count in figures.statements.items()
        }

    def connections(self) -> dict[str, int]:
        """Connections to PostgreSQL of one process of each part; those that a child inherits count as its parent's."""
        port = psycopg.conninfo.conninfo_to_dict(self._postgresql)["port"]
        seen: set[int] = set()
        found = {}
        for part, processes in self._parts().items():
            own = {
                each.laddr.port
                for process in processes
                for each in process.net_connections("tcp")
                if each.raddr and str(each.raddr.port) == port
            } - seen
            seen |= own
            found[part] = round(len(own) / max(1, len(processes)))
        return found

    def _parts(self) -> dict[str, list[psutil.Process]]:
        return {
            "api": [psutil.Process(self.service.process.pid)],
            "main": [psutil.Process(each.pid) for each in self.service.workers],
            "children": workers_of(self.service),
        }

    def _cpu(self) -> collections.Counter[str]:
        parts = self._parts() | {"clients": [psutil.Process()]}
        for name, server in self._servers.items():
            root = psutil.Process(server.pid)
            parts[name] = [root, *root.children(recursive=True)]
        spent: collections.Counter[str] = collections.Counter()
        for part, processes in parts.items():
            for process in processes:
                with contextlib.suppress(psutil.NoSuchProcess):
                    spent[part] += sum(process.cpu_times()[:2])
        return spent

    def _said(self) -> tuple[collections.Counter[str], int]:
        counts: collections.Counter[str] = collections.Counter()
        if not self._postgresql:
            return counts, 0
        with psycopg.connect(self._postgresql, autocommit=True) as connection:
            name = self.service.deployment.settings["database"].rpartition("/")[2]
            for text, calls in connection.execute(
                "SELECT query, calls FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE datname = %s",
                (name,),
            ):
                if "moments" not in text:
                    counts[" ".join(text.split())] += calls
            (wal,) = connection.execute("SELECT pg_current_wal_lsn() - '0/0'").fetchone() or (0,)
        return counts, int(wal)


def main() -> None:
    """Run it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", choices=["redis", "rabbitmq"], default="redis", help="what carries the ids")
    parser.add_argument("--blobs", choices=["s3", "directory"], default="s3", help="where the scaled service has blobs")
    parser.add_argument("--workers", default="1,2,4", help="numbers of worker processes, with commas between")
    parser.add_argument("--tasks", type=int, default=800, help="trivial tasks of each kind of load")
    parser.add_argument("--clients", type=int, default=8, help="clients at once")
    parser.add_argument("--expect", action="store_true", help="fail when what is expected is missed")
    arguments = parser.parse_args()
    trivial = Kind(picture(), {"resultType": "ImagePNG"})
    real = Kind(draw([f"Call me number {n}, all men live in whale-lines." for n in range(8)], width=900), {})
    loads = {
        "one": (trivial, arguments.tasks, 1),
        "trivial": (trivial, arguments.tasks, arguments.clients),
        "real": (real, max(arguments.clients, arguments.tasks // 20), arguments.clients),
    }
    warm_up(Settings())
    print(f"load average {os.getloadavg()[0]:.1f} at the start, on {os.cpu_count()} cores")
    print(f"a real image has {len(real.image)} bytes, a trivial one {len(trivial.image)}\n")
    missed = []
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        place = Path(folder)
        postgresql = stack.enter_context(running(DurablePostgreSQL(place / "postgresql")))
        broker = stack.enter_context(running((Redis if arguments.broker == "redis" else RabbitMQ)(place / "broker")))
        servers: dict[str, Server] = {"postgresql": postgresql, "broker": broker}
        s3 = stack.enter_context(running(S3(place / "s3"))) if arguments.blobs == "s3" else None
        if s3:
            servers["s3"] = s3
        with psycopg.connect(postgresql.url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
        lives = {tells: postgresql.lives_per_second(tells=tells) for tells in (True, False)}
        print(
            f"rows that PostgreSQL alone sees through a second: {lives[True]:.0f}, without NOTIFY {lives[False]:.0f}\n"
        )
        for count in map(int, arguments.workers.split(",")):
            at = place / f"{count} workers"
            with contextlib.ExitStack() as started:
                sides = []
                for name in ("embedded", "scaled"):
                    (at / name).mkdir(parents=True)
                    deployment = EMBEDDED if name == "embedded" else scaled(at / name, postgresql, broker, s3)
                    service = ServiceProcess(
                        at / name / "data", deployment, workers=count, worker_tasks=0, log_format="json"
                    )
                    service.start()
                    started.callback(service.kill)
                    is_scaled = deployment.is_scaled
                    sides.append(Side(name, service, servers if is_scaled else {}, postgresql.url if is_scaled else ""))
                compare(sides, loads)
                missed += report(sides, loads, count)
    print(f"load average {os.getloadavg()[0]:.1f} at the end")
    print("\n".join(f"missed: {each}" for each in missed) or "nothing expected was missed")
    sys.exit(1 if missed and arguments.expect else 0)


def picture() -> bytes:
    """A file that is next to no work."""
    out = io.BytesIO()
    Image.new("L", (16, 16), 255).save(out, "PNG")
    return out.getvalue()


def scaled(place: Path, postgresql: PostgreSQL, broker: Redis | RabbitMQ, s3: S3 | None) -> Deployment:
    """A place on the servers for a service: with its tables, and a signing key."""
    key, database = place / "signing-key.pem", postgresql.create_database()
    for command, settings in ((("key", "rotate"), {"signing_key": key}), (("migrate",), {"database": database})):
        done = whaleline(*command, **settings)
        assert done.returncode == 0, done
    return Deployment(
        {
            "database": database,
            "broker": broker.create_broker(),
            "blobs": s3.create_store() if s3 else f"file://{place / 'blobs'}",
            "signing_key": str(key),
        },
        s3.environment if s3 else {},
    )


def compare(sides: Sequence[Side], loads: dict[str, tuple[Kind, int, int]]) -> None:
    """Let the services take turns at each kind of load."""
    for side in sides:
        side.apis = [side.service.connect() for _ in range(max(clients for _, _, clients in loads.values()))]
        work(side, "warm", *loads["trivial"])
    with contextlib.ExitStack() as idle:
        for side in sides:
            idle.enter_context(side.counted("idle"))
        time.sleep(_IDLE_SECONDS)
    for load, (kind, tasks, clients) in loads.items():
        turns = _REAL_TURNS if load == "real" else max(1, tasks // _TURN)
        for turn in range(turns):
            for side in sides if turn % 2 else reversed(sides):
                work(side, load, kind, max(1, tasks // turns), clients)
                if load != "real":
                    side.figures[load].operation_ms.append(kind.operation_ms())


def work(side: Side, load: str, kind: Kind, tasks: int, clients: int) -> None:
    """Have so many tasks carried out by so many clients, and count."""
    with side.counted(load) as figures, ThreadPoolExecutor(clients) as threads:
        shares = [threads.submit(client, side.apis[n], kind, len(range(n, tasks, clients))) for n in range(clients)]
        for share in shares:
            for task, seconds in share.result():
                figures.tasks += 1
                figures.ids.append(task)
                figures.turns.append(1000 * seconds)


def client(api: Api, kind: Kind, tasks: int) -> list[tuple[str, float]]:
    """Post and fetch one task after the other; ids, and seconds that each took."""
    done = []
    for _ in range(tasks):
        start = time.monotonic()
        task = api.submit(kind.image, **kind.settings)
        answer = api.get(task, wait=30)
        done.append((task, time.monotonic() - start))
        assert answer["taskStatus"] == "Completed", answer
    return done


def report(sides: Sequence[Side], loads: dict[str, Any], workers: int) -> list[str]:
    """Print what one number of workers came to; what of the expected was missed."""
    embedded, scaled_ = sides
    print(
        f"{'workers':<9}{'load':<9}{'service':<10}{'tasks':>6}{'tasks/s':>9}{'turn p50':>10}{'p99':>8}"
        f"{'pickup p50':>12}{'p99':>8}{'SQL':>7}{'CPU api':>9}{'main':>7}{'children':>10}"
        f"{'alone':>7}{'own':>7}{'least':>7}"
    )
    for load in loads:
        for side in sides:
            it = side.figures[load]
            pickups = side.pickups(load)
            own = ["-"] * 3
            if load != "real":
                own = [f"{ms:.2f}" for ms in (statistics.fmean(it.operation_ms), it.own_ms(), it.least_ms())]
            statements = f"{sum(side.statements(load).values()):.2f}" if side is scaled_ else "-"
            print(
                f"{workers:<9}{load:<9}{side.name:<10}{it.tasks:>6}{it.tasks / it.seconds:>9.1f}"
                f"{percentile(it.turns, 50):>10.1f}{percentile(it.turns, 99):>8.1f}"
                f"{percentile(pickups, 50):>12.1f}{percentile(pickups, 99):>8.1f}{statements:>7}"
                f"{it.cpu_ms('api'):>9.2f}{it.cpu_ms('main'):>7.2f}{it.cpu_ms('children'):>10.2f}"
                + "".join(f"{each:>7}" for each in own)
            )
        ours, theirs = scaled_.figures[load], embedded.figures[load]
        print(
            f"{'':<18}scaled to embedded: tasks/s {ours.tasks / ours.seconds / (theirs.tasks / theirs.seconds):.2f},"
            f" turn p50 {percentile(ours.turns, 50) / percentile(theirs.turns, 50):.2f},"
            f" CPU {ours.cpu_ms(*_SERVICE) / theirs.cpu_ms(*_SERVICE):.2f}"
        )
    busy, idle = scaled_.figures["trivial"], scaled_.figures["idle"]
    others = {part: busy.cpu_ms(part) for part in busy.cpu if part not in _SERVICE}
    print(
        f"CPU of others for a trivial task, ms: {told(others)}; of PostgreSQL's log: {busy.wal / busy.tasks:.0f} bytes"
    )
    share = {part: 1000 * seconds / idle.seconds for part, seconds in idle.cpu.items()}
    print(
        f"idle, scaled: {sum(idle.statements.values()) / idle.seconds:.2f} statements/s; CPU in ms/s: {told(share)};"
        f" {idle.wal / idle.seconds:.0f} bytes/s of log"
    )
    print(f"connections to PostgreSQL of one process: {told(scaled_.connections(), 0)}")
    print("statements for one trivial task, one at a time, and by several clients:")
    one, many = scaled_.statements("one"), scaled_.statements("trivial")
    for text in sorted(one, key=lambda text: -one[text]):
        if max(one[text], many.get(text, 0.0)) >= 0.01:
            print(f"  {one[text]:6.2f} {many.get(text, 0.0):6.2f}  {text[:90]}")
    print(flush=True)
    pickup = percentile(scaled_.pickups("one"), 99)
    statements_ = max(sum(one.values()), sum(many.values()))
    checks: list[tuple[str, float, Callable[[float], bool], float]] = [
        ("pickup p99 in ms, one at a time", pickup, lambda value: value < _PICKUP_MS, _PICKUP_MS),
        ("statements for a task", statements_, lambda value: round(value, 1) <= _STATEMENTS, _STATEMENTS),
        ("own CPU in ms for a trivial task, the least", busy.least_ms(), lambda value: value < _OWN_MS, _OWN_MS),
    ]
    return [
        f"{workers} workers: {what} {value:.2f}, expected {bound:g}"
        for what, value, holds, bound in checks
        if not holds(value)
    ]


def percentile(values: Sequence[float], part: int) -> float:
    """The value that so many of a hundred do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[part - 1]


def told(values: Mapping[str, float], digits: int = 2) -> str:
    """Names with figures."""
    return ", ".join(f"{name} {value:.{digits}f}" for name, value in values.items())


if __name__ == "__main__":
    main()
