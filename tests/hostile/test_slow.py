"""Clients that are slow, endless or many on purpose: each is cut off, and the others go on being served.

What takes the service ten seconds to be sure of is tried side by side.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing

import httpx
import psutil
import pytest

from harness import DEADLINE, REGIONS, STATUS, ServiceProcess, b64, draw, wait_until
from raw import answered, connect, exchange, post, statuses, until_closed
from whaleline.wire.uploads import ADDRESS_BODIES, CLIENT_BODIES

MIB = 1024 * 1024
TOKEN = "/connect/token"
CHUNKED = b"Transfer-Encoding: chunked"
IMAGE = json.dumps({"image": b64(b"text")}).encode()
MANY = 400


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service with few places for connections, that takes the word of a proxy at 127.0.0.9."""
    process = ServiceProcess(
        tmp_path_factory.mktemp("slow") / "data",
        workers=1,
        max_connections=2 * MANY,
        max_body_bytes=MIB,
        max_held_bytes=MIB,
        max_image_bytes=MIB // 2,
        max_json_values=100,
        trusted_proxies="127.0.0.9",
    ).start()
    yield process
    assert process.stop() == 0, process.log
    assert "Traceback" not in process.log


def trickle(connection: socket.socket, piece: bytes = b"a", pause: float = 0.5) -> bytes:
    """Send a little now and then until the service has had enough; what it said."""
    end, got = time.monotonic() + DEADLINE, b""
    connection.settimeout(pause)
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


def healthy(service: ServiceProcess, times: int = 20) -> float:
    """Seconds that /healthz takes, the median of some times in half a second, each on a connection of its own."""
    taken = []
    for _ in range(times):
        time.sleep(0.03)
        start = time.perf_counter()
        assert httpx.get(f"{service.url}/healthz", timeout=DEADLINE).text == "ok"
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def much(quiet: float) -> float:
    """Seconds that /healthz never takes where it goes on as usual; a parser of Python's would take 3 to 11."""
    return max(1.0, 50 * quiet)


