"""The result types of the wire, and the one table that says who writes which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from whaleline.results import hocr, json_blocks, pdf, png, text
from whaleline.results.reading import Reading


class ResultType(StrEnum):
    """The result types of the protocol."""

    Text = "Text"
    Pdf = "Pdf"
    TextAndPdf = "TextAndPdf"
    Hocr = "Hocr"
    TextAndHocr = "TextAndHocr"
    PdfAndHocr = "PdfAndHocr"
    TextAndPdfAndHocr = "TextAndPdfAndHocr"
    ImagePNG = "ImagePNG"
    JSON = "JSON"

    @property
    def parts(self) -> tuple[str, ...]:
        """The formats of a combined type in the order of its name's words; a simple type is its own part."""
        return tuple(self.value.split("And"))


@dataclass(frozen=True, slots=True)
class Result:
    """One file of a region's result.

    Attributes:
        type: the format's name on the wire, for example `Text`.
        data: the file.
    """

    type: str
    data: bytes


# A new format is a file beside this one and a line here.
_FORMATS: Mapping[str, Callable[[Reading], bytes]] = MappingProxyType(
    {
        "Text": text.write,
        "Pdf": pdf.write,
        "Hocr": hocr.write,
        "ImagePNG": png.write,
        "JSON": json_blocks.write,
    }
)


def write(result_type: ResultType | str, reading: Reading) -> tuple[Result, ...]:
    """Write a region's reading: one result for each part of the type, in the order of its name's words.

    Args:
        result_type: for example "Text" or "TextAndPdf".
        reading: of a region; of one that lies outside the image, all files are empty.

    Raises:
        ValueError: there is no such type.
    """
    parts = ResultType(result_type).parts
    return tuple(Result(part, b"" if reading.is_outside else _FORMATS[part](reading)) for part in parts)
