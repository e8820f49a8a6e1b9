"""Pages photographed on a table: tilted, from aside, curled, folded, in a shadow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.picture import Picture

Points = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Photograph:
    """A picture of a page, and where its points went."""

    picture: Picture
    place: Callable[[Points], Points]


def curl(width: int, height: float) -> npt.NDArray[np.float64]:
    """Pixels by which each column of a page hangs down: an arc of that height."""
    part = np.linspace(0, 1, width)
    return np.asarray(4 * height * part * (1 - part))


def fold(width: int, height: float) -> npt.NDArray[np.float64]:
    """The same of a page with a sharp fold in its middle."""
    return np.asarray(height * (1 - np.abs(np.linspace(-1, 1, width))))


def photograph(
    page: Picture,
    *,
    sag: npt.NDArray[np.float64] | None = None,
    corners: tuple[tuple[int, int], tuple[int, int], tuple[int, int], tuple[int, int]],
    size: tuple[int, int],
    shadow: float = 1.0,
) -> Photograph:
    """The page bent and put on a table, its left half in a shadow.

    Args:
        page: grey.
        sag: pixels by which each of its columns hangs down.
        corners: top left, top right, bottom right and bottom left, in the photograph.
        size: width and height of the photograph.
        shadow: the light that is left in it.
    """
    height, width = page.shape
    down = np.zeros(width) if sag is None else sag
    room = int(np.ceil(max(0.0, float(down.max()))))
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height + room, dtype=np.float32))
    source = (rows - down[None, :]).astype(np.float32)
    paper = np.where((source >= 0) & (source < height), 255, 0).astype(np.uint8)
    bent = cv2.remap(page, columns, source, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    matrix = cv2.getPerspectiveTransform(
        np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32), np.array(corners, np.float32)
    )
    grain = np.random.default_rng(7).normal(0, 10, (size[1] // 8 + 1, size[0] // 2 + 1)).astype(np.float32)
    table = cv2.resize(grain, size, interpolation=cv2.INTER_LINEAR) + 90
    mask = cv2.warpPerspective(paper, matrix, size, flags=cv2.INTER_LINEAR).astype(np.float32) / 255
    sheet = cv2.warpPerspective(bent, matrix, size, flags=cv2.INTER_AREA).astype(np.float32) * 0.92
    light = np.where(np.arange(size[0]) < size[0] // 2, shadow, 1.0)[None, :]
    light = cv2.blur(np.repeat(light, size[1], axis=0).astype(np.float32), (61, 61))
    picture = ((mask * sheet + (1 - mask) * table) * light).clip(0, 255).astype(np.uint8)

    def place(points: Points) -> Points:
        hung = points + np.stack([np.zeros(len(points)), np.interp(points[:, 0], np.arange(width), down)], axis=1)
        mapped = cv2.perspectiveTransform(hung[None].astype(np.float64), matrix.astype(np.float64))
        return np.asarray(mapped[0], np.float64)

    return Photograph(picture, place)
