"""The link that opens the web page without signing in: it contains a secret, as Jupyter's does."""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path

from whaleline import private
from whaleline.settings import Settings
from whaleline.wire.access import parsed_address

_MARK = "/#link="
"""What stands before the secret. A browser sends nothing of what is behind # (RFC 3986, section 3.5)."""

_SECRET_BYTES = 32


class PageLink:
    """The secret of one data directory. The whole link is in a file there that only its owner may read."""

    def __init__(self, data: Path) -> None:
        """Take up the secret that the directory keeps, so that a restart does not end it; else make one."""
        self._path = data / "page-link"
        kept = self._path.read_text(errors="replace").strip().partition(_MARK)[2] if self._path.exists() else ""
        self._secret = kept or secrets.token_urlsafe(_SECRET_BYTES)

    def to(self, url: str) -> str:
        """The link to the service at a URL; kept in the data directory."""
        link = url + _MARK + self._secret
        private.write(self._path, f"{link}\n".encode())
        return link

    def has(self, secret: str) -> bool:
        """Whether this is the secret, compared in constant time."""
        return hmac.compare_digest(secret.encode(), self._secret.encode())


def page_link(settings: Settings) -> PageLink | None:
    """The link of a service that listens only on this machine and requires a token; None for any other.

    With a broker there may be several processes that answer requests, which have no secret in common.
    """
    address = parsed_address(settings.host.strip("[]"))
    is_local = settings.host.lower() == "localhost" or (address is not None and address.is_loopback)
    return PageLink(settings.data) if is_local and settings.authentication and not settings.broker else None
