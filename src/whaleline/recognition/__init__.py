"""Pixels to a Page: `read` is the way in, the other modules are its parts."""

from __future__ import annotations

import math
from functools import cache, partial
from pathlib import Path
from typing import Final

import numpy as np

from whaleline.errors import ConfigurationError
from whaleline.imaging import bubbles, pictures
from whaleline.imaging.flattening import Flattening
from whaleline.imaging.geometry import Rectangle
from whaleline.imaging.picture import Picture, grey
from whaleline.imaging.sight import Sight
from whaleline.imaging.strip import Strip, whole
from whaleline.recognition import (
    handwriting,
    labels,
    languages,
    orientation,
    orthography,
    posture,
    reader,
    rows,
    unread,
    verdict,
    zones,
)
from whaleline.recognition.allowance import OF_A_PAGE, Allowance
from whaleline.recognition.blocks import BlockReader
from whaleline.recognition.detector import detector
from whaleline.recognition.engine import Engine, Shape
from whaleline.recognition.languages import Language
from whaleline.recognition.line import LineReader
from whaleline.recognition.modes import DsrConfidence, DsrMode, dropped, sure
from whaleline.recognition.page import Block, Page, Word
from whaleline.recognition.scripts import JOINED, ScriptReader
from whaleline.recognition.tesseract import tesseract

_WHOLE_ALPHABET: Final = frozenset({"Hani", "Hans", "Hant", "Jpan"})
_LINE: Final = 3.0
"""Letters' heights of a picture that holds one line, and times its height that this is long: no line is looked for."""


def read(
    picture: Picture | Sight,
    language: Language,
    *,
    mode: DsrMode = DsrMode.REGIONS,
    confidence: DsrConfidence = DsrConfidence.DEFAULT,
    shape: Shape | None = None,
    both: bool = True,
    tessdata: Path | None = None,
    may_turn: bool = False,
) -> Page:
    """Read one picture.

    Args:
        picture: uint8 of shape (height, width), or (height, width, 3) as RGB; or what is known of it already.
        language: a row of the table, from `languages.find`.
        mode: how text is looked for.
        confidence: how sure a line must be.
        shape: how the text lies in the picture, for the modes that ask; found out if not given.
        both: False for Tesseract's first reading alone, to measure what comes after it.
        tessdata: a folder of further models, looked into first (the setting of that name).
        may_turn: whether the caller turns the picture where the page says so, and needs no more of it then.

    Returns:
        Boxes are in the picture's pixels. A blank picture gives a page without blocks.

    Raises:
        ConfigurationError: a model of the language is not installed or cannot be loaded; the message says how
            to add it.
    """
    engine = _engine_of(language, tessdata)
    given = picture if isinstance(picture, Sight) else Sight(np.ascontiguousarray(picture))
    height, width = given.picture.shape[:2]
    seen = pictures.visible(given)
    blocks: tuple[Block, ...] = ()
    quarter = 0
    left: tuple[Rectangle, ...] = ()
    if seen is None:
        lines = _lines(engine, language, both=both)
        blocks = sure(reader.faded(lines, given), confidence)
    else:
        sight, marks = _without_bubbles(seen)
        if marks:  # what is left stands in rows with wide white between, of which columns would be lost on a page
            shape = shape or Shape.BLOCK
        lines = _lines(engine, language, both=both, columns=OF_A_PAGE)
        found: tuple[Block, ...] = ()
        if language.wire == handwriting.WIRE:
            found = handwriting.read(lines, sight)
        turn = cache(partial(_quarter, sight, lines))
        block_reader = BlockReader(lines, both, lambda: may_turn and bool(turn()))
        found = found or reader.read(block_reader, sight, mode, shape)
        if orientation.doubtful(found):
            quarter = turn()
        if language.script == "Latn":
            found = zones.repaired(found)
        found = verdict.tips_told(orthography.repaired(found), height)
        blocks = rows.regroup(sure(found, confidence), right_to_left=language.right_to_left)
        left = (*marks, *unread.left(sight, blocks, dropped(found, confidence)))
    return Page(width, height, blocks, language.tag, language.right_to_left, quarter, unread=left)


def read_label(picture: Picture, language: Language, *, tessdata: Path | None = None) -> Page:
    """Single words on a photograph, at any angle and along curves; gives and raises what `read` does."""
    lines = _lines(_engine_of(language, tessdata), language, both=True)
    height, width = picture.shape[:2]
    blocks = labels.read(lines, picture, right_to_left=language.right_to_left)
    return Page(width, height, blocks, language.tag, language.right_to_left)


