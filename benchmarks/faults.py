"""Random faults under load: is any task lost, or carried out to two ends?

usage: python benchmarks/faults.py [--rounds N] [--seed S] [--clients N] [--workers N] [--pages N]

Each round does one of: kill a worker, stop a worker for a while, kill the whole service and start it again, hold the
database's write lock for a while. Meanwhile clients post tasks of several kinds, documents of --pages pages among
them, fetch them, and cancel some. When the rounds are over, every task gets the time to end, and then is accounted for:

lost        accepted with an id, not cancelled, and without a row or without an end
doubled     a row that came to an end twice (a trigger in the database counts), two different bodies seen for one id,
            or more than one result blob
wrong       Completed with another text than the same picture gave before the faults, or an Error where it gave none
left        rows in Processing, rows of parts, inputs of ended tasks, blobs without a row

A task, or a page of a document, may fairly be given up after its attempts, when the faults have hit it that often;
those are counted apart.
The exit code is 1 if anything was lost, doubled, wrong or left.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import hashlib
import io
import random
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
import harness
from harness import (
    Api,
    ServiceProcess,
    blobs,
    count_ends,
    draw,
    line_region,
    rows,
    texts,
    wait_until,
    workers_of,
    write_lock,
)

_OPEN = ("Pending", "Processing")
_WEIGHTS = {"line": 4, "jpeg": 10, "regions": 15, "long": 15, "broken": 10, "document": 5}
"""How often a client posts each kind."""

_AWAY = (httpx.TransportError, AssertionError)
"""What a client meets while the service is away: no connection, or 503."""


@dataclass(frozen=True)
class Kind:
    """A task to post."""

    name: str
    image: bytes
    settings: dict[str, Any]


@dataclass
class Sent:
    """What the clients know of one accepted task."""

    expected: list[str] | None
    cancelled: bool = False
    bodies: set[str] = field(default_factory=set)


@dataclass
class World:
    """The service of the moment, and what was sent to it."""

    service: ServiceProcess
    token: str
    kinds: list[tuple[Kind, list[str] | None]]
    sent: dict[str, Sent] = field(default_factory=dict)
    refused: int = 0
    unheard: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)


def kinds(pages: int) -> list[Kind]:
    """Tasks short and long, whole and broken, and a document of so many pages."""
    page = draw(["All men live enveloped", "in whale-lines.", "Call me Ishmael."])
    return [
        *(Kind("line", draw([f"Call me number {n}"]), {}) for n in range(12)),
        Kind("jpeg", draw(["Call me Ishmael."], format_="JPEG"), {}),
        Kind("regions", page, {"regions": [line_region(2), line_region(0)]}),
        Kind("long", draw(["It is not down in any map"] * 60, width=1500), {}),
        Kind("broken", page[:200], {}),
        Kind("document", document(pages), {"regions": [line_region(0) | {"page": 1 + n} for n in range(pages)]}),
    ]


def document(pages: int) -> bytes:
    """A TIFF with a line on each page."""
    first, *others = [Image.open(io.BytesIO(draw([f"Call me page {n}"]))).convert("L") for n in range(1, pages + 1)]
    out = io.BytesIO()
    first.save(out, "TIFF", save_all=True, append_images=others, compression="tiff_lzw")
    return out.getvalue()


def undisturbed(service: ServiceProcess, kind: Kind) -> list[str] | None:
    """What a task of this kind comes to before any fault: its texts, None for an Error."""
    api = service.connect()
    task = api.submit(kind.image, **kind.settings)
    answer = api.finished(task)
    api.cancel(task)
    return texts(answer) if answer["results"] is not None else None


def main() -> None:
    """Run the rounds and print the account."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200, help="faults to make")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of faults; their moments vary all the same")
    parser.add_argument("--clients", type=int, default=3, help="threads that post")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--pages", type=int, default=100, help="pages of a document")
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    harness.DEADLINE = 600.0  # a start may be slow where everything is; that is not what is looked for
    with tempfile.TemporaryDirectory() as folder:
        service = ServiceProcess(
            Path(folder) / "data", workers=arguments.workers, anew=True, lease_seconds=3, log_level="warning"
        ).start()
        world = World(service, service.token(), [(kind, undisturbed(service, kind)) for kind in kinds(arguments.pages)])
        try:
            count_ends(service)
            clients = [
                threading.Thread(target=client, args=(world, random.Random(arguments.seed + 1 + n)))
                for n in range(arguments.clients)
            ]
            for thread in clients:
                thread.start()
            started = time.monotonic()
            try:
                made = make_faults(world, chance, arguments.rounds)
            finally:
                world.is_over.set()
                for thread in clients:
                    thread.join()
            print(f"seconds     {time.monotonic() - started:.0f}")
            is_sound = account(world, made)
        finally:
            world.service.kill()
    sys.exit(0 if is_sound else 1)


