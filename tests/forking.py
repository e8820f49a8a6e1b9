"""The process that forks commands of whaleline for the tests; forks.py asks it to.

It imports what the commands import, loads the engines as a worker does, starts no thread, and then forks whenever it is
asked to.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import fcntl
import gc
import importlib
import json
import os
import pkgutil
import runpy
import selectors
import signal
import socket
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from multiprocessing import util
from pathlib import Path
from typing import Any, NoReturn

from forks import MESSAGE, NURSERY

_MOST_DESCRIPTORS = 16
_OUT_OF_THE_WAY = 500
"""Descriptors from here on are nobody's when a process is forked."""

_PR_SET_NAME, _PR_SET_CHILD_SUBREAPER = 15, 36  # linux/prctl.h
_CLONE_NEWNET = 0x40000000  # sched.h


def _preload() -> None:
    """Load what the commands load sooner or later: modules but for the program itself, and what reads English."""
    for module in pkgutil.walk_packages(importlib.import_module("whaleline").__path__, "whaleline."):
        if not module.name.endswith((".__main__", ".env")) and ".versions." not in module.name:
            importlib.import_module(module.name)
    for name in ("celery.bin.worker", "kombu.transport.pyamqp", "kombu.transport.redis", "psycopg"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        settings = importlib.import_module("whaleline.settings").Settings(data=Path(folder))
        importlib.import_module("whaleline.operations.warm_up").warm_up(settings)
        _make_app(settings)


def _make_app(settings: Any) -> None:
    """Have loaded, and remembered, what the making of the tables and of the routes needs."""
    store = importlib.import_module("whaleline.tasks.sql").Store(settings.database_url)
    store.migrate()
    blobs = importlib.import_module("whaleline.tasks.blobs").Blobs(settings.blobs_url)
    dispatcher = importlib.import_module("whaleline.tasks.dispatch.pool").LocalPool(settings)
    tasks = importlib.import_module("whaleline.tasks.lifecycle").Tasks(settings, store, blobs, dispatcher)
    keys = importlib.import_module("whaleline.wire.keys").KeyRing(None, settings.data)
    tokens = importlib.import_module("whaleline.wire.tokens").Tokens(keys, is_open=False)
    importlib.import_module("whaleline.wire.app").App(settings, store, tasks, tokens, link=None, connections=1)
    store.close()


def _serve(requests: socket.socket) -> list[str]:
    """Fork whenever that is asked for; returns in the fork, with the arguments of its command."""
    known = dict(os.environ)
    _preload()
    of_imports = {name: value for name, value in os.environ.items() if known.get(name) != value}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()
    own_network = os.open("/proc/self/ns/net", os.O_RDONLY)
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
                message, descriptors, *_ = socket.recv_fds(requests, MESSAGE, _MOST_DESCRIPTORS)
                if not message:
                    sys.exit()
                *streams, network, told = descriptors
                if (pid := os.fork()) == 0:
                    for number, descriptor in enumerate(streams):
                        os.dup2(descriptor, number)
                    if not os.path.sameopenfile(network, own_network):
                        ctypes.CDLL(None).setns(network, _CLONE_NEWNET)
                    request = json.loads(message)
                    os.environ.clear()
                    os.environ.update(of_imports | request["variables"])
                    os.chdir(request["directory"])
                    time.tzset()
                    signal.signal(signal.SIGINT, signal.default_int_handler)
                    arguments: list[str] = request["arguments"]
                    return arguments
                for descriptor in (*streams, network):
                    os.close(descriptor)
                selector.register(os.pidfd_open(pid), selectors.EVENT_READ, (pid, told))
                requests.send(str(pid).encode())


def _close_all_but(kept: Sequence[int]) -> None:
    for descriptor in [int(path.name) for path in Path("/proc/self/fd").iterdir()]:
        if descriptor not in (0, 1, 2, *kept):
            with contextlib.suppress(OSError):
                os.close(descriptor)


def _become(told: Sequence[str], kept: Sequence[int]) -> NoReturn:
    """Be the process that multiprocessing wants to start, in a fork."""
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


def _rename(name: str) -> None:
    ctypes.CDLL(None).prctl(_PR_SET_NAME, name.encode(), 0, 0, 0)


class _Nursery:
    """A process that forks further children of this one, which must have no thread yet. Safe to share between threads.

    A process with threads is not to be forked, and a service replaces its workers when it has many. The nursery is
    forked before, and ends with this process. What it forks loses its parent at once and becomes this process's child.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        if os.fork() == 0:
            self._socket.close()
            _rename(NURSERY)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            while True:
                self._serve(other)
        other.close()

    def fork(self, told: Sequence[str], kept: Sequence[int]) -> int:
        """Have a child of this process forked that has these descriptors; its id."""
        with self._lock:
            socket.send_fds(self._socket, [json.dumps([told, kept]).encode()], kept)
            return int(self._socket.recv(20))

    @staticmethod
    def _serve(requests: socket.socket) -> None:
        message, descriptors, *_ = socket.recv_fds(requests, MESSAGE, _MOST_DESCRIPTORS)
        if not message:
            os._exit(0)
        told, kept = json.loads(message)
        reads, writes = os.pipe()
        if (middle := os.fork()) == 0:
            if pid := os.fork():
                os.write(writes, str(pid).encode())
                os._exit(0)
            _rename("worker")
            signal.signal(signal.SIGINT, signal.default_int_handler)
            aside = [fcntl.fcntl(descriptor, fcntl.F_DUPFD, _OUT_OF_THE_WAY) for descriptor in descriptors]
            for descriptor, number in zip(aside, kept, strict=True):
                os.dup2(descriptor, number)
            _become(told, kept)
        os.waitpid(middle, 0)
        requests.send(os.read(reads, 20))
        for descriptor in (reads, writes, *descriptors):
            os.close(descriptor)


def _forking(spawn: Callable[..., int], nursery: _Nursery | None) -> Callable[..., int]:
    """What multiprocessing starts processes by, but that forks the workers of a service."""

    def start(path: str, arguments: Sequence[str | bytes], kept: Sequence[int]) -> int:
        told = [os.fsdecode(argument) for argument in arguments]
        if "--multiprocessing-fork" not in told:
            return spawn(path, arguments, kept)
        if threading.current_thread() is not threading.main_thread():
            return nursery.fork(told, kept) if nursery else spawn(path, arguments, kept)
        if pid := os.fork():
            return pid
        _become(told, kept)

    return start


def _run() -> NoReturn:
    """Be the program, and end as the interpreter ends, except that nothing is taken apart.

    All that the parent has loaded would be copied for that, which takes 0.1 s of the processor.
    """
    code: object = 1
    try:
        runpy.run_module("whaleline", run_name="__main__", alter_sys=True)
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        traceback.print_exc()
    threading._shutdown()  # type: ignore[attr-defined]  # waits for threads
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(code if isinstance(code, int) else 1)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as mine:
        sys.argv = ["whaleline", *_serve(mine)]
    _close_all_but(())
    nursery = _Nursery() if sys.argv[1:2] == ["serve"] and "WHALELINE_BROKER" not in os.environ else None
    util.spawnv_passfds = _forking(util.spawnv_passfds, nursery)
    _run()
