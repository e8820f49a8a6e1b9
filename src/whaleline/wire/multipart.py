"""Forms with files (RFC 7578), from a body that is in memory and within its limits."""

from __future__ import annotations

from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from whaleline.errors import InvalidRequest, UnsupportedMediaType
from whaleline.wording import quoted


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a form: its name, its data, and whether it is a file."""

    name: str
    data: bytes
    is_file: bool


def parts_of(content_type: str, body: bytes, most: int) -> list[Part]:
    """The parts of a form, in their order.

    Raises:
        UnsupportedMediaType: it is no form, by its Content-Type.
        InvalidRequest: the form is broken, or has more parts than `most`.
    """
    media, parameters = parse_options_header(content_type)
    if media != b"multipart/form-data" or not parameters.get(b"boundary"):
        raise UnsupportedMediaType(
            f"The Content-Type {quoted(content_type)} is not supported; send multipart/form-data with its boundary."
        )
    form = _Form(most)
    try:
        parser = MultipartParser(
            parameters[b"boundary"],
            {
                "on_part_begin": form.begin,
                "on_header_field": form.header_field,
                "on_header_value": form.header_value,
                "on_header_end": form.header_end,
                "on_part_data": form.part_data,
            },
        )
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise InvalidRequest("body", f"body: it is not a valid form: {error}") from None
    return form.parts()


class _Form:
    def __init__(self, most: int) -> None:
        self._most = most
        self._name, self._value = bytearray(), bytearray()
        self._found: list[tuple[dict[bytes, bytes], bytearray]] = []  # headers and data

    def begin(self) -> None:
        if len(self._found) == self._most:
            raise InvalidRequest("body", f"body: the form has more than {self._most} parts")
        self._found.append(({}, bytearray()))

    def header_field(self, data: bytes, start: int, end: int) -> None:
        self._name.extend(memoryview(data)[start:end])

    def header_value(self, data: bytes, start: int, end: int) -> None:
        self._value.extend(memoryview(data)[start:end])

    def header_end(self) -> None:
        self._found[-1][0][bytes(self._name).lower()] = bytes(self._value)
        self._name, self._value = bytearray(), bytearray()

    def part_data(self, data: bytes, start: int, end: int) -> None:
        self._found[-1][1].extend(memoryview(data)[start:end])

    def parts(self) -> list[Part]:
        found = []
        for headers, data in self._found:
            _, options = parse_options_header(headers.get(b"content-disposition", b""))
            name = options.get(b"name", b"").decode("utf-8", "replace")
            found.append(Part(name, bytes(data), b"filename" in options or b"filename*" in options))
        return found
