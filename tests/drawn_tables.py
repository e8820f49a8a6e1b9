"""Pictures of tables, drawn with the cells that they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from PIL import Image, ImageDraw, ImageFont

ROW = 44
"""Pixels from one line of text to the next."""
SIZE = 26

Rules = Literal["all", "some", "none"]
Span = tuple[int, int]
"""Rows and columns that a cell covers."""


def font() -> ImageFont.FreeTypeFont:
    """Pillow's own, large enough to be read without doubt."""
    return ImageFont.load_default(size=SIZE)  # type: ignore[return-value]


def table(
    rows: Sequence[Sequence[str | None]],
    widths: Sequence[int],
    *,
    rules: Rules = "all",
    spans: Mapping[tuple[int, int], Span] | None = None,
    above: Sequence[str] = (),
    below: Sequence[str] = (),
    margin: int = 60,
) -> Image.Image:
    """A page with a table.

    Args:
        rows: the texts of the cells, with line feeds in those of several lines; None where another cell reaches to.
        widths: of the columns, in pixels.
        rules: around all cells, above and below the table and below its heading, or none.
        spans: of the cells that cover several places, by row and column.
        above: lines of text above the table.
        below: lines of text below it.
        margin: pixels of paper on all sides.
    """
    spans = spans or {}
    heights = [ROW * max(1, *(1 + text.count("\n") for text in row if text)) for row in rows]
    top = margin + ROW * len(above) + (ROW // 2 if above else 0)
    ys = [top + sum(heights[:index]) for index in range(len(rows) + 1)]
    xs = [margin + sum(widths[:index]) for index in range(len(widths) + 1)]
    size = (max(xs[-1] + margin, 900), ys[-1] + ROW * (len(below) + 1) + margin)
    image = Image.new("L", size, 255)
    pen, face = ImageDraw.Draw(image), font()
    for index, line in enumerate(above):
        pen.text((margin, margin + ROW * index), line, 0, face)
    for index, line in enumerate(below):
        pen.text((margin, ys[-1] + ROW // 2 + ROW * index), line, 0, face)
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            if text is None:
                continue
            high, wide = spans.get((row, column), (1, 1))
            box = (xs[column], ys[row], xs[column + wide], ys[row + high])
            pen.multiline_text((box[0] + 10, box[1] + 6), text, 0, face, spacing=ROW - SIZE)
            if rules == "all":
                pen.rectangle(box, outline=0, width=2)
    if rules == "some":
        for y in (ys[0], ys[1], ys[-1]):
            pen.line((xs[0], y, xs[-1], y), 0, 2)
    return image
