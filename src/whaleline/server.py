"""The service as one process: its parts put together, run until a signal ends it."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import ssl
import time
from collections.abc import Callable

from whaleline import heap, logs, private, tracing
from whaleline.errors import ConfigurationError, Unavailable
from whaleline.recognition import languages
from whaleline.settings import Settings
from whaleline.tasks import clients
from whaleline.tasks.blobs import Blobs
from whaleline.tasks.dispatch import Dispatcher
from whaleline.tasks.lifecycle import Tasks
from whaleline.tasks.sql import Client, Store
from whaleline.wire import http
from whaleline.wire.app import App
from whaleline.wire.keys import KeyRing
from whaleline.wire.page_link import page_link
from whaleline.wire.tokens import Tokens
from whaleline.wording import counted

_MOST_NAMED = 10
"""Languages that the start lists by name."""


_INVITATION = """
  Open this link in a browser:

  ============================================================================

      \x1b[1m{link}\x1b[0m

  ============================================================================

  Whoever has the link can read with it, so keep it to yourself. You also find it in {file}.
"""


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
    heap.give_large_blocks_back()
    _check_tls(settings)
    logs.configure(settings)
    tracing.configure(settings)
    private.tighten(settings)
    if settings.broker and settings.signing_key is None:
        raise ConfigurationError(
            "signing_key: with a broker, all processes must sign with the same key; make one with `whaleline key rotate"
            " --signing-key FILE`, and name it for each of them"
        )
    store = Store(settings.database_url)
    if settings.broker:
        store.check_schema()
    else:
        store.check_integrity()
        store.migrate()
    blobs = Blobs(settings.blobs_url)
    blobs.check()
    tasks = Tasks(settings, store, blobs, dispatcher)
    tokens = Tokens(KeyRing(settings.signing_key, settings.data), is_open=not settings.authentication)
    link = page_link(settings)
    most = http.connections(settings)
    app = App(settings, store, tasks, tokens, link=link, connections=most)
    scheme = "https" if settings.tls_certificate else "http"
    host, port = listener.getsockname()[:2]
    url = f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    def introduce() -> None:
        clients.forget_addresses(store, time.time() - settings.retention_seconds)
        if link is not None:
            tell(_INVITATION.format(link=link.to(url), file=settings.data / "page-link"))
        if not settings.authentication:
            tell(f"Warning: no access token is needed. Everybody who can reach {host}:{port} can use the service.")
        elif made := clients.add_first(store):
            _introduce(*made, url, tell)
        tell(_languages(settings))
        gc.freeze()  # all that is there stays, and need not be looked through again and again
        tell(f"Whaleline listens on {url} (API: {url}/docs). Ctrl-C stops it.")

    async def run() -> None:
        stopping = _on_signals(app.let_go)
        async with app.running(), http.serving(app, listener, settings, most) as server:
            introduce()
            await asyncio.wait({server, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if busy := dispatcher.busy():
                running = counted(busy, "running task")
                tell(f"Waiting up to {settings.drain_seconds:g} s for {running} to finish. Ctrl-C again ends at once.")
            if server.done():
                raise Unavailable("The HTTP server has ended.") from server.exception()

    try:
        asyncio.run(run())
    finally:
        store.close()


def _on_signals(let_go: Callable[[], None]) -> asyncio.Future[None]:
    """Done at the first signal to end, which lets held requests go; the second ends the process at once."""
    loop = asyncio.get_running_loop()
    stopping: asyncio.Future[None] = loop.create_future()

    def stop(number: int) -> None:
        if stopping.done():
            os._exit(128 + number)  # workers end with their parent
        stopping.set_result(None)
        let_go()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    return stopping


def _check_tls(settings: Settings) -> None:
    """Try certificate and key before anything is started; Granian would end with a stack trace."""
    if settings.tls_certificate is None:
        if settings.tls_key is not None:
            raise ConfigurationError("tls_key: it needs tls_certificate, too")
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_certificate, settings.tls_key)
    except OSError as error:  # ssl.SSLError is one
        files = f"{settings.tls_certificate} with the key in {settings.tls_key or 'the same file'}"
        raise ConfigurationError(f"tls_certificate: {files}: {error.strerror or error}") from error


def _languages(settings: Settings) -> str:
    """What is installed, and how to add to it."""
    every, places = languages.languages(), languages.folders(settings.tessdata)
    there = [language.wire for language in every if languages.installed(language, places)]
    named = ", ".join(there) if len(there) <= _MOST_NAMED else f"{len(there)} of {len(every)}"
    more = "" if len(there) == len(every) else "; `whaleline languages add NAME` adds one"
    return f"Languages: {named}{more}. `whaleline languages` lists them."


def _introduce(client: Client, secret: str, url: str, tell: Callable[[str], None]) -> None:
    """Show how to use the service with the first client."""
    tell(f"""\
A first client was made for you. Keep its secret: it is not shown again. `whaleline client add NAME` makes others.
  id      {client.id}
  secret  {secret}

Get a token, which is valid for an hour, and read a file of yours:
  TOKEN=$(curl -s {url}/connect/token -d grant_type=client_credentials \\
    -d client_id={client.id} -d client_secret={secret} | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
  curl -s {url}/api/read -H "Authorization: Bearer $TOKEN" -F file=@YOUR-FILE
""")
