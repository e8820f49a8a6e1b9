"""The keys that sign access tokens: the current one, and the former one, whose tokens are still valid.

Two PEM files beside each other: NAME.pem and NAME.old.pem. They are read again when they have changed, so keys rotate
while the service runs.
"""

from __future__ import annotations

import contextlib
import warnings
from pathlib import Path

import structlog
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet, RSAKey

from whaleline import private
from whaleline.errors import ConfigurationError

_log = structlog.get_logger()

_KEY_BITS = 2048

_Stamp = tuple[tuple[int, int] | None, ...]


class Keys(KeySet):
    """The keys of some files as they are now. Each is another for a cache, whatever it holds."""

    __hash__ = object.__hash__


class KeyRing:
    """The current key and the former one. Safe to share between threads."""

    def __init__(self, given: Path | None, data: Path) -> None:
        """Take up the keys of a file given, or of the data directory, where one is made at first.

        Raises:
            ConfigurationError: a file cannot be read, or is not a private RSA key in PEM.
        """
        self._path = given or data / "signing-key.pem"
        self._former = self._path.with_suffix(f".old{self._path.suffix}")
        if given is None and not self._path.exists():
            with contextlib.suppress(FileExistsError):  # another process has made one meanwhile
                make(self._path)
        self._held = self._stamp(), self._load()

    def keys(self) -> Keys:
        """The key that signs, and behind it the former one, as their files are now.

        Files that cannot be read leave the keys as they were, and are tried again the next time: what hinders may pass.
        """
        stamp, keys = self._held
        if (now := self._stamp()) != stamp:
            try:
                keys = self._load()
                self._held = now, keys
            except ConfigurationError as error:
                _log.error("the keys that sign tokens stay as they were", why=str(error))
        return keys

    def rotate(self) -> None:
        """Make a new key and sign with it; tokens of the present one are valid until the next rotation."""
        made = self._path.with_suffix(".new")
        made.unlink(missing_ok=True)
        make(made)
        self._former.unlink(missing_ok=True)
        self._former.hardlink_to(self._path)
        made.replace(self._path)

    def _load(self) -> Keys:
        return Keys([_load(self._path), *([_load(self._former)] if self._former.exists() else [])])

    def _stamp(self) -> _Stamp:
        return _stamp(self._path), _stamp(self._former)


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
