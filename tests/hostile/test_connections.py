"""Raw bytes on a socket: smuggling, broken and large heads, offers, and clients that leave."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import struct
from contextlib import closing

import pytest

from harness import REGIONS, STATUS, Api, ServiceProcess, b64, draw, wait_until
from raw import answered, connect, exchange, post, statuses
from whaleline.wire.http import HEAD_BYTES

MIB = 1024 * 1024
SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"

BROKEN = {
    "length and chunks": post(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED),
    "chunks and length": post(b"Transfer-Encoding: chunked", b"Content-Length: 4", body=b"0\r\n\r\n" + SMUGGLED),
    "two lengths": post(b"Content-Length: 0", b"Content-Length: 30", body=SMUGGLED),
    "a list of lengths": post(b"Content-Length: 0, 30", body=SMUGGLED),
    "a signed length": post(b"Content-Length: +30", body=SMUGGLED),
    "a negative length": post(b"Content-Length: -1", body=SMUGGLED),
    "a hexadecimal length": post(b"Content-Length: 0x1e", body=SMUGGLED),
    "an endless length": post(b"Content-Length: " + b"9" * 40, body=SMUGGLED),
    "unknown coding last": post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + SMUGGLED),
    "a coding of its own": post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + SMUGGLED),
    "a space before the colon": post(b"Content-Length : 30", body=SMUGGLED),
    "a folded header": post(b"X: a", b" Content-Length: 30", body=SMUGGLED),
    "a folded coding": post(b"Transfer-Encoding:", b" chunked", body=b"0\r\n\r\n" + SMUGGLED),
    "a header without a colon": post(b"Content-Length 30", body=SMUGGLED),
    "a header without a name": post(b": 30", body=SMUGGLED),
    "a bare carriage return": post(b"X: a\rContent-Length: 30", body=SMUGGLED),
    "NUL in a header": post(b"X: a\0b", body=SMUGGLED),
    "NUL in the path": b"GET /health\0z HTTP/1.1\r\nHost: x\r\n\r\n",
    "a space in the path": b"GET /health z HTTP/1.1\r\nHost: x\r\n\r\n",
    "bytes in the path": b"GET /\xc3\xa9\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "no path": b"GET  HTTP/1.1\r\nHost: x\r\n\r\n",
    "an asterisk": b"GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "no version": b"GET /healthz\r\n\r\n",
    "an unknown method": b"STEAL /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a long method": b"A" * 5000 + b" /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "HTTP/3.7": b"GET /healthz HTTP/3.7\r\nHost: x\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    "SSH": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "an answer": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "nonsense": bytes(range(128, 256)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_request_is_refused_once_and_the_connection_closed(service: ServiceProcess, name: str) -> None:
    """One answer at most: whatever stands behind the request is never taken for another one."""
    answer = exchange(service, BROKEN[name])
    assert statuses(answer) in ([400], [401], [404], [405], []), answer
    assert b"\r\nserver: \r\n" in answer.lower() or b"\r\nserver:" not in answer.lower()


@pytest.mark.parametrize(
    "chunks",
    [
        b"-1\r\n",
        b"zz\r\n",
        b"fffffffffffffffff\r\n",
        b"1\r\nab\r\n0\r\n\r\n",
        b"1;\nx\r\na\r\n",
        b"1 \r\na\r\n",
        b"\r\n",
    ],
)
def test_broken_chunks_are_refused(service: ServiceProcess, api: Api, chunks: bytes) -> None:
    token = b"Authorization: Bearer " + api.token.encode()
    answer = exchange(service, post(token, b"Transfer-Encoding: chunked", body=chunks + SMUGGLED))
    assert statuses(answer)[:1] == [400], answer
    assert statuses(answer) == [400], answer


def test_what_is_right_though_rare_is_taken(service: ServiceProcess) -> None:
    for request in (
        b"GET http://elsewhere.example/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"\r\n\r\nGET /healthz HTTP/1.1\r\nHost:x\r\nCONNECTION:close\r\n\r\n",
        b"GET /healthz HTTP/1.1\nHost: x\nConnection: close\n\n",
        b"GET /healthz HTTP/1.0\r\n\r\n",
        b"GET /%68ealthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    ):
        answer = exchange(service, request)
        assert set(statuses(answer)) == {200}, answer
        assert answer.endswith(b"ok")


def test_an_answer_comes_in_one_piece(service: ServiceProcess) -> None:
    with closing(connect(service)) as connection:
        for _ in range(50):  # a second piece may be quick enough now and then, but not each time
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(65536).endswith(b"\r\n\r\nok")


def test_a_client_that_resets_its_connection_is_no_fault(service: ServiceProcess) -> None:
    before = len(service.log)
    for _ in range(200):  # it is chance whether the service has written, is about to, or has yet to read
        with closing(connect(service)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(3 * b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert exchange(service, b"GET /readyz HTTP/1.0\r\n\r\n").endswith(b"ready")
    assert not re.search("Traceback|[a-z]Error", service.log[before:])  # a task may end as Error meanwhile


def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_fault(service: ServiceProcess, api: Api) -> None:
    before = len(service.log)
    with closing(connect(service)) as connection:
        connection.sendall(
            post(b"Authorization: Bearer " + api.token.encode(), b"Content-Length: 99", body=b'{"image": "')
        )
        connection.sendall(b"Moby")
    wait_until(lambda: "status=400" in service.log[before:], "the end of the request")
    assert "failed" not in service.log[before:]
    assert "Exception" not in service.log[before:]
    assert api.finished(api.submit(draw(["still here"])))["taskStatus"] == "Completed"


@pytest.mark.parametrize("version", [b"HTTP/1.1", b"HTTP/1.0"])
def test_an_offer_to_speak_http_2_is_ignored_and_the_request_answered(
    service: ServiceProcess, api: Api, version: bytes
) -> None:
    """RFC 9110, section 7.8. Java's own HttpClient offers it with its first request, whatever that is."""
    body = json.dumps({"image": b64(b"text")}).encode()
    request = post(
        b"Authorization: Bearer " + api.token.encode(),
        b"Content-Length: %d" % len(body),
        b"Connection: Upgrade, HTTP2-Settings",
        b"Upgrade: h2c",
        b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
        body=body,
    )
    with closing(connect(service)) as connection:
        connection.sendall(request.replace(b"HTTP/1.1", version, 1))
        answer = answered(connection)
    assert statuses(answer) == [400], answer
    assert b"image: text is not supported" in answer


