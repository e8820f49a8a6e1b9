"""Raw bytes on a socket: smuggling, broken heads, and clients that are slow on purpose."""

from __future__ import annotations

import contextlib
import json
import re
import select
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from harness import DEADLINE, REGIONS, STATUS, Api, ServiceProcess, b64, draw, wait_until
from whaleline.wire.requests import SECURITY

MIB = 1024 * 1024
SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


def connect(service: ServiceProcess) -> socket.socket:
    address = urlsplit(service.url)
    return socket.create_connection((address.hostname, address.port), DEADLINE)


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
    with closing(connect(service)) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may have refused before it had all
            connection.sendall(sent)
        return until_closed(connection)


def statuses(answer: bytes) -> list[int]:
    """The status of each response; their bodies are JSON or `ok` and hold no such line."""
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3}) ", answer)]


def problem(answer: bytes) -> str:
    """The sentence of an answer that is a single one with ProblemDetails."""
    head, _, body = answer.partition(b"\r\n\r\n")
    assert re.search(rb"^content-type: application/json\r?$", head, re.MULTILINE | re.IGNORECASE), answer
    details = json.loads(body)
    assert [details["status"]] == statuses(answer)
    return str(details["detail"])


def post(*headers: bytes, body: bytes = b"", path: str = REGIONS) -> bytes:
    return b"\r\n".join([f"POST {path} HTTP/1.1".encode(), b"Host: x", *headers, b"", b""]) + body


