"""`whaleline client` and `whaleline key`: who may use the service, and the key that signs their tokens."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from whaleline.cli.options import with_settings
from whaleline.cli.stores import dispatcher_of, of_running_service, open_store
from whaleline.settings import Settings


@click.group()
def client() -> None:
    """Manage the clients that may use the service."""


@client.command("add")
@click.argument("name")
@click.option("--id", "client_id", metavar="ID", help="An id that the client's programs already use.")
@click.option(
    "--ask-secret",
    is_flag=True,
    help="Ask for a secret that the client's programs already use; otherwise one is made.",
)
@with_settings("data", "database")
def client_add(settings: Settings, name: str, client_id: str | None, ask_secret: bool) -> None:
    """Add a client called NAME. Prints its id and its secret, which is shown only once."""
    from whaleline.tasks import clients

    secret = click.prompt("Secret", hide_input=True, err=True) if ask_secret else None
    with open_store(settings) as store:
        added, made = clients.add(store, name, client_id, secret)
    click.echo(f"id      {added.id}")
    if secret is None:
        click.echo(f"secret  {made}")


@client.command("list")
@with_settings("data", "database")
def client_list(settings: Settings) -> None:
    """List the clients, oldest first."""
    with open_store(settings) as store:
        for each in store.clients():
            click.echo(f"{each.id}  {datetime.fromtimestamp(each.created, UTC):%Y-%m-%d %H:%M}  {each.name}")


@client.command("rotate")
@click.argument("client_id", metavar="ID")
@with_settings("data", "database")
def client_rotate(settings: Settings, client_id: str) -> None:
    """Give the client ID a new secret, which is shown only once. Tokens that it has stay valid until they expire."""
    from whaleline.tasks import clients

    with open_store(settings) as store:
        click.echo(f"secret  {clients.rotate(store, client_id)}")


@client.command("key")
@click.argument("client_id", metavar="ID")
@click.option("--remove", is_flag=True, help="Remove the key instead; it stops working at once.")
@with_settings("data", "database")
def client_key(settings: Settings, client_id: str, remove: bool) -> None:
    """Give the client ID an API key, which is shown only once and used like a token. It replaces the former one."""
    from whaleline.tasks import clients

    with open_store(settings) as store:
        if remove:
            clients.drop_key(store, client_id)
        else:
            click.echo(f"key  {clients.make_key(store, client_id)}")


@client.command("remove")
@click.argument("client_id", metavar="ID")
@with_settings("data", "database", "broker", "blobs")
def client_remove(settings: Settings, client_id: str) -> None:
    """Remove the client ID with all its tasks and results. Its tokens stop working at once."""
    from whaleline.tasks.blobs import Blobs
    from whaleline.tasks.lifecycle import Tasks

    with open_store(settings) as store:
        tasks = Tasks(settings, store, Blobs(settings.blobs_url), dispatcher_of(settings))
        if not tasks.remove_client(client_id):
            raise click.ClickException(f"There is no client with the id {client_id}.")


@click.group()
def key() -> None:
    """Manage the key that signs access tokens."""


@key.command("rotate")
@with_settings("data", "signing_key")
def key_rotate(settings: Settings) -> None:
    """Make a new signing key; running services use it at once.

    Tokens of the former key stay valid until the next rotation.
    """
    from whaleline.wire import keys

    if settings.signing_key is not None and not settings.signing_key.exists():
        keys.make(settings.signing_key)
        return
    if settings.signing_key is None:
        settings = of_running_service(settings)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys.KeyRing(settings.signing_key, settings.data).rotate()
