"""HTTP as bytes on a socket, for what no HTTP client would send."""

from __future__ import annotations

import contextlib
import re
import socket
from contextlib import closing
from urllib.parse import urlsplit

from harness import DEADLINE, REGIONS, ServiceProcess


def connect(service: ServiceProcess, source: str = "127.0.0.1") -> socket.socket:
    """A connection to the service, from an address of this machine."""
    address = urlsplit(service.url)
    return socket.create_connection((address.hostname, address.port), DEADLINE, (source, 0))


def until_closed(connection: socket.socket) -> bytes:
    """All that comes until the service closes; never a hang."""
    got = b""
    try:
        while chunk := connection.recv(65536):
            got += chunk
    except ConnectionResetError:  # it closed while bytes of ours were on their way
        pass
    return got


def answered(connection: socket.socket) -> bytes:
    """One whole answer on a connection that stays open; its head and its body may come apart."""
    got = b""
    while (head := re.search(rb"(?si)\r\ncontent-length: (\d+)\r\n.*?\r\n\r\n", got)) is None or (
        len(got) < head.end() + int(head[1])
    ):
        chunk = connection.recv(65536)
        assert chunk, got
        got += chunk
    return got


def exchange(service: ServiceProcess, sent: bytes) -> bytes:
    """All that is answered to some bytes until the service closes."""
    with closing(connect(service)) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may have refused before it had all
            connection.sendall(sent)
        return until_closed(connection)


def statuses(answer: bytes) -> list[int]:
    """The status of each response; their bodies are JSON or `ok` and hold no such line."""
    return [int(found) for found in re.findall(rb"HTTP/1\.[01] (\d{3}) ", answer)]


def post(*headers: bytes, body: bytes = b"", path: str = REGIONS) -> bytes:
    """A POST of bytes as they are, called a form at the token's endpoint and JSON elsewhere."""
    media = b"application/x-www-form-urlencoded" if path == "/connect/token" else b"application/json"
    usual = (b"Host: x", b"Content-Type: " + media)
    return b"\r\n".join([f"POST {path} HTTP/1.1".encode(), *usual, *headers, b"", b""]) + body
