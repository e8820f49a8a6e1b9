"""The picture of docs/tables.md: a drawn page, and the cells that are found on it.

usage: PYTHONPATH=tests python docs/tables_picture.py FILE
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import ImageDraw

from drawn_tables import table
from whaleline.documents import PagePicture
from whaleline.operations.page_layout import lay_out
from whaleline.operations.reading_settings import ReadingSettings
from whaleline.settings import Settings


def main(file: Path) -> None:
    """Draw, find, and write the picture."""
    page = table(
        [
            ["Ship", "Catch of the year", None],
            [None, "Barrels", "Whales"],
            ["Pequod\nof Nantucket", "2,100", "31"],
            ["Rachel", "950", "7"],
        ],
        [260, 240, 200],
        spans={(0, 0): (2, 1), (0, 1): (1, 2)},
        above=["Ships that were met on the voyage"],
    )
    found = lay_out(PagePicture(np.asarray(page)), ReadingSettings(), Settings())
    image = page.convert("RGB")
    draw = ImageDraw.Draw(image)
    for each in found.tables:
        for cell in each.cells:
            box = cell.box
            draw.rectangle((box.left + 4, box.top + 4, box.right - 4, box.bottom - 4), outline="#2a6fdb", width=2)
            draw.text((box.right - 8, box.bottom - 6), f"{cell.row},{cell.column}", fill="#c0392b", anchor="rb")
    image.quantize(16).save(file, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
