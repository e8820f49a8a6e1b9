"""Who may submit tasks: ids with secrets, of which only a hash is kept."""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Callable
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from whaleline.errors import InvalidRequest
from whaleline.tasks.sql import ON_TRIAL, Client, Store

LOCAL = "local"
"""The client of this machine's web page, which needs no secret."""

ADDRESS = "address:"
"""What the ids of those begin with who are told apart by their addresses only, since no token is asked for."""

_KEY = "wlk."
"""What API keys begin with: wlk.SECRET.ID."""

_LEAST_SECRET = 16
"""Characters that a secret brought along must have."""


@cache
def _hasher() -> PasswordHasher:
    # argon2id at 8 MiB and one pass takes about 5 ms. More would buy nothing, since secrets are random and long, and
    # cost much: the .NET and Go clients ask for a new token before every single call.
    return PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)


@cache
def _hash_of_nothing() -> str:
    return _hasher().hash(secrets.token_hex())


def add_first(store: Store) -> tuple[Client, str] | None:
    """Add a client, with its secret, if none has one yet; None if one has."""
    client, secret = _made("first", None, None)
    return (client, secret) if store.add_first_client(client) else None


def add(store: Store, name: str, client_id: str | None = None, secret: str | None = None) -> tuple[Client, str]:
    """Add a client.

    Args:
        store: where clients are kept.
        name: what people call it.
        client_id: an id that its programs already use; a fresh one if None.
        secret: a secret that its programs already use, at least 16 characters; a fresh one if None.

    Returns:
        The client, and its secret, which is not kept and cannot be shown again.

    Raises:
        InvalidRequest: the name is empty, the id is taken or reserved, or the secret is too short.
    """
    if not name.strip():
        raise InvalidRequest("name", "The name is empty.")
    if client_id is not None and _is_reserved(client_id):
        raise InvalidRequest("id", f"The id {client_id} is reserved for clients without a secret.")
    if secret is not None and len(secret) < _LEAST_SECRET:
        raise InvalidRequest("secret", f"The secret has {len(secret)} characters; it needs at least {_LEAST_SECRET}.")
    client, secret = _made(name, client_id, secret)
    if not store.add_client(client):
        raise InvalidRequest("id", f"There is a client with the id {client.id} already.")
    return client, secret


def _made(name: str, client_id: str | None, secret: str | None) -> tuple[Client, str]:
    secret = secret or secrets.token_urlsafe(32)
    return Client(client_id or str(uuid.uuid4()), name, _hasher().hash(secret), time.time()), secret


def rotate(store: Store, client_id: str) -> str:
    """Give a client a fresh secret in the place of its former one; tokens that it holds stay valid until they end.

    Returns:
        The secret, which is not kept and cannot be shown again.
    """
    return _renew(store, client_id, "secret_hash")


def make_key(store: Store, client_id: str) -> str:
    """Give a client a fresh API key in the place of a former one, which ends at once.

    Returns:
        The key, which is not kept and cannot be shown again.
    """
    return f"{_KEY}{_renew(store, client_id, 'key_hash')}.{client_id}"


def _renew(store: Store, client_id: str, which: str) -> str:
    """A fresh secret, whose hash a client has from now on.

    Raises:
        InvalidRequest: there is no such client, or it is one without a secret.
    """
    secret = secrets.token_urlsafe(32)
    if _is_reserved(client_id) or not store.change_client(client_id, **{which: _hasher().hash(secret)}):
        raise InvalidRequest("id", f"There is no client with the id {client_id} that has a secret.")
    return secret


def drop_key(store: Store, client_id: str) -> None:
    """Take a client's API key away; it ends at once. Raises `InvalidRequest` if there is no such client."""
    if not store.change_client(client_id, key_hash=""):
        raise InvalidRequest("id", f"There is no client with the id {client_id}.")


def of_key(key: str) -> str | None:
    """The id of the client that an API key names; None where it is no API key."""
    secret, _, client_id = key.removeprefix(_KEY).partition(".")
    return client_id if key.startswith(_KEY) and secret and client_id else None


def is_key(store: Store, key: str) -> bool:
    """Whether an API key is the one of the client that it names; a wrong one costs as much as a right one."""
    secret, _, client_id = key.removeprefix(_KEY).partition(".")
    return _verifies(store, client_id, lambda client: client.key_hash, secret)


def of_address(address: str) -> str:
    """The id of the client that an address is where no token is asked for."""
    return ADDRESS + address


def on_trial(address: str) -> str:
    """The id of the client that an address is on trial, where none asks for a token."""
    return ON_TRIAL + address


def is_on_trial(client_id: str) -> bool:
    """Whether an id is one of those."""
    return client_id.startswith(ON_TRIAL)


def ensure(store: Store, client_id: str) -> None:
    """Make a client of those who need no secret, unless it is there; no secret ever matches its hash."""
    if store.client(client_id) is None:
        who = "this machine's page" if client_id == LOCAL else client_id.removeprefix(ADDRESS)
        store.add_client(Client(client_id, f"{who}, without a secret", "", time.time()))


def ensure_address(store: Store, client_id: str) -> None:
    """The same, if it is the client of an address."""
    if client_id.startswith((ADDRESS, ON_TRIAL)):
        ensure(store, client_id)


def name_of(store: Store, client_id: str) -> str:
    """What people call a client: the name that it was added with; `local`, or its address, if it needs no secret."""
    if _is_reserved(client_id):
        return client_id.removeprefix(ADDRESS)
    client = store.client(client_id)
    return client.name if client else client_id


def forget_addresses(store: Store, before: float) -> None:
    """Remove the clients of addresses that have no task any more and were made before a moment."""
    for prefix in (ADDRESS, ON_TRIAL):
        store.remove_idle_clients(prefix, before)


def is_known(store: Store, client_id: str, secret: str) -> bool:
    """Whether id and secret belong together; an id that is unknown or has no secret costs as much as a wrong secret."""
    return _verifies(store, client_id, lambda client: client.secret_hash, secret)


def _verifies(store: Store, client_id: str, hash_of: Callable[[Client], str], secret: str) -> bool:
    instead = _hash_of_nothing()  # before it is needed, since the first time takes longer
    client = store.client(client_id)
    known = hash_of(client) if client else ""
    try:
        return _hasher().verify(known or instead, secret) and bool(known)
    except VerificationError:
        return False


def _is_reserved(client_id: str) -> bool:
    return client_id == LOCAL or client_id.startswith((ADDRESS, ON_TRIAL))
