"""Which client a request comes from: by its access token, or by its address where no token is required."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

from anyio import to_thread
from starlette.requests import Request

from whaleline.errors import Forbidden, TokenRefused, Unauthorized
from whaleline.settings import Settings
from whaleline.tasks import clients
from whaleline.tasks.sql import Store
from whaleline.wire.limits import RateLimits
from whaleline.wire.tokens import Tokens
from whaleline.wording import quoted

TOKEN_PATH = "/connect/token"  # noqa: S105 - a path, not a secret

_SITE_BITS = 64
"""Of an IPv6 address, those of the network: one host has all the others to choose from (RFC 4291, section 2.5.1)."""


class Access:
    """Decides which client a request comes from, and counts requests by address and client."""

    def __init__(self, settings: Settings, store: Store, tokens: Tokens, limits: RateLimits) -> None:
        self._is_open = not settings.authentication
        self._names = {"localhost", *(name.strip().lower() for name in settings.allowed_hosts.split(",") if name)}
        self._store = store
        self._tokens = tokens
        self._limits = limits

    async def client_of(self, request: Request) -> str:
        """The client that a request comes from; counts the request.

        Raises:
            Unauthorized: it carries neither an access token nor an API key.
            TokenRefused: these are not valid.
            Forbidden: none is asked for, but the request was made by another site's page.
            TooManyRequests: the client, or the address, has had its requests for this minute, or the address has failed
                at the client's key too often.
        """
        self.count(request)
        try:
            client_id = await self._authenticated(request)
        except Unauthorized:
            if not self._is_open:
                raise
            client_id = self.client_without_token(request)
        self._limits.count("client", client_id)
        return client_id

    def client_on_trial(self, request: Request) -> str:
        """The client of an address that uses the trial, whatever token it sends; counts the request and the task.

        Raises:
            Forbidden: the request was made by another site's page.
            TooManyRequests: the address has had its requests, or its tasks on trial, for this minute.
        """
        self.count(request)
        self.check_site(request)
        if request.method == "POST":
            self._limits.count("trial", address_of(request))
        return clients.on_trial(address_of(request))

    def count(self, request: Request) -> None:
        """Count a request by its address, as `RateLimits.count`."""
        self._limits.count("address", address_of(request))

    def client_without_token(self, request: Request) -> str:
        """The client of an address, where no token is required; `Forbidden` as `check_site`."""
        self.check_site(request)
        return clients.of_address(address_of(request))

    def check_site(self, request: Request) -> None:
        """Refuse requests that a page of another site made a browser send.

        A browser sends such requests from its user's machine, so an address says nothing. A page whose own name
        resolves to this service's address (DNS rebinding) is told by Host, any other by Origin (RFC 6454) or
        Sec-Fetch-Site (W3C Fetch Metadata).

        Raises:
            Forbidden: that is what the request is, or may be.
        """
        host = request.headers.get("host", "")
        name = _host_name(host)
        if parsed_address(name) is None and name not in self._names:
            raise Forbidden(
                f"Host: {quoted(host)} is not an IP address, and not in the setting allowed_hosts; use one of these, or"
                " send an access token"
            )
        origin = request.headers.get("origin")
        if origin is not None and origin.partition("://")[2].lower() != host.lower():
            raise Forbidden(f"Origin: {quoted(origin)} is another site than {quoted(host)}")
        site = request.headers.get("sec-fetch-site", "none")
        if site not in ("same-origin", "none"):
            raise Forbidden(f"Sec-Fetch-Site: {quoted(site)}: the request was made by another site's page")

    async def _authenticated(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        token = token.strip()
        if not scheme:
            raise Unauthorized(f"An access token is needed; get one from {TOKEN_PATH}, or send an API key.")
        if scheme.lower() != "bearer" or not token:
            raise TokenRefused("The Authorization header must have the form: Bearer <access token>.")
        if (client_id := clients.of_key(token)) is None:
            return self._tokens.client_of(token)
        async with self._limits.attempt(address_of(request), client_id) as fail:
            if not await to_thread.run_sync(clients.is_key, self._store, token):
                fail()
                raise TokenRefused("The API key is not valid: it does not exist, or was replaced.")
        return client_id


def address_of(request: Request) -> str:
    """The address that a request came from, as a trusted proxy says where there is one; of IPv6 the network."""
    return _counted(request.client.host) if request.client else ""


@lru_cache(1024)
def _counted(address: str) -> str:
    parsed = parsed_address(address)
    if parsed is None:
        return address
    if isinstance(parsed, ipaddress.IPv4Address) or parsed.is_loopback:
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed), _SITE_BITS), strict=False))


def _host_name(host: str) -> str:
    """The name in a Host header, without its port; empty where it is malformed."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def parsed_address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An IP address; None if it is a name."""
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
