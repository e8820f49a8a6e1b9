"""How long tasks wait for a worker when three clients of different load share a service.

usage: python benchmarks/fairness.py [--seconds S] [--workers N] [--broker redis|rabbitmq] [--expect]

heavy       posts 200 pages at once at the start
steady      posts a page whenever its last one has ended, two at a time
light       posts a small region, waits for it, pauses a second, and posts the next

Of each are told: tasks that ended, seconds that workers spent on them, and how long its tasks waited for a worker, from
their insertion to their claim. The wait of `light` is also told as a share of the longest task of all: it begins when
the next worker is free, and so waits for the end of one task at most. With --expect the exit code is 1 where it waited
longer than that, or where `steady` got less than half of what `heavy` got. With --broker the service is one on
PostgreSQL, that broker and S3, else one in a single process.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from harness import EMBEDDED, Api, ServiceProcess, draw, rows
from scale import BROKERS, scaled
from servers import S3, PostgreSQL, running

PAGE = draw(["It is not down in any map; true places never are."] * 12, width=1000)
REGION = draw(["Call me Ishmael."])

_SLACK = 1.25
"""How much longer than a task a wait may be, since it takes a moment to wake a worker."""


def heavy(api: Api, _is_over: threading.Event) -> None:
    """Post far more than can be read."""
    for _ in range(200):
        api.submit(PAGE)


def steady(api: Api, is_over: threading.Event) -> None:
    """Keep two pages open."""
    tasks = [api.submit(PAGE)]
    with contextlib.suppress(httpx.TransportError):  # in the end, which does not wait for its last pages
        while not is_over.is_set():
            tasks.append(api.submit(PAGE))
            api.finished(tasks.pop(0))


def light(api: Api, is_over: threading.Event) -> None:
    """Read a small region now and then."""
    while not is_over.wait(1.0):
        api.read(REGION)


CLIENTS: dict[str, Callable[[Api, threading.Event], None]] = {"heavy": heavy, "steady": steady, "light": light}


def main() -> None:
    """Run it and print the waits."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long to post")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--broker", choices=BROKERS, help="what wakes the workers of a scaled service")
    parser.add_argument("--expect", action="store_true", help="fail when what is expected is missed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        place = Path(folder)
        deployment = EMBEDDED
        if arguments.broker:
            postgresql = stack.enter_context(running(PostgreSQL(place / "postgresql")))
            broker = stack.enter_context(running(BROKERS[arguments.broker](place / "broker")))
            s3 = stack.enter_context(running(S3(place / "s3")))
            deployment = scaled(place, postgresql, broker, s3)
        service = ServiceProcess(
            place / "data", deployment, workers=arguments.workers, anew=True, log_level="warning"
        ).start()
        stack.callback(service.kill)
        names, is_over, threads = {}, threading.Event(), []
        for name, client in CLIENTS.items():
            client_id, secret = service.add_client(name)
            names[client_id] = name
            threads.append(threading.Thread(target=client, args=(service.connect(client_id, secret), is_over)))
            threads[-1].start()
        time.sleep(arguments.seconds)
        is_over.set()
        threads[-1].join()
        begun = rows(service, "SELECT client_id, started - created, finished - started FROM tasks WHERE finished > 0")
    longest = max(seconds for _, _, seconds in begun)
    print(f"{'client':<10}{'ended':>7}{'worker s':>10}{'wait p50 s':>12}{'p95':>8}{'most':>8}")
    spent = {}
    for client_id, name in names.items():
        waits = [wait for owner, wait, _ in begun if owner == client_id]
        spent[name] = sum(seconds for owner, _, seconds in begun if owner == client_id)
        p50, p95 = statistics.median(waits), statistics.quantiles(waits, n=20, method="inclusive")[-1]
        print(f"{name:<10}{len(waits):>7}{spent[name]:>10.1f}{p50:>12.2f}{p95:>8.2f}{max(waits):>8.2f}")
        if name == "light":
            share = max(waits) / longest
    print(f"the longest task took {longest:.2f} s; light waited for {share:.2f} of that at most")
    is_fair = share <= _SLACK and spent["steady"] >= spent["heavy"] / 2
    print("as expected" if is_fair else "not as expected")
    sys.exit(1 if arguments.expect and not is_fair else 0)


if __name__ == "__main__":
    main()