def test_an_offer_to_speak_by_websocket_is_ignored(service: ServiceProcess) -> None:
    offer = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAA\r\n"
    with closing(connect(service)) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n" + offer + b"\r\n")
        assert answered(connection).endswith(b"ok")


@pytest.mark.parametrize(("target", "status"), [(b"/healthz", 405), (b"127.0.0.1:22", 404)])
def test_a_tunnel_is_refused_in_one_line(service: ServiceProcess, target: bytes, status: int) -> None:
    before = len(service.log)
    with closing(connect(service)) as connection:
        connection.sendall(b"CONNECT " + target + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        assert statuses(answered(connection)) == [status]
    told = service.log[before:]  # by whatever else goes on, too
    assert told.count("CONNECT") <= 1
    assert "Traceback" not in told


@pytest.mark.parametrize(
    "spelled", ["%00", "a%00b", "%c0%80", "%c0%ae%c0%ae/", "%ff", "%ed%a0%80", "..%2f..%2fetc", "%0d%0aX:%20y"]
)
def test_odd_ids_are_unknown_ids(service: ServiceProcess, api: Api, spelled: str) -> None:
    for path in (REGIONS, STATUS):
        answer = api.http.get(f"{service.url}{path}?id={spelled}")
        assert (answer.status_code, answer.json()["responseStatusCode"]) == (200, "TaskNotFound")
    assert api.http.delete(f"{service.url}{REGIONS}?id={spelled}").status_code == 200
    assert api.http.get(f"{service.url}/api/tasks/{spelled.replace('%2f', '')}").status_code == 404


@pytest.mark.parametrize(
    "path", ["/%00", "/healthz%00", "/%c0%af", "/..%2f..%2fetc/passwd", "/%2e%2e/etc/passwd", "/page/..%5c..", "/%ff"]
)
def test_odd_paths_lead_nowhere(service: ServiceProcess, path: str) -> None:
    answer = exchange(service, f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert statuses(answer) == [404], answer
    assert answer.partition(b"\r\n\r\n")[2].isascii()


# Large heads


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 2 * HEAD_BYTES + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n" + b"".join(b"X%d: a\r\n" % number for number in range(9000)) + b"\r\n",
        b"GET /healthz?" + b"a" * 2 * HEAD_BYTES + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["one header", "many headers", "a long query"],
)
def test_a_large_head_is_refused(service: ServiceProcess, head: bytes) -> None:
    assert statuses(exchange(service, head)) in ([431], [414])


def test_a_head_within_the_limit_is_taken(service: ServiceProcess) -> None:
    head = b"GET /healthz HTTP/1.1\r\nConnection: close\r\nX: " + b"a" * (HEAD_BYTES - 200) + b"\r\n\r\n"
    assert statuses(exchange(service, head)) == [200]


@pytest.mark.parametrize("start", [b"GET /healthz HTTP/1.1\r\nX: ", b"GET /", b"GET /healthz HTTP/1.1\r\n"])
def test_an_endless_head_is_never_held(service: ServiceProcess, start: bytes) -> None:
    piece = b"X: a\r\n" * 10_000 if start.endswith(b"\n") else b"a" * 60_000
    with closing(connect(service)) as connection:
        connection.sendall(start)
        sent = 0
        with contextlib.suppress(OSError):  # closed, and reset by what came after
            while sent < 200 * MIB:
                connection.sendall(piece)
                sent += len(piece)
    assert sent < 20 * MIB  # what the sockets' own buffers hold
