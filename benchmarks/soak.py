"""Mixed tasks for some minutes, with the memory of every process watched: is it flat?

usage: python benchmarks/soak.py [--minutes M] [--seed S] [--clients N] [--workers N] [--small]

Images of many sizes and formats, all result types, regions inside and outside, and broken files. The resident size of
each process is sampled every half second. After a first part in which caches fill, the medians of the two halves of the
samples are told, and the slope of a straight line through them against the tasks ended by then; single pictures that
take a gibibyte for a moment move the line and not the medians. A worker that was replaced counts as a process of its
own; one with fewer than 50 samples is given neither. With --small there are small pictures only, and none is read: many
more tasks in the same time, so that what each of them left behind would show.
"""

from __future__ import annotations

import argparse
import base64
import collections
import contextlib
import io
import random
import re
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import psutil
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from harness import Api, ServiceProcess, draw, line_region, region

_WARM = 0.25
"""Part of the samples that is left out of the slope."""

_SAMPLES = 50
_TYPES = ("Text", "JSON", "Hocr", "Pdf", "ImagePNG", "TextAndPdf", "TextAndHocr", "PdfAndHocr", "TextAndPdfAndHocr")
Task = tuple[bytes, dict[str, Any]]
"""An image file and settings."""

_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP")


def main() -> None:
    """Run it and print the slopes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="how long to post")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of tasks")
    parser.add_argument("--clients", type=int, default=4, help="threads that post")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--small", action="store_true", help="small pictures only, which are not read")
    arguments = parser.parse_args()
    make = small_task if arguments.small else task
    ended: collections.Counter[str] = collections.Counter()
    is_over = threading.Event()
    with tempfile.TemporaryDirectory() as folder:
        service = ServiceProcess(
            Path(folder) / "data",
            workers=arguments.workers,
            anew=True,
            retention_seconds=60,  # so that erasing is soaked too
            log_level="warning",
        ).start()
        try:
            clients = [
                threading.Thread(target=client, args=(service.connect(), make, random.Random(n), ended, is_over))
                for n in range(arguments.seed, arguments.seed + arguments.clients)
            ]
            for thread in clients:
                thread.start()
            samples = sample(service, ended, 60 * arguments.minutes)
            is_over.set()
            for thread in clients:
                thread.join()
            metrics = httpx.get(f"{service.url}/metrics").text
        finally:
            service.stop()
    print(f"tasks      {ended.total()} in {arguments.minutes:g} minutes: {dict(ended.most_common())}")
    replaced = re.findall(r'^whaleline_worker_restarts_total\{reason="(.*)"\} (\S+)$', metrics, re.MULTILINE)
    print(f"replaced   {', '.join(f'{float(count):.0f} for {reason}' for reason, count in replaced) or 'no worker'}")
    print(f"{'process':<20}{'tasks':>7}{'most MiB':>10}{'1st half':>10}{'2nd half':>10}{'MiB per 1000 tasks':>20}")
    for name, line in samples.items():
        counts, sizes = zip(*line, strict=True)
        print(f"{name:<20}{counts[-1] - counts[0]:>7}{max(sizes):>10.1f}{course(line)}")


def sample(
    service: ServiceProcess, ended: collections.Counter[str], seconds: float
) -> dict[str, list[tuple[int, float]]]:
    """For each process: tasks ended in the whole service, and resident mebibytes, twice a second."""
    samples: dict[str, list[tuple[int, float]]] = {}
    root = psutil.Process(service.process.pid)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        time.sleep(0.5)
        for process in (root, *root.children()):
            with contextlib.suppress(psutil.Error):
                kind = "service" if process == root else kind_of(process)
                size = process.memory_info().rss / 1024 / 1024
                samples.setdefault(f"{kind} {process.pid}", []).append((ended.total(), size))
    return samples


def kind_of(process: psutil.Process) -> str:
    """What a child of the service is."""
    return "worker" if "spawn_main" in " ".join(process.cmdline()) else "tracker"


def course(line: list[tuple[int, float]]) -> str:
    """Medians of both halves, and mebibytes per 1000 tasks, of the samples after the first part."""
    rest = line[int(len(line) * _WARM) :]
    if len(line) < _SAMPLES or len({count for count, _ in rest}) < 2:
        return f"{'-':>10}{'-':>10}{'-':>20}"
    counts, sizes = zip(*rest, strict=True)
    half = len(sizes) // 2
    slope = 1000 * statistics.linear_regression(counts, sizes).slope
    return f"{statistics.median(sizes[:half]):>10.1f}{statistics.median(sizes[half:]):>10.1f}{slope:>+20.2f}"


def client(
    api: Api,
    make: Callable[[random.Random], Task],
    chance: random.Random,
    ended: collections.Counter[str],
    is_over: threading.Event,
) -> None:
    """Post one task after the other and wait for its end."""
    while not is_over.is_set():
        image, settings = make(chance)
        answer = api.post({"image": base64.b64encode(image).decode(), "settings": settings})
        if answer.status_code == 400:
            ended["refused"] += 1
        elif answer.status_code == 200:
            ended[api.finished(answer.text)["responseStatusCode"]] += 1
        else:
            raise AssertionError(answer.text)
    api.close()


def small_task(chance: random.Random) -> Task:
    """One that is soon done."""
    width = chance.choice([300, 700])
    image = draw(
        [f"Call me number {chance.randrange(10**6)}"] * chance.choice([1, 2, 5]), width, chance.choice(_FORMATS)
    )
    return image, {"resultType": "ImagePNG", "regions": [line_region(0, 0, width)], "Rotate": chance.choice([0, 7])}


def task(chance: random.Random) -> Task:
    """One of any kind."""
    lines = chance.choice([1, 1, 1, 2, 5, 20])
    width = chance.choice([300, 700, 1500])
    image = draw([f"Call me number {chance.randrange(10**6)}" for _ in range(lines)], width, chance.choice(_FORMATS))
    regions = [line_region(chance.randrange(lines + 1), n, width) for n in range(chance.choice([0, 0, 1, 2, 8]))]
    kind = chance.random()
    if kind < 0.05:
        image = image[: len(image) // 2]
    elif kind < 0.10:
        image = bytes(byte ^ (chance.random() < 0.01) for byte in image[:100_000])
    elif kind < 0.12:
        image = blank(chance.choice([1000, 4000, 6000]))
    elif kind < 0.14:
        regions = [region(0, 0, 10**6, 10**6)]
    settings: dict[str, Any] = {
        "resultType": chance.choice(_TYPES),
        "regions": regions,
        "makeBinarization": chance.random() < 0.5,
        "makeUpsampling": chance.random() < 0.2,
        "Rotate": chance.choice([0, 0, 0, 90, 7]),
    }
    return image, settings


def blank(side: int) -> bytes:
    """A large picture without text."""
    out = io.BytesIO()
    Image.new("RGB", (side, side), "white").save(out, "PNG")
    return out.getvalue()


if __name__ == "__main__":
    main()
