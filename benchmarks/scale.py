"""What a task costs: the embedded service, and the scaled one on PostgreSQL, a broker and S3, in the same run.

usage: python benchmarks/scale.py [--broker redis|rabbitmq] [--blobs s3|directory] [--workers N] [--tasks N]
                                  [--clients N] [--beside DIRECTORY] [--expect]

Starts private servers as the tests do, but with a PostgreSQL that synchronises with the disk. The services take turns
at tasks of two kinds, each posted and then fetched by a held GET: `trivial` cuts a picture of 16 x 16 pixels out and
reads nothing (ImagePNG), `line` reads one line of print. Of each are told:

tasks/s     tasks by the time from the first POST to the last answer. Clients and servers take their part of the machine
turn        milliseconds from POST to the answer of the held GET
wait        milliseconds from the insertion of the row to its claim, as the row has them
SQL         statements by pg_stat_statements, for all that a task takes
CPU         milliseconds of processor time for each task: of the API process, of the worker's main process and of its
            children (embedded: of the pool's processes)
least       all of that in the turn that took least. Other programs, and on a rented machine its other tenants, slow a
            processor down and so add to the time that a program is charged for; nothing takes any away. So it is the
            least that tells about the program, as the documentation of timeit has it

With --beside, services of another checkout of this repository take part, run by the same Python with the same
libraries, and the ratio of the least is told. With --expect the exit code is 1 where that is above 1.05 for a line or 2
for a trivial task.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil
import psycopg
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from harness import EMBEDDED, Api, Deployment, ServiceProcess, draw, rows, whaleline, workers_of
from servers import S3, PostgreSQL, RabbitMQ, Redis, running

BROKERS: dict[str, type[Redis] | type[RabbitMQ]] = {"redis": Redis, "rabbitmq": RabbitMQ}

_TURNS = 8
"""Turns of each kind. The services take turns, so that another program's load meets all alike."""

_MOST = {"line": 1.05, "trivial": 2.0}
"""Processor time beside that of the other checkout's service."""


class DurablePostgreSQL(PostgreSQL):
    """As the tests have it, but what it says is committed is on the disk; and it counts statements."""

    def _command(self) -> list[str]:
        more = {
            "fsync": "on",
            "shared_preload_libraries": "pg_stat_statements",
            "pg_stat_statements.track": "top",  # not what triggers do
        }
        return [*super()._command(), *(part for name, value in more.items() for part in ("-c", f"{name}={value}"))]

    def statements(self, database: str) -> int:
        """How many it has been sent for a database."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            count = connection.execute(
                "SELECT sum(calls) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE datname = %s",
                (database.rpartition("/")[2],),
            ).fetchone()
        return int(count[0] or 0) if count else 0


@dataclass(frozen=True)
class Kind:
    """A task to post."""

    image: bytes
    settings: dict[str, Any]


@dataclass
class Figures:
    """What some turns of one kind came to: seconds, milliseconds of each POST and GET, ids, CPU seconds by part."""

    seconds: float = 0.0
    turns: list[float] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    cpu: collections.Counter[str] = field(default_factory=collections.Counter)
    cpu_ms: list[float] = field(default_factory=list)
    statements: int = 0


class Side:
    """One of the services that are compared."""

    def __init__(self, name: str, service: ServiceProcess, postgresql: DurablePostgreSQL, clients: int) -> None:
        self.name = name
        self.figures: dict[str, Figures] = collections.defaultdict(Figures)
        self._service = service
        self._postgresql = postgresql
        self._apis = [service.connect() for _ in range(clients)]

    def work(self, name: str, kind: Kind, tasks: int) -> None:
        """Have so many tasks carried out by all clients at once, and count."""
        with self._counted(name) as figures, ThreadPoolExecutor(len(self._apis)) as threads:
            share = tasks // len(self._apis)
            for each in [threads.submit(client, api, kind, share) for api in self._apis]:
                for task, seconds in each.result():
                    figures.ids.append(task)
                    figures.turns.append(1000 * seconds)

    def waits(self, name: str) -> list[float]:
        """Milliseconds from each task's row to its claim; none where the other checkout does not note them."""
        with contextlib.suppress(Exception):
            told = dict(rows(self._service, "SELECT id, 1000 * (started - created) FROM tasks"))
            return [told[task] for task in self.figures[name].ids]
        return []

    @contextlib.contextmanager
    def _counted(self, name: str) -> Iterator[Figures]:
        figures = self.figures[name]
        tasks, statements, cpu, start = len(figures.ids), self._statements(), self._cpu(), time.monotonic()
        yield figures
        figures.seconds += time.monotonic() - start
        spent = {part: seconds - cpu[part] for part, seconds in self._cpu().items()}
        figures.cpu.update(spent)
        figures.cpu_ms.append(1000 * sum(spent.values()) / (len(figures.ids) - tasks))
        figures.statements += self._statements() - statements

    def _statements(self) -> int:
        return self._postgresql.statements(str(self._service.deployment.settings.get("database", "")))

    def _cpu(self) -> collections.Counter[str]:
        parts = {
            "api": [psutil.Process(self._service.process.pid)],
            "main": [psutil.Process(each.pid) for each in self._service.workers],
            "children": workers_of(self._service),
        }
        return collections.Counter(
            {part: sum(sum(each.cpu_times()[:2]) for each in processes) for part, processes in parts.items()}
        )


