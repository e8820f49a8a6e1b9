"""The database and the workers that a command's settings name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from whaleline import running
from whaleline.errors import ConfigurationError
from whaleline.settings import Settings

if TYPE_CHECKING:
    from whaleline.tasks.dispatch import Dispatcher
    from whaleline.tasks.sql import Store

_DATABASE = "whaleline.db"


@contextlib.contextmanager
def open_store(settings: Settings) -> Iterator[Store]:
    """The database, with the schema of this version."""
    with open_as_it_is(settings) as store:
        if settings.broker:
            store.check_schema()
        else:
            store.migrate()
        yield store


@contextlib.contextmanager
def open_as_it_is(settings: Settings) -> Iterator[Store]:
    """The database, whatever schema it has."""
    from whaleline.tasks.sql import Store

    settings = of_running_service(settings)
    if not settings.database and not (settings.data / _DATABASE).exists():
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        click.echo(f"There was no database in {settings.data.absolute()}, so a new one is made there.", err=True)
    store = Store(settings.database_url)
    try:
        yield store
    finally:
        store.close()


def of_running_service(settings: Settings) -> Settings:
    """The settings with the data directory of the running service, if none is named and the default one is empty."""
    if settings.database or "data" in settings.model_fields_set or (settings.data / _DATABASE).exists():
        return settings
    found = running.data_directories()
    if not found:
        return settings
    if len(found) > 1:
        raise ConfigurationError(f"data: several services run here; choose one by --data: {', '.join(map(str, found))}")
    click.echo(f"Using the data of the running service, {found[0]}.", err=True)
    return settings.model_copy(update={"data": found[0]})


def dispatcher_of(settings: Settings) -> Dispatcher:
    """The dispatcher that wakes the service's workers."""
    if settings.broker:
        from whaleline.tasks.dispatch.celery import CeleryDispatcher

        return CeleryDispatcher(settings)
    from whaleline.tasks.dispatch.pool import LocalPool

    return LocalPool(settings)
