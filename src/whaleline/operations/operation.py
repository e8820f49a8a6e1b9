"""What every task type has: a wire name, settings, a check at the door and a run in a worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from whaleline.operations.schema import WireModel
from whaleline.results import Result
from whaleline.settings import Settings


class ResponseStatusCode(StrEnum):
    """ResponseStatusCode of the protocol."""

    OK = "Ok"
    PARTIALLY_NOT_FOUND = "PartiallyNotFound"
    NO_ANY_RESULT_DATA = "NoAnyResultData"
    RESULT_DATA_LOST = "ResultDataLost"
    TASK_NOT_FOUND = "TaskNotFound"
    NOT_READY = "NotReady"
    ERROR = "Error"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation came to.

    Attributes:
        code: Ok, PartiallyNotFound or NoAnyResultData.
        results: in the order in which the client gets them.
        messages: plain sentences on what was not fatal.
    """

    code: ResponseStatusCode
    results: tuple[Result, ...]
    messages: tuple[str, ...] = ()


_S = TypeVar("_S", bound=WireModel)


@dataclass(frozen=True, slots=True)
class Operation(Generic[_S]):
    """A task type.

    Attributes:
        name: its wire name, as in the path.
        summary: one line for the API's documentation.
        settings_model: the object that stands in the body's `settings`.
        check: called at the door with the input, the request's settings and the service's; raises InvalidRequest for
            whatever can be told without decoding.
        run: called in a worker with the same; raises UnreadableImage for what only decoding shows.
    """

    name: str
    summary: str
    settings_model: type[_S]
    check: Callable[[bytes, _S, Settings], None]
    run: Callable[[bytes, _S, Settings], Outcome]
