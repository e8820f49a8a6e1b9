"""Resident memory of one process that reads mixed tasks, as a worker does.

usage: python benchmarks/memory.py --data DIR [--tasks N]

Tasks are in turns: three regions of a page, a whole page, a page's lines by a mode with the detector, a page that
lies on its side. DIR holds regions.json and pages/. Printed are the resident memory after every hundred tasks and the
highest there was.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
from pathlib import Path

import psutil

from whaleline import read_regions
from whaleline.heap import keep_pictures
from whaleline.recognition.modes import DsrMode

MODES = [DsrMode.TEXT_DETECTOR, DsrMode.DSR_PLUS_DETECTOR, DsrMode.POLYGONAL_TEXT_DETECTOR, DsrMode.LINE_DETECTOR]
MIB = 2**20


def main() -> None:
    """Read, and print what it takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the measuring data")
    parser.add_argument("--tasks", type=int, default=500)
    arguments = parser.parse_args()
    pages = json.loads((arguments.data / "regions.json").read_text(encoding="utf-8"))
    keep_pictures()
    process = psutil.Process()
    print(f"at the start {process.memory_info().rss / MIB:.0f} MiB", flush=True)
    modes = itertools.cycle(MODES)
    for task, page in zip(range(1, arguments.tasks + 1), itertools.cycle(pages)):
        image = (arguments.data / "pages" / page["page"]).read_bytes()
        wanted = [tuple(region["rect"]) for region in page["regions"][:3]]
        match task % 10:
            case 0:
                read_regions(image)
            case 3:
                read_regions(image, wanted, mode=next(modes))
            case 6:
                read_regions(image, wanted, rotate=90)
            case 9 if task % 50 == 49:
                read_regions(image, mode=next(modes))
            case _:
                read_regions(image, wanted, binarization=bool(task % 2))
        if task % 100 == 0:
            print(f"after {task} tasks {process.memory_info().rss / MIB:.0f} MiB", flush=True)
    print(f"highest {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
