"""The command `whaleline`.

Each command imports what it needs when it runs: the engines' libraries take most of a second, which --help and a wrong
option should not cost.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import socket
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from pydantic import ValidationError

from whaleline.errors import ConfigurationError, WhalelineError
from whaleline.settings import Settings

if TYPE_CHECKING:
    from whaleline.tasks.dispatch import Dispatcher
    from whaleline.tasks.sql import Store

_WORKER_SETTINGS = (
    "database",
    "broker",
    "blobs",
    "workers",
    "worker_memory_mb",
    "worker_tasks",
    "worker_resident_mb",
    "task_seconds",
    "task_attempts",
    "lease_seconds",
    "resend_seconds",
    "reconcile_seconds",
    "max_pixels",
    "max_side",
    "max_region_pixels",
    "tessdata",
    "host",
    "metrics_port",
    "log_level",
    "log_format",
    "otlp_endpoint",
)

_FORMATS = {"text": "Text", "json": "JSON", "hocr": "Hocr", "pdf": "Pdf"}


class _Command(click.Group):
    """Tells Whaleline's errors as one line: exit code 2 for what was asked wrongly, 1 for what went wrong."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except ConfigurationError as error:
            raise click.UsageError(str(error)) from error
        except (WhalelineError, OSError) as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Command, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("whaleline"), prog_name="whaleline")
def main() -> None:
    """Whaleline reads regions of images, as a service or from the command line.

    Every setting is an option, and an environment variable: WHALELINE_ and its name in capitals.
    """


