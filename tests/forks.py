"""Commands of whaleline as real processes that need not import it: forks of one that has.

Run as a program, this is that process: it imports what the commands import, loads the engines as a worker does, starts
no thread, and then forks whenever it is asked to. A fork gets its own arguments, environment, directory and standard
streams, has nothing else open, and ends as the interpreter ends. Each process of tests has one such parent. To import
Whaleline takes a second of the processor, and the tests start hundreds of commands, with as many workers.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import runpy
import select
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from multiprocessing import util
from pathlib import Path

_MESSAGE = 200_000
"""Bytes of a request at most, most of which is the environment."""


class Command:
    """`whaleline` with these arguments, as a child of this process's parent of forks; like subprocess.Popen.

    Args:
        arguments: those behind `whaleline`.
        variables: its whole environment.
        streams: descriptors of its standard input, output and error.
    """

    def __init__(self, arguments: Sequence[str], variables: Mapping[str, str], streams: tuple[int, int, int]) -> None:
        self.args = ["whaleline", *arguments]
        self.returncode: int | None = None
        self._ended, told = os.pipe()
        try:
            self.pid = _parent().fork({"arguments": arguments, "variables": dict(variables)}, [*streams, told])
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


def is_possible() -> bool:
    """Whether what this thread starts may be a fork: one has the network of its parent, not of this thread."""
    own = f"/proc/self/task/{threading.get_native_id()}/ns/net"
    return Path(own).readlink() == Path(f"/proc/{_parent().pid}/ns/net").readlink()


class _Parent:
    """The process that forks. Safe to share between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * _MESSAGE)
        with other:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(other.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,  # else a terminal would decide how its forks write
                pass_fds=[other.fileno()],
            )
        atexit.register(self._end)

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def fork(self, request: dict[str, object], descriptors: list[int]) -> int:
        """Have a process made; its id."""
        message = json.dumps({**request, "directory": str(Path.cwd())}).encode()
        assert len(message) < _MESSAGE
        with self._lock:
            socket.send_fds(self._socket, [message], descriptors)
            told = self._socket.recv(20)
        assert told, "The parent of forks has ended, as where a module of Whaleline cannot be imported."
        return int(told)

    def _end(self) -> None:
        self._socket.close()
        self._process.wait()


_parent = functools.cache(_Parent)


def _preload() -> None:
    """Load what the commands load sooner or later: modules but for the program itself, and what reads English."""
    for module in pkgutil.walk_packages(importlib.import_module("whaleline").__path__, "whaleline."):
        if not module.name.endswith((".__main__", ".env")) and ".versions." not in module.name:
            importlib.import_module(module.name)
    for name in ("celery.bin.worker", "kombu.transport.pyamqp", "kombu.transport.redis", "psycopg"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    settings = importlib.import_module("whaleline.settings").Settings()
    importlib.import_module("whaleline.operations.warm_up").warm_up(settings)


def _serve(requests: socket.socket) -> list[str]:
    """Fork whenever that is asked for; returns in the fork, with the arguments of its command."""
    known = dict(os.environ)
    _preload()
    of_imports = {name: value for name, value in os.environ.items() if known.get(name) != value}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()
    with selectors.DefaultSelector() as selector:
        selector.register(requests, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is not requests:
                    pid, told = key.data
                    selector.unregister(key.fileobj)
                    os.close(key.fd)
                    with contextlib.suppress(BrokenPipeError):
                        os.write(told, str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())
                    os.close(told)
                    continue
                message, descriptors, *_ = socket.recv_fds(requests, _MESSAGE, 4)
                if not message:
                    sys.exit()
                *streams, told = descriptors
                if (pid := os.fork()) == 0:
                    for number, descriptor in enumerate(streams):
                        os.dup2(descriptor, number)
                    request = json.loads(message)
                    os.environ.clear()
                    os.environ.update(of_imports | request["variables"])
                    os.chdir(request["directory"])
                    time.tzset()
                    signal.signal(signal.SIGINT, signal.default_int_handler)
                    arguments: list[str] = request["arguments"]
                    return arguments
                for descriptor in streams:
                    os.close(descriptor)
                selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, told))
                requests.send(str(pid).encode())


def _close_all_but(kept: Sequence[int]) -> None:
    for descriptor in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if descriptor not in (0, 1, 2, *kept):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _forking(spawn: Callable[..., int]) -> Callable[..., int]:
    """What multiprocessing starts processes by, but that forks the workers of a service's start.

    Those that come later, from other threads, are started as ever: a process with threads is not to be forked.
    """

    def start(path: str, arguments: Sequence[str | bytes], kept: Sequence[int]) -> int:
        told = [os.fsdecode(argument) for argument in arguments]
        if "--multiprocessing-fork" not in told or threading.current_thread() is not threading.main_thread():
            return spawn(path, arguments, kept)
        if pid := os.fork():
            return pid
        code: object = 1
        try:
            _close_all_but(kept)
            at = told.index("-c") + 1
            sys.argv = ["-c", *told[at + 1 :]]
            exec(told[at], {"__name__": "__main__"})
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            traceback.print_exc()
        finally:
            with contextlib.suppress(OSError):
                sys.stderr.flush()
            os._exit(code if isinstance(code, int) else 1)

    return start


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as mine:
        sys.argv = ["whaleline", *_serve(mine)]
    _close_all_but(())
    util.spawnv_passfds = _forking(util.spawnv_passfds)
    runpy.run_module("whaleline", run_name="__main__", alter_sys=True)
