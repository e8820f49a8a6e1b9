"""What the detector leaves behind; what it finds is tested with the modes that ask for it."""

from __future__ import annotations

import subprocess
import sys


def test_pictures_of_many_sizes_leave_no_memory_behind() -> None:
    """Some 20 MiB stay of three large pictures; without giving it back 220 would. In a process of its own."""
    script = """
import numpy as np, psutil
from whaleline.recognition.detector import Detector
detector, process = Detector(), psutil.Process()
detector.find(np.full((64, 64), 255, np.uint8))
before = process.memory_info().rss
for size in ((960, 736), (480, 960), (736, 960)):
    detector.find(np.full(size, 255, np.uint8))
print((process.memory_info().rss - before) / 2**20)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert float(ran.stdout) < 100