def main() -> None:
    """Run it, print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--broker", choices=BROKERS, default="redis", help="what wakes the workers")
    parser.add_argument("--blobs", choices=["s3", "directory"], default="s3", help="where the scaled service has blobs")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--tasks", type=int, default=400, help="tasks of each kind")
    parser.add_argument("--clients", type=int, default=2, help="clients at once")
    parser.add_argument("--beside", type=Path, help="another checkout to compare with")
    parser.add_argument("--expect", action="store_true", help="fail when what is expected is missed")
    arguments = parser.parse_args()
    out = io.BytesIO()
    Image.new("L", (16, 16), 255).save(out, "PNG")
    kinds = {
        "trivial": Kind(out.getvalue(), {"resultType": "ImagePNG"}),
        "line": Kind(draw(["All men live enveloped in whale-lines."]), {}),
    }
    print(f"load average {os.getloadavg()[0]:.1f} at the start, on {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        place = Path(folder)
        postgresql = stack.enter_context(running(DurablePostgreSQL(place / "postgresql")))
        broker = stack.enter_context(running(BROKERS[arguments.broker](place / "broker")))
        s3 = stack.enter_context(running(S3(place / "s3"))) if arguments.blobs == "s3" else None
        with psycopg.connect(postgresql.url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")
        checkouts = {"": {}, **({"former ": {"PYTHONPATH": str(arguments.beside / "src")}} if arguments.beside else {})}
        sides = []
        for former, variables in checkouts.items():
            for name in ("embedded", "scaled"):
                at = place / f"{former}{name}"
                at.mkdir()
                deployment = replace(EMBEDDED, variables=variables)
                if name == "scaled":
                    deployment = scaled(at, postgresql, broker, s3, variables)
                service = ServiceProcess(
                    at / "data", deployment, workers=arguments.workers, anew=True, log_format="json"
                ).start()
                stack.callback(service.kill)
                sides.append(Side(former + name, service, postgresql, arguments.clients))
        for kind in kinds.values():
            for side in sides:
                side.work("warm", kind, 5 * arguments.workers * arguments.clients)
        for name, kind in kinds.items():
            for turn in range(_TURNS):
                for side in sides if turn % 2 else reversed(sides):
                    side.work(name, kind, arguments.tasks // _TURNS)
        missed = report(sides, list(kinds))
    print("\n".join(f"missed: {each}" for each in missed))
    sys.exit(1 if missed and arguments.expect else 0)


def scaled(
    place: Path,
    postgresql: PostgreSQL,
    broker: Redis | RabbitMQ,
    s3: S3 | None,
    variables: dict[str, str] | None = None,
) -> Deployment:
    """A place on the servers for a service: with its tables, and a signing key."""
    key, database, others = place / "signing-key.pem", postgresql.create_database(), variables or {}
    for command, settings in ((("key", "rotate"), {"signing_key": key}), (("migrate",), {"database": database})):
        done = whaleline(*command, variables=others, **settings)
        assert done.returncode == 0, done
    return Deployment(
        {
            "database": database,
            "broker": broker.create_broker(),
            "blobs": s3.create_store() if s3 else f"file://{place / 'blobs'}",
            "signing_key": str(key),
        },
        others | (s3.environment if s3 else {}),
    )


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


def report(sides: Sequence[Side], kinds: Sequence[str]) -> list[str]:
    """Print what the services came to; what of the expected was missed."""
    print(
        f"{'kind':<9}{'service':<17}{'tasks/s':>8}{'turn p50':>10}{'p99':>8}{'wait p50':>10}{'p99':>8}{'SQL':>6}"
        f"{'CPU api':>9}{'main':>7}{'children':>10}{'least':>8}"
    )
    missed = []
    for name in kinds:
        least = {}
        for side in sides:
            it = side.figures[name]
            tasks, waits = len(it.ids), side.waits(name) or [0.0, 0.0]
            parts = {part: 1000 * seconds / tasks for part, seconds in it.cpu.items()}
            least[side.name] = min(it.cpu_ms)
            print(
                f"{name:<9}{side.name:<17}{tasks / it.seconds:>8.1f}{percentile(it.turns, 50):>10.1f}"
                f"{percentile(it.turns, 99):>8.1f}{percentile(waits, 50):>10.1f}{percentile(waits, 99):>8.1f}"
                f"{it.statements / tasks:>6.1f}{parts['api']:>9.2f}{parts['main']:>7.2f}{parts['children']:>10.2f}"
                f"{least[side.name]:>8.2f}"
            )
        for service in ("embedded", "scaled"):
            if former := least.get(f"former {service}"):
                ratio = least[service] / former
                print(f"{name:<9}{service:<17}the least is {ratio:.2f} of the former")
                if ratio > _MOST[name]:
                    missed.append(f"{name}, {service}: {ratio:.2f} of the former CPU, expected {_MOST[name]}")
    return missed


def percentile(values: Sequence[float], part: int) -> float:
    """The value that so many of a hundred do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[part - 1]


if __name__ == "__main__":
    main()
