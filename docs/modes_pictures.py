"""The pictures of docs/modes.md and docs/labels.md: for each mode a drawn page, and what the mode finds on it.

usage: python docs/modes_pictures.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from whaleline.imaging.picture import COLOUR, Picture
from whaleline.recognition import languages, read, read_label
from whaleline.recognition.modes import DsrMode

TEXT = "Call me Ishmael. Some years ago, never mind how long precisely, having little money in my purse I went"
PROSE = TEXT.split()


def main(folder: Path) -> None:
    """Draw, read, and write the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    english = languages.languages()[0]
    pages = {
        DsrMode.REGIONS: columns(),
        DsrMode.DSR_AND_FILTER: ticket(),
        DsrMode.NO_DSR_NO_FILTER: block(),
        DsrMode.TEXT_DETECTOR: scene(),
        DsrMode.DSR_PLUS_DETECTOR: stamped(),
        DsrMode.POLYGONAL_TEXT_DETECTOR: curve(),
        DsrMode.LINE_DETECTOR: form(),
    }
    readings = [(mode.value, page, read(page, english, mode=mode)) for mode, page in pages.items()]
    readings.append(("RecognizeLabel", bottle(), read_label(bottle(), english)))
    for name, page, found in readings:
        print(f"--- {name}\n{found.text}")  # noqa: T201 - what the script is for
        image = Image.fromarray(page).convert("RGB")
        draw = ImageDraw.Draw(image)
        for place, one in enumerate(found.blocks, 1):
            coloured = page.ndim == COLOUR
            for box in [word.box for line in one.lines for word in (line.words if coloured else (line,))]:
                draw.rectangle((box.left - 3, box.top - 3, box.right + 3, box.bottom + 3), outline="#2a6fdb", width=2)
            corner = one.lines[0].box
            draw.text((corner.left - 4, corner.top - 6), str(place), font=font(18), fill="#c0392b", anchor="rb")
        image.convert("P", palette=Image.Palette.ADAPTIVE, colors=64 if page.ndim == COLOUR else 16).save(
            folder / f"{name}.png", optimize=True
        )


def font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's own."""
    return ImageFont.load_default(size=size)  # type: ignore[return-value]


