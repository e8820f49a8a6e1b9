"""The directories of a TIFF file, one for each frame, read without a library."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_BIG = 43  # BigTIFF's version; TIFF 6.0, section 2, has 42
_PIECES = (273, 324)  # tags with the offsets of strips and tiles


@dataclass(frozen=True, slots=True)
class Directory:
    """A frame.

    Attributes:
        offset: where in the file it is described.
        pieces: strips or tiles that it says it has; 0 where it cannot be read.
    """

    offset: int
    pieces: int


def directories(data: bytes, most: int) -> tuple[list[Directory], bool]:
    """The frames of a file in their order, at most one more than `most`, and whether their chain leads out of the file.

    There are none where even the first is out of reach. A chain that leads back into itself ends there.
    """
    order = "<" if data.startswith(b"II") else ">"
    found: dict[int, Directory] = {}
    try:
        big = struct.unpack_from(f"{order}H", data, 2)[0] == _BIG
        start_at, start, length, entry = (8, "Q", "Q", "HHQ8x") if big else (4, "I", "H", "HHI4x")
        (at,) = struct.unpack_from(order + start, data, start_at)
        while at and at not in found and len(found) <= most:
            (number,) = struct.unpack_from(order + length, data, at)
            first = at + struct.calcsize(order + length)
            size = struct.calcsize(order + entry)
            # Of a directory that is cut short Pillow takes what is there.
            whole = min(number, (len(data) - first) // size)
            entries = struct.iter_unpack(order + entry, memoryview(data)[first : first + whole * size])
            found[at] = Directory(at, max((int(count) for tag, _, count in entries if tag in _PIECES), default=0))
            (at,) = struct.unpack_from(order + start, data, first + number * size)
    except (struct.error, ValueError, OverflowError):
        return list(found.values()), True
    return list(found.values()), False


def beginning_with(data: bytes, directory: Directory) -> bytearray:
    """The file with another frame as its first."""
    changed = bytearray(data)
    order = "<" if data.startswith(b"II") else ">"
    big = struct.unpack_from(f"{order}H", data, 2)[0] == _BIG
    struct.pack_into(f"{order}Q" if big else f"{order}I", changed, 8 if big else 4, directory.offset)
    return changed
