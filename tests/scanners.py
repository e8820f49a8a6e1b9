"""Scanners and cameras for pages: what comes of a page, and where its points went."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from whaleline.imaging.picture import Picture

Points = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Taken:
    """A picture of a page, and where its points went (in pixels, corners at whole numbers)."""

    picture: Picture
    place: Callable[[Points], Points]
    told: str


def scan(page: Picture, dpi: int, seed: int, *, plain: bool = False) -> Taken:
    """A page of `dpi` on a flatbed: shifted, turned, also by quarters, a little stretched and skew; grey or bilevel.

    Args:
        page: grey.
        dpi: of the page.
        seed: of all that is left to chance.
        plain: leave the page where it is; the resolution and the noise are the same.
    """
    random = np.random.default_rng([seed, 3])
    height, width = page.shape
    goal = int(random.choice([100, 150, 200, 240, 300]))
    degrees, quarter = float(np.clip(random.normal(0, 1.8), -6, 6)), int(random.choice([0, 0, 0, 90, 180, 270]))
    zoom = float(random.uniform(0.5, 1.6)) if random.random() < 0.15 else 1.0
    stretch = random.normal(1, 0.006, 2)
    skew = float(random.normal(0, 0.005))
    slip = random.normal(0, 0.02, 2) * goal / dpi * max(width, height)
    bed = random.uniform(0.98, 1.12, 2)
    # A card of 100 dpi and half its size could be read by nobody.
    zoom = max(zoom, min(1.0, 130 / goal)) if max(width, height) < 1200 else zoom
    scale = goal / dpi * zoom
    linear = _turn(degrees + quarter) @ np.array([[1, skew], [0, 1]]) @ np.diag(scale * stretch)
    across = (height, width) if quarter % 180 else (width, height)
    size = (int(across[0] * scale * bed[0]), int(across[1] * scale * bed[1]))
    drawn = size[::-1]
    if plain:
        linear, slip, size, degrees, quarter = (
            scale * np.eye(2),
            np.zeros(2),
            (int(width * scale), int(height * scale)),
            0.0,
            0,
        )
    shift = np.array(size) / 2 - linear @ np.array([width, height]) / 2 + slip
    matrix = np.vstack([np.column_stack([linear, shift]), [0, 0, 1]])
    smaller, factor = _reduced(page, scale)
    picture = cv2.warpPerspective(
        smaller,
        _centred(matrix @ np.diag([1 / factor[0], 1 / factor[1], 1])),
        size,
        flags=cv2.INTER_CUBIC,
        borderValue=255,
    )
    bilevel = random.random() < 0.25
    # As much is drawn by chance wherever the page lies, so that what is drawn next is the same, too.
    noisy = _noisy(picture.astype(np.float32), random, quality=int(random.integers(35, 96)), light=1.0, drawn=drawn)
    if bilevel:
        noisy = np.where(noisy > random.integers(110, 190), 255, 0).astype(np.uint8)
    told = f"{goal} dpi x {zoom:.2f}, {degrees + quarter:.1f} degrees{', bilevel' if bilevel else ''}"
    return Taken(noisy, lambda points: _project(matrix, points), told)


def photograph(page: Picture, dpi: int, seed: int) -> Taken:  # noqa: PLR0915 - a camera is one thing
    """A page on a table, from above and aside by up to 15 degrees, curled, in a shadow.

    Args:
        page: grey.
        dpi: of the page.
        seed: of all that is left to chance.
    """
    random = np.random.default_rng([seed, 4])
    height, width = page.shape
    long = max(width, height)
    tilt = np.radians(random.uniform(-15, 15, 2))
    turn = float(random.normal(0, 5)) + float(random.choice([0, 0, 0, 90, 180, 270]))
    bend = float(random.uniform(0, 0.02)) * long if random.random() < 0.6 else 0.0
    upright = bool(random.random() < 0.5)  # the axis of the curl
    distance = float(random.uniform(1.4, 2.5)) * long
    rotation = _about_x(tilt[0]) @ _about_y(tilt[1]) @ _about_z(math.radians(turn))

    # The sheet hangs over a part of a sine; its points go by the length of the arc.
    extent = width if upright else height
    flat = np.linspace(-extent / 2, extent / 2, 513)
    hump = bend * np.cos(np.pi * flat / extent)
    arc = np.concatenate([[0], np.cumsum(np.hypot(np.diff(flat), np.diff(hump)))])
    arc = arc * (extent / arc[-1])

    def surface(points: Points) -> Points:
        centred = points - [width / 2, height / 2]
        along = np.interp(points[:, 0 if upright else 1], arc, flat)
        height_ = np.interp(along, flat, hump)
        x, y = (along, centred[:, 1]) if upright else (centred[:, 0], along)
        return np.stack([x, y, -height_], axis=1)

    def seen(points: Points) -> Points:
        turned = surface(points) @ rotation.T + [0, 0, distance]
        return np.asarray(turned[:, :2] / turned[:, 2:])

    corners = seen(np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64))
    wide, high = np.ptp(corners, axis=0)
    share = float(random.uniform(0.72, 0.97))
    frame = (3, 4) if high > wide else (4, 3)
    longer = int(random.integers(1500, 3300))
    size = (longer * frame[0] // 4, longer * frame[1] // 4)
    focus = share * min(size[0] / wide, size[1] / high)
    middle = np.array(size) / 2 - focus * corners.mean(axis=0) + random.normal(0, 0.01, 2) * size[0]

    def place(points: Points) -> Points:
        return np.asarray(focus * seen(np.asarray(points, np.float64)) + middle)

    # Back from a photograph's pixel to the page: the ray meets the sheet, whose height is found step by step.
    step = 4
    size = (size[0] // step * step, size[1] // step * step)
    across, down = ((np.arange(side // step) + 0.5) * step for side in size)
    grid = np.stack(np.meshgrid(across, down), axis=-1)
    rays = (grid.reshape(-1, 2) - middle) / focus
    rays = np.column_stack([rays, np.ones(len(rays))]) @ rotation
    eye = -np.array([0, 0, distance]) @ rotation
    lifted = np.zeros(len(rays))
    for _ in range(8):
        reach = (-lifted - eye[2]) / rays[:, 2]
        ground = eye[:2] + reach[:, None] * rays[:, :2]
        lifted = np.interp(ground[:, 0 if upright else 1], flat, hump, left=0, right=0)
    beside = ground[:, 0 if upright else 1]
    u = np.interp(beside, flat, arc) + beside - np.clip(beside, flat[0], flat[-1])
    back = np.column_stack([u, ground[:, 1] + height / 2] if upright else [ground[:, 0] + width / 2, u])
    scale = focus / distance
    smaller, factor = _reduced(page, scale)
    maps = [
        cv2.resize(
            (back[:, axis].reshape(grid.shape[:2]) * factor[axis]).astype(np.float32),
            size,
            interpolation=cv2.INTER_LINEAR,
        )
        for axis in (0, 1)
    ]
    sheet = cv2.remap(smaller, maps[0] - 0.5, maps[1] - 0.5, cv2.INTER_LINEAR)
    inside = (maps[0] > 0) & (maps[0] < smaller.shape[1]) & (maps[1] > 0) & (maps[1] < smaller.shape[0])
    grain = random.normal(0, 14, (size[1] // 8 + 1, size[0] // 3 + 1)).astype(np.float32)
    table = cv2.resize(grain, size, interpolation=cv2.INTER_LINEAR) + float(random.uniform(40, 190))
    picture = np.where(inside, sheet.astype(np.float32) * 0.9 + 10, table)
    noisy = _noisy(picture, random, quality=int(random.integers(50, 93)), light=float(random.uniform(0.45, 1.0)))
    told = f"{scale * dpi:.0f} dpi, tilt {np.degrees(tilt).round()}, {turn:.0f} degrees, bend {100 * bend / long:.1f} %"
    return Taken(noisy, place, told)


def _noisy(
    picture: npt.NDArray[np.float32],
    random: np.random.Generator,
    *,
    quality: int,
    light: float,
    drawn: tuple[int, ...] | None = None,
) -> Picture:
    """Blur, a shadow with a soft edge, noise (repeated or cut off where it is drawn for another shape), and JPEG."""
    height, width = picture.shape
    blur = float(random.uniform(0.2, 0.9))
    picture = np.asarray(cv2.GaussianBlur(picture, (0, 0), blur), np.float32)
    if light < 1:
        angle, offset = random.uniform(0, 2 * np.pi), random.normal(0, 0.15)
        x, y = np.meshgrid(np.linspace(-0.5, 0.5, 64), np.linspace(-0.5, 0.5, 64))
        soft = 1 / (1 + np.exp(-(np.cos(angle) * x + np.sin(angle) * y - offset) * float(random.uniform(6, 40))))
        picture = picture * cv2.resize((light + (1 - light) * soft).astype(np.float32), (width, height))
    contrast = float(random.uniform(0.6, 1.0))
    picture = 255 * (1 - contrast) * 0.6 + picture * contrast
    grain = np.resize(random.standard_normal(drawn or picture.shape, np.float32), picture.shape)
    grain *= np.float32(random.uniform(1, 9))
    clean = np.clip(picture + grain, 0, 255).astype(np.uint8)
    _, packed = cv2.imencode(".jpg", clean, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)


def _reduced(page: Picture, scale: float) -> tuple[Picture, tuple[float, float]]:
    """The page at no more than the goal's resolution, so that nothing aliases, and by what it was reduced."""
    if scale >= 1:
        return page, (1.0, 1.0)
    height, width = page.shape
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    smaller = np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8)
    return smaller, (size[0] / width, size[1] / height)


def _centred(matrix: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The same map for OpenCV, which counts from the middle of the first pixel."""
    there, back = np.eye(3), np.eye(3)
    there[:2, 2], back[:2, 2] = 0.5, -0.5
    return np.asarray(back @ matrix @ there)


def _project(matrix: npt.NDArray[np.float64], points: Points) -> Points:
    return np.asarray(cv2.perspectiveTransform(np.asarray(points, np.float64)[None], matrix)[0])


def _turn(degrees: float) -> npt.NDArray[np.float64]:
    return _about_z(math.radians(degrees))[:2, :2]


def _about_x(angle: float) -> npt.NDArray[np.float64]:
    return np.array([[1, 0, 0], [0, math.cos(angle), -math.sin(angle)], [0, math.sin(angle), math.cos(angle)]])


def _about_y(angle: float) -> npt.NDArray[np.float64]:
    return np.array([[math.cos(angle), 0, math.sin(angle)], [0, 1, 0], [-math.sin(angle), 0, math.cos(angle)]])


def _about_z(angle: float) -> npt.NDArray[np.float64]:
    return np.array([[math.cos(angle), -math.sin(angle), 0], [math.sin(angle), math.cos(angle), 0], [0, 0, 1]])
