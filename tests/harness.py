"""What tests share: a private service as a real process, a client's view of it, and drawn pages."""

from __future__ import annotations

import atexit
import base64
import contextlib
import functools
import io
import os
import queue
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

import httpx
import obstore
import psutil
import psycopg
from obstore.store import S3Store
from PIL import Image, ImageDraw, ImageFont

import forks

DEADLINE = 180.0
"""Seconds after which waiting for anything counts as failure; generous, for machines that are busy."""

REGIONS = "/v5.0/ocr/RecognizeRegions"
STATUS = "/v5.0/ocr/Utilities/GetTaskStatus"

_T = TypeVar("_T")

Process = forks.Command | subprocess.Popen[bytes]
"""A command of whaleline that runs."""


def wait_until(look: Callable[[], _T | None], what: str, deadline: float = DEADLINE, pause: float = 0.05) -> _T:
    """What `look` gives as soon as it is true; it is asked after each pause, of none for what may be over soon."""
    end = time.monotonic() + deadline
    while True:
        if seen := look():
            return seen
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not come about within {deadline:.0f} seconds")
        time.sleep(pause)


def environment(**settings: Any) -> dict[str, str]:
    """This process's environment, with the settings given and no others of Whaleline's or of an object store's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WHALELINE_", "AWS_"))}
    return kept | {f"WHALELINE_{name.upper()}": str(value) for name, value in settings.items()}


def whaleline(
    *arguments: str, said: str = "", variables: Mapping[str, str] | None = None, **settings: Any
) -> subprocess.CompletedProcess[str]:
    """The command `whaleline`, run to its end with settings and other variables in its environment."""
    with tempfile.TemporaryFile("w+") as given, _output() as out, _output() as errors:
        given.write(said)
        given.seek(0)
        streams = (given.fileno(), out.fileno(), errors.fileno())
        done = start(arguments, environment(**settings) | dict(variables or {}), streams)
        try:
            code = done.wait(DEADLINE)
        finally:
            done.kill()
        out.seek(0)
        errors.seek(0)
        return subprocess.CompletedProcess(["whaleline", *arguments], code, out.read(), errors.read())


def _output() -> IO[str]:
    return tempfile.TemporaryFile("w+", errors="surrogateescape")


def start(
    arguments: Sequence[str], variables: Mapping[str, str], streams: tuple[int, int, int], *, anew: bool = False
) -> Process:
    """Start the command `whaleline` with this environment and these standard streams; `anew` not as a fork."""
    is_other_checkout = variables.get("PYTHONPATH") != os.environ.get("PYTHONPATH")
    if not anew and not is_other_checkout:
        return forks.Command(arguments, variables, streams)
    given, out, errors = streams
    command = [sys.executable, "-m", "whaleline", *arguments]
    return subprocess.Popen(command, env=variables, stdin=given, stdout=out, stderr=errors)


@dataclass(frozen=True)
class Deployment:
    """Where a service keeps its rows and its blobs, and what carries its ids to its workers.

    Attributes:
        settings: those of Whaleline that say so, by name; none for everything in the data directory and one process.
        variables: what else its processes have in their environment.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_scaled(self) -> bool:
        """Whether workers are processes of their own, `whaleline worker`, that a broker brings ids to."""
        return "broker" in self.settings


EMBEDDED = Deployment()


@functools.cache
def _prepared() -> Path:
    """A data directory with the tables and a key, which a service otherwise makes at its first start."""
    directory = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    data = directory / "data"
    for command in (["migrate"], ["key", "rotate"]):
        done = whaleline(*command, data=data)
        assert done.returncode == 0, done
    (data / "signing-key.old.pem").unlink()
    return data


class _Launched:
    """A command of whaleline that goes on until it is ended, and what it has written to its standard output."""

    def __init__(self, command: str, log_path: Path, variables: dict[str, str], *, anew: bool) -> None:
        self.told = ""
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        told, tells = os.pipe()
        with log_path.open("a") as log, Path(os.devnull).open() as nothing:
            streams = (nothing.fileno(), tells, log.fileno())
            self.process = start([command], variables, streams, anew=anew)
        os.close(tells)
        threading.Thread(target=_pump, args=(os.fdopen(told), self._lines), daemon=True).start()

    def wait_for(self, pattern: str) -> re.Match[str] | None:
        """Wait until a line begins so; None if the process ends before, or DEADLINE passes."""
        end = time.monotonic() + DEADLINE
        while (found := re.search(f"^{pattern}", self.told, re.MULTILINE)) is None:
            try:
                line = self._lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                return None
            if not line:
                return None
            self.told += line
        return found


