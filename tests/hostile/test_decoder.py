"""The decoder against files that were made to break it: a picture or a plain refusal, in bounded memory."""

from __future__ import annotations

import io
import random
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import corpus
from corpus import first_page
from harness import DEADLINE
from whaleline.documents import raster
from whaleline.errors import UnreadableImage
from whaleline.imaging import pixels

MEGAPIXELS = 128_000_000


@pytest.mark.parametrize("name", corpus.SOUND)
def test_odd_files_are_read(name: str) -> None:
    make, (width, height) = corpus.SOUND[name]
    assert first_page(make(), max_pixels=MEGAPIXELS).picture.shape[:2] == (height, width)


@pytest.mark.parametrize("name", corpus.REFUSED)
def test_hostile_files_are_refused_with_the_reason(name: str) -> None:
    make, reason = corpus.REFUSED[name]
    with pytest.raises(UnreadableImage) as caught:
        first_page(make(), max_pixels=MEGAPIXELS)
    assert re.search(reason, str(caught.value)), caught.value


def test_a_side_may_be_as_long_as_the_limit_and_no_longer() -> None:
    data = corpus.saved(corpus.grey(50, 4), "PNG")
    assert first_page(data, max_pixels=1000, max_side=50).picture.shape == (4, 50)
    with pytest.raises(UnreadableImage, match="50 x 4 pixels; a side may have at most 49"):
        first_page(data, max_pixels=1000, max_side=49)


@pytest.mark.parametrize("count", [raster.MAX_PIECES, raster.MAX_PIECES + 1])
def test_strips_are_counted(count: int) -> None:
    data = corpus.tiff(*corpus.frame(1, 1, pieces=count), data=b"\x7a\0\0\0" * count)
    if count <= raster.MAX_PIECES:
        assert first_page(data, max_pixels=1000).picture.shape == (1, 1)
    else:
        with pytest.raises(UnreadableImage, match=f"{count} strips or tiles; at most {count - 1}"):
            first_page(data, max_pixels=1000)


def test_scans_are_counted() -> None:
    own = corpus.jpeg_scans(0, 16).count(b"\xff\xda")
    assert first_page(corpus.jpeg_scans(raster.MAX_SCANS - own, 16), max_pixels=1000).picture.shape == (16, 16)
    with pytest.raises(UnreadableImage, match="in 101 scans; at most 100"):
        first_page(corpus.jpeg_scans(raster.MAX_SCANS - own + 1, 16), max_pixels=1000)


def test_the_bands_in_which_pixels_are_converted_leave_no_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same picture in one band and in bands of a single row, whatever its kind of pixel."""
    colour = corpus.noise()
    deep = np.random.default_rng(2).integers(0, 60_000, (30, 40), np.uint16)
    alpha = colour.convert("RGBA")
    alpha.putalpha(Image.fromarray((deep % 256).astype(np.uint8)))
    kinds = [
        corpus.saved(colour, "PNG"),
        corpus.saved(alpha, "PNG"),
        corpus.saved(alpha.convert("LA"), "PNG"),
        corpus.saved(colour.quantize(16), "PNG", transparency=3),
        corpus.saved(colour.convert("CMYK"), "TIFF"),
        corpus.saved(Image.fromarray(deep), "PNG"),
        corpus.saved(Image.fromarray(deep.astype(np.float32) - 30_000), "TIFF"),
    ]
    whole = [first_page(data, max_pixels=MEGAPIXELS).picture for data in kinds]
    monkeypatch.setattr(pixels, "_BAND", 1)
    for data, picture in zip(kinds, whole, strict=True):
        assert np.array_equal(first_page(data, max_pixels=MEGAPIXELS).picture, picture)


MEASURED = """
import resource, sys
from pathlib import Path
from whaleline.documents import raster
from whaleline.errors import UnreadableImage
from whaleline.documents import Document, djvu, pdf, svg

peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
files = [Path(name).read_bytes() for name in sys.argv[1:]]
Document(files.pop(0)).page(1)  # the plugin and its codec are loaded by now
before = peak()
for data in files:
    try:
        Document(data).page(1)
    except UnreadableImage:
        pass
