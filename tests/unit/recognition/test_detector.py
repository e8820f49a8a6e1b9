"""What the detector leaves behind, and lone digits; what else it finds is tested with the modes that ask for it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image, ImageDraw

from drawing import DEJAVU, font
from whaleline.recognition.detector import detector

SERIF = DEJAVU.replace("Sans", "Serif")


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


@pytest.mark.parametrize(("face", "size", "ink"), [(DEJAVU, 11, 180), (SERIF, 10, 140), (SERIF, 11, 160)])
def test_faint_lone_digits_at_the_head_of_rows_are_found(face: str, size: int, ink: int) -> None:
    """Most quantities on a receipt are a 1. The model marks so few pixels of one that each pixel beside it counts."""
    picture = Image.new("L", (480, 960), 225)
    draw = ImageDraw.Draw(picture)
    rows = range(60, 920, 40)
    for y in rows:
        for x, text in ((70, "1"), (150, "Steamed rice"), (400, "12.40")):
            draw.text((x, y), text, fill=ink, font=font(face, size))
    strips = detector().find(np.asarray(picture))
    assert sum(strip.box.left < 75 < strip.box.right < 140 for strip in strips) == len(rows)
