"""The task types, by their names in the protocol. A new one is a file beside this one and a line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from whaleline.operations.detect_regions import DETECT_REGIONS
from whaleline.operations.djvu_to_pdf import DJVU_TO_PDF
from whaleline.operations.kept_documents import DRAW_PAGE, KEEP_DOCUMENT
from whaleline.operations.operation import Operation
from whaleline.operations.pictures import PICTURES
from whaleline.operations.read import READ
from whaleline.operations.recognize_image import RECOGNIZE_IMAGE
from whaleline.operations.recognize_image_trial import RECOGNIZE_IMAGE_TRIAL
from whaleline.operations.recognize_invoice import RECOGNIZE_AND_PARSE_INVOICE
from whaleline.operations.recognize_label import RECOGNIZE_LABEL
from whaleline.operations.recognize_pdf import RECOGNIZE_PDF
from whaleline.operations.recognize_receipt import RECOGNIZE_RECEIPT
from whaleline.operations.recognize_regions import RECOGNIZE_REGIONS
from whaleline.operations.recognize_table import RECOGNIZE_TABLE

_ALL: tuple[Operation[Any], ...] = (
    RECOGNIZE_IMAGE,
    RECOGNIZE_IMAGE_TRIAL,
    RECOGNIZE_PDF,
    RECOGNIZE_REGIONS,
    RECOGNIZE_RECEIPT,
    RECOGNIZE_AND_PARSE_INVOICE,
    RECOGNIZE_TABLE,
    RECOGNIZE_LABEL,
    DETECT_REGIONS,
    DJVU_TO_PDF,
    *PICTURES,
)

OPERATIONS: Mapping[str, Operation[Any]] = MappingProxyType({operation.name: operation for operation in _ALL})
"""Those of the protocol."""

OWN: Mapping[str, Operation[Any]] = MappingProxyType(
    {operation.name: operation for operation in (KEEP_DOCUMENT, DRAW_PAGE)}
)
"""Those of the service itself, which no resource of the protocol takes in or tells of."""

PERFORMED: Mapping[str, Operation[Any]] = MappingProxyType({**OPERATIONS, **OWN, READ.name: READ})
"""All that a worker carries out."""