print(peak() - before)
"""


def megabytes_to_decode(folder: Path, first: bytes, *files: bytes) -> int:
    """By how much a process of its own grows over the bytes of the files themselves."""
    names = [folder / str(number) for number in range(1 + len(files))]
    for name, data in zip(names, (first, *files), strict=True):
        name.write_bytes(data)
    command = [sys.executable, "-c", MEASURED, *map(str, names)]
    return int(subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE, check=True).stdout)


SLACK = 50
"""Megabytes for bands, tables of the libraries, and what an allocator keeps."""


@pytest.mark.parametrize(
    ("name", "make", "megabytes"),
    [
        # 16 million pixels: Pillow holds 1, 2 or 4 bytes of each, the picture 1 or 3; one copy more would be beyond.
        ("PNG", lambda: corpus.png_bomb(4000, 4000, depth=16), 48),
        ("PNG", lambda: corpus.png_bomb(4000, 4000, colour=6), 112),
        ("JPEG", lambda: corpus.saved(Image.new("RGB", (4000, 4000)), "JPEG"), 112),
        ("GIF", lambda: corpus.gif_screen(4000, 4000), 112),
        # libwebp holds the picture once more, and its plugin hands it on as bytes.
        ("WEBP", lambda: corpus.saved(Image.new("RGB", (4000, 4000)), "WEBP", lossless=True, method=0), 240),
    ],
    ids=["16 bits", "alpha", "JPEG", "GIF", "WebP"],
)
def test_a_large_picture_is_never_held_twice(name: str, make: corpus.Maker, megabytes: int, tmp_path: Path) -> None:
    small = corpus.saved(corpus.noise(), name)
    assert megabytes_to_decode(tmp_path, small, make()) < megabytes + SLACK


def test_hostile_files_take_no_memory(tmp_path: Path) -> None:
    many = [make() for make, _ in corpus.REFUSED.values()]
    many += [make() for name, (make, _) in corpus.SOUND.items() if "frames" in name or "data" in name]
    assert megabytes_to_decode(tmp_path, corpus.saved(corpus.noise(), "PNG"), *many) < SLACK


DAMAGED = {
    "PNG": corpus.saved(corpus.noise(), "PNG"),
    "JPEG": corpus.saved(corpus.noise(), "JPEG", progressive=True),
    "BMP": corpus.saved(corpus.noise(), "BMP"),
    "GIF": corpus.saved(corpus.noise().quantize(64), "GIF"),
    "TIFF": corpus.saved(corpus.noise(), "TIFF", compression="tiff_lzw"),
    "WEBP": corpus.saved(corpus.noise(), "WEBP", lossless=True),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_every_prefix_of_a_file_is_a_picture_or_refused(name: str) -> None:
    """Whatever was cut off, nothing but UnreadableImage comes, and never from half of a file without a word."""
    data = DAMAGED[name]
    for kept in [*range(min(len(data), 300)), *range(300, len(data), 61)]:
        try:
            frame = first_page(data[:kept], max_pixels=1_000_000)
        except UnreadableImage:
            continue
        assert frame.notes or kept > len(data) - 64, f"{name} was read from {kept} of {len(data)} bytes"
        assert frame.picture.shape == (30, 40, 3)


@pytest.mark.parametrize("name", DAMAGED)
def test_bits_flipped_anywhere_do_no_harm(name: str) -> None:
    dice = random.Random(name)
    for _ in range(300):
        data = bytearray(DAMAGED[name])
        for _ in range(dice.choice((1, 1, 2, 8, 40))):
            # Half of them in the head, where sizes and offsets are.
            data[dice.randrange(len(data) if dice.random() < 0.5 else 64)] ^= 1 << dice.randrange(8)
        try:
            picture = first_page(bytes(data), max_pixels=1_000_000).picture
        except UnreadableImage:
            continue
        assert picture.dtype == np.uint8
        assert 0 < picture.shape[0] * picture.shape[1] <= 1_000_000


def test_metadata_of_another_format_is_of_no_matter() -> None:
    """A first frame is read by the one plugin that its first bytes name, never by a guess of Pillow's."""
    inner = io.BytesIO(corpus.saved(corpus.grey(3, 3), "BMP"))
    with pytest.raises(UnreadableImage, match="PNG file is damaged"):
        first_page(b"\x89PNG\r\n\x1a\n" + inner.read(), max_pixels=1000)
