"""Commands of whaleline as real processes that need not import it: forks of one that has, which is forking.py.

A fork gets its own arguments, environment, directory and standard streams, has nothing else open, and ends as the
interpreter ends, but for its memory. Each process of tests has one such parent. To import Whaleline and to load its
engines takes a second of the processor, and the tests start hundreds of commands, with as many workers.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

NURSERY = "nursery"
"""The name of a service's process that forks the workers which come after its start."""

MESSAGE = 200_000
"""Bytes of a request at most, most of which is the environment."""

_PROGRAM = Path(__file__).with_name("forking.py")


class Command:
    """`whaleline` with these arguments, as a child of this process's parent of forks; like subprocess.Popen.

    Args:
        arguments: those behind `whaleline`.
        variables: its whole environment.
        streams: descriptors of its standard input, output and error.
        directory: the one that it works in; this process's own if None.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        variables: Mapping[str, str],
        streams: Sequence[int],
        directory: str | None = None,
    ) -> None:
        self.args = ["whaleline", *arguments]
        self.returncode: int | None = None
        self._ended, told = os.pipe()
        try:
            with Path(f"/proc/self/task/{threading.get_native_id()}/ns/net").open("rb") as network:
                given = [*streams, network.fileno(), told]
                request: dict[str, object] = {"arguments": arguments, "variables": dict(variables)}
                request["directory"] = directory or str(Path.cwd())
                self.pid = _parent().fork(request, given)
        finally:
            os.close(told)

    def poll(self) -> int | None:
        """Its exit code, minus the number of a signal that ended it; None while it runs."""
        return self.wait(0) if self.returncode is not None or select.select([self._ended], [], [], 0)[0] else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its exit code."""
        if self.returncode is None:
            if not select.select([self._ended], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            self.returncode = int(os.read(self._ended, 20))
            os.close(self._ended)
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it has not ended."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it with SIGKILL."""
        self.send_signal(signal.SIGKILL)


_PROXY = """\
#!{python} -ISE
import json, os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as to:
    to.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, {size})
    to.connect({address!r})
    socket.send_fds(to, [json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()], [0, 1, 2])
    code = int(to.recv(20))
sys.exit(code if code >= 0 else 128 - code)
"""


@contextlib.contextmanager
def program(path: Path) -> Iterator[None]:
    """Have a program at this path, for a shell's scripts, that runs `whaleline` as a `Command` and ends as it ends."""
    address = f"\0{uuid.uuid4()}"  # of no file, whose path might be too long
    path.write_text(_PROXY.format(python=sys.executable, size=2 * MESSAGE, address=address))
    path.chmod(0o755)
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener, ThreadPoolExecutor() as threads:
        listener.bind(address)
        listener.listen()

        def serve() -> None:
            with contextlib.suppress(OSError):  # it was shut down
                while True:
                    threads.submit(run, listener.accept()[0])

        def run(connection: socket.socket) -> None:
            with connection:
                message, streams, *_ = socket.recv_fds(connection, MESSAGE, 3)
                arguments, variables, directory = json.loads(message)
                command = Command(arguments, variables, streams, directory)
                for descriptor in streams:
                    os.close(descriptor)
                connection.send(str(command.wait()).encode())

        threads.submit(serve)
        try:
            yield
        finally:
            listener.shutdown(socket.SHUT_RDWR)


class _Parent:
    """The process that forks. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * MESSAGE)
        with other:
            self._process = subprocess.Popen(
                [sys.executable, _PROGRAM, str(other.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # else a terminal would decide how its forks write
                pass_fds=[other.fileno()],
            )
        atexit.register(self._end)

    def fork(self, request: dict[str, object], descriptors: list[int]) -> int:
        """Have a process made; its id."""
        message = json.dumps(request).encode()
        assert len(message) < MESSAGE
        with self._lock:
            socket.send_fds(self._socket, [message], descriptors)
            told = self._socket.recv(20)
        assert told, "The parent of forks has ended, as where a module of Whaleline cannot be imported."
        return int(told)

    def _end(self) -> None:
        self._socket.close()
        self._process.wait()


_parent = functools.cache(_Parent)