def turn(picture: Picture, language: Language, *, tessdata: Path | None = None) -> int | None:
    """Degrees clockwise after which the text is the right way up: 0, 90, 180 or 270; None where that is not certain.

    Args:
        picture: uint8 of shape (height, width), or (height, width, 3) as RGB.
        language: of its text.
        tessdata: as for `read`.

    Raises:
        ConfigurationError: as `read`.
    """
    flat = grey(picture)
    return orientation.turn(flat, _strips(flat), _lines(_engine_of(language, tessdata), language, both=True).glance)


def deskewed(picture: Picture) -> Picture:
    """The picture turned so that its lines run level, where they lean by up to 15 degrees; else as it is.

    Args:
        picture: uint8 of shape (height, width), or (height, width, 3) as RGB.
    """
    return posture.deskewed(picture)


def flattened(
    picture: Picture | Sight, language: Language, *, tessdata: Path | None = None, wanted: bool = False
) -> Flattening | None:
    """The photographed sheet in a picture, made level, flat and upright; None where there is none to flatten.

    Args:
        picture: as for `read`.
        language: of its text.
        tessdata: as for `read`.
        wanted: whether it is said that there is a sheet which is not flat, so that no look has to tell.

    Raises:
        ConfigurationError: as `read`.
    """

    def glance(line: Picture) -> tuple[Word, ...]:
        return line_reader(language, tessdata=tessdata).glance(line)

    sight = picture if isinstance(picture, Sight) else Sight(picture)
    return posture.flattened(sight, glance, wanted=wanted)


def _without_bubbles(sight: Sight) -> tuple[Sight, list[Rectangle]]:
    """The picture without the bubbles of an answer sheet, and where they were.

    An engine takes a letter in a ring for a sign, or for nothing, and hundreds of them for as many doubtful words.
    """
    found = bubbles.bubbles(sight.ink) if len(sight.letters) >= bubbles.LEAST else []
    if not found:
        return sight, []
    height, width = sight.ink.shape
    frame = Rectangle(0, 0, width, height)
    clear = None if sight.stretched is None else bubbles.without(sight.stretched, sight.ink, found)
    left = unread.gathered([box.grown(box.height) for box in found], frame)
    return Sight(bubbles.without(sight.picture, sight.ink, found), clear), left


def _quarter(sight: Sight, lines: LineReader) -> int:
    """The turn that the text certainly needs; 0 where none is certain."""
    height, width = sight.grey.shape
    if height < _LINE * sight.height and width > _LINE * height:
        return 180 if orientation.is_upside_down(sight.grey, lines.glance) else 0
    return orientation.turn(sight.grey, _strips(sight.grey), lines.glance) or 0


def _strips(flat: Picture) -> tuple[Strip, ...]:
    """A picture's lines; all of it where none is found."""
    return detector().find(flat) or (whole(flat),)


def line_reader(language: Language, *, tessdata: Path | None = None, columns: float = math.inf) -> LineReader:
    """Both engines of a language, to be shown single lines; raises as `read` does.

    Args:
        language: a row of the table, from `languages.find`.
        tessdata: as for `read`.
        columns: that PP-OCRv6 may be shown of all lines together (see `Allowance`).
    """
    return _lines(_engine_of(language, tessdata), language, both=True, columns=columns)


def _lines(engine: Engine, language: Language, *, both: bool, columns: float = math.inf) -> LineReader:
    latin = _latin(language) if both else None
    return LineReader(engine, latin, language.tag, language.script in JOINED, Allowance(columns))


def _engine_of(language: Language, tessdata: Path | None) -> Engine:
    """Tesseract with the models of a language."""
    places = languages.folders(tessdata)
    models = languages.locate(language, places)
    if models is None:
        raise ConfigurationError(f"The {languages.how_to_add(language, places)}.")
    further, quick = languages.locate_further(language, places), languages.locate_quick(models)
    return ScriptReader(
        _loaded(models),
        language,
        partial(_loaded, further) if further else None,
        quick=partial(_loaded, quick) if quick else None,
    )


def _loaded(models: tuple[Path, ...]) -> Engine:
    try:
        return tesseract(models)
    except RuntimeError as error:
        raise ConfigurationError(f"Tesseract cannot load {', '.join(map(str, models))}: {error}.") from error


def _latin(language: Language) -> bool | None:
    """Whether PP-OCRv6 may give Latin letters only; None where it does not know the language's."""
    return language.script not in _WHOLE_ALPHABET if language.ppocr else None
