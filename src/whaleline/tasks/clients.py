"""Who may submit tasks: ids with secrets, of which only a hash is kept."""

from __future__ import annotations

import secrets
import time
import uuid
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from whaleline.errors import InvalidRequest
from whaleline.tasks.sql import Client, Store

LOCAL = "local"
"""The client of those who need no secret: everybody where authentication is off, else this machine's web page."""

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
        InvalidRequest: the id is taken, or the secret is too short.
    """
    if secret is not None and len(secret) < _LEAST_SECRET:
        raise InvalidRequest("secret", f"The secret has {len(secret)} characters; it needs at least {_LEAST_SECRET}.")
    secret = secret or secrets.token_urlsafe(32)
    client = Client(client_id or str(uuid.uuid4()), name, _hasher().hash(secret), time.time())
    if not store.add_client(client):
        raise InvalidRequest("id", f"There is a client with the id {client.id} already.")
    return client, secret


def rotate(store: Store, client_id: str) -> str:
    """Give a client a fresh secret in the place of its former one; tokens that it holds stay valid until they end.

    Returns:
        The secret, which is not kept and cannot be shown again.

    Raises:
        InvalidRequest: there is no such client, or it is one without a secret.
    """
    secret = secrets.token_urlsafe(32)
    if client_id == LOCAL or not store.set_secret(client_id, _hasher().hash(secret)):
        raise InvalidRequest("id", f"There is no client with the id {client_id} that has a secret.")
    return secret


def ensure_local(store: Store) -> None:
    """Make the client for those who need no secret; no secret ever matches its hash."""
    store.add_client(Client(LOCAL, "this machine, without signing in", "", time.time()))


def is_known(store: Store, client_id: str, secret: str) -> bool:
    """Whether id and secret belong together; an unknown id costs the same work as a wrong secret."""
    client = store.client(client_id)
    try:
        _hasher().verify(client.secret_hash if client else _hash_of_nothing(), secret)
    except (VerificationError, InvalidHashError):
        return False
    return client is not None
