"""Pixels to a Page: `read` is the way in, the other modules are its parts."""

from __future__ import annotations

from pathlib import Path

from whaleline.errors import ConfigurationError
from whaleline.imaging.picture import Picture, grey, ink
from whaleline.recognition import handwriting, languages, orientation, rows
from whaleline.recognition.engine import Engine, Shape
from whaleline.recognition.languages import Language
from whaleline.recognition.modes import DsrConfidence, DsrMode, sure
from whaleline.recognition.page import Block, Page
from whaleline.recognition.reader import Reader
from whaleline.recognition.scripts import JOINED, ScriptReader
from whaleline.recognition.second import second_reader
from whaleline.recognition.tesseract import tesseract


def read(
    picture: Picture,
    language: Language,
    *,
    mode: DsrMode = DsrMode.REGIONS,
    confidence: DsrConfidence = DsrConfidence.DEFAULT,
    shape: Shape | None = None,
    both: bool = True,
    tessdata: Path | None = None,
) -> Page:
    """Read one picture.

    Args:
        picture: uint8 of shape (height, width), or (height, width, 3) as RGB, of which the grey is read.
        language: a row of the table, from `languages.find`.
        mode: how text is looked for.
        confidence: how sure a line must be.
        shape: how the text lies in the picture, for the modes that ask; found out if not given.
        both: False for Tesseract's first reading alone, to measure what comes after it.
        tessdata: a folder of further models, looked into first (the setting of that name).

    Returns:
        Boxes are in the picture's pixels. A blank picture gives a page without blocks.

    Raises:
        ConfigurationError: a model of the language is not installed or cannot be loaded; the message says how
            to add it.
    """
    places = languages.folders(tessdata)
    models = languages.locate(language, places)
    if models is None:
        raise ConfigurationError(f"The {languages.how_to_add(language, places)}.")
    height, width = picture.shape[:2]
    flat = grey(picture)
    print_ = ink(flat)
    blocks: tuple[Block, ...] = ()
    turn = 0
    if print_.any():
        engine = _engine(models)
        reader = Reader(
            ScriptReader(engine, language),
            second_reader(language) if both else None,
            thorough=both,
            joined=language.script in JOINED,
        )
        found = handwriting.read(reader, flat) if language.wire == handwriting.WIRE else ()
        found = found or reader.read(flat, print_, mode, shape)
        if orientation.doubtful(found):
            turn = orientation.rotation(flat, print_, engine)
        blocks = rows.regroup(sure(found, confidence), right_to_left=language.right_to_left)
    return Page(width, height, blocks, language.tag, language.right_to_left, turn)


def _engine(models: tuple[Path, ...]) -> Engine:
    try:
        return tesseract(models)
    except RuntimeError as error:
        raise ConfigurationError(f"Tesseract cannot load {', '.join(map(str, models))}: {error}.") from error
