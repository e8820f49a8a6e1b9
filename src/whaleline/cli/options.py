"""Options of several commands: settings, and whose templates to use."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import click
from pydantic import ValidationError

from whaleline.errors import ConfigurationError
from whaleline.settings import Settings

of_client = click.option(
    "--client",
    "client_id",
    metavar="ID",
    default="local",
    show_default=True,
    help="Whose templates; see `client list`.",
)


def with_settings(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Options for settings (for all if none is named), passed on as one Settings object."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def command(**options: Any) -> None:
            given = {n: v for n in fields if (v := options.pop(n)) is not None}
            function(settings=_settings(given), **options)

        decorated: Callable[..., None] = command
        for name, field in reversed(fields.items()):
            flag = "--" + name.replace("_", "-")
            switch = f"{flag}/--no-{name.replace('_', '-')}" if field.annotation is bool else flag
            shown = "none" if field.default is None else str(field.default) or "none"
            decorated = click.option(
                switch,
                name,
                default=None,
                metavar=None if field.annotation is bool else "VALUE",
                help=f"{field.description}  [{shown}]",
            )(decorated)
        return decorated

    fields = {name: Settings.model_fields[name] for name in names or Settings.model_fields}
    return decorate


def _settings(given: dict[str, Any]) -> Settings:
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        where = f"{first['loc'][0]}: {first['input']!r}: " if first["loc"] else ""  # none for several settings
        raise ConfigurationError(f"{where}{first['msg']}") from None
