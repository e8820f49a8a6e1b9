"""SVG, by resvg, without anything that refers to the outside of the file or is too expensive to draw."""

from __future__ import annotations

import base64
import binascii
import functools
import io
import re
import urllib.parse
from pathlib import Path
from xml.etree import ElementTree

import resvg_py
from PIL import Image, ImageFont

from whaleline.documents import formats
from whaleline.documents.formats import Format
from whaleline.documents.page import INCH, Limits, PagePicture, PageSize
from whaleline.errors import UnreadableImage
from whaleline.imaging.pixels import eight_bits

PLAIN_DPI = 300
"""Pixels an inch at which pages are drawn."""

MAX_ELEMENTS = 1_000_000
"""Elements at most, each counted as often as it is referred to, and a letter as ten."""

_LETTER = 10  # elements: a text's time grows with its square, and 30,000 letters take a second

_CSS_DPI = 96.0  # pixels an inch in CSS, and points, millimetres ... in these pixels
_UNITS = {"": 1.0, "px": 1.0, "pt": 4 / 3, "pc": 16.0, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
_LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]+)?)\s*([a-z]*)\s*")
_ID = re.compile(r"#([^\s\"')]+)")
_FOREIGN_URL = re.compile(r"url\(\s*['\"]?\s*(?!#)[^)]*\)?|@import[^;]*;?", re.IGNORECASE)
_FILTER = re.compile(r"\bfilter\s*:[^;}]*;?", re.IGNORECASE)
_FAMILIES = tuple(f"{kind}family" for kind in ("font_", "serif_", "sans_serif_", "monospace_", "cursive_", "fantasy_"))
_FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_PLAIN_FONTS = ("DejaVuSans.ttf", "LiberationSans-Regular.ttf", "NotoSans-Regular.ttf", "*.ttf", "*.otf")


def open_file(data: bytes, _: Format, limits: Limits) -> Svg:
    """The one page of a file.

    References to anything outside the file are left out, for resvg would read them from the disk, and so are filters,
    which can take any time and show no letter that is not there without them.
    """
    root = ElementTree.fromstring(data)  # noqa: S314 - expat loads nothing, and bounds what entities grow to
    if _local(root.tag) != "svg":
        raise ValueError("its outermost element is not svg")
    _count(root)
    for parent in list(root.iter()):
        for child in [child for child in parent if _local(child.tag) in ("filter", "script", "foreignObject")]:
            parent.remove(child)
        _without_foreign(parent, limits)
    return Svg(root, limits)


class Svg:
    """An open file."""

    def __init__(self, root: ElementTree.Element, limits: Limits) -> None:
        self._root = root
        self._limits = limits

    def __len__(self) -> int:
        return 1

    def page(self, _: int) -> PagePicture:
        """The drawing at PLAIN_DPI, or at the highest resolution that the limits allow."""
        width, height, dpi, notes = self._fit()
        self._root.set("width", f"{width}px")
        self._root.set("height", f"{height}px")
        font = _plain_font()
        png = resvg_py.svg_to_bytes(
            svg_string=ElementTree.tostring(self._root, encoding="unicode"),
            zoom=_zoom(dpi),
            dpi=_CSS_DPI,
            skip_system_fonts=True,
            font_dirs=[str(folder) for folder in _FONT_FOLDERS if folder.is_dir()],
            **dict.fromkeys(_FAMILIES, font),
        )
        if font is None and any(_local(element.tag) == "text" for element in self._root.iter()):
            notes = (*notes, "no fonts are installed to draw the text of SVG files")
        image = Image.open(io.BytesIO(png), formats=["PNG"])
        return PagePicture(eight_bits(image), dpi, drawn=True, notes=notes)

    def size(self, _: int) -> PageSize:
        """How large that is."""
        width, height, dpi, _notes = self._fit()
        return PageSize(round(width * _zoom(dpi)) or 1, round(height * _zoom(dpi)) or 1, dpi, drawn=True)

    def _fit(self) -> tuple[float, float, float, tuple[str, ...]]:
        """Width and height in pixels of CSS, the resolution to draw at, and what is to be said of that."""
        width, height = _size(self._root)
        return width, height, *self._limits.fit(width * INCH / _CSS_DPI, height * INCH / _CSS_DPI, PLAIN_DPI)