@pytest.fixture(scope="module")
def cut_off(target: ServiceProcess) -> Iterator[Callable[[str], bytes]]:
    """What the service said to each slow client until it closed the connection."""
    bearer = b"Authorization: Bearer " + target.token().encode()

    def slow(sent: bytes, piece: bytes) -> bytes:
        with closing(connect(target)) as connection:
            connection.sendall(sent)
            return trickle(connection, piece) if piece else until_closed(connection)

    clients = {
        "a slow head": (b"GET /healthz HTTP/1.1\r\nX: ", b"a"),
        "a slow request line": (b"GET /", b"a"),
        "a slow second head": (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /", b"a"),
        "silence": (b"", b""),
        "idle": (b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", b""),
        "a slow body": (post(bearer, b"Content-Length: 100000", body=b"{"), b" "),
        "a slow form": (post(b"Content-Length: 10000", path=TOKEN, body=b"a"), b"a"),
        "slow chunks": (post(CHUNKED, path=TOKEN), b"1\r\na\r\n"),
        "slow trailers": (post(CHUNKED, path=TOKEN, body=b"1\r\na\r\n0\r\nX: "), b"a"),
        "a body that stops": (post(bearer, b"Content-Length: 1000000", body=b" " * 700_000), b""),
        "a body that nobody reads": (post(b"Content-Length: 1000000", body=b"{"), b" "),
    }
    with ThreadPoolExecutor(len(clients)) as threads:
        found: dict[str, Future[bytes]] = {name: threads.submit(slow, *each) for name, each in clients.items()}
        yield lambda name: found[name].result(DEADLINE)


@pytest.mark.parametrize(
    ("client", "answers"),
    [
        ("a slow head", []),
        ("a slow request line", []),
        ("a slow second head", [200]),
        ("silence", []),
        ("idle", [200]),
        ("a slow body", [408]),
        ("a slow form", [408]),
        ("slow chunks", [408]),
        ("slow trailers", [408]),
        ("a body that stops", [408]),
        ("a body that nobody reads", [401]),
    ],
)
def test_a_slow_client_is_cut_off(cut_off: Callable[[str], bytes], client: str, answers: list[int]) -> None:
    answer = cut_off(client)
    assert statuses(answer) == answers, answer
    if answers == [408]:
        assert b"less than 65536 bytes a second within 10 seconds. " in answer


@pytest.mark.parametrize(
    "start",
    [
        pytest.param(b"GET /healthz HTTP/1.1\r\nX: ", id="a header"),
        pytest.param(b"GET /", id="a request line"),
        pytest.param(b"GET /healthz HTTP/1.1\r\n", id="headers"),
        pytest.param(post(CHUNKED, path=TOKEN, body=b"1\r\na\r\n0\r\nX: "), id="a trailer"),
        pytest.param(post(CHUNKED, path=TOKEN, body=b"1\r\na\r\n0\r\n"), id="trailers"),
        pytest.param(post(CHUNKED, path=TOKEN, body=b"1;"), id="a chunk's extension"),
        pytest.param(post(CHUNKED, path=TOKEN), id="chunks"),
    ],
)
def test_what_has_no_end_is_never_held_and_keeps_nobody_from_an_answer(target: ServiceProcess, start: bytes) -> None:
    lines = {b"\r\n": b"X: a\r\n" * 10_000}.get(start[-2:], b"a" * 60_000)
    piece = b"1\r\na\r\n" * 10_000 if start.endswith(b"\r\n\r\n") else lines
    over, sizes = threading.Event(), []

    def send_for_ever() -> None:
        while not over.is_set():
            with closing(connect(target)) as connection, contextlib.suppress(OSError):
                connection.sendall(start)
                sent = 0
                while sent < 100 * MIB:
                    connection.sendall(piece)
                    sent += len(piece)
                sizes.append(sent)

    process = psutil.Process(target.process.pid)
    quiet, before = healthy(target), process.memory_info().rss
    with ThreadPoolExecutor(2) as threads:
        senders = [threads.submit(send_for_ever) for _ in range(2)]
        try:
            meanwhile = healthy(target)
        finally:
            over.set()
        for sender in senders:
            sender.result(DEADLINE)
    assert not sizes
    assert meanwhile < much(quiet)
    assert process.memory_info().rss - before < 50 * MIB


def test_bodies_that_many_connections_trickle_keep_nobody_out(target: ServiceProcess) -> None:
    """All of one client and one address: as many as may be are in progress, and the others wait unread."""
    bearer = b"Authorization: Bearer " + target.token().encode()
    other = target.connect(*target.add_client("other"))
    quiet = healthy(target)
    over = threading.Event()

    def trickle_all() -> None:
        while not over.wait(0.2):
            for connection in connections:
                with contextlib.suppress(OSError):
                    connection.send(b" ")

    with contextlib.ExitStack() as stack, ThreadPoolExecutor(1) as threads:
        connections = [stack.enter_context(closing(connect(target))) for _ in range(MANY)]
        for connection in connections:
            connection.sendall(post(bearer, b"Content-Length: 100000", body=b"{"))
        sender = threads.submit(trickle_all)
        try:
            for _ in range(3):
                assert healthy(target) < much(quiet)
                assert other.post(IMAGE).status_code == 400  # it was read
                httpx.get(f"{target.url}{STATUS}", params={"id": "x"}, timeout=DEADLINE).raise_for_status()
        finally:
            over.set()
            sender.result(DEADLINE)


def gauge(service: ServiceProcess, name: str) -> int:
    """A number that the service's metrics tell."""
    told = httpx.get(f"{service.url}/metrics", timeout=DEADLINE).text
    return int(float(next(line for line in told.splitlines() if line.startswith(f"{name} ")).split()[1]))


@contextlib.contextmanager
def in_progress(service: ServiceProcess, count: int, sent: bytes, source: str = "127.0.0.1") -> Iterator[None]:
    """Requests whose bodies have begun to arrive and do not go on."""
    wait_until(lambda: gauge(service, "whaleline_bodies") == 0, "the end of all other bodies")
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            connection = stack.enter_context(closing(connect(service, source)))
            connection.sendall(sent)
        wait_until(lambda: gauge(service, "whaleline_bodies") == count, "the bodies")
        yield


def has_answer(connection: socket.socket) -> bool:
    return bool(select.select([connection], [], [], 0)[0])


def test_the_fifth_body_of_a_client_waits_and_is_not_refused(target: ServiceProcess) -> None:
    """From whatever address; another client's does not wait."""
    bearer = b"Authorization: Bearer " + target.token().encode()
    other = target.connect(*target.add_client())
    with closing(connect(target, "127.0.0.2")) as fifth:
        with in_progress(target, CLIENT_BODIES, post(bearer, b"Content-Length: 99", body=b"{")):
            fifth.sendall(post(bearer, b"Content-Length: %d" % len(IMAGE), body=IMAGE))
            for _ in range(5):
                assert other.post(IMAGE).status_code == 400  # it was read
            assert not has_answer(fifth)
        assert b"image: text is not supported" in answered(fifth)


def test_bodies_behind_a_trusted_proxy_count_for_the_addresses_that_it_names(target: ServiceProcess) -> None:
    def form(address: bytes, body: bytes) -> bytes:
        return post(b"X-Forwarded-For: " + address, b"Content-Length: 99", path=TOKEN, body=body)

    proxy = "127.0.0.9"
    with closing(connect(target, proxy)) as same, closing(connect(target, proxy)) as another:
        with in_progress(target, ADDRESS_BODIES, form(b"192.0.2.1", b"a"), proxy):
            same.sendall(form(b"192.0.2.1", b"a" * 99))
            another.sendall(form(b"192.0.2.2", b"a" * 99))
            assert statuses(answered(another)) == [400]
            assert not has_answer(same)
        assert statuses(answered(same)) == [400]


def test_held_requests_count_against_no_address(target: ServiceProcess) -> None:
    api = target.connect()
    with target.frozen_workers(), contextlib.ExitStack() as stack:
        task_id = api.submit(draw(["held"]))
        hold = f"GET {REGIONS}?id={task_id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token}\r\n\r\n".encode()
        held = [stack.enter_context(closing(connect(target))) for _ in range(2 * ADDRESS_BODIES)]
        for connection in held:
            connection.sendall(hold)
        wait_until(lambda: gauge(target, "whaleline_holds") == len(held), "the holds")
        assert api.post(IMAGE).status_code == 400  # it was read
        api.cancel(task_id)
        for connection in held:
            assert b"TaskNotFound" in answered(connection)


def test_no_more_than_half_of_the_connections_are_held(start_service: Callable[..., ServiceProcess]) -> None:
    service = start_service(workers=1, max_connections=8)
    api = service.connect()
    with service.frozen_workers(), contextlib.ExitStack() as stack:
        task_id = api.submit(draw(["held"]))
        hold = f"GET {REGIONS}?id={task_id} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token}\r\n\r\n".encode()
        for _ in range(4):
            stack.enter_context(closing(connect(service))).sendall(hold)
        wait_until(lambda: gauge(service, "whaleline_holds") == 4, "the holds")
        assert api.get(task_id, wait=30)["taskStatus"] == "Pending"
        assert gauge(service, "whaleline_holds") == 4
        api.cancel(task_id)


def test_more_connections_than_the_limit_wait_to_be_accepted(start_service: Callable[..., ServiceProcess]) -> None:
    service = start_service(workers=1, max_connections=4)
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(closing(connect(service)))
        # Until one of the idle ones is closed.
        assert exchange(service, b"GET /healthz HTTP/1.0\r\n\r\n").endswith(b"ok")


def test_an_early_answer_is_not_lost_to_a_client_that_still_sends(target: ServiceProcess) -> None:
    """The service does not close the connection before the client has had time to read."""
    for _ in range(5):
        assert httpx.post(f"{target.url}{REGIONS}", content=bytes(8 * MIB), timeout=DEADLINE).status_code == 401
        assert target.connect().post(bytes(8 * MIB)).status_code == 413


def test_bodies_beyond_what_is_held_at_a_time_are_put_off(target: ServiceProcess) -> None:
    bearer = b"Authorization: Bearer " + target.token().encode()
    whole = post(bearer, b"Connection: close", b"Content-Length: %d" % MIB)
    sent = MIB * 3 // 5
    with closing(connect(target)) as first, closing(connect(target)) as second:
        for connection in (first, second):
            connection.sendall(whole + b" " * sent)
        (put_off, *more), _, _ = select.select([first, second], [], [], DEADLINE)
        assert not more
        answer = answered(put_off)
        assert statuses(answer) == [503]
        assert b"retry-after: 5" in answer
        # The other one had the room, and goes on.
        kept = second if put_off is first else first
        kept.sendall(b" " * (MIB - sent))
        assert b"not JSON" in until_closed(kept)
    # Nothing of either is still counted.
    assert target.connect().post(b" " * (MIB - 100) + b"{}").status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b'{"image": 0x' + b"F" * (20 * MIB) + b"}", id="a number without end"),
        pytest.param(b"{%s}" % b",".join(b'"key%d": 1' % each for each in range(99_000)), id="many keys"),
    ],
)
def test_what_takes_long_to_look_through_is_refused_at_once(service: ServiceProcess, body: bytes) -> None:
    """Such a number was read as JSON5, and each key compared with all others; seconds of all other threads' time."""
    api = service.connect()
    quiet = healthy(service)
    with ThreadPoolExecutor(1) as threads:
        posted = [threads.submit(api.post, body) for _ in range(5)]
        assert healthy(service) < much(quiet)
        for each in posted:
            assert each.result(DEADLINE).status_code == 400


