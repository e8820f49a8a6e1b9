"""Forms with files (RFC 7578), from a body that is in memory and within its limits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import File, FormParser, parse_options_header

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
    parts: list[Part] = []

    def keep(name: bytes | None, data: bytes, *, is_file: bool) -> None:
        if len(parts) == most:
            raise InvalidRequest("body", f"body: the form has more than {most} parts")
        parts.append(Part((name or b"").decode("utf-8", "replace"), data, is_file))

    def keep_file(file: File) -> None:
        file.file_object.seek(0)
        keep(file.field_name, file.file_object.read(), is_file=True)

    try:
        parser = FormParser(
            media.decode(),
            on_field=lambda field: keep(field.field_name, field.value or b"", is_file=False),
            on_file=keep_file,
            boundary=parameters[b"boundary"],
            config={"MAX_MEMORY_FILE_SIZE": math.inf},  # nothing of a document is to be written to the disk
        )
        parser.write(body)
        parser.finalize()
    except FormParserError as error:
        raise InvalidRequest("body", f"body: it is not a valid form: {error}") from None
    return parts