BROKEN = {
    "length and chunks": post(b"Content-Length: 4", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n" + SMUGGLED),
    "chunks and length": post(b"Transfer-Encoding: chunked", b"Content-Length: 4", body=b"0\r\n\r\n" + SMUGGLED),
    "two lengths": post(b"Content-Length: 0", b"Content-Length: 30", body=SMUGGLED),
    "the same length twice": post(b"Content-Length: 0", b"Content-Length: 0", body=SMUGGLED),
    "a list of lengths": post(b"Content-Length: 0, 30", body=SMUGGLED),
    "a signed length": post(b"Content-Length: +30", body=SMUGGLED),
    "a negative length": post(b"Content-Length: -1", body=SMUGGLED),
    "a hexadecimal length": post(b"Content-Length: 0x1e", body=SMUGGLED),
    "an endless length": post(b"Content-Length: " + b"9" * 40, body=SMUGGLED),
    "unknown coding last": post(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n" + SMUGGLED),
    "a coding of its own": post(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n" + SMUGGLED),
    "a blank before the colon": post(b"Content-Length : 30", body=SMUGGLED),
    "a folded header": post(b"X: a", b" Content-Length: 30", body=SMUGGLED),
    "a folded coding": post(b"Transfer-Encoding:", b" chunked", body=b"0\r\n\r\n" + SMUGGLED),
    "a header without a colon": post(b"Content-Length 30", body=SMUGGLED),
    "a header without a name": post(b": 30", body=SMUGGLED),
    "a bare line feed": b"POST / HTTP/1.1\nHost: x\nContent-Length: 0\n\n" + SMUGGLED,
    "a bare line feed in a header": post(b"X: a\nContent-Length: 30", body=SMUGGLED),
    "a bare carriage return": post(b"X: a\rContent-Length: 30", body=SMUGGLED),
    "NUL in a header": post(b"X: a\0b", body=SMUGGLED),
    "NUL in the path": b"GET /health\0z HTTP/1.1\r\nHost: x\r\n\r\n",
    "a blank in the path": b"GET /health z HTTP/1.1\r\nHost: x\r\n\r\n",
    "bytes in the path": b"GET /\xc3\xa9\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    "no path": b"GET  HTTP/1.1\r\nHost: x\r\n\r\n",
    "a host alone": b"GET http://x HTTP/1.1\r\nHost: x\r\n\r\n",
    "an asterisk": b"GET * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "a tunnel": b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: x\r\n\r\n",
    "an unknown method": b"STEAL /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "a long method": b"A" * 5000 + b" /healthz HTTP/1.1\r\nHost: x\r\n\r\n",
    "HTTP/3.7": b"GET /healthz HTTP/3.7\r\nHost: x\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64),
    "SSH": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "an answer": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "nonsense": bytes(range(128, 256)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_request_is_refused_once_and_the_connection_closed(service: ServiceProcess, name: str) -> None:
    """One answer: whatever stands behind the request is never taken for another one."""
    answer = exchange(service, BROKEN[name])
    assert statuses(answer) in ([400], [404], [405]), answer
    assert problem(answer)
    head = answer.partition(b"\r\n\r\n")[0].decode().lower()
    assert re.search(r"^x-request-id: \S+\r?$", head, re.MULTILINE), head
    for header, value in SECURITY.items():
        assert f"\r\n{header}: {value}".lower() in head


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
        b"GET /healthz HTTP/1.0\r\n\r\n",
        b"GET /healthz\r\n\r\n",
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


def test_a_client_that_has_ended_its_own_half_is_answered(service: ServiceProcess) -> None:
    for _ in range(50):  # as `nc -N` does; the end comes with the request, or after it
        with closing(connect(service)) as connection:
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
            assert until_closed(connection).endswith(b"\r\n\r\nok")


def test_a_client_that_resets_its_connection_is_no_fault(service: ServiceProcess) -> None:
    before = len(service.log)
    for _ in range(200):  # it is chance whether the service has written, is about to, or has yet to read
        with closing(connect(service)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.sendall(3 * b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    assert exchange(service, b"GET /readyz HTTP/1.0\r\n\r\n").endswith(b"ready")
    assert "Error" not in service.log[before:]


def test_a_client_that_leaves_in_the_middle_of_its_body_is_no_fault(service: ServiceProcess, api: Api) -> None:
    before = len(service.log)
    with closing(connect(service)) as connection:
        connection.sendall(
            post(b"Authorization: Bearer " + api.token.encode(), b"Content-Length: 99", body=b'{"image": "')
        )
        connection.sendall(b"Moby")
    wait_until(lambda: "status=0" in service.log[before:], "the end of the request")
    assert "failed" not in service.log[before:]
    assert "Exception" not in service.log[before:]
    assert api.finished(api.submit(draw(["still here"])))["taskStatus"] == "Completed"


def test_an_offer_to_speak_http_2_is_declined_and_the_body_read(service: ServiceProcess, api: Api) -> None:
    """Java's own HttpClient offers it with its first request, whatever that is."""
    body = json.dumps({"image": b64(b"text")}).encode()
    request = post(
        b"Authorization: Bearer " + api.token.encode(),
        b"Content-Type: application/json",
        b"Content-Length: %d" % len(body),
        b"Connection: Upgrade, HTTP2-Settings",
        b"Upgrade: h2c",
        b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
        body=body,
    )
    with closing(connect(service)) as connection:
        connection.sendall(request)
        answer = answered(connection)
    assert statuses(answer) == [400], answer
    assert b"image: text is not read" in answer


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
    assert problem(answer).isascii()


# Large heads


@pytest.mark.parametrize(
    "head",
    [
        b"GET /healthz HTTP/1.1\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n" + b"".join(b"X%d: a\r\n" % number for number in range(9000)) + b"\r\n",
        b"GET /healthz?" + b"a" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=["one header", "many headers", "a long query"],
)
def test_a_large_head_is_refused(service: ServiceProcess, head: bytes) -> None:
    answer = exchange(service, head)
    assert statuses(answer) == [431], answer
    assert "larger than the limit of 65536 bytes" in problem(answer)


def test_a_head_within_the_limit_is_taken(service: ServiceProcess) -> None:
    head = b"GET /healthz HTTP/1.1\r\nConnection: close\r\nX: " + b"a" * 60_000 + b"\r\n\r\n"
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


# Slowness on purpose


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service with little patience and few places."""
    process = ServiceProcess(
        tmp_path_factory.mktemp("hasty") / "data",
        workers=1,
        header_seconds=1,
        body_seconds=1,
        keep_alive_seconds=1,
        max_connections=8,
        max_body_bytes=MIB,
        max_held_bytes=MIB,
        max_image_bytes=MIB // 2,
        max_json_values=100,
    ).start()
    yield process
    assert process.stop() == 0, process.log


def trickle(connection: socket.socket, piece: bytes) -> bytes:
    """Send a byte now and then until the service has had enough; what it said."""
    end = time.monotonic() + DEADLINE
    connection.settimeout(0.1)
    got = b""
    while time.monotonic() < end:
        try:
            connection.send(piece)
            chunk = connection.recv(65536)
        except TimeoutError:
            continue
        except OSError:  # it has closed; what it said before that is still to be read
            return got + until_closed(connection)
        if not chunk:
            return got
        got += chunk
    raise AssertionError("the service kept the connection")


def test_a_slow_head_is_cut_off(hasty: ServiceProcess) -> None:
    with closing(connect(hasty)) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nX: ")
        answer = trickle(connection, b"a")
    assert statuses(answer) == [408]
    assert "took longer than 1 seconds" in problem(answer)


def test_silence_is_cut_off(hasty: ServiceProcess) -> None:
    with closing(connect(hasty)) as connection:
        assert until_closed(connection) == b""


def test_a_connection_that_nobody_uses_any_more_is_closed(hasty: ServiceProcess) -> None:
    with closing(connect(hasty)) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert until_closed(connection).endswith(b"\r\n\r\nok")


def test_a_slow_second_request_is_cut_off(hasty: ServiceProcess) -> None:
    with closing(connect(hasty)) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /")
        assert statuses(trickle(connection, b"a")) == [200, 408]


def test_a_slow_body_is_cut_off(hasty: ServiceProcess) -> None:
    token = b"Authorization: Bearer " + hasty.token().encode()
    with closing(connect(hasty)) as connection:
        connection.sendall(post(token, b"Content-Type: application/json", b"Content-Length: 1000", body=b"{"))
        answer = trickle(connection, b" ")
    assert statuses(answer) == [408]
    assert re.search(r"longer than 1 seconds; \d+ bytes of it have arrived", problem(answer))


def test_a_body_that_nobody_reads_is_cut_off(hasty: ServiceProcess) -> None:
    """The answer (no token) is out at once; the rest of the body must not hold the connection."""
    with closing(connect(hasty)) as connection:
        connection.sendall(post(b"Content-Length: 1000000", body=b"{"))
        assert statuses(trickle(connection, b" ")) == [401]


def test_a_large_body_gets_more_time_than_a_small_one(hasty: ServiceProcess) -> None:
    """Steady and honest: twice as long as `body_seconds`, yet faster than 64 KiB a second."""
    token = b"Authorization: Bearer " + hasty.token().encode()
    body = b" " * (MIB - 100) + json.dumps({"image": b64(b"text")}).encode()
    with closing(connect(hasty)) as connection:
        connection.sendall(post(token, b"Content-Type: application/json", b"Content-Length: %d" % len(body)))
        step = 256 * 1024
        for at in range(0, len(body), step):
            connection.sendall(body[at : at + step])
            time.sleep(0.5)  # the pace is what is tested
        assert b"image: text is not read" in answered(connection)


def test_more_connections_than_the_limit_are_answered_with_503(hasty: ServiceProcess) -> None:
    idle = [connect(hasty) for _ in range(8)]
    try:
        with closing(connect(hasty)) as one_more:
            answer = until_closed(one_more)
        assert statuses(answer) == [503]
        assert "too many connections" in problem(answer)
        assert b"retry-after: 5" in answer
    finally:
        for connection in idle:
            connection.close()
    # Which then are free again.
    wait_until(lambda: statuses(exchange(hasty, b"GET /healthz HTTP/1.0\r\n\r\n")) == [200], "a free connection")


def test_bodies_beyond_what_is_held_at_a_time_are_put_off(hasty: ServiceProcess) -> None:
    token = b"Authorization: Bearer " + hasty.token().encode()
    json_type = b"Content-Type: application/json"
    whole = post(token, json_type, b"Connection: close", b"Content-Length: %d" % MIB)
    sent = MIB * 3 // 5
    with closing(connect(hasty)) as first, closing(connect(hasty)) as second:
        for connection in (first, second):
            connection.sendall(whole + b" " * sent)
        (put_off, *more), _, _ = select.select([first, second], [], [], DEADLINE)
        assert not more
        answer = until_closed(put_off)
        assert statuses(answer) == [503]
        assert b"retry-after: 5" in answer
        # The other one had the room, and goes on.
        kept = second if put_off is first else first
        kept.sendall(b" " * (MIB - sent))
        assert "not JSON" in problem(until_closed(kept))
    # Nothing of either is still counted.
    api = hasty.connect()
    assert api.post(b" " * (MIB - 100) + b"{}").status_code == 400


def test_an_image_past_its_limit_is_told_before_it_is_decoded(hasty: ServiceProcess) -> None:
    api = hasty.connect()
    for size, said in (
        (MIB // 2, "text is not read"),
        (MIB // 2 + 1, "image: it is a file of 524289 bytes; at most 524288 are read"),
    ):
        answer = api.post({"image": b64(b"a" * size)})
        assert answer.status_code == 400
        assert said in answer.json()["errors"]["image"][0]


def test_more_values_than_the_limit_are_told_before_they_are_decoded(hasty: ServiceProcess) -> None:
    api = hasty.connect()

    def body(count: int) -> bytes:
        return b'{"image": "dGV4dA==", "settings": {"x": [' + b"[]," * count + b"0]}}"

    for count, field in ((48, "image"), (49, "body")):
        assert list(api.post(body(count)).json()["errors"]) == [field]
    assert "body: its JSON has 102 values; at most 100 are read" in api.post(body(49)).text


def test_nothing_of_this_was_a_fault(service: ServiceProcess, hasty: ServiceProcess) -> None:
    for each in (service, hasty):
        assert "Traceback" not in each.log
        assert exchange(each, b"GET /readyz HTTP/1.0\r\n\r\n").endswith(b"ready")
        assert Path(f"/proc/{each.process.pid}").exists()
