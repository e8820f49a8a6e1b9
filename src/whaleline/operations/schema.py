"""Reading the protocol's JSON objects as kindly as its clients need, and telling exactly what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from whaleline.errors import InvalidRequest

Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]

_Enum = TypeVar("_Enum", bound=StrEnum)

_SHOWN = 60
"""Characters of a wrong value that an error message quotes."""

_LONG_BITS = 4 * _SHOWN
_WORDS = {None: "null", True: "true", False: "false"}


class WireModel(BaseModel):
    """An object of the protocol.

    Keys match in any case (the documentation writes `rotate`, the clients `Rotate`), keys of no meaning here are
    passed over, and null or an empty string stands for the default.
    """

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")

    @model_validator(mode="before")
    @classmethod
    def _fold_keys(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        aliases = {(f.alias or name).lower(): f.alias or name for name, f in cls.model_fields.items()}
        return {
            aliases[key.lower()]: item
            for key, item in value.items()
            if key.lower() in aliases and item is not None and item != ""
        }


def choice(values: type[_Enum], **synonyms: _Enum) -> BeforeValidator:
    """A validator that takes an enum value in any case, a synonym, or its place in the list counted from 1.

    The .NET client's enums carry such numbers; its string converter normally keeps them off the wire.
    """
    named = {member.value.lower(): member for member in values}
    named |= {name.lower(): member for name, member in synonyms.items()}
    return one_of(named, list(values))


def one_of(named: dict[str, Any], numbered: list[Any]) -> BeforeValidator:
    """A validator that looks a value up by its lower-case name, or by its place counted from 1."""

    def find(value: object) -> object:
        if isinstance(value, str) and value.strip().lower() in named:
            return named[value.strip().lower()]
        if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= len(numbered):
            return numbered[value - 1]
        raise ValueError(f"{quoted(value)} is not one of {', '.join(str(item) for item in numbered)}")

    return BeforeValidator(find)


_Model = TypeVar("_Model", bound=WireModel)


def parse(model: type[_Model], value: object, at: str = "", limits: object = None) -> _Model:
    """Read a decoded JSON value as a model.

    Args:
        model: what it should be.
        value: what it is.
        at: the field that it came from, for messages.
        limits: the service's settings, for validators that keep to one of them.

    Raises:
        InvalidRequest: it is not one; the message names each field that is wrong, and why.
    """
    try:
        return model.model_validate(value, context=limits)
    except ValidationError as error:
        problems = [(_path(at, e["loc"]), _sentence(e)) for e in error.errors(include_url=False)]
        raise InvalidRequest(problems[0][0], "; ".join(f"{field}: {text}" for field, text in problems[:10])) from None


def quoted(value: object) -> str:
    """A value as an error message shows it: JSON-like, short, and in ASCII whatever it holds."""
    if isinstance(value, str):
        text = ascii(value[: _SHOWN + 1])  # cut first: it may be a whole image
    elif isinstance(value, bool | None):
        text = _WORDS[value]
    elif isinstance(value, int):
        # JSON5 has hexadecimal numbers of any length, and Python refuses to write very long ones in decimal.
        text = str(value) if value.bit_length() <= _LONG_BITS else hex(value)
    else:
        text = str(value) if isinstance(value, float) else _kind(value)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    return "a list" if isinstance(value, list) else f"a {type(value).__name__}"


def _path(at: str, location: tuple[int | str, ...]) -> str:
    path = at
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path or "body"


_SENTENCES: dict[str, Callable[[Any], str]] = {
    "missing": lambda _: "is missing or empty",
    "value_error": lambda e: str(e["ctx"]["error"]),
    "greater_than_equal": lambda e: f"{quoted(e['input'])} is less than {e['ctx']['ge']}",
    "less_than_equal": lambda e: f"{quoted(e['input'])} is more than {e['ctx']['le']}",
    "model_type": lambda e: f"{quoted(e['input'])} is not an object",
    "tuple_type": lambda e: f"{quoted(e['input'])} is not a list",
    "string_type": lambda e: f"{quoted(e['input'])} is not a string",
}


def _sentence(error: Any) -> str:
    kind: str = error["type"]
    if kind in _SENTENCES:
        return _SENTENCES[kind](error)
    wanted = "true or false" if kind.startswith("bool") else "a whole number"
    return f"{quoted(error['input'])} is not {wanted}"
