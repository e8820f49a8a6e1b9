"""Load what a process's first task would otherwise wait for: libraries' lazy parts, and the models of English."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw

from whaleline.operations.recognize_regions import read_regions
from whaleline.settings import Settings


def warm_up(settings: Settings) -> None:
    """Read one short line, the way a task does.

    Raises:
        ConfigurationError: the data of English is not installed or cannot be loaded.
    """
    line = Image.new("L", (160, 48), 255)
    ImageDraw.Draw(line).text((16, 10), "Ready", 0, font_size=24)
    png = io.BytesIO()
    line.save(png, "PNG")
    read_regions(png.getvalue(), tessdata=settings.tessdata)
