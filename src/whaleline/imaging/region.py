"""One region of an image, ready to be read: cut out, turned, filtered, with its place in the image."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from whaleline.errors import UnreadableImage
from whaleline.imaging import filters
from whaleline.imaging.edge import without_tips
from whaleline.imaging.geometry import Affine, Rectangle
from whaleline.imaging.picture import COLOUR, Picture, background
from whaleline.imaging.sight import Sight
from whaleline.imaging.skew import skew

_QUARTER, _FULL = 90, 360  # degrees

MAX_SIDE = 32_000
"""Pixels of a side of a region's picture: OpenCV turns and Tesseract reads up to 32,767, margins included."""


@dataclass(frozen=True, eq=False)
class Shown:
    """What results show of a region, filtered when it is asked for: text needs no picture.

    Attributes:
        plain: before the filters, nobody else's.
        contrast: whether print and paper are shown further apart.
        binarize: whether black and white only are shown.
        enlarge: whether it is shown at twice the size.
    """

    plain: Picture
    contrast: bool = False
    binarize: bool = False
    enlarge: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        times = 2 if self.enlarge else 1
        return times * self.plain.shape[1], times * self.plain.shape[0]

    @cached_property
    def unfiltered(self) -> Picture:
        """The picture at its size, before contrast and binarization."""
        return filters.enlarge(self.plain) if self.enlarge else self.plain

    @cached_property
    def picture(self) -> Picture:
        """The filtered picture."""
        shown = self.plain
        if self.contrast:
            shown = filters.contrast(shown)
        if self.binarize:
            shown = filters.binarize(shown)
        return filters.enlarge(shown) if self.enlarge else shown


@dataclass(frozen=True)
class Prepared:
    """A region's two pictures, of the same size in pixels, and where they lie in the image.

    Attributes:
        rectangle: what of the region lies inside the image, in the image's pixels.
        sight: of what is read, turned and enlarged but else as it was.
        filtered: what the filters make of the region and what results show; likewise.
        placement: the map from both pictures' pixels to the image's.
        cut: letters that the rectangle's edge cuts through.
    """

    rectangle: Rectangle
    sight: Sight
    filtered: Shown
    placement: Affine
    cut: int = 0

    @property
    def plain(self) -> Picture:
        """What is read, (height, width) or (height, width, 3)."""
        return self.sight.picture

    @property
    def shown(self) -> Picture:
        """What results show, filtered at the first call."""
        return self.filtered.picture


def prepare(
    image: Picture,
    rectangle: Rectangle,
    sight: Sight | None = None,
    /,
    *,
    rotate: int = 0,
    contrast: bool = False,
    binarize: bool = False,
    deskew: bool = False,
    upsample: bool = False,
    max_pixels: int = 256_000_000,
) -> Prepared:
    """Cut a region out of an image, filter it in the documented order and turn it about its centre.

    The region is cut first, so that a rectangle means the same place whatever the filters are. Where it is
    turned, the picture grows to hold the turned rectangle; what lies beside the rectangle is painted as
    paper, so that nothing of the neighbourhood is read.

    Args:
        image: uint8 of shape (height, width) or (height, width, 3) as RGB.
        rectangle: in the image's pixels; what of it lies outside the image is left out.
        sight: of what the image shows in the rectangle, where it was looked at before.
        rotate: degrees clockwise, any integer.
        contrast: show print and paper further apart.
        binarize: show black and white only.
        deskew: level the lines of text; after `rotate`, by up to 15 degrees.
        upsample: double the size of small text.
        max_pixels: of the turned region at most. What `deskew` and `upsample` would enlarge past that, or past
            MAX_SIDE, they leave alone.

    Raises:
        ValueError: no pixel of the rectangle lies inside the image.
        UnreadableImage: the region, turned by `rotate`, has more than max_pixels or is longer than MAX_SIDE.
    """
    height, width = image.shape[:2]
    inside = rectangle.intersection(Rectangle(0, 0, width, height))
    if inside.is_empty:
        raise ValueError(f"{rectangle} lies outside the image of {width} x {height} pixels")

    degrees = float(rotate % _FULL)
    check_size(inside, degrees, max_pixels)
    sight = sight or Sight(np.ascontiguousarray(image[inside.top : inside.bottom, inside.left : inside.right]))
    clean, around, cut = without_tips(image, inside, sight)
    own = Rectangle(
        inside.left - around.left, inside.top - around.top, inside.right - around.left, inside.bottom - around.top
    )
    if degrees or clean is not image:
        sight = Sight(_turn(clean, own, degrees))
    lean = skew(sight) if deskew else 0.0
    if lean and _fits(_turned_size(inside, degrees + lean), max_pixels):
        degrees += lean
        sight = Sight(_turn(clean, own, degrees))
    # What is shown is the caller's own, whatever becomes of the image.
    shown = np.array(sight.picture if clean is image else _turn(image, inside, degrees), order="C")
    placement = _turning(inside, degrees)[0].inverse()
    high, wide = sight.picture.shape[:2]
    larger = sight.picture
    if upsample and _fits((2 * wide, 2 * high), max_pixels):
        larger = filters.upsample(sight.picture)
    grown = larger.shape != sight.picture.shape
    if grown:
        placement = placement @ Affine.scale(wide / larger.shape[1], high / larger.shape[0])
        sight = Sight(larger)
    return Prepared(inside, sight, Shown(shown, contrast, binarize, grown), placement, cut)


