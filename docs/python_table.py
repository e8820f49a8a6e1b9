"""Writes docs/python.md from the public functions and classes: `make docs`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import whaleline

FILE = Path(__file__).with_name("python.md")

_HEAD = """\
# Python

Everything that `import whaleline` offers; `help(whaleline)` shows the same. The [README](../README.md#use-it-in-python)
has an example. Names that are not on this page may change in any version.

The engines read one image at a time in a process. To use several cores, call the functions in several processes, for
example with `concurrent.futures.ProcessPoolExecutor`. Set the variable `OPENBLAS_NUM_THREADS` to 1 for them; otherwise
NumPy in each of them takes all cores.
"""


def page() -> str:
    """The whole page."""
    public = {name: getattr(whaleline, name) for name in whaleline.__all__ if not name.startswith("_")}
    functions = {name: each for name, each in public.items() if inspect.isfunction(each)}
    text = _HEAD + "\n## Functions\n"
    for name, function in functions.items():
        text += f"\n### {name}\n\n```python\n{_signature(name, function)}\n```\n\n{_doc(function)}"
    text += "\n## Classes\n"
    for name, each in public.items():
        if name not in functions:
            text += f"\n### {name}\n\n{_doc(each)}{_members(each)}"
    return text


def _doc(documented: object) -> str:
    return f"```text\n{inspect.getdoc(documented)}\n```\n"


def _members(cls: type) -> str:
    """Its properties and methods."""
    members = {name: each for name, each in vars(cls).items() if not name.startswith("_") and inspect.getdoc(each)}
    lines = [
        f"- `{name}{'()' if inspect.isfunction(each) else ''}`: {(inspect.getdoc(each) or '').partition(chr(10))[0]}\n"
        for name, each in members.items()
        if isinstance(each, property | cached_property) or inspect.isfunction(each)
    ]
    return "".join(["\n", *lines]) if lines else ""


def _signature(name: str, function: Callable[..., object]) -> str:
    """One parameter on each line."""
    signature = inspect.signature(function)
    lines = [f"    {parameter}," for parameter in _parameters(signature)]
    return "\n".join([f"{name}(", *lines, f") -> {signature.return_annotation}"])


def _parameters(signature: inspect.Signature) -> list[str]:
    shown, is_keyword = [], False
    for each in signature.parameters.values():
        if each.kind is inspect.Parameter.KEYWORD_ONLY and not is_keyword:
            is_keyword = True
            shown.append("*")
        default = "" if each.default is inspect.Parameter.empty else f" = {_value(each.default)}"
        shown.append(f"{each.name}: {each.annotation}{default}")
    return shown


def _value(default: object) -> str:
    """As it is written: enumerations by their values."""
    return repr(getattr(default, "value", default))


if __name__ == "__main__":
    FILE.write_text(page())