def make_faults(world: World, chance: random.Random, rounds: int) -> collections.Counter[str]:
    """Make so many faults, one after the other; how many of each."""
    made: collections.Counter[str] = collections.Counter()
    for _ in range(rounds):
        time.sleep(chance.uniform(0.05, 2.0))
        fault = chance.choices(["kill worker", "stop worker", "kill service", "lock database"], [45, 20, 25, 10])[0]
        seconds = chance.uniform(0, 3)
        made[fault] += 1
        with contextlib.suppress(psutil.NoSuchProcess):  # it was replaced just now
            match fault:
                case "kill worker":
                    if workers := workers_of(world.service):
                        chance.choice(workers).kill()
                case "stop worker":
                    if workers := workers_of(world.service):
                        worker = chance.choice(workers)
                        worker.suspend()
                        time.sleep(seconds)
                        worker.resume()
                case "kill service":
                    world.service.process.send_signal(signal.SIGKILL)
                    world.service.kill()
                    world.service = ServiceProcess(world.service.data_dir, anew=True, **world.service.settings).start()
                    world.token = wait_until(lambda: world.service.connect(token=world.token).token, "a token")
                case "lock database":
                    with write_lock(world.service):
                        time.sleep(seconds)
    return made


def client(world: World, chance: random.Random) -> None:
    """Post, look, fetch and cancel until the faults are over, with at most ten tasks open."""
    weights = [_WEIGHTS[kind.name] for kind, _ in world.kinds]
    mine: list[str] = []
    api = Api(world.service.url, world.token)
    while not world.is_over.is_set():
        if api.url != world.service.url:
            api.close()
            api = Api(world.service.url, world.token)
        try:
            if len(mine) < 10:
                kind, expected = chance.choices(world.kinds, weights)[0]
                mine.append(post(world, api, kind, expected))
            task = chance.choice(mine) if mine else None
            if task and chance.random() < 0.08:
                # Noted before it is asked for, since the answer may be lost after the deed.
                world.sent[task].cancelled = True
                mine.remove(task)
                try:
                    api.cancel(task)
                except httpx.ConnectError:  # it was never asked for
                    world.sent[task].cancelled = False
                    mine.append(task)
                    raise
            elif task and look(world, api, task):
                mine.remove(task)
        except _AWAY:
            time.sleep(0.2)
    api.close()


def post(world: World, api: Api, kind: Kind, expected: list[str] | None) -> str:
    """Post one task and keep its id."""
    try:
        task = api.submit(kind.image, **kind.settings)
    except AssertionError:
        world.refused += 1
        raise
    except httpx.ConnectError:
        raise
    except httpx.TransportError:
        world.unheard += 1
        raise
    world.sent[task] = Sent(expected)
    return task


def look(world: World, api: Api, task: str) -> bool:
    """Fetch a task, and keep what was seen; whether it has ended."""
    answer = api.http.get("/v5.0/ocr/RecognizeRegions", params={"id": task}, headers={"Prefer": "wait=1"})
    assert answer.status_code == 200, answer.text
    if answer.json()["taskStatus"] in _OPEN:
        return False
    world.sent[task].bodies.add(hashlib.sha256(answer.content).hexdigest())
    return True


