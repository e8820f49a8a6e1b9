"""Real servers for the tests: PostgreSQL, Redis, RabbitMQ and an S3 server, as private processes on free ports.

Each keeps its data in a directory of its own, which outlives `kill()`: after `start()` what it had made durable is
there again. A server may run in a network namespace: it is started from a thread that is in it.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from kombu.connection import Connection

from harness import DEADLINE, wait_until
from whaleline.tasks.blobs import BlobKind

LOOPBACK = "127.0.0.1"


@functools.cache
def _ports() -> list[int]:
    ports = _shared_out(range(10_000, 32_000))
    random.SystemRandom().shuffle(ports)
    return ports


def free_port(address: str = LOOPBACK) -> int:
    """A TCP port that nobody listens on.

    It is below those that Linux gives to whoever names none, and each process of tests has ports of its own and gives
    none twice: so nobody gets it by chance before it is used, or while its server is down.
    """
    while True:
        port = _ports().pop()
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((address, port))
            return port


def program(names: Sequence[str], package: str, variable: str = "") -> str:
    """The path of a program that goes by several names; the test is skipped where the package is not there."""
    for name in names:
        if found := shutil.which(name):
            return found
    instead = f", or name a server in {variable}" if variable else ""
    pytest.skip(f"NOT TESTED: {names[0]} is not here; apt-get install {package}{instead}")


class Server(ABC):
    """A server as a process group of its own. Not safe to share between threads.

    Args:
        directory: where it keeps its data, configuration and log; made if it is not there.
        address: IP address to listen on.
    """

    user: str | None = None
    """Who it runs as; None for whoever runs the tests."""

    def __init__(self, directory: Path, address: str = LOOPBACK) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.directory = directory
        self.address = address
        self.port = free_port(address)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where it is, as Whaleline's settings name it."""

    @abstractmethod
    def _command(self) -> list[str]:
        """What runs it in the foreground."""

    @abstractmethod
    def _greets(self) -> bool:
        """Whether it serves."""

    def _environment(self) -> dict[str, str]:
        return {}

    @property
    def log(self) -> str:
        """What it wrote to its standard output and error."""
        path = self.directory / "log.txt"
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def pid(self) -> int:
        """Its process, which the others of its own descend from, while it runs."""
        assert self._process is not None, "the server was not started"
        return self._process.pid

    def start(self) -> None:
        """Start it and wait until it serves."""
        with (self.directory / "log.txt").open("ab") as log:
            self._process = process = subprocess.Popen(
                self._command(),
                env=os.environ | self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                user=self.user,
                start_new_session=True,
            )

        def serves() -> bool:
            assert process.poll() is None, f"{process.args!r} ended with {process.returncode}:\n{self.log}"
            return self._greets()

        wait_until(serves, f"a server at {self.address}:{self.port}", 2 * DEADLINE)

    def kill(self) -> None:
        """End it at once, as a crash does; whoever is connected is cut off, and whoever comes is refused."""
        self._signal(signal.SIGKILL)
        self._process = None

    def restart(self) -> None:
        """Kill it and start it on its data."""
        self.kill()
        self.start()

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Refuse connections for as long as the context lasts."""
        self.kill()
        try:
            yield
        finally:
            self.start()

    def _signal(self, number: int) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            self._process.wait(DEADLINE)

    def _talk(self, said: bytes, size: int = 4096) -> bytes:
        """What it answers to some bytes; nothing if it does not take connections."""
        with contextlib.suppress(OSError), socket.create_connection((self.address, self.port), 5) as connection:
            connection.sendall(said)
            return connection.recv(size)
        return b""


class PostgreSQL(Server):
    """A PostgreSQL server with a database for each who asks.

    Args:
        directory: see `Server`.
        address: see `Server`.
        given: URL of a server that runs already, of a user who may make databases; it cannot be started or killed.
    """

    def __init__(self, directory: Path, address: str = LOOPBACK, given: str = "") -> None:
        if os.getuid() == 0 and not given:
            # PostgreSQL refuses to run as root, and pytest keeps its directories, those above included, for root alone:
            # each run anew, also while another one goes on.
            self.user = "postgres"
            directory = Path(tempfile.mkdtemp(prefix="whaleline-postgresql-"))
            atexit.register(shutil.rmtree, directory, ignore_errors=True)
        super().__init__(directory, address)
        self._url = given or f"postgresql://whaleline@{address}:{self.port}/postgres"
        if given:
            return
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
        names = ["initdb", *(str(path / "initdb") for path in reversed(found))]
        self._programs = Path(program(names, "postgresql", "WHALELINE_TEST_POSTGRESQL")).parent
        if self.user is not None:
            os.chown(directory, pwd.getpwnam(self.user).pw_uid, -1)
        if not (directory / "data").exists():
            subprocess.run(
                [self._programs / "initdb", "-D", "data", "-U", "whaleline", "-A", "trust", "--no-sync"],
                check=True,
                capture_output=True,
                user=self.user,
                cwd=directory,
            )
            with (directory / "data" / "pg_hba.conf").open("a") as rules:
                rules.write("host all all samenet trust\n")  # for other hosts of a test's own network

    @property
    def url(self) -> str:
        """URL of the database `postgres`, for those who manage others."""
        return self._url

    def _command(self) -> list[str]:
        options = {
            "listen_addresses": self.address,
            "port": self.port,
            "unix_socket_directories": self.directory,
            "max_connections": 300,
            # What is lost with the machine alone is not what the tests are after; a killed server loses nothing by it.
            "fsync": "off",
        }
        sets = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return [str(self._programs / "postgres"), "-D", "data", *sets]

    def _greets(self) -> bool:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(self._url).close()
            return True
        return False

    def kill(self) -> None:
        """As `pg_ctl stop -m immediate` does it: at once, to be recovered from its log at the next start."""
        self._signal(signal.SIGQUIT)
        super().kill()

    def create_database(self, template: str = "template1") -> str:
        """URL of a new database, a copy of the template named, which nobody may be using."""
        name = f"whaleline_{uuid.uuid4().hex}"
        self._manage(f"CREATE DATABASE {name} TEMPLATE {template}")
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{name}"))

    def drop_database(self, url: str) -> None:
        """Remove a database that `create_database` made, whoever uses it."""
        self._manage(f"DROP DATABASE IF EXISTS {urlsplit(url).path[1:]} WITH (FORCE)")

    def _manage(self, statement: str) -> None:
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(statement.encode())


class Redis(Server):
    """A Redis server that keeps what it has on disk, with a numbered database for each who asks.

    Args:
        directory: see `Server`.
        address: see `Server`.
        given: URL of a server that runs already; it cannot be started or killed, and `create_broker` empties its
            databases from the last downwards.
    """

    def __init__(self, directory: Path, address: str = LOOPBACK, given: str = "") -> None:
        super().__init__(directory, address)
        self._given = urlsplit(given) if given else None
        if self._given:
            self.address, self.port = self._given.hostname or LOOPBACK, self._given.port or 6379
        else:
            self._program = program(["redis-server"], "redis-server", "WHALELINE_TEST_REDIS")
        self._free = _shared_out(range(1, 16)) if given else list(range(1, 1000))

    @property
    def url(self) -> str:
        """URL of its first database."""
        return f"redis://{self._given.netloc if self._given else f'{self.address}:{self.port}'}/0"

    def _command(self) -> list[str]:
        options = {
            "bind": self.address,
            "port": self.port,
            "dir": self.directory,
            "databases": 1000,
            "save": "",
            "appendonly": "yes",
            "protected-mode": "no",
        }
        return [self._program, *(part for name, value in options.items() for part in (f"--{name}", str(value)))]

    def _greets(self) -> bool:
        return self._talk(b"PING\r\n") == b"+PONG\r\n"

    def create_broker(self) -> str:
        """URL of a database that nobody else uses, empty; those of a given server are used again after fifteen."""
        number = self._free.pop()
        if self._given:
            self._free.insert(0, number)
        self.order(f"SELECT {number}", "FLUSHDB")
        return self.url.removesuffix("/0") + f"/{number}"

    def empty(self, broker: str) -> None:
        """Forget everything, in the database of this URL and in every other."""
        self.order("FLUSHALL")

    def order(self, *commands: str) -> None:
        """Have commands carried out, one after the other on one connection."""
        secret = [f"AUTH {self._given.password}"] if self._given and self._given.password else []
        with (
            socket.create_connection((self.address, self.port), DEADLINE) as connection,
            connection.makefile("rb") as told,
        ):
            for command in (*secret, *commands):
                connection.sendall(command.encode() + b"\r\n")
                answer = told.readline()
                assert answer.startswith((b"+", b":")), f"{command}: {answer!r}"


class RabbitMQ(Server):
    """A RabbitMQ node with a virtual host for each who asks, and an epmd of its own.

    Args:
        directory: see `Server`.
        address: see `Server`.
        given: URL of a node that runs already on this machine, where rabbitmqctl may manage it; it cannot be started or
            killed.
    """

    _BATCH = 8
    """Virtual hosts that are made at a time, since each call of rabbitmqctl takes seconds."""

    def __init__(self, directory: Path, address: str = LOOPBACK, given: str = "") -> None:
        super().__init__(directory, address)
        self._given = urlsplit(given) if given else None
        self._made: list[str] = []
        self._free: list[str] = []
        # Debian's own /usr/sbin/rabbitmqctl becomes the user rabbitmq, who alone may manage the system's node.
        own = ["/usr/lib/rabbitmq/bin/rabbitmqctl"]
        self._control = program(["rabbitmqctl"] if given else own, "rabbitmq-server", "WHALELINE_TEST_RABBITMQ")
        if self._given:
            self.address, self.port = self._given.hostname or LOOPBACK, self._given.port or 5672
            return
        self._ports = {"RABBITMQ_DIST_PORT": free_port(), "ERL_EPMD_PORT": free_port()}
        self._epmd: subprocess.Popen[bytes] | None = None
        for name in ("home", "mnesia", "log"):
            (directory / name).mkdir(exist_ok=True)
        (directory / "enabled_plugins").write_text("[].\n")
        (directory / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = {address}:{self.port}\n"
            "loopback_users = none\n"  # else guest is let in from 127.0.0.1 only
            "disk_free_limit.absolute = 1MB\n"
            "vm_memory_high_watermark.relative = 0.9\n"
        )

    @property
    def url(self) -> str:
        """URL of its first virtual host."""
        return f"amqp://{self._given.netloc if self._given else f'guest:guest@{self.address}:{self.port}'}/%2F"

    def _environment(self) -> dict[str, str]:
        if self._given:
            return {}
        return {
            "HOME": str(self.directory / "home"),  # of the cookie
            "RABBITMQ_NODENAME": f"whaleline-{self.port}@localhost",
            "RABBITMQ_CONFIG_FILE": str(self.directory / "rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,  # the system's
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.directory / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.directory / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.directory / "log"),
            "RABBITMQ_PID_FILE": str(self.directory / "pid"),
            "ERL_EPMD_ADDRESS": LOOPBACK,
            # One scheduler is enough for tests, and starts in half the time on a busy machine.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
            **{name: str(port) for name, port in self._ports.items()},
        }

    def _command(self) -> list[str]:
        return ["/usr/lib/rabbitmq/bin/rabbitmq-server"]

    def start(self) -> None:
        """Start epmd and the node, and wait until the node takes connections."""
        # Else the node starts one that stays behind.
        self._epmd = subprocess.Popen(
            [program(["epmd"], "rabbitmq-server"), "-port", str(self._ports["ERL_EPMD_PORT"]), "-address", LOOPBACK],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        super().start()

    def kill(self) -> None:
        """See `Server`."""
        super().kill()
        if not self._given and self._epmd is not None:
            self._epmd.kill()
            self._epmd.wait(DEADLINE)
            self._epmd = None

    def _greets(self) -> bool:
        # Connection.Start comes in a method frame on channel 0 (AMQP 0-9-1, section 4.2.2).
        return self._talk(b"AMQP\x00\x00\x09\x01")[:3] == b"\x01\x00\x00"

    def create_broker(self) -> str:
        """URL of a virtual host that nobody else uses."""
        if not self._free:
            self._free = [f"whaleline-{uuid.uuid4().hex}" for _ in range(self._BATCH)]
            self._made += self._free
            user = (self._given and self._given.username) or "guest"
            rights = {"user": user, "configure": ".*", "write": ".*", "read": ".*"}
            definitions = {
                "vhosts": [{"name": name} for name in self._free],
                "permissions": [{"vhost": name, **rights} for name in self._free],
            }
            # By the standard input, since who manages a given node may not read the tests' directories.
            self._order("import_definitions", said=json.dumps(definitions))
        url = self.url.removesuffix("%2F") + self._free.pop()
        wait_until(lambda: _lets_in(url), f"the virtual host {url}")  # rabbitmqctl does not wait for them
        return url

    def empty(self, broker: str) -> None:
        """Purge every queue of the virtual host of this URL."""
        # In one order, since each starts an Erlang of its own.
        name = urlsplit(broker).path[1:]
        told = self._order("eval", f'[rabbit_amqqueue:purge(Queue) || Queue <- rabbit_amqqueue:list(<<"{name}">>)].')
        assert "{ok," in told, told

    def close(self) -> None:
        """Take the virtual hosts out again; to be asked of a given node."""
        made = ", ".join(f'<<"{name}">>' for name in self._made)
        self._order("eval", f'[rabbit_vhost:delete(Name, <<"tests">>) || Name <- [{made}]].')

    def _order(self, *command: str, said: str = "") -> str:
        done = subprocess.run(
            [self._control, "--silent", *command],
            env=os.environ | self._environment(),
            input=said,
            capture_output=True,
            text=True,
            timeout=2 * DEADLINE,
            check=False,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout


class S3(Server):
    """rclone as an S3 server: one bucket, whose objects are files in its directory.

    It comes from PyPI, since none that speaks S3 comes with Debian.
    """

    bucket = "whaleline"
    key, secret, region = "test-key", "test-secret", "us-east-1"

    def __init__(self, directory: Path, address: str = LOOPBACK) -> None:
        super().__init__(directory, address)
        (directory / "buckets" / self.bucket).mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        """URL of the bucket."""
        return f"s3://{self.bucket}"

    def create_store(self) -> str:
        """URL of a place in the bucket that nobody else uses, empty.

        rclone removes every folder that an erasure leaves empty, and with it what others put there at that moment, or
        only what it knows of that: a few of a hundred thousand objects were lost. --no-cleanup does not keep it from
        that (1.75). A folder in the folder does, and is no object.
        """
        name = uuid.uuid4().hex
        for kind in BlobKind:
            (self.directory / "buckets" / self.bucket / name / kind / "kept").mkdir(parents=True)
        return f"{self.url}/{name}"

    @property
    def environment(self) -> dict[str, str]:
        """The standard variables by which clients find the server and are let in."""
        return {
            "AWS_ENDPOINT_URL": f"http://{self.address}:{self.port}",
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SECRET_ACCESS_KEY": self.secret,
            "AWS_REGION": self.region,
            "AWS_ALLOW_HTTP": "true",
        }

    def _environment(self) -> dict[str, str]:
        return {"RCLONE_CONFIG": os.devnull}

    def _command(self) -> list[str]:
        rclone = str(Path(sys.executable).with_name("rclone"))
        address, pair = f"{self.address}:{self.port}", f"{self.key},{self.secret}"
        return [rclone, "serve", "s3", "buckets", "--addr", address, "--auth-key", pair]

    def _greets(self) -> bool:
        return self._talk(b"GET / HTTP/1.0\r\n\r\n").startswith(b"HTTP/1.")


def _shared_out(numbers: range) -> list[int]:
    """Those of the numbers that are for this process, of those of pytest-xdist that run tests side by side."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    return list(numbers[process :: int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))])


def _lets_in(url: str) -> bool:
    """Whether an AMQP server knows the virtual host, and the user there."""
    with Connection(url) as connection:  # type: ignore[no-untyped-call]
        try:
            connection.connect()
        except connection.connection_errors:
            return False
        return True


_AServer = TypeVar("_AServer", bound=Server)


@contextlib.contextmanager
def running(server: _AServer) -> Iterator[_AServer]:
    """Start a server, and kill it in the end."""
    try:
        server.start()
        yield server
    finally:
        server.kill()