def _zoom(dpi: float) -> float:
    """How much finer than CSS's pixels; a whole number of pixels must not become the next one by rounding."""
    return dpi / _CSS_DPI * (1 - 1e-6)


def _local(tag: str) -> str:
    return str(tag).rpartition("}")[2]


def _count(root: ElementTree.Element) -> None:
    """Refuse what grows beyond all bounds by elements that are referred to again and again."""
    named = {element.get("id"): element for element in root.iter() if element.get("id")}
    weights: dict[ElementTree.Element, int] = {}

    def weight(element: ElementTree.Element) -> int:
        if element in weights:
            return weights[element]
        weights[element] = 0  # what refers to itself is not drawn
        referred = {name for value in element.attrib.values() for name in _ID.findall(value)}
        total = 1 + sum(map(weight, element)) + sum(weight(named[name]) for name in referred if name in named)
        if _local(element.tag) in ("text", "tspan", "textPath"):
            texts = [element.text, *(child.tail for child in element)]
            total += _LETTER * sum(len(text) for text in texts if text)
        weights[element] = total
        return total

    if (total := weight(root)) > MAX_ELEMENTS:
        raise UnreadableImage(f"The SVG file grows to {total} elements; at most {MAX_ELEMENTS} are allowed.")


def _without_foreign(element: ElementTree.Element, limits: Limits) -> None:
    for key, value in list(element.attrib.items()):
        name = _local(key)
        if (name == "href" and not (value.strip().startswith("#") or _is_picture(value, limits))) or name == "filter":
            del element.attrib[key]
        else:
            element.attrib[key] = _tamed(value)
    if _local(element.tag) == "style":
        element.text = _tamed(element.text or "")


def _tamed(css: str) -> str:
    return _FILTER.sub("", _FOREIGN_URL.sub("none", css))


def _is_picture(url: str, limits: Limits) -> bool:
    """Whether a URL holds an image of pixels within the limits."""
    head, comma, body = url.strip().partition(",")
    if not comma or not head.startswith("data:"):
        return False
    try:
        data = base64.b64decode(body) if head.endswith(";base64") else urllib.parse.unquote_to_bytes(body)
    except (binascii.Error, ValueError):
        return False
    found = formats.sniff(data)
    if found is None or found.name not in ("PNG", "JPEG", "GIF", "WebP"):
        return False
    with Image.open(io.BytesIO(data), formats=[found.plugin]) as image:
        limits.check(found.name, *image.size)
    return True


def _size(root: ElementTree.Element) -> tuple[float, float]:
    """Width and height in pixels of CSS, by SVG 2, section 8.2; percentages are of the view box."""
    box = [float(part) for part in root.get("viewBox", "").replace(",", " ").split()]
    sides = []
    for place, name in enumerate(("width", "height")):
        length = _LENGTH.fullmatch(root.get(name, ""))
        if length and length[2] in _UNITS:
            sides.append(float(length[1]) * _UNITS[length[2]])
        elif len(box) == 4:  # noqa: PLR2004
            sides.append(box[2 + place])
        else:
            raise ValueError("it does not state its size")
    return sides[0], sides[1]


@functools.cache
def _plain_font() -> str | None:
    """The family that text is drawn in whose own is not installed; None on a machine without fonts."""
    for name in _PLAIN_FONTS:
        for folder in _FONT_FOLDERS:
            for file in sorted(folder.rglob(name)):
                return ImageFont.truetype(file).getname()[0]
    return None