def account(world: World, made: collections.Counter[str]) -> bool:
    """Let everything end, print what became of it; whether all of it is sound."""
    service = world.service
    api = service.connect(token=world.token)
    unended = "SELECT count(*) FROM tasks WHERE status IN ('Pending', 'Processing')"
    with contextlib.suppress(AssertionError):  # told below
        wait_until(lambda: rows(service, unended) == [(0,)], "the end of all tasks", 600)
    kept = {task: sent for task, sent in world.sent.items() if not sent.cancelled}
    tasks = "SELECT id, status, claim, attempts, interruptions FROM tasks WHERE parent IS NULL"
    found = {row[0]: row[1:] for row in rows(service, tasks)}
    parts = [part for (part,) in rows(service, "SELECT id FROM tasks WHERE parent IS NOT NULL")]
    wrong, given_up, gaps = [], [], []
    for task, sent in kept.items():
        if task not in found or found[task][0] in _OPEN:
            continue
        look(world, api, task)
        answer = api.get(task)
        if answer["taskStatus"] == "Error":
            why = answer["error"]["messages"][0]
            if "given up after" in why:
                given_up.append(task)
            elif sent.expected is not None:
                wrong.append((task, why))
        elif answer["responseStatusCode"] == "ResultDataLost" and "given up after" in answer["error"]["messages"][0]:
            gaps.append(task)
        elif sent.expected is None or texts(answer) != sent.expected:
            wrong.append((task, answer["responseStatusCode"]))
    lost = [task for task in kept if task not in found or found[task][0] in _OPEN]
    uncancelled = [task for task, sent in world.sent.items() if sent.cancelled and task in found]
    results = collections.Counter(path.name.partition(".")[0] for path in blobs(service, "results"))
    doubled = {
        *(task for (task,) in rows(service, "SELECT id FROM ends GROUP BY id HAVING count(*) > 1")),
        *(task for task, sent in kept.items() if len(sent.bodies) > 1),
        *(task for task, count in results.items() if count > 1),
    }
    processing = [task for task, row in found.items() if row[0] == "Processing"]
    inputs = [
        path.name for path in blobs(service, "inputs") if path.name not in found or found[path.name][0] not in _OPEN
    ]
    strays = [task for task in results if task not in found]
    by_status = collections.Counter(row[0] for row in found.values())
    for name, value in (
        ("rounds", f"{made.total()}: {', '.join(f'{name} {count}' for name, count in made.most_common())}"),
        ("accepted", len(world.sent)),
        ("completed", by_status["Completed"]),
        ("errors", f"{by_status['Error']}, of them {len(given_up)} given up after their attempts"),
        ("gaps", f"{len(gaps)} documents with a page that was given up"),
        ("cancelled", f"{len(world.sent) - len(kept)}, of them {len(uncancelled)} whose cancelling was cut off"),
        ("unheard", f"{world.unheard} requests cut off, {len(found.keys() - world.sent.keys())} of them accepted"),
        ("refused", f"{world.refused} with 503"),
        ("attempts", dict(sorted(collections.Counter(row[2] for row in found.values()).items()))),
        ("interrupted", dict(sorted(collections.Counter(row[3] for row in found.values()).items()))),
        ("lost", told(lost)),
        ("doubled", told(doubled)),
        ("wrong", told(wrong)),
        ("processing", told(processing)),
        ("left", f"{told(inputs)} inputs, {told(strays)} results, {told(parts)} parts"),
    ):
        print(f"{name:<12}{value}")
    return not (lost or doubled or wrong or processing or inputs or strays or parts)


def told(tasks: Collection[object]) -> str:
    """How many, and the first few."""
    return f"{len(tasks)}" + (f" {list(tasks)[:5]}" if tasks else "")


if __name__ == "__main__":
    main()
