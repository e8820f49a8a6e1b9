"""Whaleline: a self-hosted OCR service that reads regions of images.

`read_regions` reads without a server; `write` turns what it gives into text, JSON, hOCR, PDF or PNG.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whaleline.errors import ConfigurationError, InvalidRequest, UnreadableImage, WhalelineError
    from whaleline.imaging.geometry import Rectangle
    from whaleline.operations.recognize_regions import read_regions
    from whaleline.recognition.page import Block, Line, Page, Word
    from whaleline.results import Reading, Result, ResultType, write

# onnxruntime tells its maker about each use, over the network, unless this is set before it is imported. Nothing of
# what is read here leaves the machine, not even that something was.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__all__ = [
    "Block",
    "ConfigurationError",
    "InvalidRequest",
    "Line",
    "Page",
    "Reading",
    "Rectangle",
    "Result",
    "ResultType",
    "UnreadableImage",
    "WhalelineError",
    "Word",
    "read_regions",
    "write",
]

_HOMES = {
    "errors": ("ConfigurationError", "InvalidRequest", "UnreadableImage", "WhalelineError"),
    "imaging.geometry": ("Rectangle",),
    "operations.recognize_regions": ("read_regions",),
    "recognition.page": ("Block", "Line", "Page", "Word"),
    "results": ("Reading", "Result", "ResultType", "write"),
}


def __getattr__(name: str) -> object:
    # Imported at first use: the engines' libraries take most of a second, which no command should pay for --help.
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"whaleline.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
