"""The task types, by their wire names. A new one is a file beside this one and a line here."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from whaleline.operations.operation import Operation
from whaleline.operations.recognize_regions import RECOGNIZE_REGIONS

OPERATIONS: Mapping[str, Operation[Any]] = MappingProxyType(
    {operation.name: operation for operation in (RECOGNIZE_REGIONS,)}
)
