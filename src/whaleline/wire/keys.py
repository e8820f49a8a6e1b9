"""The keys that sign access tokens: the current one, and the former one, whose tokens are still valid.

Two PEM files beside each other: NAME.pem and NAME.old.pem. They are read again when they have changed, so keys rotate
while the service runs.
"""

from __future__ import annotations

import contextlib
import threading
import time
import warnings
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar, cast

import structlog
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet, RSAKey

from whaleline import private
from whaleline.errors import ConfigurationError

_log = structlog.get_logger()

ALGORITHM = "RS256"

_KEY_BITS = 2048

_REMEMBERED = 1024
"""Tokens that are remembered as good, since most clients send each of theirs many times."""

_LOOK_SECONDS = 1.0
"""For how long a token is taken for good without a look at the files, which took more time than all else of it."""

_T = TypeVar("_T")

_Stamp = tuple[tuple[int, int] | None, ...]


class KeyRing:
    """The current key and the former one. Safe to share between threads."""

    def __init__(self, given: Path | None, data: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Take up the keys of a file given, or of the data directory, where one is made at first.

        Raises:
            ConfigurationError: a file cannot be read, or is not a private RSA key in PEM.
        """
        self._path = given or data / "signing-key.pem"
        self._former = self._path.with_suffix(f".old{self._path.suffix}")
        if given is None and not self._path.exists():
            with contextlib.suppress(FileExistsError):  # another process has made one meanwhile
                make(self._path)
        self._clock = clock
        self._lock = threading.Lock()
        self._stamp: _Stamp = ()
        self._next_look = 0.0
        self._signing: RSAKey
        self._read: Callable[[str, Callable[[dict[str, Any]], Any]], Any]
        self._look()

    def signing(self) -> RSAKey:
        """The key that signs."""
        self._look()
        return self._signing

    def read(self, token: str, check: Callable[[dict[str, Any]], _T]) -> _T:
        """What a check returns for the claims of a token that one of the keys has signed.

        It is remembered, so that the check is made once; a rotation that ends the token is noticed within a second.

        Raises:
            JoseError: it is not such a token, or malformed; malformed ones may raise ValueError and TypeError, too.
        """
        if self._clock() >= self._next_look:
            self._look()
        read = self._read
        try:
            return cast("_T", read(token, check))
        except JoseError:
            self._look()
            if self._read is read:  # else the key may be one that another process has just made
                raise
            return cast("_T", self._read(token, check))

    def rotate(self) -> None:
        """Make a new key and sign with it; tokens of the present one are valid until the next rotation."""
        made = self._path.with_suffix(".new")
        made.unlink(missing_ok=True)
        make(made)
        self._former.unlink(missing_ok=True)
        self._former.hardlink_to(self._path)
        made.replace(self._path)

    def _look(self) -> None:
        """Take the keys up that the files hold now, and forget which tokens were good under others.

        Raises:
            ConfigurationError: a file cannot be read, and there were no keys before.
        """
        with self._lock:
            self._next_look = self._clock() + _LOOK_SECONDS
            stamp = (_stamp(self._path), _stamp(self._former))
            if stamp == self._stamp:
                return
            try:
                keys = [_load(path) for path in ([self._path, self._former] if stamp[1] else [self._path])]
            except ConfigurationError as error:
                if not self._stamp:
                    raise
                _log.error("the keys that sign tokens stay as they were", why=str(error))
                return
            ring = KeySet([*keys])
            self._read = lru_cache(_REMEMBERED)(lambda token, check: check(jwt.decode(token, ring, [ALGORITHM]).claims))
            self._signing, self._stamp = keys[0], stamp


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


def _load(path: Path) -> RSAKey:
    try:
        with warnings.catch_warnings(category=SecurityWarning, action="ignore"):  # of few bits, which are refused below
            key = RSAKey.import_key(path.read_bytes())
    except (OSError, ValueError, JoseError) as error:
        raise ConfigurationError(f"signing_key: {path} cannot be read as an RSA key in PEM: {error}") from error
    if key.raw_value.key_size < _KEY_BITS:
        raise ConfigurationError(
            f"signing_key: {path} holds an RSA key of {key.raw_value.key_size} bits; at least {_KEY_BITS} are needed"
        )
    if not key.is_private:
        raise ConfigurationError(f"signing_key: {path} holds a public key; a private one is needed")
    key.ensure_kid()
    return key


def make(path: Path) -> None:
    """Write a new key that nobody else can read, whole or not at all.

    Raises:
        FileExistsError: there is a file of that name.
    """
    private.write_new(path, RSAKey.generate_key(_KEY_BITS).as_pem(private=True))