STARTED: weakref.WeakSet[ServiceProcess] = weakref.WeakSet()
"""The services that this process of tests has started."""


class ServiceProcess:
    """A service on a free port: `whaleline serve`, and `whaleline worker` where workers are processes of their own.

    Args:
        data_dir: its data directory; may be that of an earlier one, which is then taken up.
        deployment: where it keeps what it has; the database has been migrated and the signing key made.
        worker_processes: how many times to run `whaleline worker`, each with as many children as `workers` says; for
            scaled deployments alone.
        anew: start it as users do, who have no process to fork it from and nothing prepared.
        settings: any of whaleline's settings, by name.
    """

    def __init__(
        self,
        data_dir: Path,
        deployment: Deployment = EMBEDDED,
        *,
        worker_processes: int = 1,
        anew: bool = False,
        **settings: Any,
    ) -> None:
        self.data_dir = data_dir
        self.deployment = deployment
        self.log_path = data_dir.with_name(f"{data_dir.name}.log")
        usual = {"host": "127.0.0.1", "port": 0, "workers": 2, **deployment.settings}
        self.settings = {**usual, **settings, "data": data_dir}
        self.url = ""
        self.told = ""
        self.link = ""
        self.client_id = ""
        self.secret = ""
        self.workers: list[Process] = []
        self._anew = anew
        self._worker_processes = worker_processes if deployment.is_scaled else 0
        self._process: Process | None = None
        self._launched: _Launched | None = None
        self._orphans: list[psutil.Process] = []
        self._connections: list[Api] = []
        self._clients: dict[str, tuple[str, str]] = {}

    @property
    def process(self) -> Process:
        """The running process of the API."""
        assert self._process is not None, "the service was not started"
        return self._process

    @property
    def log(self) -> str:
        """What the service wrote to its standard error."""
        return self.log_path.read_text() if self.log_path.exists() else ""

    def start(self) -> ServiceProcess:
        """Start it, wait until it listens, and keep the credentials that a first start prints.

        A new data directory is a copy of one with the tables and a key: to make these takes half of a start.
        """
        if not self._anew and not self.deployment.is_scaled and not self.data_dir.exists():
            shutil.copytree(_prepared(), self.data_dir)
        launched = [self._launch("worker") for _ in range(self._worker_processes)]
        self.workers += [each.process for each in launched]
        self.start_api()
        for each in launched:
            self._wait_for_worker(each)
        return self

    def start_api(self) -> None:
        """Start its API, once more if it was killed, and wait until that listens."""
        STARTED.add(self)
        launched = self._launch("serve")
        self._process, self._launched = launched.process, launched
        if (listens := launched.wait_for(r"Whaleline listens on (\S+)")) is None:
            self.kill()
            raise AssertionError(f"the service did not start:\n{launched.told}\n{self.log}")
        self.url, self.told = listens[1], launched.told
        self.link = link[1] if (link := re.search(r"^ *(http\S+/#link=\S+)$", self.told, re.MULTILINE)) else ""
        if made := re.search(r"^ *id +(\S+)\n *secret +(\S+)$", launched.told, re.MULTILINE):
            self.client_id, self.secret = made.groups()

    def start_worker(self) -> Process:
        """Start one more `whaleline worker` and wait until it is ready."""
        launched = self._launch("worker")
        self.workers.append(launched.process)
        self._wait_for_worker(launched)
        return launched.process

    def _launch(self, command: str) -> _Launched:
        variables = environment(**self.settings) | dict(self.deployment.variables)
        return _Launched(command, self.log_path, variables, anew=self._anew)

    def _wait_for_worker(self, launched: _Launched) -> None:
        if launched.wait_for("Whaleline's worker is ready") is None:
            self.kill()
            raise AssertionError(f"a worker did not start:\n{launched.told}\n{self.log}")

    def tells(self, line: str) -> bool:
        """Wait until it writes this line to its standard output; False if it ends before."""
        assert self._launched is not None, "the service was not started"
        return self._launched.wait_for(re.escape(line)) is not None

    def stop(self) -> int:
        """Ask it to end, as Ctrl-C does, and wait until it has; its exit code, of the first process that failed."""
        for process in (self.process, *self.workers):
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
        return self._ended()

    def kill(self) -> None:
        """Kill it with SIGKILL; its workers end by themselves."""
        for process in (*self.workers, self.process):
            self.kill_one(process)
        self._ended()

    def kill_one(self, process: Process) -> None:
        """Kill one of the service's processes with SIGKILL; its children are left to end by themselves."""
        with contextlib.suppress(psutil.NoSuchProcess):
            self._orphans += psutil.Process(process.pid).children(recursive=True) if self.deployment.is_scaled else []
        process.kill()
        process.wait()

    @contextlib.contextmanager
    def frozen_workers(self) -> Iterator[None]:
        """Stop the worker processes, so that what is submitted meanwhile stays open however fast they are."""
        # One that a test has killed may not be replaced yet, and its successor would go on unseen.
        wait_until(lambda: len(workers_of(self)) >= self.settings["workers"], "as many workers as there should be")
        pids = self.children()
        with write_lock(self):  # else one may be stopped in the middle of a change, and keep the database locked
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def children(self) -> list[int]:
        """The processes that were started by those that have workers, told quickly."""
        parents = self.workers or [self.process]
        pids: list[int] = []
        for thread in (thread for each in parents for thread in Path(f"/proc/{each.pid}/task").iterdir()):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # of a thread that has ended meanwhile
                pids += map(int, (thread / "children").read_text().split())
        return pids

    def _ended(self) -> int:
        for connection in self._connections:
            connection.close()
        processes = (self.process, *self.workers)
        try:
            codes = [process.wait(DEADLINE) for process in processes]
            return next((code for code in codes if code), 0)
        finally:
            for process in processes:
                process.kill()
                process.wait()
            self.workers = []
            # Whether they end by themselves is a test's to ask; none may be left when the tests are over.
            for orphan in psutil.wait_procs(self._orphans, timeout=5)[1]:
                orphan.kill()
            self._orphans = []

    def command(self, *arguments: str) -> str:
        """What a command of whaleline prints that is run with the service's settings; it must succeed."""
        done = whaleline(*arguments, variables=self.deployment.variables, **self.settings)
        assert done.returncode == 0, done
        return done.stdout

    def add_client(self, name: str = "another") -> tuple[str, str]:
        """Add a client by the command line; its id and secret."""
        told = self.command("client", "add", name)
        made = re.fullmatch(r"id +(\S+)\nsecret +(\S+)\n", told)
        assert made, told
        return made[1], made[2]

    def client(self, name: str) -> tuple[str, str]:
        """Id and secret of the client of this name, which is added when it is first asked for."""
        if name not in self._clients:
            self._clients[name] = self.add_client(name)
        return self._clients[name]

    def token(self, client_id: str | None = None, secret: str | None = None) -> str:
        """A fresh access token, of the first client if none is named."""
        form = {
            "grant_type": "client_credentials",
            "client_id": client_id or self.client_id,
            "client_secret": secret or self.secret,
        }
        answer = httpx.post(f"{self.url}/connect/token", data=form, timeout=DEADLINE)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def page_token(self) -> str:
        """A fresh access token, as the page gets it that was opened by the service's link."""
        headers = {"Authorization": f"Bearer {self.link.partition('#link=')[2]}"}
        answer = httpx.post(f"{self.url}/api/session", headers=headers, timeout=DEADLINE)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def connect(self, client_id: str | None = None, secret: str | None = None, *, token: str | None = None) -> Api:
        """A connection with a token, a fresh one if none is given; closed when the service ends."""
        self._connections.append(Api(self.url, token or self.token(client_id, secret)))
        return self._connections[-1]


