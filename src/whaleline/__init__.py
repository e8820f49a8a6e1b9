"""Whaleline: a self-hosted OCR service that reads regions of images.

Read without a server:

    import whaleline

    for reading in whaleline.read_regions("page.png", [(0, 0, 700, 60)], language="German"):
        print(reading.text)
        for word in reading.words:
            print(word.text, word.box, word.confidence)

`read_regions` takes a path, bytes, an open file, a Pillow image or a NumPy array. `write` turns its readings into text,
JSON, hOCR, PDF or PNG: `whaleline.write("Pdf", reading)[0].data`. `read_form` reads the fields of a form.

Errors are subclasses of `WhalelineError`: `InvalidRequest` (an argument is wrong), `UnreadableImage` (the image cannot
be decoded, or exceeds a limit) and `ConfigurationError` (a language's models are not installed).

To start the service, run `whaleline serve`.
"""

from __future__ import annotations

import os
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from whaleline.errors import ConfigurationError, InvalidRequest, UnreadableImage, WhalelineError
    from whaleline.forms.field_reading import FieldReading
    from whaleline.forms.template import Template
    from whaleline.imaging.geometry import Rectangle
    from whaleline.library import read_form, read_regions
    from whaleline.recognition.modes import DsrConfidence, DsrMode
    from whaleline.recognition.page import Block, Line, Page, Word
    from whaleline.results import Reading, Result, ResultType, write

# Unless this is set before its import, onnxruntime reports each use to its maker over the network. Nothing may leave
# the machine, not even that something was read.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

__version__: str

__all__ = [
    "Block",
    "ConfigurationError",
    "DsrConfidence",
    "DsrMode",
    "FieldReading",
    "InvalidRequest",
    "Line",
    "Page",
    "Reading",
    "Rectangle",
    "Result",
    "ResultType",
    "Template",
    "UnreadableImage",
    "WhalelineError",
    "Word",
    "__version__",
    "read_form",
    "read_regions",
    "write",
]

_HOMES = {
    "errors": ("ConfigurationError", "InvalidRequest", "UnreadableImage", "WhalelineError"),
    "forms.field_reading": ("FieldReading",),
    "forms.template": ("Template",),
    "imaging.geometry": ("Rectangle",),
    "library": ("read_form", "read_regions"),
    "recognition.modes": ("DsrConfidence", "DsrMode"),
    "recognition.page": ("Block", "Line", "Page", "Word"),
    "results": ("Reading", "Result", "ResultType", "write"),
}


def __getattr__(name: str) -> object:
    if name == "__version__":
        return version("whaleline")
    # Imported at first use: the engines' libraries take most of a second to load, which --help should not cost.
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"whaleline.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})  # so that help() and completion show names that are imported at first use