def canvas(width: int, height: int, paper: int = 255) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty page."""
    image = Image.new("L", (width, height), paper)
    return image, ImageDraw.Draw(image)


def prose(lines: int, words: int, start: int = 0) -> str:
    """Lines of running text."""
    return "\n".join(
        " ".join(PROSE[(start + line * words + word) % len(PROSE)] for word in range(words)) for line in range(lines)
    )


def columns() -> Picture:
    """A heading over two columns."""
    image, draw = canvas(900, 520)
    draw.text((450, 50), "Loomings", font=font(40), fill=0, anchor="mm")
    for left, start in ((50, 0), (480, 7)):
        draw.multiline_text((left, 110), prose(9, 5, start), font=font(22), fill=0, spacing=16)
    return np.asarray(image)


def block() -> Picture:
    """Some lines."""
    image, draw = canvas(700, 240)
    draw.multiline_text((40, 40), prose(4, 7), font=font(24), fill=0, spacing=14)
    return np.asarray(image)


def ticket() -> Picture:
    """A small label."""
    image, draw = canvas(420, 420)
    text = "Pequod\nNantucket\nBerth 12\nDeck B\nSails 08:30\nMeals: 3\nLuggage: 2\nAgent: Peleg\nPaid\n7.50"
    text += "\nNo. 1851\nKeep dry"
    draw.multiline_text((40, 25), text, font=font(22), fill=0, spacing=8)
    return np.asarray(image)


def scene() -> Picture:
    """Words here and there, at angles, light on dark too."""
    image, draw = canvas(900, 500, 200)
    draw.rectangle((520, 60, 860, 160), fill=40)
    draw.text((690, 110), "SPOUTER INN", font=font(44), fill=240, anchor="mm")
    signs = (("Peter Coffin", (230, 170), 12), ("Open till late", (560, 360), -20), ("Room 7", (140, 420), 0))
    for text, at, degrees in signs:
        piece = Image.new("L", (420, 80), 0)
        ImageDraw.Draw(piece).text((210, 40), text, font=font(40), fill=255, anchor="mm")
        mask = piece.rotate(degrees, expand=True, resample=Image.Resampling.BICUBIC)
        image.paste(20, (at[0] - mask.width // 2, at[1] - mask.height // 2), mask)
    return np.asarray(image)


def stamped() -> Picture:
    """A letter with a stamp across its corner."""
    image, draw = canvas(900, 480)
    draw.multiline_text((50, 170), prose(5, 8), font=font(24), fill=0, spacing=16)
    piece = Image.new("L", (360, 80), 0)
    ImageDraw.Draw(piece).text((180, 40), "RECEIVED", font=font(48), fill=160, anchor="mm")
    mask = piece.rotate(18, expand=True, resample=Image.Resampling.BICUBIC)
    image.paste(60, (560, 0), mask)
    return np.asarray(image)


def curve() -> Picture:
    """A line along an arc."""
    text = "A whale ship was my Yale College"
    image, draw = canvas(1000, 100)
    draw.text((500, 50), text, font=font(44), fill=0, anchor="mm")
    flat = np.asarray(image)
    height, radius = 420, 700.0
    y, x = np.mgrid[0:height, 0:1000].astype(np.float32)
    dx, dy = x - 500, radius + 80 - y
    angle = np.arctan2(dx, dy)
    source_x = (500 + angle * radius).astype(np.float32)
    source_y = (50 - (np.hypot(dx, dy) - radius)).astype(np.float32)
    return np.asarray(cv2.remap(flat, source_x, source_y, cv2.INTER_CUBIC, borderValue=255), np.uint8)


def bottle() -> Picture:
    """A label around a bottle, light on colour."""
    image = Image.new("RGB", (560, 330), (24, 84, 60))
    draw = ImageDraw.Draw(image)
    draw.text((280, 80), "SPERM OIL", font=font(64), fill=(245, 225, 150), anchor="mm")
    draw.text((280, 170), "Best of Nantucket", font=font(38), fill=(250, 250, 250), anchor="mm")
    draw.text((280, 250), "50 LITRES", font=font(40), fill=(240, 120, 90), anchor="mm")
    across = np.linspace(-1, 1, 480)
    x = ((np.arcsin(across * 0.8) / np.arcsin(0.8) + 1) / 2 * 559).astype(np.float32)
    y = np.arange(420)[:, None] - 90 * np.sqrt(1 - (0.8 * across) ** 2)[None, :]
    rows = y.astype(np.float32)
    label = cv2.remap(np.asarray(image), np.broadcast_to(x, rows.shape).copy(), rows, cv2.INTER_LINEAR)
    scene = np.full((520, 640, 3), (206, 190, 168), np.uint8)
    scene[:, 80:560] = np.outer(np.ones(520), 60 + 90 * (1 - across**2))[..., None]
    inside = (rows >= 0) & (rows < image.height)
    scene[50:470, 80:560][inside] = label[inside]
    turn = cv2.getRotationMatrix2D((320, 260), 14, 1)
    table = (206, 190, 168)
    return np.asarray(cv2.warpAffine(scene, turn, (640, 520), flags=cv2.INTER_CUBIC, borderValue=table), np.uint8)


def form() -> Picture:
    """Lines with wide gaps."""
    image, draw = canvas(800, 300)
    answers = {"Ship": "Pequod", "Captain": "Ahab", "Mate": "Starbuck", "Berth": "12"}
    for place, (name, value) in enumerate(answers.items()):
        draw.text((50, 35 + 62 * place), f"{name}:", font=font(28), fill=0)
        draw.text((520, 35 + 62 * place), value, font=font(28), fill=0)
    return np.asarray(image)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
