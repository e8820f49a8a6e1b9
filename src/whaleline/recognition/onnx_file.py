"""What an ONNX model holds, read from its file without the 27 MB of the onnx package.

An ONNX file is one protocol buffer (https://protobuf.dev/programming-guides/encoding/): a sequence of fields, each a
tag and a value. The fields walked here are those of onnx.proto: ModelProto.graph = 7 and metadata_props = 14,
of StringStringEntryProto key = 1 and value = 2, GraphProto.initializer = 5, and of TensorProto dims = 1, data_type = 2,
name = 8, raw_data = 9.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

_GRAPH, _METADATA, _INITIALIZER = 7, 14, 5
_KEY, _VALUE = 1, 2
_DIMS, _TYPE, _NAME, _RAW = 1, 2, 8, 9
_FLOAT32 = 1  # of TensorProto.DataType

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


def metadata(model: bytes) -> dict[str, str]:
    """What a model's makers wrote about it.

    Raises:
        ValueError: the bytes are no ONNX model.
    """
    found = {}
    for number, entry in _fields(memoryview(model)):
        if number == _METADATA and not isinstance(entry, int):
            pair = {part: bytes(value).decode() for part, value in _fields(entry) if not isinstance(value, int)}
            found[pair.get(_KEY, "")] = pair.get(_VALUE, "")
    return found


def weights(model: bytes, width: int) -> dict[str, npt.NDArray[np.float32]]:
    """The float32 tensors of a model's graph whose last dimension is `width`, by name.

    Raises:
        ValueError: the bytes are no ONNX model.
    """
    found = {}
    view = memoryview(model)
    for number, graph in _fields(view):
        if number != _GRAPH or isinstance(graph, int):
            continue
        for inner, tensor in _fields(graph):
            if inner != _INITIALIZER or isinstance(tensor, int):
                continue
            parts = list(_fields(tensor))
            shape = _shape([value for part, value in parts if part == _DIMS])
            rest = dict(parts)
            name, raw = rest.get(_NAME), rest.get(_RAW)
            if shape and shape[-1] == width and rest.get(_TYPE) == _FLOAT32 and name and raw:
                if isinstance(name, int) or isinstance(raw, int) or len(raw) != 4 * math.prod(shape):
                    raise ValueError("a tensor of the model is damaged")
                found[bytes(name).decode()] = np.frombuffer(raw, "<f4").reshape(shape)
    return found


def _shape(dims: list[int | memoryview]) -> tuple[int, ...]:
    """The dimensions, which may come one by one or packed."""
    found: list[int] = []
    for value in dims:
        if isinstance(value, int):
            found.append(value)
        else:
            place = 0
            while place < len(value):
                one, place = _varint(value, place)
                found.append(one)
    return tuple(found)


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Number and value of each field; values of fixed length are passed over."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, kind = tag >> 3, tag & 7
        if kind == _VARINT:
            value, place = _varint(message, place)
            yield number, value
        elif kind == _LENGTH:
            length, place = _varint(message, place)
            if place + length > len(message):
                raise ValueError("the model is cut short")
            yield number, message[place : place + length]
            place += length
        elif kind in (_FIXED64, _FIXED32):
            place += 8 if kind == _FIXED64 else 4
        else:
            raise ValueError("this is no protocol buffer")


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """Seven bits a byte, the lowest first, until a byte without its highest bit; and the place after it."""
    value = shift = 0
    while True:
        if place >= len(message):
            raise ValueError("the model is cut short")
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004
            return value, place
