"""The service as one process: its parts put together, run by uvicorn until a signal ends it."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn

from whaleline import logs, tracing
from whaleline.errors import ConfigurationError
from whaleline.settings import Settings
from whaleline.tasks import clients
from whaleline.tasks.blobs import Blobs
from whaleline.tasks.dispatch import Dispatcher
from whaleline.tasks.lifecycle import Tasks
from whaleline.tasks.sql import Store
from whaleline.wire.app import create_app
from whaleline.wire.connections import bounded
from whaleline.wire.keys import KeyRing
from whaleline.wire.tokens import Tokens

_REQUEST_SECONDS = 10
"""How long a request that is under way may hold up the end of the service."""

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # malloc.h
_LARGE_BLOCK = 128 * 1024
_HEAPS = 2


def serve(settings: Settings, listener: socket.socket, dispatcher: Dispatcher, tell: Callable[[str], None]) -> None:
    """Run the service until a signal ends it.

    Args:
        settings: the service's settings.
        listener: a bound and listening socket.
        dispatcher: brings tasks to workers.
        tell: called with each line that the operator should see.

    Raises:
        ConfigurationError: a setting cannot work.
        Unavailable: the database or the blob store cannot be opened.
    """
    _give_large_blocks_back()
    _check_tls(settings)
    logs.configure(settings)
    tracing.configure(settings)
    if settings.broker and settings.signing_key is None:
        raise ConfigurationError(
            "signing_key: with a broker there may be several such processes, and all must sign with the same key; make"
            " one by `whaleline key rotate --signing-key FILE` and name it"
        )
    store = Store(settings.database_url)
    if settings.broker:
        store.check_schema()
    else:
        store.migrate()
    blobs = Blobs(settings.blobs_url)
    blobs.check()
    tasks = Tasks(settings, store, blobs, dispatcher)
    tokens = Tokens(KeyRing(settings.signing_key, settings.data))
    app, holds = create_app(settings, store, tasks, tokens)
    config = uvicorn.Config(
        app,
        lifespan="on",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        ssl_certfile=settings.tls_certificate,
        ssl_keyfile=settings.tls_key,
        http=bounded(settings),
        timeout_keep_alive=settings.keep_alive_seconds,
        timeout_graceful_shutdown=_REQUEST_SECONDS,
    )
    scheme = "https" if config.is_ssl else "http"
    host, port = listener.getsockname()[:2]
    url = f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    def on_started() -> None:
        if not settings.authentication:
            clients.ensure_local(store)
        elif not store.clients():
            _introduce(store, url, tell)
        gc.freeze()  # all that is there stays, and need not be looked through again and again
        tell(f"Whaleline listens on {url} (open it in a browser) and is described at {url}/docs")

    try:
        _Server(config, on_started, holds.close).run(sockets=[listener])
    finally:
        store.close()


def _give_large_blocks_back() -> None:
    """Have glibc give each large block back when it is freed, and scatter the others over few heaps.

    Left to itself it gives blocks back only until the first is freed, and keeps those of up to that size in its heaps
    from then on, of which it makes one for nearly each thread. Bodies of megabytes leave these ever more scattered: 12
    MiB more for each 1000 mixed tasks.
    """
    with contextlib.suppress(AttributeError):  # other C libraries
        libc = ctypes.CDLL(None)
        libc.mallopt(_M_MMAP_THRESHOLD, _LARGE_BLOCK)
        libc.mallopt(_M_ARENA_MAX, _HEAPS)


def _check_tls(settings: Settings) -> None:
    """Try certificate and key before anything is started; uvicorn would end with a stack trace."""
    if settings.tls_certificate is None:
        if settings.tls_key is not None:
            raise ConfigurationError("tls_key: it needs a tls_certificate beside it")
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_certificate, settings.tls_key)
    except OSError as error:  # ssl.SSLError is one
        files = f"{settings.tls_certificate} with the key in {settings.tls_key or 'the same file'}"
        raise ConfigurationError(f"tls_certificate: {files}: {error.strerror or error}") from error


def _introduce(store: Store, url: str, tell: Callable[[str], None]) -> None:
    """Make the first client, and show how to use the service with it."""
    client, secret = clients.add(store, "first")
    resource = f"{url}/v5.0/ocr/RecognizeRegions"
    tell(f"""\
A first client has been made. Its secret is shown this once; `whaleline client add` makes others.
  id      {client.id}
  secret  {secret}

Get a token, read an image, fetch the result:
  TOKEN=$(curl -s {url}/connect/token -d grant_type=client_credentials \\
    -d client_id={client.id} -d client_secret={secret} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  ID=$(echo '{{"image": "'$(base64 -w0 page.png)'", "settings": {{}}}}' | curl -s {resource} \\
    -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d @-)
  curl -s "{resource}?id=$ID" -H "Authorization: Bearer $TOKEN"
""")


class _Server(uvicorn.Server):
    """Lets held requests go at the first signal, ends at once at the second, and leaves with exit code 0."""

    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None], on_stopping: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started
        self._on_stopping = on_stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        former = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - signal's signature
        if self.should_exit:
            os._exit(128 + sig)  # workers end with their parent
        self.should_exit = True
        self._on_stopping()
