"""What fuzz targets share: atheris, a corpus that is kept between runs, and a word on what was reached.

Run as `python fuzz/TARGET.py [--seconds 60]`, or with names of files to try these alone; with --replay all that were
kept are tried once more, for a measure of what they reach. An input that breaks the target is left in fuzz/found/ and
the exit code is not 0; it belongs into tests/hostile/ once it is mended.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import atheris

LONGEST = 4096
"""Bytes of an input at most."""

_HERE = Path(__file__).parent
sys.path.insert(0, str(_HERE.parent / "tests"))  # corpus and harness


def instrumented(*modules: str) -> AbstractContextManager[None]:
    """Within it, what is imported of these modules tells the fuzzer which branches an input takes."""
    return atheris.instrument_imports(include=list(modules), enable_loader_override=False)


def run(
    one: Callable[[bytes], None],
    seeds: Callable[[], list[bytes]],
    *,
    dictionary: Sequence[str] = (),
) -> None:
    """Try `one` on mutations of the seeds until the time is over; never returns."""
    name = Path(sys.argv[0]).stem
    arguments = argparse.ArgumentParser(prog=name)
    arguments.add_argument("--seconds", type=int, default=60, help="how long to go on")
    arguments.add_argument("--replay", action="store_true", help="try what earlier runs have kept, and no more")
    arguments.add_argument("input", nargs="*", type=Path, help="files to try alone")
    given = arguments.parse_args()
    kept, found = _HERE / "corpus" / name, _HERE / "found"
    if given.input or given.replay:
        for file in given.input or sorted(kept.iterdir()):
            one(file.read_bytes())
        return
    for folder in (kept, found):
        folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds()):
        (kept / f"seed-{number:02}").write_bytes(seed)
    words = _HERE / "corpus" / f"{name}.dict"
    words.write_text("".join(f'"{word}"\n' for word in dictionary))
    flags = [
        f"-max_total_time={given.seconds}",
        f"-max_len={LONGEST}",
        "-timeout=20",
        "-rss_limit_mb=2048",
        "-print_final_stats=1",
        "-verbosity=1",
        f"-artifact_prefix={found}/{name}-",
        *([f"-dict={words}"] if dictionary else []),
    ]
    atheris.Setup([sys.argv[0], *flags, str(kept)], one)
    atheris.Fuzz()