def _pump(stream: Any, lines: queue.SimpleQueue[str]) -> None:
    with stream:
        for line in stream:
            lines.put(line)
    lines.put("")


@dataclass
class Api:
    """The protocol as a client sees it, by bare HTTP."""

    url: str
    token: str
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}, timeout=DEADLINE)

    def close(self) -> None:
        """Close the connection."""
        self.http.close()

    def post(self, body: Any, path: str = REGIONS, **options: Any) -> httpx.Response:
        """POST a body: bytes and strings as they are, anything else as JSON."""
        if not isinstance(body, bytes | str):
            return self.http.post(path, json=body, **options)
        headers = {"Content-Type": "application/json", **options.pop("headers", {})}
        return self.http.post(path, content=body, headers=headers, **options)

    def submit(self, image: bytes, headers: dict[str, str] | None = None, **settings: Any) -> str:
        """POST an image with settings as they stand on the wire; the task's id."""
        body = {"image": b64(image), "settings": settings}
        answer = self.post(body, headers=headers or {})
        assert answer.status_code == 200, answer.text
        return answer.text

    def get(self, task_id: str, wait: int | None = None, path: str = REGIONS) -> dict[str, Any]:
        """GET a task once."""
        headers = {} if wait is None else {"Prefer": f"wait={wait}"}
        answer = self.http.get(path, params={"id": task_id}, headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def status(self, task_id: str) -> dict[str, Any]:
        """GET a task's state without results."""
        return self.get(task_id, path=STATUS)

    def cancel(self, task_id: str) -> None:
        """DELETE a task."""
        answer = self.http.delete(REGIONS, params={"id": task_id})
        assert answer.status_code == 200, answer.text

    def finished(self, task_id: str) -> dict[str, Any]:
        """The answer on a task when it has ended."""
        return wait_until(
            lambda: None if (a := self.get(task_id, wait=30))["taskStatus"] in ("Pending", "Processing") else a,
            f"the end of task {task_id}",
        )

    def read(self, image: bytes, **settings: Any) -> dict[str, Any]:
        """POST, and GET until the task has ended."""
        return self.finished(self.submit(image, **settings))


def b64(data: bytes) -> str:
    """Standard Base64."""
    return base64.b64encode(data).decode("ascii")


def texts(answer: dict[str, Any]) -> list[str]:
    """The decoded results of an answer."""
    return [base64.b64decode(result["data"]).decode("utf-8") for result in answer["results"]]


def region(left: int, top: int, right: int, bottom: int, order: int | None = None) -> dict[str, Any]:
    """OCRRegion."""
    rect = {"topLeftX": left, "topLeftY": top, "bottomRightX": right, "bottomRightY": bottom}
    return {"rect": rect} if order is None else {"rect": rect, "order": order}


def workers_of(service: ServiceProcess) -> list[psutil.Process]:
    """The processes of the service that carry out tasks and run now."""
    found = []
    for parent in service.workers or [service.process]:
        with contextlib.suppress(psutil.NoSuchProcess):
            children = psutil.Process(parent.pid).children()
            for child in children:
                with contextlib.suppress(psutil.NoSuchProcess):
                    if child.status() != psutil.STATUS_ZOMBIE and _is_worker(service, child):
                        found.append(child)
    return found


def _is_worker(service: ServiceProcess, child: psutil.Process) -> bool:
    # Beside the embedded pool's processes there is one of multiprocessing's own, and one of forks.py.
    return child.name() != forks.NURSERY and "resource_tracker" not in " ".join(child.cmdline())


Ask = Callable[[str], list[tuple[Any, ...]]]


@contextlib.contextmanager
def database_of(service: ServiceProcess) -> Iterator[Ask]:
    """Asks the service's database, whether it runs or not; changes of it are durable."""
    if url := service.deployment.settings.get("database"):
        with psycopg.connect(url, autocommit=True) as connection:

            def ask(sql: str) -> list[tuple[Any, ...]]:
                cursor = connection.execute(sql)
                return cursor.fetchall() if cursor.description else []

            yield ask
        return
    with contextlib.closing(sqlite3.connect(service.data_dir / "whaleline.db", isolation_level=None)) as database:
        yield lambda sql: database.execute(sql).fetchall()


def rows(service: ServiceProcess, sql: str) -> list[tuple[Any, ...]]:
    """What the service's database says to one question."""
    with database_of(service) as ask:
        return ask(sql)


@contextlib.contextmanager
def write_lock(service: ServiceProcess) -> Iterator[None]:
    """Hold the write lock of the service's database, so that every change of a task waits; reading goes on."""
    if url := service.deployment.settings.get("database"):
        with psycopg.connect(url) as connection:
            connection.execute("LOCK TABLE tasks IN EXCLUSIVE MODE")
            yield
        return
    database = sqlite3.connect(service.data_dir / "whaleline.db", isolation_level=None, timeout=DEADLINE)
    with contextlib.closing(database):
        database.execute("BEGIN IMMEDIATE")
        yield


COUNT_ENDS = (
    "CREATE TABLE ends (id TEXT, status TEXT)",
    "CREATE TRIGGER count_ends AFTER UPDATE ON tasks WHEN NEW.status IN ('Completed', 'Error')"
    " BEGIN INSERT INTO ends VALUES (NEW.id, NEW.status); END",
)
COUNT_ENDS_ON_POSTGRESQL = (
    COUNT_ENDS[0],
    "CREATE FUNCTION count_end() RETURNS TRIGGER LANGUAGE plpgsql AS"
    " 'BEGIN INSERT INTO ends VALUES (NEW.id, NEW.status); RETURN NULL; END'",
    "CREATE TRIGGER count_ends AFTER UPDATE ON tasks FOR EACH ROW WHEN (NEW.status IN ('Completed', 'Error'))"
    " EXECUTE FUNCTION count_end()",
)


def count_ends(service: ServiceProcess) -> None:
    """Have the database keep a row in `ends` for whatever writes an ended row of `tasks`, a second time too."""
    for sql in COUNT_ENDS_ON_POSTGRESQL if "database" in service.deployment.settings else COUNT_ENDS:
        rows(service, sql)


class S3Object:
    """An object in an S3 bucket, with those of Path's methods that tests use on blobs."""

    def __init__(self, store: S3Store, key: str) -> None:
        self._store = store
        self._key = key

    @property
    def name(self) -> str:
        """The key's last part."""
        return self._key.rpartition("/")[2]

    def exists(self) -> bool:
        """Whether it is there."""
        try:
            obstore.head(self._store, self._key)
        except FileNotFoundError:
            return False
        return True

    def read_bytes(self) -> bytes:
        """Its content."""
        return bytes(obstore.get(self._store, self._key).bytes())

    def write_bytes(self, data: bytes) -> None:
        """Put other content in its place."""
        obstore.put(self._store, self._key, data)

    def unlink(self) -> None:
        """Erase it."""
        obstore.delete(self._store, self._key)


def blob_directory(data_dir: Path, deployment: Deployment) -> Path | None:
    """Where a service with this data directory has its blobs; None where that is no directory."""
    url = urlsplit(deployment.settings.get("blobs", f"file://{data_dir / 'blobs'}"))
    return Path(url.path) if url.scheme == "file" else None


def blobs(service: ServiceProcess, kind: str) -> list[Path | S3Object]:
    """What is in the blob store by name, half-written files of a directory too: kind is inputs or results."""
    if directory := blob_directory(service.data_dir, service.deployment):
        folder = directory / kind
        return list[Path | S3Object](sorted(folder.iterdir())) if folder.exists() else []
    url = urlsplit(service.deployment.settings["blobs"])
    variables = service.deployment.variables
    store = S3Store(
        url.netloc,
        prefix=url.path.strip("/") or None,
        endpoint=variables["AWS_ENDPOINT_URL"],
        access_key_id=variables["AWS_ACCESS_KEY_ID"],
        secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        region=variables["AWS_REGION"],
        client_options={"allow_http": True},
    )
    keys = sorted(meta["path"] for chunk in obstore.list(store, f"{kind}/") for meta in chunk)
    return [S3Object(store, key) for key in keys]


def wait_for_processing(api: Api, task_id: str) -> None:
    """Wait until a worker has claimed a task."""
    wait_until(lambda: api.status(task_id)["taskStatus"] == "Processing", "the start of the task")


def assert_settled(service: ServiceProcess, tasks: Sequence[str]) -> None:
    """Nothing lost, nothing doubled, nothing left behind: to be asked when all tasks have ended.

    There is a row for each task and none besides, each row has ended, each Completed one has its answer in the row, or
    else the one blob that its claim wrote, and no input is kept.
    """
    found = rows(service, "SELECT id, status, claim, answer IS NULL FROM tasks")
    assert sorted(task for task, *_ in found) == sorted(tasks)
    assert {status for _, status, *_ in found} <= {"Completed", "Error"}
    # What its task's worker could not erase, the sweep does, and what has no row when it has had none for a minute.
    wait_until(lambda: not blobs(service, "inputs"), "the erasure of all inputs", 2 * DEADLINE)
    kept = {f"{task}.{claim}" for task, status, claim, is_blob in found if status == "Completed" and is_blob}
    wait_until(lambda: {path.name for path in blobs(service, "results")} == kept, "one result for each completed task")


def grain(size: int = 6000) -> bytes:
    """A picture of so many bytes that cannot be compressed; as ImagePNG its answer is too large for a row."""
    out = io.BytesIO()
    width = 100 if size < 1_000_000 else 2000
    height = size // width
    Image.frombytes("L", (width, height), random.Random(1).randbytes(width * height)).save(out, "PNG")
    return out.getvalue()


LINE_HEIGHT = 60


def draw(lines: Sequence[str], width: int = 700, format_: str = "PNG") -> bytes:
    """An image file with one line of print for each string, LINE_HEIGHT pixels apart."""
    image = Image.new("L", (width, LINE_HEIGHT * len(lines)), 255)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(size=32)
    for number, line in enumerate(lines):
        pen.text((20, LINE_HEIGHT * number + 8), line, 0, font)
    out = io.BytesIO()
    image.save(out, format_)
    return out.getvalue()


def line_region(number: int, order: int | None = None, width: int = 700) -> dict[str, Any]:
    """The region of a line that `draw` drew, counted from 0."""
    return region(0, LINE_HEIGHT * number, width, LINE_HEIGHT * (number + 1), order)
