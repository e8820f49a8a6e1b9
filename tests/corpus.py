"""Hostile image files, made when they are asked for: bombs, cycles, absurd headers, polyglots, odd but sound files."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
from PIL import Image

Maker = Callable[[], bytes]


def saved(image: Image.Image, name: str, **options: object) -> bytes:
    """An image as a file."""
    target = io.BytesIO()
    image.save(target, name, **options)
    return target.getvalue()


def grey(width: int, height: int) -> Image.Image:
    """An image of white paper."""
    return Image.new("L", (width, height), 255)


# PNG


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG file of chunks, with right lengths and sums."""
    parts = [
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def ihdr(width: int, height: int, depth: int = 8, colour: int = 0) -> tuple[bytes, bytes]:
    """The header of a PNG file."""
    return b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)


def idat(size: int) -> tuple[bytes, bytes]:
    """So many zeros of pixel data."""
    return b"IDAT", zlib.compress(bytes(size), 9)


END = (b"IEND", b"")


def png_bomb(width: int, height: int, depth: int = 8, colour: int = 0) -> bytes:
    """A black PNG of any size in next to no bytes."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    return png(ihdr(width, height, depth, colour), idat((1 + width * channels * depth // 8) * height), END)


def png_profile_bomb() -> bytes:
    """A small picture with a colour profile that grows to 50 MB."""
    return png(ihdr(4, 4), (b"iCCP", b"x\0\0" + zlib.compress(bytes(50_000_000), 9)), idat(20), END)


def png_text_bomb() -> bytes:
    """A small picture with a thousand comments of a megabyte each."""
    return png(ihdr(4, 4), *[(b"zTXt", b"x\0\0" + zlib.compress(bytes(1_000_000), 9))] * 1000, idat(20), END)


def png_too_much_data() -> bytes:
    """A small picture with data for a large one."""
    return png(ihdr(4, 4), idat(50_000_000), END)


# TIFF, of one grey frame

Entry = tuple[int, int, int, int]
"""Tag, type (2 text, 3 short, 4 long), count, and value or offset."""


def tiff(*entries: Entry, following: int = 0, data: bytes = b"", order: str = "<") -> bytes:
    """A TIFF file of one directory, with the data right behind it."""
    directory = b"".join(struct.pack(f"{order}HHII", *entry) for entry in entries)
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(entries))
    return head + directory + struct.pack(f"{order}I", following) + data


def frame(width: int, height: int, *more: Entry, pieces: int = 1, compression: int = 1, size: int = 0) -> list[Entry]:
    """The entries of a grey frame of so many strips; their data begins behind the directory."""
    behind = 8 + 2 + 12 * (9 + len(more)) + 4
    table = behind if pieces > 1 else size or width * height
    return sorted(
        [
            (256, 4, 1, width),
            (257, 4, 1, height),
            (258, 3, 1, 8),
            (259, 3, 1, compression),
            (262, 3, 1, 1),
            (273, 4, pieces, behind),
            (277, 3, 1, 1),
            (278, 4, 1, -(-height // pieces)),
            (279, 4, pieces, table),
            *more,
        ]
    )


def tiff_cycle() -> bytes:
    """A frame that is followed by itself."""
    return tiff(*frame(4, 4), following=8, data=bytes(16))


def tiff_many_frames() -> bytes:
    """A chain of 100,000 directories."""
    first = tiff(*frame(4, 4), following=8 + 2 + 12 * 9 + 4 + 16, data=bytes(16))
    chain = b"".join(struct.pack("<HI", 0, len(first) + 6 * (number + 1)) for number in range(99_999))
    return first + chain + struct.pack("<HI", 0, 0)


def tiff_strips() -> bytes:
    """Ten million strips of a pixel each, none of which is there."""
    return tiff(*frame(1, 10_000_000, pieces=10_000_000), data=bytes(40_000_000))


def tiff_cut_directory() -> bytes:
    """Ten million strips, told by a directory that breaks off right behind."""
    entries = frame(1, 10_000_000, pieces=10_000_000)
    directory = b"".join(struct.pack("<HHII", tag, kind, n, 8 if n > 1 else value) for tag, kind, n, value in entries)
    return b"II*\0" + struct.pack("<I", 40_000_008) + bytes(40_000_000) + struct.pack("<H", 20) + directory


def tiff_comment() -> bytes:
    """A comment of four gigabytes."""
    return tiff(*frame(4, 4, (270, 2, 0xFFFFFFFF, 8)), data=bytes(16))


def tiff_full_directory() -> bytes:
    """A directory of 65,535 entries."""
    return tiff(*[(number, 4, 1, 1) for number in range(65_535)])


def tiff_deflate_bomb(width: int, height: int) -> bytes:
    """A compressed black frame."""
    packed = zlib.compress(bytes(width * height), 9)
    return tiff(*frame(width, height, compression=8, size=len(packed)), data=packed)


# GIF and WebP


def gif_frames(count: int) -> bytes:
    """An animation."""
    data = saved(Image.new("P", (10, 10)), "GIF")
    return data[:-1] + data[data.index(b",") : -1] * count + b";"


def gif_screen(width: int, height: int) -> bytes:
    """A tiny frame on a screen of any size."""
    data = saved(Image.new("P", (10, 10)), "GIF")
    return data[:6] + struct.pack("<HH", width, height) + data[10:]


def gif_frame_beyond_screen() -> bytes:
    """A frame of 65,535 x 65,535 on a screen of 10 x 10."""
    data = saved(Image.new("P", (10, 10)), "GIF")
    at = data.index(b",")
    return data[: at + 5] + struct.pack("<HH", 65535, 65535) + data[at + 9 :]


def webp_frames(count: int, canvas: int = 16) -> bytes:
    """An animation of 16 x 16 on a square canvas."""
    side = struct.pack("<I", 15)[:3]
    picture = saved(Image.new("RGB", (16, 16)), "WEBP")[12:]
    body = bytes(6) + side * 2 + b"\x01\0\0\0" + picture
    each = b"ANMF" + struct.pack("<I", len(body)) + body
    size = struct.pack("<I", canvas - 1)[:3]
    head = b"VP8X" + struct.pack("<I", 10) + b"\x02\0\0\0" + size * 2 + b"ANIM" + struct.pack("<I", 6) + bytes(6)
    return b"RIFF" + struct.pack("<I", 4 + len(head) + len(each) * count) + b"WEBP" + head + each * count


# JPEG and BMP


def jpeg_scans(count: int, side: int) -> bytes:
    """A progressive file that goes over its pixels again and again."""
    data = saved(grey(side, side), "JPEG", progressive=True)
    return data[:-2] + data[data.rindex(b"\xff\xda") : -2] * count + b"\xff\xd9"


def jpeg_exif_cycle() -> bytes:
    """EXIF whose every pointer leads back to its start."""
    exif = b"Exif\0\0" + tiff((274, 3, 1, 6), (34665, 4, 1, 8), (34853, 4, 1, 8), following=8)
    return saved(grey(8, 4), "JPEG", exif=exif)


def bmp(width: int, height: int, *, bits: int = 8, coding: int = 0, colours: int = 2, data: bytes = b"") -> bytes:
    """A BMP file with a palette of black and white."""
    palette = b"\0\0\0\0\xff\xff\xff\0"
    at = 14 + 40 + len(palette)
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, coding, len(data), 0, 0, colours, 0)
    return b"BM" + struct.pack("<IHHI", at + len(data), 0, 0, at) + info + palette + data


def noise(width: int = 40, height: int = 30) -> Image.Image:
    """A picture that does not compress, so that damage anywhere meets data."""
    return Image.fromarray(np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8))


SOUND: dict[str, tuple[Maker, tuple[int, int]]] = {
    "one pixel": (lambda: saved(grey(1, 1), "PNG"), (1, 1)),
    "one pixel high": (lambda: saved(grey(900, 1), "PNG"), (900, 1)),
    "one pixel wide": (lambda: saved(grey(1, 900), "PNG"), (1, 900)),
    "65,000 wide": (lambda: saved(grey(65_000, 40), "PNG"), (65_000, 40)),
    "PNG with data for more": (png_too_much_data, (4, 4)),
    "PNG with a page behind it": (lambda: saved(grey(9, 9), "PNG") + b"<html><script>1</script></html>", (9, 9)),
    "GIF with a ZIP behind it": (lambda: saved(grey(9, 9), "GIF") + b"PK\x03\x04" + bytes(64), (9, 9)),
    "TIFF of itself": (tiff_cycle, (4, 4)),
    "TIFF of 100,000 frames": (tiff_many_frames, (4, 4)),
    "TIFF with a comment of 4 GB": (tiff_comment, (4, 4)),
    "GIF on no screen": (lambda: gif_screen(0, 0), (10, 10)),
    "GIF of 100,000 frames": (lambda: gif_frames(100_000), (10, 10)),
    "WebP of 100,000 frames": (lambda: webp_frames(100_000), (16, 16)),
    "JPEG with cyclic EXIF": (jpeg_exif_cycle, (4, 8)),
    "JPEG of many scans": (lambda: jpeg_scans(50, 64), (64, 64)),
    "BMP from the top down": (lambda: bmp(4, -4, data=bytes(16)), (4, 4)),
    "BMP by run lengths": (lambda: bmp(4, 4, coding=1, data=b"\x04\1\0\0" * 4 + b"\0\1"), (4, 4)),
}
"""Odd files with the size that they are read at."""

REFUSED: dict[str, tuple[Maker, str]] = {
    "PNG bomb": (lambda: png_bomb(12_000, 12_000), "144000000 pixels; at most"),
    "PNG of no width": (lambda: png(ihdr(0, 9), idat(9), END), "damaged"),
    "PNG of 2^31": (lambda: png(ihdr(2**31 - 1, 2**31 - 1), idat(9), END), "at most 65535 .* to a side"),
    "PNG 100,000 wide": (lambda: png_bomb(100_000, 10), "100000 x 10 pixels; at most 65535"),
    "PNG profile bomb": (png_profile_bomb, "damaged"),
    "PNG text bomb": (png_text_bomb, "damaged"),
    "PNG that is a page": (lambda: b"\x89PNG\r\n\x1a\n<html></html>", "damaged"),
    "TIFF bomb": (lambda: tiff_deflate_bomb(12_000, 12_000), "144000000 pixels; at most"),
    "TIFF of ten million strips": (tiff_strips, "10000000 strips or tiles; at most 200000"),
    "TIFF with a cut directory": (tiff_cut_directory, "10000000 strips or tiles; at most 200000"),
    "TIFF of 2^32 strips": (lambda: tiff(*frame(4, 4, pieces=2**32 - 1)), "4294967295 strips or tiles"),
    "TIFF of 2^32 tiles": (lambda: tiff(*frame(4, 4, (324, 4, 2**32 - 1, 8)), order=">"), "4294967295 strips or tiles"),
    "TIFF with a full directory": (tiff_full_directory, "damaged"),
    "TIFF of 65,535 channels": (
        lambda: tiff(*[e if e[0] != 277 else (277, 3, 1, 65535) for e in frame(9, 9)], data=bytes(81)),
        "damaged",
    ),
    "TIFF directory at its end": (lambda: b"II*\0\xff\xff\xff\xff", "damaged"),
    "BigTIFF directory at its end": (lambda: b"II+\0\x08\0\0\0" + b"\xff" * 8, "damaged"),
    "TIFF of four bytes": (lambda: b"II*\0", "damaged"),
    "GIF screen bomb": (lambda: gif_screen(65_535, 65_535), "4294836225 pixels; at most"),
    "GIF frame bomb": (gif_frame_beyond_screen, "damaged"),
    "WebP canvas bomb": (lambda: webp_frames(2, 16_384), "damaged|pixels; at most"),
    "JPEG of 5,000 scans": (lambda: jpeg_scans(5000, 1000), "in 50.. scans; at most 100"),
    "BMP bomb": (lambda: bmp(30_000, 30_000), "900000000 pixels; at most"),
    "BMP of the lowest height": (lambda: bmp(4, -(2**31)), "at most 65535 .* to a side"),
    "BMP of no width": (lambda: bmp(0, 4), "damaged"),
    "BMP of 2^32 colours": (lambda: bmp(4, 4, colours=2**32 - 1, data=bytes(16)), "damaged"),
    "BMP of runs that lead nowhere": (lambda: bmp(4000, 4000, coding=1, data=b"\xff\x00" * 70 + b"\0\1"), "damaged"),
}
"""Files that are refused, with the reason as a regular expression."""
