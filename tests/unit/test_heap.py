"""Whether a worker's pictures use each other's memory."""

from __future__ import annotations

import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from whaleline.heap import keep_pictures
if sys.argv[1] == "kept":
    keep_pictures()
def draw():
    for _ in range(20):
        np.ones(40 * 2**20, np.uint8)
draw()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
draw()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how: str) -> int:
    """Pages of memory that the system had to find for twenty pictures of 40 MiB, one after the other."""
    command = [sys.executable, "-c", FAULTS, how]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="it is glibc that is told")
def test_a_picture_uses_the_memory_of_the_one_before() -> None:
    assert faults("kept") * 10 < faults("left to itself")
