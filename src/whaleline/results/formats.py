"""The result types of the wire, and the one table that says who writes which."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from whaleline.results import hocr, json_blocks, pdf, png, text
from whaleline.results.reading import Reading


class ResultType(StrEnum):
    """What a client may ask for, as the protocol spells it."""

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


def write(result_type: ResultType, reading: Reading) -> tuple[Result, ...]:
    """Write a region's reading: one result for each part of the type, in the order of its name's words."""
    return tuple(Result(part, _FORMATS[part](reading)) for part in result_type.parts)
