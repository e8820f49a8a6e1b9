"""Several hosts on one machine: network namespaces of Linux, joined by a bridge that has a namespace of its own.

The processes of a host see its network alone. Nothing of the machine's own network is touched or reached.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import obstore
import pytest
from obstore.store import MemoryStore

_CLONE_NEWNET = 0x40000000  # sched.h


@dataclass(frozen=True)
class Host:
    """A host on the private network.

    Attributes:
        namespace: its name as `ip netns` knows it.
        address: its IP address.
    """

    namespace: str
    address: str
    _network: str = field(repr=False)
    _port: str = field(repr=False)

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Have this thread in the host: sockets that it opens and processes that it starts belong there."""
        # The threads of obstore go on when the test is over, so they are started where the other tests are.
        obstore.put(MemoryStore(), "started", b"")
        with Path(f"/proc/self/task/{threading.get_native_id()}/ns/net").open("rb") as former:
            with Path(f"/run/netns/{self.namespace}").open("rb") as own:
                _enter(own.fileno())
            try:
                yield
            finally:
                _enter(former.fileno())

    def cut_off(self) -> None:
        """Pull its cable at the switch: what it sends is lost, and nobody tells it."""
        _ip("-n", self._network, "link", "set", self._port, "down")

    def join(self) -> None:
        """Put its cable in again."""
        _ip("-n", self._network, "link", "set", self._port, "up")


@contextlib.contextmanager
def hosts(*names: str) -> Iterator[list[Host]]:
    """Make hosts that reach each other; the test is skipped where that is not permitted.

    Args:
        names: what to call them, of at most ten characters; they get the addresses 10.77.0.1, 10.77.0.2, ...
    """
    prefix = f"whaleline-{os.getpid()}"
    network = f"{prefix}-network"
    with contextlib.ExitStack() as stack:
        _make_namespace(stack, network)
        _ip("-n", network, "link", "add", "switch", "type", "bridge")
        _ip("-n", network, "link", "set", "switch", "up")
        made = []
        for number, name in enumerate(names, start=1):
            host = Host(f"{prefix}-{name}", f"10.77.0.{number}", network, f"to-{name}")
            _make_namespace(stack, host.namespace)
            inside = ("-n", host.namespace)
            _ip(*inside, "link", "add", "eth0", "type", "veth", "peer", "name", f"to-{name}", "netns", network)
            _ip(*inside, "address", "add", f"{host.address}/24", "dev", "eth0")
            for interface in ("lo", "eth0"):
                _ip(*inside, "link", "set", interface, "up")
            _ip("-n", network, "link", "set", f"to-{name}", "master", "switch", "up")
            made.append(host)
        yield made


def _make_namespace(stack: contextlib.ExitStack, name: str) -> None:
    try:
        _ip("netns", "add", name)
    except FileNotFoundError:
        pytest.skip("NOT TESTED: several hosts, since ip is not here; apt-get install iproute2")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"NOT TESTED: several hosts, since none can be made here: {error.stderr.strip()}")
    stack.callback(_ip, "netns", "delete", name)


def _ip(*arguments: str) -> None:
    command: Sequence[str] = ["ip", *arguments]
    subprocess.run(command, check=True, capture_output=True, text=True)


def _enter(descriptor: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(descriptor, _CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
