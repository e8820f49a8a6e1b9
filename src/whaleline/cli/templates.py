"""`whaleline template`: files that describe forms, and those that the service keeps."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from whaleline.cli.options import of_client, with_settings
from whaleline.cli.stores import of_running_service, open_store
from whaleline.errors import InvalidRequest
from whaleline.settings import Settings
from whaleline.wording import counted

if TYPE_CHECKING:
    from whaleline.forms.template import Template
    from whaleline.tasks.templates import Templates


@click.group()
def template() -> None:
    """Manage templates of forms, by which scans are read field by field (docs/forms.md)."""


@template.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Check the template in FILE, its pictures and its patterns."""
    found = checked(file)
    pictures = sum(page.picture is not None for page in found.pages)
    fields, pages = counted(len(found.fields), "field"), counted(len(found.pages), "page")
    click.echo(f"{found.name}: {fields} on {pages}, {counted(pictures, 'picture')}")
    _warn(found)


@template.command("add")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--picture",
    "pictures",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The picture of a page, instead of the one in FILE; give it once for each page, in order.",
)
@of_client
@with_settings("data", "database", "broker", "blobs")
def add(settings: Settings, file: Path, pictures: tuple[Path, ...], client_id: str) -> None:
    """Store the template in FILE. It replaces one of the same name."""
    from whaleline.forms.laying import check_pictures
    from whaleline.forms.template import TemplatePage
    from whaleline.operations.schema import parse
    from whaleline.tasks import clients

    found = checked(file)
    if len(pictures) > len(found.pages):
        raise InvalidRequest("picture", f"picture: {len(pictures)} for {len(found.pages)} pages of the template")
    pages = list(found.pages)
    for number, picture in enumerate(pictures):
        size = {"width": pages[number].width, "height": pages[number].height}
        pages[number] = parse(TemplatePage, size | {"picture": picture.read_bytes()}, f"pages[{number}]")
    found = found.model_copy(update={"pages": tuple(pages)})
    check_pictures(found)
    settings = of_running_service(settings)
    if client_id == clients.LOCAL:
        with open_store(settings) as store:
            clients.ensure(store, client_id)
    with _kept(settings, client_id) as templates:
        kept = templates.put(client_id, found, lambda _: True)
    click.echo(f"{kept.name}  version {kept.version}, {counted(kept.fields, 'field')}")
    _warn(found)


@template.command("list")
@of_client
@with_settings("data", "database", "broker", "blobs")
def list_all(settings: Settings, client_id: str) -> None:
    """List the stored templates by name."""
    with _kept(settings, client_id) as templates:
        for each in templates.listed(client_id):
            made = datetime.fromtimestamp(each.created, UTC)
            click.echo(f"{each.name}  version {each.version}, {counted(each.fields, 'field')}, {made:%Y-%m-%d %H:%M}")


@template.command("remove")
@click.argument("name")
@of_client
@with_settings("data", "database", "broker", "blobs")
def remove(settings: Settings, name: str, client_id: str) -> None:
    """Delete the template NAME. Tasks that were accepted before can still use it."""
    with _kept(settings, client_id) as templates:
        if not templates.remove(client_id, name, lambda _: True):
            raise click.ClickException(f"There is no template {name}.")


def _warn(template: Template) -> None:
    """Say which boxes to tick are not empty on the form's pictures, and which pictures show hardly any words."""
    from whaleline.forms.laying import ticked, wordless

    if names := ticked(template):
        boxes = ", ".join(map(repr, names))
        click.echo(
            f"Not empty on the picture: {boxes}. If that is no print of the form, use a picture with empty boxes.",
            err=True,
        )
    for number in wordless(template):
        click.echo(
            f"The picture of page {number} has hardly any printed words outside the fields. Other forms with the same"
            " lines may be taken for this one. Use a sharper picture, or draw the fields beside the words.",
            err=True,
        )


def checked(file: Path) -> Template:
    """The template in a file, with its pictures checked.

    Raises:
        InvalidRequest: it is not one.
        UnreadableImage: a picture cannot be read.
    """
    from whaleline.forms.laying import check_pictures
    from whaleline.operations.read_form import load_template

    found = load_template(file)
    check_pictures(found)
    return found


def stored(settings: Settings, client_id: str, name: str) -> Template:
    """A client's template by its name."""
    with _kept(settings, client_id) as templates:
        found = templates.get(client_id, name)
    if found is None:
        raise click.UsageError(f"{name}: there is no such file, and no template of that name.")
    return found[1]


@contextlib.contextmanager
def _kept(settings: Settings, client_id: str) -> Iterator[Templates]:
    from whaleline.tasks import clients
    from whaleline.tasks.blobs import Blobs
    from whaleline.tasks.templates import Templates

    settings = of_running_service(settings)
    with open_store(settings) as store:
        if client_id != clients.LOCAL and store.client(client_id) is None:
            raise click.UsageError(f"There is no client with the id {client_id!r}; see `whaleline client list`.")
        yield Templates(store, Blobs(settings.blobs_url))
