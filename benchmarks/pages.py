"""How fast documents are read: pages a second by one worker and by several, and what memory that takes.

usage: python benchmarks/pages.py [--pages N] [--workers N ...] [--scaled] [--expect]

Draws a scan of --pages different pages, black on white at 200 dpi, and has RecognizeRegions read all of them, one
region a page. Beside it the same pages are posted one by one, as tasks of one page each. Of each number of workers are
told:

pages/s     of the document, by the time from POST to its answer
alone       pages/s of one worker that has one page after the other, each posted as a task of its own
of cores    pages/s beside `alone` times the workers; expected is 0.9 and more
CPU         milliseconds of the workers' processor time for a page of the document, and for one that is its own task
MiB         resident memory of the service and of its largest worker, at most, while a tenth of the pages is read, and
            while all are

Other programs on the machine take from what goes by the clock. With --expect the exit code is 1 where `of cores` is
below 0.9.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from PIL import Image, ImageDraw

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from harness import EMBEDDED, Api, ServiceProcess, workers_of
from scale import DurablePostgreSQL, scaled
from servers import S3, Redis, running

_WORDS = Path(__file__).read_text(encoding="utf-8").split()
_SIZE, _LINES, _LEAST = (1654, 2339), 12, 0.9
_ALONE = 5
"""Pages that are posted one by one."""


@dataclass
class Watch:
    """Resident MiB at most, of the service and of its largest worker."""

    service: float = 0.0
    worker: float = 0.0
    is_over: threading.Event = field(default_factory=threading.Event)

    def look(self, service: ServiceProcess) -> None:
        """Look until it is over."""
        while not self.is_over.wait(0.1):
            with contextlib.suppress(psutil.Error):
                self.service = max(self.service, _mebibytes(psutil.Process(service.process.pid)))
                self.worker = max([self.worker, *map(_mebibytes, workers_of(service))])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--scaled", action="store_true", help="by Celery on Redis, with PostgreSQL and S3")
    parser.add_argument("--expect", action="store_true", help="fail when what is expected is missed")
    given = parser.parse_args()
    chance = random.Random(7)
    pages = [page(chance) for _ in range(given.pages)]
    print(f"load average {os.getloadavg()[0]:.1f} at the start, on {os.cpu_count()} cores; {given.pages} pages")
    missed, alone = False, 0.0
    for workers in given.workers:
        with started(workers, by_broker=given.scaled) as service:
            api = service.connect()
            if not alone:
                begin, before = time.monotonic(), spent(service)
                for each in pages[:_ALONE]:
                    finish(api, saved([each]), 1)
                alone = _ALONE / (time.monotonic() - begin)
                cpu_alone = 1000 * (spent(service) - before) / _ALONE
                print(f"{'workers':>7}{'pages/s':>9}{'alone':>7}{'of cores':>10}{'CPU':>7}{'alone':>7}  MiB")
            few, all_ = Watch(), Watch()
            with watched(service, few):
                finish(api, saved(pages[: len(pages) // 10]), len(pages) // 10)
            begin, before = time.monotonic(), spent(service)
            with watched(service, all_):
                finish(api, saved(pages), len(pages))
            speed = len(pages) / (time.monotonic() - begin)
            cpu = 1000 * (spent(service) - before) / len(pages)
            ratio = speed / alone / workers
            missed |= ratio < _LEAST
            print(
                f"{workers:>7}{speed:>9.2f}{alone:>7.2f}{ratio:>10.2f}{cpu:>7.0f}{cpu_alone:>7.0f}"
                f"  {few.service:.0f} and {all_.service:.0f}, {few.worker:.0f} and {all_.worker:.0f}"
            )
    sys.exit(1 if missed and given.expect else 0)


@contextlib.contextmanager
def started(workers: int, *, by_broker: bool) -> Iterator[ServiceProcess]:
    """A running service."""
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
        place, deployment = Path(folder), EMBEDDED
        if by_broker:
            postgresql = stack.enter_context(running(DurablePostgreSQL(place / "postgresql")))
            broker = stack.enter_context(running(Redis(place / "broker")))
            deployment = scaled(place, postgresql, broker, stack.enter_context(running(S3(place / "s3"))))
        service = ServiceProcess(place / "data", deployment, workers=workers, anew=True, log_level="warning").start()
        stack.callback(service.kill)
        yield service


@contextlib.contextmanager
def watched(service: ServiceProcess, watch: Watch) -> Iterator[None]:
    """Look at the memory meanwhile."""
    thread = threading.Thread(target=watch.look, args=(service,))
    thread.start()
    try:
        yield
    finally:
        watch.is_over.set()
        thread.join()


def finish(api: Api, data: bytes, pages: int) -> None:
    """Post a document and wait for its end."""
    rect: dict[str, Any] = {"topLeftX": 0, "topLeftY": 0, "bottomRightX": _SIZE[0], "bottomRightY": _SIZE[1]}
    task = api.submit(data, regions=[{"rect": rect, "page": number} for number in range(1, pages + 1)])
    while (answer := api.get(task, wait=30))["taskStatus"] in ("Pending", "Processing"):
        pass
    assert (answer["responseStatusCode"], len(answer["results"])) == ("Ok", pages), answer


def spent(service: ServiceProcess) -> float:
    """Seconds of processor time that the workers have had."""
    return float(sum(sum(worker.cpu_times()[:2]) for worker in workers_of(service)))


def page(chance: random.Random) -> Image.Image:
    """A page of words."""
    image = Image.new("1", _SIZE, 1)
    pen = ImageDraw.Draw(image)
    for line in range(_LINES):
        pen.text((150, 150 + 50 * line), " ".join(chance.choices(_WORDS, k=9))[:70], 0, font_size=32)
    return image


def saved(pages: list[Image.Image]) -> bytes:
    """The pages as fax-coded TIFF."""
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="group4", dpi=(200, 200))
    return out.getvalue()


def _mebibytes(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 2**20


if __name__ == "__main__":
    main()