def check_size(inside: Rectangle, degrees: float, max_pixels: int) -> int:
    """Pixels of the picture that a rectangle makes when it is turned.

    Raises:
        UnreadableImage: they are more than max_pixels, or longer than MAX_SIDE to a side.
    """
    wide, high = size = _turned_size(inside, degrees)
    if not _fits(size, max_pixels):
        turned = f", turned by {degrees:g} degrees," if degrees % (2 * _QUARTER) else ""
        raise UnreadableImage(
            f"The region {inside}{turned} makes a picture of {wide} x {high} = {wide * high} pixels; at most"
            f" {MAX_SIDE} to a side and {max_pixels} in all."
        )
    return wide * high


def _fits(size: tuple[int, int], max_pixels: int) -> bool:
    return max(size) <= MAX_SIDE and size[0] * size[1] <= max_pixels


def _turned_size(inside: Rectangle, degrees: float) -> tuple[int, int]:
    """Width and height of the upright rectangle around a turned one."""
    cos, sin = abs(math.cos(math.radians(degrees))), abs(math.sin(math.radians(degrees)))
    tolerance = 1e-6  # what rounding in the sine of a quarter turn adds must not add a pixel
    return (
        math.ceil(inside.width * cos + inside.height * sin - tolerance),
        math.ceil(inside.width * sin + inside.height * cos - tolerance),
    )


def _turning(inside: Rectangle, degrees: float) -> tuple[Affine, tuple[int, int]]:
    """The map that turns a rectangle clockwise about its centre, and width and height of what it becomes."""
    wide, high = _turned_size(inside, degrees)
    centre = Affine.shift(-(inside.left + inside.right) / 2, -(inside.top + inside.bottom) / 2)
    return Affine.shift(wide / 2, high / 2) @ Affine.rotation(degrees, (0, 0)) @ centre, (wide, high)


def _turn(image: Picture, inside: Rectangle, degrees: float) -> Picture:
    """The rectangle's pixels turned clockwise about its centre."""
    quarters, rest = divmod(degrees, _QUARTER)
    if rest == 0:  # without interpolation
        turned = np.rot90(image[inside.top : inside.bottom, inside.left : inside.right], -int(quarters))
        return np.ascontiguousarray(turned)
    return _warp(image, inside, *_turning(inside, degrees))


def _warp(image: Picture, inside: Rectangle, there: Affine, size: tuple[int, int]) -> Picture:
    """What `there` brings from the rectangle into a picture of `size`, on paper."""
    margin = 4  # pixels of the neighbourhood for the interpolation, so that the rectangle's rim stays sharp
    height, width = image.shape[:2]
    around = inside.grown(margin).intersection(Rectangle(0, 0, width, height))
    # OpenCV counts from the centre of the first pixel, geometry from its corner.
    centred = Affine.shift(-0.5, -0.5) @ there @ Affine.shift(0.5 + around.left, 0.5 + around.top)
    matrix = np.array([[centred.a, centred.b, centred.c], [centred.d, centred.e, centred.f]])
    cut = np.ascontiguousarray(image[around.top : around.bottom, around.left : around.right])
    turned = cv2.warpAffine(cut, matrix, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)

    mask = np.zeros(cut.shape[:2], np.uint8)
    mask[
        inside.top - around.top : inside.bottom - around.top,
        inside.left - around.left : inside.right - around.left,
    ] = 255
    own = cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_NEAREST)
    outside = own == 0
    core = image[inside.top : inside.bottom, inside.left : inside.right]
    if turned.ndim < COLOUR:
        turned[outside] = background(core)
    else:
        turned[outside] = [background(np.ascontiguousarray(core[..., channel])) for channel in range(3)]
    return np.asarray(turned, np.uint8)
