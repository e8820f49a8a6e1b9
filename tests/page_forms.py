"""A form that the tests of the page fill in, scan askew, and read."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFont

LABELS = ("Surname", "Given names", "Date of birth", "Berth")
SIZE = (1000, 700)


def _picture(values: tuple[str, ...]) -> Image.Image:
    image = Image.new("RGB", SIZE, "white")
    pen, font = ImageDraw.Draw(image), ImageFont.load_default
    pen.text((60, 40), "Application for a whaling voyage", "#16212b", font(44))
    pen.text((60, 110), "Please complete in block letters or by machine.", "#16212b", font(22))
    for row, label in enumerate(LABELS):
        top = 190 + 110 * row
        pen.text((60, top + 16), label, "#16212b", font(24))
        pen.rectangle((320, top, 920, top + 64), outline="#444444", width=2)
        pen.text((340, top + 10), values[row] if values else "", "#16212b", font(36))
    pen.text((60, 650), "Nantucket Seamen's Office, form 7", "#16212b", font(20))
    return image


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def corners(row: int) -> tuple[int, int, int, int]:
    """Where the value of a row stands on the form."""
    top = 190 + 110 * row
    return (324, top + 4, 916, top + 60)


def form(*values: str) -> bytes:
    """The form, filled in with these values, or empty."""
    return _png(_picture(values))


def scan(*values: str, degrees: float = 5) -> bytes:
    """The filled form as it lies askew on a larger sheet."""
    sheet = Image.new("RGB", (1240, 960), "#eeeeee")
    sheet.paste(_picture(values), (120, 130))
    return _png(sheet.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor="#eeeeee"))
