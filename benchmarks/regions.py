"""The service against the bare engine, in one run: the same texts, regions per second, and the latency of one task.

usage: python benchmarks/regions.py --data DIR [--pages N] [--rounds N]

DIR holds regions.json and pages/. The bare engine is `read_regions` in as many processes as the
service has workers, over the same pages, with the same settings. Both are warm when the clock starts. Times of two
runs on a busy machine do not compare; their ratio in one run does, unless others come and go meanwhile. The ratio of
the processor's seconds is disturbed less by those: it is what the ratio of the times comes to where the processors are
all that anybody waits for.
"""

from __future__ import annotations

import argparse
import base64
import itertools
import json
import multiprocessing
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import psutil

from whaleline import read_regions
from whaleline.documents import Document, Limits

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from harness import Api, ServiceProcess, region, texts, workers_of

Page = dict[str, Any]


def main() -> None:
    """Run both and print what they did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the measuring data")
    parser.add_argument("--pages", type=int, help="only the first so many pages")
    parser.add_argument("--rounds", type=int, default=3, help="how often both read everything, in turns")
    arguments = parser.parse_args()
    workers = len(os.sched_getaffinity(0))
    pages = json.loads((arguments.data / "regions.json").read_text(encoding="utf-8"))[: arguments.pages]
    images = {page["page"]: (arguments.data / "pages" / page["page"]).read_bytes() for page in pages}
    count = sum(len(page["regions"]) for page in pages)

    with tempfile.TemporaryDirectory() as folder:
        service = ServiceProcess(Path(folder) / "data", workers=workers, anew=True).start()
        try:
            api = service.connect()
            spawn = multiprocessing.get_context("spawn")
            with (
                ProcessPoolExecutor(workers, mp_context=spawn) as bare,
                ThreadPoolExecutor(2 * workers) as clients,
            ):
                read_bare(bare, pages[: 2 * workers], images)
                read_by_service(api, clients, pages[: 2 * workers], images)
                readers = psutil.Process().children()
                readers = [each for each in readers if each.pid != service.process.pid]
                own = psutil.Process(service.process.pid)
                ratios, busy_ratios = [], []
                for _ in range(arguments.rounds):
                    before = processor_seconds(readers)
                    bare_seconds, bare_texts = read_bare(bare, pages, images)
                    bare_busy = processor_seconds(readers) - before
                    service_before = processor_seconds([own]), processor_seconds(workers_of(service))
                    service_seconds, service_texts = read_by_service(api, clients, pages, images)
                    own_busy = processor_seconds([own]) - service_before[0]
                    workers_busy = processor_seconds(workers_of(service)) - service_before[1]
                    ratios.append(bare_seconds / service_seconds)
                    busy_ratios.append(bare_busy / (own_busy + workers_busy))
                    print(
                        f"{count} regions: bare {count / bare_seconds:.1f}/s, service {count / service_seconds:.1f}/s,"
                        f" ratio {ratios[-1]:.3f}; processor: bare {bare_busy:.1f} s,"
                        f" workers {workers_busy:.1f} s and the service's own {own_busy:.1f} s,"
                        f" ratio {busy_ratios[-1]:.3f}",
                        flush=True,
                    )
            print(
                f"ratio service/bare, median of {arguments.rounds}: {statistics.median(ratios):.3f} of the times,"
                f" {statistics.median(busy_ratios):.3f} of the processor's seconds\n"
            )
            latency(api, arguments.data, pages)
            same = bare_texts == service_texts
            print(f"\nthe service reads {'the same as' if same else 'otherwise than'} the bare engine")
        finally:
            service.stop()


def processor_seconds(processes: list[psutil.Process]) -> float:
    """What they have used so far."""
    return sum(sum(each.cpu_times()[:2]) for each in processes)


def read_bare(pool: Executor, pages: list[Page], images: dict[str, bytes]) -> tuple[float, list[list[str]]]:
    """Seconds, and the text of each region of each page."""
    start = time.perf_counter()
    found = list(pool.map(bare_texts, [images[page["page"]] for page in pages], map(rectangles, pages)))
    return time.perf_counter() - start, found


def bare_texts(image: bytes, wanted: list[tuple[int, int, int, int]]) -> list[str]:
    """What the engine reads in each rectangle; runs in a process of its own."""
    return [reading.text for reading in read_regions(image, wanted)]


def read_by_service(
    api: Api, clients: ThreadPoolExecutor, pages: list[Page], images: dict[str, bytes]
) -> tuple[float, list[list[str]]]:
    """Seconds, and the text of each region of each page, one task a page."""
    start = time.perf_counter()

    def one(page: Page) -> list[str]:
        wanted = [region(*rectangle) for rectangle in rectangles(page)]
        return texts(api.read(images[page["page"]], regions=wanted))

    found = list(clients.map(one, pages))
    return time.perf_counter() - start, found


def latency(api: Api, data: Path, pages: list[Page]) -> None:
    """Print what one task takes from POST to Completed on an idle service, beyond the engine's own time."""
    crops = []
    for page in pages[:40]:
        lines = [part for part in page["regions"] if part["kind"] == "line"][:2]
        image = Document((data / "pages" / page["page"]).read_bytes(), Limits(max_pixels=sys.maxsize)).page(1).picture
        for left, top, right, bottom in (part["rect"] for part in lines):
            encoded, png = cv2.imencode(".png", image[top:bottom, left:right])
            assert encoded
            crops.append(png.tobytes())
    body = [{"image": base64.b64encode(crop).decode(), "settings": {}} for crop in crops]
    extra, own = [], []
    for crop, request in itertools.islice(zip(itertools.cycle(crops), itertools.cycle(body)), 5, 5 + 2 * len(crops)):
        start = time.perf_counter()
        read_regions(crop)
        middle = time.perf_counter()
        answer = api.get(api.post(request).text, wait=30)
        end = time.perf_counter()
        assert answer["taskStatus"] == "Completed", answer
        own.append(1000 * (middle - start))
        extra.append(1000 * (end - middle) - own[-1])
    print(
        f"one line, idle: the engine's own {statistics.median(own):.1f} ms,"
        f" POST to Completed {statistics.median(extra):+.1f} ms at the median,"
        f" {statistics.quantiles(extra, n=20)[-1]:+.1f} ms at the 95th percentile"
    )


def rectangles(page: Page) -> list[tuple[int, int, int, int]]:
    """The rectangles of a page."""
    return [tuple(part["rect"]) for part in page["regions"]]


if __name__ == "__main__":
    main()
