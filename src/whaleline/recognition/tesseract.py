"""The Tesseract engine, in process."""

from __future__ import annotations

import math
import os
import re
import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

# Tesseract's threads cost more than they bring, and the service has a process for each core. OpenMP reads
# this once, when its library is loaded, so it must be set before the import below.
os.environ.setdefault("OMP_THREAD_LIMIT", "1")

import cv2
import numpy as np
import tesserocr

from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, ink, text_height
from whaleline.recognition import layout
from whaleline.recognition.direction import logical
from whaleline.recognition.emission import BLANK, Alphabet, Emission
from whaleline.recognition.engine import Engine, Shape
from whaleline.recognition.page import Block, Line, Word, joined_words
from whaleline.recognition.traineddata import characters

_SEGMENTATION = {
    Shape.LINE: tesserocr.PSM.SINGLE_LINE,
    Shape.BLOCK: tesserocr.PSM.SINGLE_BLOCK,
    Shape.PAGE: tesserocr.PSM.AUTO,
}


# It often reads a double quote as two single ones.
_DOUBLE = {"\u2018\u2018": "\u201c", "\u2018\u201c": "\u201c", "\u2019\u2019": "\u201d", "''": '"'}
_QUOTES = re.compile("|".join(_DOUBLE))


class Tesseract(Engine):
    """Tesseract's LSTM recogniser for one set of models."""

    name = "Tesseract"
    shapes = frozenset(Shape)

    def __init__(self, models: Sequence[Path]) -> None:
        """Load the models, the first one leading.

        Args:
            models: traineddata files; they may lie in different folders.

        Raises:
            RuntimeError: Tesseract cannot load them.
        """
        folder, names = _address(models)
        self.characters = frozenset().union(*map(characters, models))
        self._api = tesserocr.PyTessBaseAPI(
            path=folder,
            lang="+".join(names),
            oem=tesserocr.OEM.LSTM_ONLY,
            # Otherwise it writes its guesses to standard error, and adds the words of a page to a dictionary that it
            # uses for the next page, which may be another client's.
            variables={"debug_file": os.devnull, "tessedit_enable_doc_dict": "0"},
        )
        # Said by models whose words may follow each other without a space: Chinese, Japanese, Korean, Thai.
        self._may_lack_spaces = bool(self._api.GetBoolVariable("preserve_interword_spaces"))
        self._lock = threading.Lock()

    def read(self, picture: Picture, shape: Shape) -> tuple[Block, ...]:  # noqa: D102
        height, width = picture.shape
        with self._lock:
            self._show(picture, shape)
            self._api.Recognize()
            try:
                frame = Rectangle(0, 0, width, height)
                return _blocks(self._api.GetIterator(), frame, joins=self._may_lack_spaces)
            finally:
                self._api.Clear()

    def alternatives(self, picture: Picture) -> Emission | None:  # noqa: D102
        framed, _ = layout.fit(picture, text_height(ink(picture)))
        with self._lock:
            self._api.SetVariable("lstm_choice_mode", _CHOICES)
            self._show(framed, Shape.LINE)
            try:
                self._api.Recognize()
                words = self._api.GetBestLSTMSymbolChoices()
            except RuntimeError:  # there is no text
                return None
            finally:
                self._api.SetVariable("lstm_choice_mode", "0")
                self._api.Clear()
        symbols = [symbol for word in words for symbol in word if symbol]
        return _emission(symbols) if symbols else None

    def _show(self, picture: Picture, shape: Shape) -> None:
        """Give a picture to the engine.

        Black on white as bits: it need not look for a threshold then, a twentieth of the time for a page.
        """
        height, width = picture.shape
        counts = cv2.calcHist([picture], [0], None, [256], [0, 256]).ravel()[[0, 255]].tolist()
        self._api.SetPageSegMode(_SEGMENTATION[shape])
        if sum(counts) == picture.size and counts[0] < counts[1]:
            bits = np.packbits(picture, axis=1)
            self._api.SetImageBytes(bits.tobytes(), width, height, 0, bits.shape[1])
        else:
            self._api.SetImageBytes(picture.tobytes(), width, height, 1, width)
        self._api.SetSourceResolution(300)  # else guessed from the line height, with a warning; no effect on LSTM


_CHOICES = "2"
_COST = 7.0  # of a symbol, for each unit of the natural logarithm of its probability (Tesseract's kCertaintyScale)


def _emission(symbols: Sequence[Sequence[tuple[str, float]]]) -> Emission:
    """Alternatives of symbols one after the other, as an engine's steps with an empty one between each two."""
    found = {text for symbol in symbols for text, _ in symbol if len(text) == 1}
    alphabet = Alphabet(("", *sorted(found | {" "})))
    matrix = np.zeros((2 * len(symbols) + 1, len(alphabet.characters)), np.float32)
    matrix[::2, BLANK] = 1
    for place, symbol in enumerate(symbols):
        row = matrix[2 * place + 1]
        for text, cost in symbol:
            if text in alphabet.places:
                row[alphabet.places[text]] += math.exp(-cost / _COST)
        total = float(row.sum())
        if total > 1:
            row /= total
        else:
            row[BLANK] = 1 - total
    return Emission(matrix, alphabet, 1.0)


@lru_cache(maxsize=8)
def tesseract(models: tuple[Path, ...]) -> Tesseract:
    """The process's one engine for these models; loaded at the first call.

    Raises:
        RuntimeError: Tesseract cannot load them.
    """
    return Tesseract(models)


def _address(models: Sequence[Path]) -> tuple[str, list[str]]:
    """The folder and the names by which Tesseract finds the models.

    It takes one folder only, and names may hold slashes (`script/Latin`): models of several folders are named
    from the folder that all of them share.
    """
    files = [model.absolute().with_suffix("") for model in models]
    folder = Path(os.path.commonpath([file.parent for file in files]))
    return f"{folder}{os.sep}", [file.relative_to(folder).as_posix() for file in files]


def _blocks(iterator: tesserocr.PyResultIterator | None, frame: Rectangle, *, joins: bool) -> tuple[Block, ...]:
    """The iterator's words, gathered by its own lines and blocks.

    Args:
        iterator: at its beginning.
        frame: what boxes are cut to.
        joins: whether pieces without a space between them are one word.
    """
    if iterator is None:
        return ()
    level = tesserocr.RIL
    blocks: list[list[list[Word]]] = []
    for item in tesserocr.iterate_level(iterator, level.WORD):
        if item.IsAtBeginningOf(level.BLOCK) or not blocks:
            blocks.append([])
        if item.IsAtBeginningOf(level.TEXTLINE) or not blocks[-1]:
            blocks[-1].append([])
        if item.Empty(level.WORD):
            continue
        # A word may hold a space where Tesseract joined two; a Word of ours has none.
        # The binding tells its characters from left to right, whatever the script.
        text = logical("".join(item.GetUTF8Text(level.WORD).split()))
        text = _QUOTES.sub(lambda found: _DOUBLE[found[0]], text)
        box = item.BoundingBox(level.WORD)
        if text and box is not None:
            word = Word(text, Rectangle(*box).intersection(frame), float(item.Confidence(level.WORD)))
            line = blocks[-1][-1]
            if joins and line and not item.BlanksBeforeWord():
                word = joined_words(line.pop(), word)
            line.append(word)
    kept = ([Line(tuple(line)) for line in block if line] for block in blocks)
    return tuple(Block(tuple(lines)) for lines in kept if lines)
