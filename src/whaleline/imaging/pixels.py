"""Every kind of pixel that Pillow knows as grey or RGB of 8 bits: palettes, transparency, CMYK, Lab, deep grey."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageCms

from whaleline.imaging.picture import COLOUR, Picture

_BAND = 4_000_000  # pixels that are converted at a time, so that no second copy of a large picture arises
_MIDDLE = 128  # grey
_OPAQUE = 255
_FEW = 100_000  # one pixel of so many, at either end, may be an outlier

_Values = npt.NDArray[np.floating]


def eight_bits(image: Image.Image, *, unsigned: bool = False) -> Picture:
    """The pixels of a loaded image.

    Transparency lies on white, or on black where nearly all that shows is light. An alpha channel that is 0
    everywhere was never filled, and is left out.

    Args:
        image: of any of Pillow's modes.
        unsigned: whether 32 bits a pixel are a number without a sign, which Pillow takes for one with a sign.

    Returns:
        uint8 of shape (height, width) for grey, (height, width, 3) for RGB.
    """
    return _levels(image, unsigned) if is_deep(image) else _shallow(image)


def is_deep(image: Image.Image) -> bool:
    """Whether the image is grey of more than 8 bits."""
    return image.mode.startswith("I;16") or image.mode in ("I", "F")


def _bands(image: Image.Image) -> Iterator[tuple[int, Image.Image]]:
    """The image in strips of its full width, each with its top row's number."""
    rows = max(1, _BAND // image.width)
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _shallow(image: Image.Image) -> Picture:
    ground = _ground(image)
    bands = _bands(image)
    _, first = next(bands)
    converted = _convert(first, ground)
    pixels = np.empty((image.height, *converted.shape[1:]), np.uint8)
    pixels[: len(converted)] = converted
    for top, band in bands:
        pixels[top : top + band.height] = _convert(band, ground)
    return pixels


def _convert(image: Image.Image, ground: str | None) -> Picture:
    if ground is not None:
        grey = image.mode in ("LA", "La")
        image = image.convert("LA" if grey else "RGBA")
        colour = image.convert("L" if grey else "RGB")
        return np.asarray(
            Image.composite(colour, Image.new(colour.mode, colour.size, ground), image.getchannel("A")), np.uint8
        )
    if image.mode == "LAB":
        # Pillow's convert knows no Lab; littleCMS does.
        transform = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
        converted = ImageCms.applyTransform(image, transform)
        return np.asarray(image if converted is None else converted)
    if image.mode in ("La", "RGBa"):  # premultiplied
        image = image.convert(image.mode.upper())
    return np.asarray(image.convert("L" if image.mode in ("1", "L", "LA") else "RGB"))


def _ground(image: Image.Image) -> str | None:
    """What transparency lies on; None where nothing is transparent, or everything."""
    if not image.has_transparency_data:
        return None
    low, high = _OPAQUE, 0
    shown = dark = 0
    for _, band in _bands(image):
        grey = band.convert("LA" if band.mode in ("LA", "La") else "RGBA").convert("LA")
        light, alpha = np.moveaxis(np.asarray(grey), 2, 0)
        low, high = min(low, int(alpha.min())), max(high, int(alpha.max()))
        shown += int(alpha.sum())
        dark += int(alpha[light < _MIDDLE].sum())
    if low == _OPAQUE or high == 0:
        return None
    return "black" if dark * 100 < shown else "white"


def _levels(image: Image.Image, unsigned: bool) -> Picture:
    """Deep grey as 8 bits.

    Files seldom say how many of the 16 or 32 bits they use, and scanners use 10, 12 or 14: the range is the
    smallest of the usual ones that holds the largest value. Negative values have no such range and are
    stretched from the least to the largest, and so are floating-point values outside 0 to 1.
    """
    least, most = _span(image, unsigned)
    low, high = 0.0, 1.0
    if image.mode != "F" and least >= 0:
        high = next((2.0**bits - 1 for bits in (8, 10, 12, 14, *range(16, 32)) if most < 2**bits), 2.0**32 - 1)
    elif least < 0 or most > 1:
        low, high = least, max(most, least + 1)
    pixels = np.empty((image.height, image.width), np.uint8)
    for top, values in _deep_bands(image, unsigned):
        pixels[top : top + len(values)] = np.rint((values.clip(low, high) - low) * (255.0 / (high - low)))
    return pixels


def _span(image: Image.Image, unsigned: bool) -> tuple[float, float]:
    """The least and the largest value, without outliers.

    Outliers are as few as marks of a broken sensor, and lie farther off than all others lie apart. They would
    leave everything else in a few shades of grey.
    """
    few = image.width * image.height // _FEW + 1
    lows, highs = [], []
    for _, values in _deep_bands(image, unsigned):
        last = values.size - 1
        ordered = np.partition(values, (min(few, last), max(last - few, 0)), axis=None)
        lows.append(ordered[: few + 1].copy())
        highs.append(ordered[-few - 1 :].copy())
    low, high = np.sort(np.concatenate(lows)), np.sort(np.concatenate(highs))
    inner_low, inner_high = float(low[min(few, low.size - 1)]), float(high[max(high.size - 1 - few, 0)])
    least, most, width = float(low[0]), float(high[-1]), inner_high - inner_low
    if width <= 0:
        return least, most
    return (inner_low if inner_low - least > width else least), (inner_high if most - inner_high > width else most)


def _deep_bands(image: Image.Image, unsigned: bool) -> Iterator[tuple[int, _Values]]:
    for top, band in _bands(image):
        deep = np.asarray(band)
        if unsigned:
            deep = deep.view(np.uint32)
        yield top, np.nan_to_num(deep.astype(np.float32 if deep.dtype.kind == "f" else np.float64), posinf=0, neginf=0)


def without_equal_channels(pixels: npt.NDArray[np.uint8]) -> Picture:
    """RGB of shape (height, width, 3) or grey as a picture of its own; grey where the channels are alike everywhere."""
    if pixels.ndim < COLOUR:
        return np.array(pixels, order="C")
    rows = max(1, _BAND // pixels.shape[1])
    bands = (pixels[top : top + rows] for top in range(0, len(pixels), rows))
    is_grey = all((band[..., 0] == band[..., 1]).all() and (band[..., 1] == band[..., 2]).all() for band in bands)
    return np.ascontiguousarray(pixels[..., 0] if is_grey else pixels)
