"""Fixtures that every room of tests may use; what they give is made in harness.py."""

from __future__ import annotations

import contextlib
import os
import re
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import certifi
import cv2
import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from deployments import Servers, Site
from harness import EMBEDDED, STARTED, Api, ServiceProcess, draw, whaleline
from servers import S3, PostgreSQL, RabbitMQ, Redis, running

hypothesis.settings.register_profile(
    "repeatable",
    derandomize=True,
    database=None,
    deadline=None,  # whatever else the machine does
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("repeatable")
cv2.setNumThreads(1)  # as workers do (operations/warm_up.py)

DEPLOYMENTS = ("embedded", "redis", "rabbitmq")
"""Everything in one process; PostgreSQL, Redis and S3; PostgreSQL, RabbitMQ and a shared directory."""

ALL = bool(os.environ.get("WHALELINE_TEST_ALL"))
"""Whether `make test-all` runs: everything on every deployment, and every sample."""

_TAIL = 5000
"""Characters from a log's end that are shown with a failed test."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Say which deployments a test runs on.

    Everything may run on every deployment, and `make test-all` runs it so, which takes three times as long. Else a
    test with the mark `every_deployment` runs embedded and scaled on Redis and S3. Those are the tests of what may
    differ: what the rows, the messages and the blobs go through. What the broker's kind may decide stands in
    faults/test_brokers.py, where the mark means both kinds. What only the wire decides (bodies, paths, errors) is
    decided before a task is submitted, by the same code. The mark `embedded` says why a test has no sense elsewhere.
    """
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    everywhere = "every_deployment" in marks or ALL
    if "servers" in metafunc.fixturenames:  # faults of brokers; what is no matter of the broker's kind goes by Redis
        metafunc.parametrize("servers", DEPLOYMENTS[1:] if everywhere else ["redis"], indirect=True, scope="module")
    if "deploy" not in metafunc.fixturenames:
        return
    everything = DEPLOYMENTS if ALL else DEPLOYMENTS[:2]
    names = everything if everywhere and "embedded" not in marks else ("embedded",)
    ids = [pytest.HIDDEN_PARAM if name == "embedded" else name for name in names]
    metafunc.parametrize("deploy", names, ids=ids, indirect=True, scope="module")


IN_TURN = {room: place for place, room in enumerate(("faults", "integration", "hostile", "unit", "acceptance"))}
"""The folders of tests in the order in which they are run: short files come last, so that none is left alone."""

WAITING = ("tests/faults/", "tests/integration/", "tests/hostile/")
"""Tests that wait for something, such as the end of a lease, half of their time."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put the folders in their order, and leave out what `make test-all` alone runs.

    A test with the mark `sampled` keeps so many of its cases, evenly spread. The others differ in the language, the
    angle or the hand alone.
    """
    here = Path(__file__).parent
    items.sort(key=lambda item: IN_TURN.get(item.path.relative_to(here).parts[0], 0))
    cases = defaultdict(list)
    for item in items:
        if (mark := item.get_closest_marker("sampled")) and not ALL:
            cases[item.nodeid.partition("[")[0], mark.args[0]].append(item)
    samples = {each[place * len(each) // most] for (_, most), each in cases.items() for place in range(most)}
    left_out = {item for each in cases.values() for item in each} - samples
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=list(left_out))


class FileByFile(LoadScopeScheduling):  # type: ignore[misc]  # of a library without types
    """Gives a process the tests of one file, or those of one file on one kind of servers: they share services.

    One process runs tests that reckon while the others run tests that wait, so that no core is idle.
    `--dist loadgroup` does not see its marks with pytest 9.2, and runs each test by itself.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        kinds = set(re.split(r"[][-]", test)) & set(DEPLOYMENTS)
        return " ".join([file, *sorted(kinds)])

    def _assign_work_unit(self, node: Any) -> None:
        others = [work for other, work in self.assigned_work.items() if other is not node]
        waits = any(not any(_waits(scope) and not all(work[scope].values()) for scope in work) for work in others)
        if (first := next((scope for scope in self.workqueue if _waits(scope) == waits), None)) is not None:
            self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)


def _waits(scope: str) -> bool:
    return scope.startswith(WAITING)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileByFile:
    """Give pytest-xdist our way of sharing the tests out."""
    return FileByFile(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show with a failed test what the services have logged while it ran."""
    report = yield
    if report.failed:
        logs = [service.log_path for service in STARTED if service.log_path.exists()]
        told = [(f"Log of {log}", log.read_text()[-_TAIL:]) for log in logs if log.stat().st_mtime >= call.start]
        report.sections += told
    return report


@pytest.fixture(scope="session", autouse=True)
def one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spare httpx the reading of all that the machine trusts, 30 ms of the processor for each client.

    Where a test speaks TLS, it brings the certificate that it trusts.
    """
    first, end, _ = Path(certifi.where()).read_text().partition("-----END CERTIFICATE-----\n")
    path = tmp_path_factory.mktemp("tls") / "certificate.pem"
    path.write_text(first + end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(path))
        yield


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    """The server that WHALELINE_TEST_POSTGRESQL names, else a private one; never killed."""
    directory, given = tmp_path_factory.mktemp("postgresql"), os.environ.get("WHALELINE_TEST_POSTGRESQL", "")
    if given:
        yield PostgreSQL(directory, given=given)
        return
    with running(PostgreSQL(directory)) as server:
        yield server


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """The server that WHALELINE_TEST_REDIS names, else a private one; never killed."""
    directory, given = tmp_path_factory.mktemp("redis"), os.environ.get("WHALELINE_TEST_REDIS", "")
    if given:
        yield Redis(directory, given=given)
        return
    with running(Redis(directory)) as server:
        yield server


@pytest.fixture(scope="session")
def rabbitmq(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    """The node that WHALELINE_TEST_RABBITMQ names, else a private one; never killed."""
    directory, given = tmp_path_factory.mktemp("rabbitmq"), os.environ.get("WHALELINE_TEST_RABBITMQ", "")
    if given:
        server = RabbitMQ(directory, given=given)
        yield server
        server.close()
        return
    with running(RabbitMQ(directory)) as server:
        yield server


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    """A private S3 server; never killed."""
    with running(S3(tmp_path_factory.mktemp("s3"))) as server:
        yield server


@pytest.fixture(scope="session")
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key for all processes of a service; to be copied, since services may rotate theirs."""
    path = tmp_path_factory.mktemp("key") / "signing-key.pem"
    made = whaleline("key", "rotate", signing_key=path)
    assert made.returncode == 0, made
    return path


@pytest.fixture(scope="session")
def embedded_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Services in one process each."""
    with contextlib.closing(Site(tmp_path_factory.mktemp("embedded"), lambda _: EMBEDDED)) as site:
        yield site


@pytest.fixture(scope="session")
def redis_site(
    tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQL, redis: Redis, s3: S3, signing_key: Path
) -> Iterator[Site]:
    """Services on PostgreSQL, Redis and S3."""
    with (
        contextlib.closing(Servers(postgresql, redis, s3, signing_key)) as servers,
        contextlib.closing(Site(tmp_path_factory.mktemp("on-redis"), servers.deployment)) as site,
    ):
        yield site


@pytest.fixture(scope="session")
def rabbitmq_site(
    tmp_path_factory: pytest.TempPathFactory, postgresql: PostgreSQL, rabbitmq: RabbitMQ, s3: S3, signing_key: Path
) -> Iterator[Site]:
    """Services on PostgreSQL, RabbitMQ and a shared directory."""
    with (
        contextlib.closing(Servers(postgresql, rabbitmq, s3, signing_key)) as servers,
        contextlib.closing(Site(tmp_path_factory.mktemp("on-rabbitmq"), servers.deployment)) as site,
    ):
        yield site


@pytest.fixture(scope="module")
def deploy(request: pytest.FixtureRequest) -> Site:
    """The kind of deployment that a test runs on; `pytest_generate_tests` says which.

    It has no wider scope, since pytest would end what stands on one kind before it turns to the next.
    """
    site: Site = request.getfixturevalue(f"{request.param}_site")
    return site


@pytest.fixture(scope="module")
def service(deploy: Site) -> ServiceProcess:
    """A running service that all tests share. It must never be stopped or killed by a test."""
    return deploy.shared("service", workers=1)


@pytest.fixture
def start_service(tmp_path: Path, deploy: Site) -> Iterator[Callable[..., ServiceProcess]]:
    """Starts services of the test's own: `start_service(data_dir=None, **settings)`; killed at the end of the test."""
    made: list[ServiceProcess] = []

    def start(data_dir: Path | None = None, **settings: Any) -> ServiceProcess:
        place = data_dir or tmp_path / f"data-{len(made)}"
        made.append(ServiceProcess(place, deploy(place), **settings))
        return made[-1].start()

    yield start
    for process in made:
        process.kill()


@pytest.fixture(scope="module")
def api(service: ServiceProcess) -> Api:
    """The running service, as its first client."""
    return service.connect()


@pytest.fixture(scope="module")
def stranger(service: ServiceProcess) -> Api:
    """The running service, as another client."""
    return service.connect(*service.client("stranger"))


@pytest.fixture(scope="session")
def page() -> bytes:
    """A PNG with three lines of print."""
    return draw(["All men live enveloped", "in whale-lines.", "Call me Ishmael."])


@pytest.fixture(scope="session")
def long_page() -> bytes:
    """A page that takes a worker about a second."""
    line = "It is not down in any map; true places never are, and so on for a whole line of print"
    return draw([line] * 15, width=1500)


@pytest.fixture(scope="module")
def narrow_service(deploy: Site) -> ServiceProcess:
    """A running service with small limits, for tests of what lies beyond them; shared like `service`."""
    limits = {"max_body_bytes": 1024 * 1024, "max_pixels": 100_000, "max_regions": 3}
    return deploy.shared("narrow", workers=1, hold_seconds=1, **limits)


@pytest.fixture(scope="module")
def narrow(narrow_service: ServiceProcess) -> Iterator[Api]:
    """The service with small limits, as its first client."""
    connection = narrow_service.connect()
    yield connection
    connection.close()