def _with_settings(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Options for settings (all of them if none is named), handed over as one Settings object."""

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
        where = f"{first['loc'][0]}: {first['input']!r}: " if first["loc"] else ""  # several settings together tell it
        raise ConfigurationError(f"{where}{first['msg']}") from None


@main.command()
@_with_settings()
def serve(settings: Settings) -> None:
    """Run the service, with its database, its blobs and its workers in the data directory.

    Ctrl-C lets running tasks finish and keeps queued ones for the next start; a second one ends at once.

    With a broker, this is one of any number of processes that answer requests, and `whaleline worker` runs the tasks.
    """
    from whaleline import server

    with _sole_use(settings), _listen(settings) as listener:
        server.serve(settings, listener, _dispatcher(settings), click.echo)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("celery_arguments", nargs=-1, type=click.UNPROCESSED)
@_with_settings(*_WORKER_SETTINGS)
def worker(settings: Settings, celery_arguments: tuple[str, ...]) -> None:
    """Run tasks that a broker brings, on any host that reaches it, the database and the blobs.

    Ctrl-C lets running tasks finish; a second one breaks them off, and others take them up. CELERY_ARGUMENTS are those
    of `celery worker`, for example --autoscale=8,2.
    """
    if not settings.broker:
        raise ConfigurationError("broker: a worker needs one; without it `whaleline serve` has its own workers")
    from whaleline.tasks.dispatch import celery_worker

    celery_worker.work(settings, celery_arguments, click.echo)


@main.command()
@_with_settings("data", "database")
def migrate(settings: Settings) -> None:
    """Bring the database's tables to the form that this version needs; nothing happens where they have it.

    Without a broker, `whaleline serve` does it by itself.
    """
    with _open(settings) as store:
        store.migrate()


def _dispatcher(settings: Settings) -> Dispatcher:
    if settings.broker:
        from whaleline.tasks.dispatch.celery import CeleryDispatcher

        return CeleryDispatcher(settings)
    from whaleline.tasks.dispatch.pool import LocalPool

    return LocalPool(settings)


@contextlib.contextmanager
def _sole_use(settings: Settings) -> Iterator[None]:
    """Hold the data directory, for the workers of two services would take each other's tasks for orphans."""
    if settings.broker:
        yield
        return
    data = settings.data
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigurationError(f"data: another service runs on {data}") from None
        yield


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise ConfigurationError(f"{settings.host}:{settings.port}: {error.strerror or error}") from error


@main.group()
def client() -> None:
    """Who may use the service."""


@client.command("add")
@click.argument("name")
@click.option("--id", "client_id", metavar="ID", help="An id that the client's programs already use.")
@click.option(
    "--ask-secret",
    is_flag=True,
    help="Ask for a secret that the client's programs already use; else one is made.",
)
@_with_settings("data", "database")
def client_add(settings: Settings, name: str, client_id: str | None, ask_secret: bool) -> None:
    """Add a client called NAME; prints its id and, this once, its secret."""
    from whaleline.tasks import clients

    secret = click.prompt("Secret", hide_input=True, err=True) if ask_secret else None
    with _store(settings) as store:
        added, made = clients.add(store, name, client_id, secret)
    click.echo(f"id      {added.id}")
    if secret is None:
        click.echo(f"secret  {made}")


@client.command("list")
@_with_settings("data", "database")
def client_list(settings: Settings) -> None:
    """List the clients, oldest first."""
    with _store(settings) as store:
        for each in store.clients():
            click.echo(f"{each.id}  {datetime.fromtimestamp(each.created, UTC):%Y-%m-%d %H:%M}  {each.name}")


@client.command("rotate")
@click.argument("client_id", metavar="ID")
@_with_settings("data", "database")
def client_rotate(settings: Settings, client_id: str) -> None:
    """Give the client ID a fresh secret; prints it, this once. Its tokens hold until they end."""
    from whaleline.tasks import clients

    with _store(settings) as store:
        click.echo(f"secret  {clients.rotate(store, client_id)}")


@client.command("remove")
@click.argument("client_id", metavar="ID")
@_with_settings("data", "database", "broker", "blobs")
def client_remove(settings: Settings, client_id: str) -> None:
    """Remove the client ID with all its tasks and results; its tokens end at once."""
    from whaleline.tasks.blobs import Blobs
    from whaleline.tasks.lifecycle import Tasks

    with _store(settings) as store:
        tasks = Tasks(settings, store, Blobs(settings.blobs_url), _dispatcher(settings))
        if not tasks.remove_client(client_id):
            raise click.ClickException(f"There is no client with the id {client_id}.")


@contextlib.contextmanager
def _store(settings: Settings) -> Iterator[Store]:
    """The database, in the form that this version needs."""
    with _open(settings) as store:
        if settings.broker:
            store.check_schema()
        else:
            store.migrate()
        yield store


@contextlib.contextmanager
def _open(settings: Settings) -> Iterator[Store]:
    from whaleline.tasks.sql import Store

    if not settings.database:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = Store(settings.database_url)
    try:
        yield store
    finally:
        store.close()


@main.group()
def key() -> None:
    """The key that signs access tokens."""


@key.command("rotate")
@_with_settings("data", "signing_key")
def key_rotate(settings: Settings) -> None:
    """Make a new signing key. Tokens of the present one hold until the next rotation; running services take it up."""
    from whaleline.wire import keys

    if settings.signing_key is not None and not settings.signing_key.exists():
        keys.make(settings.signing_key)
        return
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys.KeyRing(settings.signing_key, settings.data).rotate()


@main.command("languages")
@click.option("--missing", is_flag=True, help="Only those that are not installed.")
@click.option("--packages", is_flag=True, help="Only the Debian packages that are not installed, in one line.")
@_with_settings("tessdata")
def list_languages(settings: Settings, missing: bool, packages: bool) -> None:
    """List the languages: what reads each, which are installed, and how to add the others.

    A line has the name on the wire, the BCP 47 tag, the engines and models, and the state. `make languages` adds all.
    """
    from whaleline.recognition import languages

    places = languages.folders(settings.tessdata)
    lacking = {language: languages.missing(language, places) for language in languages.languages()}
    if packages:
        models = {model for lack in lacking.values() for model in lack}
        click.echo(" ".join(sorted(map(languages.package, models))))
        return
    for language, lack in lacking.items():
        if missing and not lack:
            continue
        engines = "+".join(language.models) + (", PP-OCRv6" if language.ppocr else "")
        state = f"missing    apt-get install {' '.join(map(languages.package, lack))}" if lack else "installed"
        click.echo(f"{language.wire:<16} {language.tag:<8} {engines:<28} {state}")


@main.command()
@click.argument("image", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--region",
    "regions",
    multiple=True,
    metavar="X1,Y1,X2,Y2",
    help="A rectangle in pixels, left, top, right and bottom; may be given several times. The whole image if none is.",
)
@click.option("--language", default="English", show_default=True, help="See `whaleline languages`.")
@click.option("--format", "format_", type=click.Choice(list(_FORMATS)), default="text", show_default=True)
@_with_settings("tessdata", "max_pixels")
def read(settings: Settings, image: Path, regions: tuple[str, ...], language: str, format_: str) -> None:
    """Read IMAGE without a server and write the results to the standard output, one after the other.

    Text and JSON results end with a line feed each. Exit code 1 if a region lies outside the image.
    """
    from whaleline.operations.recognize_regions import read_regions
    from whaleline.results import ResultType, write

    result_type = ResultType(_FORMATS[format_])
    if result_type is ResultType.Pdf and len(regions) > 1:
        raise click.UsageError("PDF results cannot follow one another; give one --region at a time.")
    readings = read_regions(
        image,
        [_rectangle(region) for region in regions],
        language=language,
        tessdata=settings.tessdata,
        max_pixels=settings.max_pixels,
    )
    output = sys.stdout.buffer
    for region, reading in zip(regions or ("",), readings, strict=True):
        if reading is None:
            click.echo(f"region {region} lies outside the image", err=True)
            continue
        for result in write(result_type, reading):
            output.write(result.data if result_type is ResultType.Pdf else result.data.rstrip(b"\n") + b"\n")
    output.flush()
    if None in readings:
        sys.exit(1)


def _rectangle(text: str) -> tuple[int, int, int, int]:
    try:
        left, top, right, bottom = (int(number) for number in text.split(","))
    except ValueError:
        raise click.BadParameter(f"{text!r} is not of the form X1,Y1,X2,Y2", param_hint="--region") from None
    if left >= right or top >= bottom:
        raise click.BadParameter(f"{text!r} has no area", param_hint="--region")
    return left, top, right, bottom
