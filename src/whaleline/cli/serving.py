"""`whaleline serve`, `worker` and `migrate`: the processes of a service, and its database's tables."""

from __future__ import annotations

import contextlib
import fcntl
import socket
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from whaleline.cli.options import with_settings
from whaleline.cli.stores import dispatcher_of, open_as_it_is
from whaleline.errors import ConfigurationError
from whaleline.settings import Settings

if TYPE_CHECKING:
    from whaleline.tasks.dispatch import Dispatcher

_WORKER_SETTINGS = (
    "database",
    "broker",
    "blobs",
    "workers",
    "worker_memory_mb",
    "worker_resident_mb",
    "task_seconds",
    "lease_seconds",
    "max_pixels",
    "max_side",
    "max_pages",
    "max_drawn_pixels",
    "max_region_pixels",
    "tessdata",
    "host",
    "metrics_port",
    "log_level",
    "log_format",
    "otlp_endpoint",
)


@click.command()
@with_settings()
def serve(settings: Settings) -> None:
    """Run the service, with its database, its blobs and its workers in the data directory.

    Ctrl-C lets running tasks finish, and keeps waiting tasks for the next start. A second Ctrl-C ends it at once.

    With a broker, you can run any number of these to answer requests, and `whaleline worker` to run the tasks.
    """
    with _sole_use(settings), _listen(settings) as listener, _prepared(settings) as dispatcher:
        from whaleline import server

        server.serve(settings, listener, dispatcher, click.echo)


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("celery_arguments", nargs=-1, type=click.UNPROCESSED)
@with_settings(*_WORKER_SETTINGS)
def worker(settings: Settings, celery_arguments: tuple[str, ...]) -> None:
    """Run the tasks of a broker, on any host that reaches it, the database and the blobs.

    Ctrl-C lets running tasks finish; a second one stops them, and other workers run them. CELERY_ARGUMENTS are those of
    `celery worker`, for example --autoscale=8,2.
    """
    if not settings.broker:
        raise ConfigurationError("broker: a worker needs one; without it `whaleline serve` has its own workers")
    from whaleline.tasks.dispatch import celery_worker

    celery_worker.work(settings, celery_arguments, click.echo)


@click.command()
@with_settings("data", "database")
def migrate(settings: Settings) -> None:
    """Update the database's tables to this version. Running it again does no harm.

    Without a broker, `whaleline serve` does this by itself.
    """
    with open_as_it_is(settings) as store:
        store.migrate()


@contextlib.contextmanager
def _prepared(settings: Settings) -> Iterator[Dispatcher]:
    """A dispatcher whose workers load their engines while this process loads its own libraries."""
    dispatcher = dispatcher_of(settings)
    dispatcher.prepare()
    try:
        yield dispatcher
    finally:
        dispatcher.stop(0)


@contextlib.contextmanager
def _sole_use(settings: Settings) -> Iterator[None]:
    """Lock the data directory: the workers of two services would take each other's tasks for abandoned ones."""
    if settings.broker:
        yield
        return
    data = settings.data
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(f"data: another service uses {data}") from None
        yield


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigurationError(f"{settings.host}:{settings.port}: {error.strerror or error}") from error