def test_who_does_not_read_is_cut_off(target: ServiceProcess) -> None:
    """It asks for more than the sockets' buffers hold, and never takes it."""
    with closing(connect(target)) as connection:
        connection.settimeout(1)
        with contextlib.suppress(TimeoutError):
            while True:
                connection.sendall(b"GET /page/any/main.js HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
        reset = select.poll()
        reset.register(connection, select.POLLERR | select.POLLHUP)
        assert reset.poll(1000 * DEADLINE)


def test_an_image_past_its_limit_is_told_before_it_is_decoded(target: ServiceProcess) -> None:
    api = target.connect()
    for size, said in (
        (MIB // 2, "text is not supported"),
        (MIB // 2 + 1, "image: it is a file of 524289 bytes; at most 524288 are allowed"),
    ):
        answer = api.post({"image": b64(b"a" * size)})
        assert answer.status_code == 400
        assert said in answer.json()["errors"]["image"][0]


def test_more_values_than_the_limit_are_told_before_they_are_decoded(target: ServiceProcess) -> None:
    api = target.connect()

    def body(count: int) -> bytes:
        return b'{"image": "dGV4dA==", "settings": {"x": [' + b"[]," * count + b"0]}}"

    for count, field in ((48, "image"), (49, "body")):
        assert list(api.post(body(count)).json()["errors"]) == [field]
    assert "body: its JSON has 102 values; at most 100 are allowed" in api.post(body(49)).text
