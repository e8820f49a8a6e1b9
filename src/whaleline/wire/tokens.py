"""Access tokens: JWTs (RFC 7519) signed with RS256."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError

from whaleline.errors import TokenRefused
from whaleline.wire.keys import KeyRing, Keys

LIFETIME = 3600
"""Seconds that a token is valid; the protocol's own figure."""

_ALGORITHM = "RS256"
_ISSUER = "whaleline"
_OPEN = "whaleline, open to everybody"
_LEEWAY = 10  # seconds that clocks may differ


class Tokens:
    """Issues and checks tokens."""

    def __init__(self, keys: KeyRing, clock: Callable[[], float] = time.time, *, is_open: bool = False) -> None:
        """Make it.

        Args:
            keys: sign the tokens.
            clock: tells the time in seconds since the epoch.
            is_open: whether everybody may have a token; such a token is worth nothing where that is not so.
        """
        self._keys = keys
        self._audience = _OPEN if is_open else _ISSUER
        self._clock = clock
        self._valid = jwt.JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": _ISSUER},
            aud={"essential": True, "value": self._audience},
            sub={"essential": True},
            exp={"essential": True},
        )

    def issue(self, client_id: str, lifetime: int = LIFETIME) -> str:
        """A token for a client, valid for some seconds."""
        now = int(self._clock())
        key = self._keys.keys().keys[0]
        return jwt.encode(
            {"alg": _ALGORITHM, "typ": "JWT", "kid": key.kid},
            {"iss": _ISSUER, "aud": self._audience, "sub": client_id, "iat": now, "exp": now + lifetime},
            key,
        )

    def client_of(self, token: str) -> str:
        """The id of the client that the token was issued to.

        Raises:
            TokenRefused: the token is malformed, expired, or not one of ours.
        """
        try:
            claims = _claims(token, self._keys.keys())
            self._valid.validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise TokenRefused("The access token is not valid or has expired; ask for a new one.") from error
        return str(claims["sub"])


@lru_cache
def _claims(token: str, keys: Keys) -> dict[str, Any]:
    """What a token says that one of the keys has signed; a client sends the same one for an hour."""
    return jwt.decode(token, keys, [_ALGORITHM]).claims
