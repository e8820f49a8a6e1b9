"""A form that is quickly read, its template, and what it looks like when it is filled in."""

from __future__ import annotations

import base64
import io
from typing import Any

import cv2
import numpy as np
from PIL import Image

from harness import draw

LINES = ["APPLICATION FOR A PLACE ABOARD", "Name:", "", "Please write in capital letters only."]
NAME = {"topLeftX": 0, "topLeftY": 110, "bottomRightX": 420, "bottomRightY": 190}


def filled(name: str = "ISHMAEL") -> bytes:
    """The form with a name, as PNG."""
    return draw([LINES[0], LINES[1], name, LINES[3]])


def stack(*names: str) -> bytes:
    """A form for each name, one behind the other, as TIFF."""
    first, *rest = (Image.open(io.BytesIO(filled(name))) for name in names)
    target = io.BytesIO()
    first.save(target, "TIFF", save_all=True, append_images=rest)
    return target.getvalue()


def template(rect: dict[str, int] = NAME) -> dict[str, Any]:
    """The template without a name."""
    empty = draw(LINES)
    height, width = np.asarray(cv2.imdecode(np.frombuffer(empty, np.uint8), cv2.IMREAD_GRAYSCALE)).shape
    page = {"width": width, "height": height, "picture": base64.b64encode(empty).decode()}
    return {"pages": [page], "fields": [{"name": "name", "rect": rect}]}
