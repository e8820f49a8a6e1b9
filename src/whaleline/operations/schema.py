"""Reading the protocol's JSON objects as kindly as its clients need, and telling exactly what is wrong with them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel

from whaleline.errors import InvalidRequest
from whaleline.wording import misspelt, quoted

Int32 = Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]

_Enum = TypeVar("_Enum", bound=StrEnum)

_KEYS_OF_ALL: set[str] = set()
"""The keys of all models, in lower case."""


class WireModel(BaseModel):
    """An object of the protocol.

    Keys match in any case (the documentation writes `rotate`, the clients `Rotate`), keys of no meaning here are
    passed over unless they are misspelt ones, and null or an empty string stands for the default.
    """

    model_config = ConfigDict(alias_generator=to_camel, frozen=True, extra="ignore")

    _keys: ClassVar[dict[str, str]] = {}
    """The keys by their lower-case names."""

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        """Note the keys of a model that has been made."""
        cls._keys = {(f.alias or name).lower(): f.alias or name for name, f in cls.model_fields.items()}
        _KEYS_OF_ALL.update(cls._keys)

    @model_validator(mode="before")
    @classmethod
    def _fold_keys(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        said = {key: item for key, item in value.items() if item is not None and item != ""}
        folded = {cls._keys[key.lower()]: item for key, item in said.items() if key.lower() in cls._keys}
        for key in said:
            # Clients send all keys of the protocol to each type of task, whether it has them or not.
            if key.lower() not in _KEYS_OF_ALL and (meant := misspelt(key, set(cls._keys.values()) - set(folded))):
                raise ValueError(f"unknown key {quoted(key)}; did you mean {meant}?")
        return folded


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
        raise ValueError(f"{quoted(value)} is not one of {', '.join(dict.fromkeys(map(str, named.values())))}")

    return BeforeValidator(find)


_Model = TypeVar("_Model", bound=BaseModel)


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
        errors = error.errors(include_url=False)
        # A list whose items are all wrong is not empty, but pydantic does not count them.
        told = [e for e in errors if e["type"] != "too_short" or not e["input"]]
        problems = [(_path(at, e["loc"]), _sentence(e)) for e in told]
        raise InvalidRequest(problems[0][0], "; ".join(f"{field}: {text}" for field, text in problems[:10])) from None


def _path(at: str, location: tuple[int | str, ...]) -> str:
    path = at
    for step in filter(lambda step: step != "", location):  # the tag of what else may stand there
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
    "string_too_short": lambda _: "is missing or empty",
    "string_too_long": lambda e: f"{quoted(e['input'])} has more than {e['ctx']['max_length']} characters",
    "string_pattern_mismatch": lambda e: f"{quoted(e['input'])} does not match {e['ctx']['pattern']}",
    "too_short": lambda _: "is missing or empty",
    "enum": lambda e: f"{quoted(e['input'])} is not one of {e['ctx']['expected']}",
    "literal_error": lambda e: f"{quoted(e['input'])} is not {e['ctx']['expected']}",
    "extra_forbidden": lambda _: "there is no such key",
    "float_type": lambda e: f"{quoted(e['input'])} is not a number",
    "float_parsing": lambda e: f"{quoted(e['input'])} is not a number",
    "finite_number": lambda e: f"{quoted(e['input'])} is not a number",
}


def _sentence(error: Any) -> str:
    kind: str = error["type"]
    if kind in _SENTENCES:
        return _SENTENCES[kind](error)
    wanted = "true or false" if kind.startswith("bool") else "a whole number"
    return f"{quoted(error['input'])} is not {wanted}"
