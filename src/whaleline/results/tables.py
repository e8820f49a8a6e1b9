"""What a table may be written as, and the one list that says who writes which."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from whaleline.layout.continued import continued
from whaleline.layout.table import PageContent
from whaleline.results import table_csv, table_excel, table_html, table_json, table_text
from whaleline.results.formats import Result


class TableResultType(StrEnum):
    """ResultTypeTable of the protocol; Html and JSON are beyond it."""

    TEXT = "Text"
    EXCEL = "Excel"
    CSV = "Csv"
    CSV_AND_EXCEL = "CsvAndExcel"
    HTML = "Html"
    JSON = "JSON"

    @property
    def parts(self) -> tuple[str, ...]:
        """The formats of a combined type in the order of its name's words."""
        return tuple(self.value.split("And"))


_FORMATS: Mapping[str, Callable[[Sequence[PageContent], str], bytes]] = MappingProxyType(
    {
        "Text": table_text.write,
        "Csv": table_csv.write,
        "Excel": table_excel.write,
        "Html": table_html.write,
        "JSON": table_json.write,
    }
)


def write_tables(result_type: TableResultType, pages: Sequence[PageContent], language: str) -> tuple[Result, ...]:
    """Write what stands on pages: one result for each part of the type.

    Args:
        result_type: that was asked for.
        pages: of a document.
        language: of the text, BCP 47.
    """
    whole = pages if result_type is TableResultType.JSON else continued(pages)  # its boxes belong to their pages
    return tuple(Result(part, _FORMATS[part](whole, language)) for part in result_type.parts)
