"""Make a process ready to carry out one task after the other, beside others that do the same on the other cores."""

from __future__ import annotations

import cv2
import numpy as np
from PIL import Image, ImageDraw

from whaleline.documents import PagePicture
from whaleline.operations.regions import read_regions
from whaleline.settings import Settings


def warm_up(settings: Settings) -> None:
    """Load what a first task would otherwise wait for, by reading one short line the way a task does.

    OpenCV is held to one thread, as the engines are: those of its pool wait for work by spinning, which took as much of
    a processor as the work itself.

    Raises:
        ConfigurationError: the data of English is not installed or cannot be loaded.
    """
    cv2.setNumThreads(1)
    line = Image.new("L", (160, 48), 255)
    ImageDraw.Draw(line).text((16, 10), "Ready", 0, font_size=24)
    read_regions(PagePicture(np.array(line)), tessdata=settings.tessdata)
