"""Draws the form of docs/tutorial.md, empty, and three scans of it: `python docs/tutorial_pictures.py`."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

FOLDER = Path(__file__).with_name("tutorial")
SIZE = (1000, 700)
LABELS = ("Full name", "Date of birth", "Ship", "Advance on wages")
LEFT, TOP, STEP = 340, 190, 90
BOX = (340, 556, 376, 592)
SEAMEN = (
    ("Ishmael Carver", "7 May 1982", "Pequod", "$84.50", True),
    ("Peter Coffin", "19 August 1979", "Acushnet", "$120.00", False),
    ("Mary Folger", "30 November 1995", "Pequod", "$97.25", True),
)
LIES = ((0.0, 0, 0), (0.8, 9, -6), (-0.6, -7, 8))
"""How each scan lies on the scanner: degrees, and pixels to the right and down."""


def empty() -> Image.Image:
    """The form as it is printed."""
    image = Image.new("L", SIZE, 255)
    pen = ImageDraw.Draw(image)
    pen.text((80, 50), "Application for a voyage", 20, ImageFont.load_default(44))
    pen.text((80, 118), "Please print. Return this sheet to the agent on the quay.", 60, ImageFont.load_default(24))
    for row, label in enumerate(LABELS):
        pen.text((80, TOP + STEP * row + 14), label, 60, ImageFont.load_default(26))
        pen.line((LEFT, TOP + STEP * row + 58, 920, TOP + STEP * row + 58), 90, 2)
    pen.rectangle(BOX, outline=40, width=3)
    pen.text((400, 560), "I can swim", 60, ImageFont.load_default(26))
    pen.text((80, 640), "Form 12, printed at Nantucket", 90, ImageFont.load_default(20))
    return image


def filled(values: tuple[str, str, str, str, bool]) -> Image.Image:
    """The form with a seaman's answers."""
    image = empty()
    pen = ImageDraw.Draw(image)
    *answers, swims = values
    for row, answer in enumerate(answers):
        pen.text((LEFT + 20, TOP + STEP * row + 8), str(answer), 0, ImageFont.load_default(38))
    if swims:
        left, top, right, bottom = BOX
        pen.line((left + 4, top + 4, right - 4, bottom - 4), 0, 5)
        pen.line((right - 4, top + 4, left + 4, bottom - 4), 0, 5)
    return image


def scanned(image: Image.Image, degrees: float, right: int, down: int) -> Image.Image:
    """The sheet as a scanner sees it: askew, moved, a little soft and grey."""
    laid = image.rotate(degrees, Image.Resampling.BICUBIC, translate=(right, down), fillcolor=255)
    return laid.filter(ImageFilter.GaussianBlur(0.6)).point(lambda value: 12 + value * 228 // 255)


def main() -> None:
    """Write the pictures."""
    (FOLDER / "scans").mkdir(parents=True, exist_ok=True)
    empty().quantize(16).save(FOLDER / "form.png", optimize=True)
    for number, (values, lie) in enumerate(zip(SEAMEN, LIES, strict=True), 1):
        scanned(filled(values), *lie).quantize(16).save(FOLDER / "scans" / f"scan-{number}.png", optimize=True)


if __name__ == "__main__":
    main()
