"""Fixtures that every room of tests may use; what they give is made in harness.py."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import EMBEDDED, Api, Deployment, ServiceProcess, draw, whaleline
from servers import S3, PostgreSQL, RabbitMQ, Redis, running

DEPLOYMENTS = ("embedded", "redis", "rabbitmq")
"""Everything in one process; PostgreSQL, Redis and S3; PostgreSQL, RabbitMQ and a shared directory."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Say which deployments a test runs on.

    Everything may run on every deployment, and `make test-scaled` runs it so, which takes three times as long. Else a
    test with the mark `every_deployment` runs embedded and scaled on Redis and S3. Those are the tests of what may
    differ: what the rows, the messages and the blobs go through. What the broker's kind may decide stands in
    faults/test_brokers.py, where the mark means both kinds. What only the wire decides (bodies, paths, errors) is
    decided before a task is submitted, by the same code. The mark `embedded` says why a test has no sense elsewhere.
    """
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    everywhere = "every_deployment" in marks or os.environ.get("WHALELINE_TEST_EVERY_DEPLOYMENT")
    if "servers" in metafunc.fixturenames:  # faults of brokers; what is no matter of the broker's kind goes by Redis
        metafunc.parametrize("servers", DEPLOYMENTS[1:] if everywhere else ["redis"], indirect=True, scope="module")
    if "deploy" not in metafunc.fixturenames:
        return
    everything = DEPLOYMENTS if os.environ.get("WHALELINE_TEST_EVERY_DEPLOYMENT") else DEPLOYMENTS[:2]
    names = everything if everywhere and "embedded" not in marks else ("embedded",)
    ids = [pytest.HIDDEN_PARAM if name == "embedded" else name for name in names]
    metafunc.parametrize("deploy", names, ids=ids, indirect=True, scope="session")


Deploy = Callable[[Path], Deployment]


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
def migrated(postgresql: PostgreSQL) -> Iterator[str]:
    """The name of an empty database with Whaleline's tables, to be copied: that is quicker than to migrate each."""
    url = postgresql.create_database()
    made = whaleline("migrate", database=url)
    assert made.returncode == 0, made
    yield url.rpartition("/")[2]
    postgresql.drop_database(url)


@pytest.fixture(scope="session")
def deploy(request: pytest.FixtureRequest) -> Iterator[Deploy]:
    """Gives a service with this data directory its own place on the servers: always the same one."""
    if request.param == "embedded":
        yield lambda _: EMBEDDED
        return
    made: dict[Path, Deployment] = {}
    postgresql, template, key = map(request.getfixturevalue, ("postgresql", "migrated", "signing_key"))
    broker = request.getfixturevalue(request.param)
    s3 = request.getfixturevalue("s3") if request.param == "redis" else None

    def place(data_dir: Path) -> Deployment:
        if data_dir not in made:
            data_dir.mkdir(parents=True, exist_ok=True)
            database = postgresql.create_database(template)
            made[data_dir] = Deployment(
                {
                    "database": database,
                    "broker": broker.create_broker(),
                    "blobs": s3.create_store() if s3 else f"file://{data_dir / 'shared-blobs'}",
                    "signing_key": shutil.copy(key, data_dir / "signing-key.pem"),
                },
                s3.environment if s3 else {},
            )
        return made[data_dir]

    yield place
    for deployment in made.values():
        postgresql.drop_database(deployment.settings["database"])


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, deploy: Deploy) -> Iterator[ServiceProcess]:
    """One running service for the whole run of tests. It must never be stopped or killed by a test."""
    data_dir = tmp_path_factory.mktemp("service") / "data"
    # Tests of wrong credentials come by the hundred; test_limits.py has the limit on them.
    process = ServiceProcess(data_dir, deploy(data_dir), token_failures_per_minute=0).start()
    yield process
    assert process.stop() == 0, process.log


@pytest.fixture
def start_service(tmp_path: Path, deploy: Deploy) -> Iterator[Callable[..., ServiceProcess]]:
    """Starts services of the test's own: `start_service(data_dir=None, **settings)`; killed at the end of the test."""
    made: list[ServiceProcess] = []

    def start(data_dir: Path | None = None, **settings: Any) -> ServiceProcess:
        place = data_dir or tmp_path / f"data-{len(made)}"
        made.append(ServiceProcess(place, deploy(place), **settings))
        return made[-1].start()

    yield start
    for process in made:
        process.kill()


@pytest.fixture(scope="session")
def api(service: ServiceProcess) -> Api:
    """The running service, as its first client."""
    return service.connect()


@pytest.fixture(scope="session")
def stranger(service: ServiceProcess) -> Api:
    """The running service, as another client."""
    return service.connect(*service.add_client("stranger"))


@pytest.fixture(scope="session")
def page() -> bytes:
    """A PNG with three lines of print."""
    return draw(["All men live enveloped", "in whale-lines.", "Call me Ishmael."])


@pytest.fixture(scope="session")
def long_page() -> bytes:
    """A page that takes a worker well over a second."""
    line = "It is not down in any map; true places never are, and so on for a whole line of print"
    return draw([line] * 30, width=1500)


@pytest.fixture(scope="session")
def narrow_service(tmp_path_factory: pytest.TempPathFactory, deploy: Deploy) -> Iterator[ServiceProcess]:
    """A running service with small limits, for tests of what lies beyond them."""
    data_dir = tmp_path_factory.mktemp("narrow") / "data"
    process = ServiceProcess(
        data_dir,
        deploy(data_dir),
        workers=1,
        max_body_bytes=1024 * 1024,
        max_pixels=100_000,
        max_regions=3,
    ).start()
    yield process
    assert process.stop() == 0, process.log


@pytest.fixture(scope="session")
def narrow(narrow_service: ServiceProcess) -> Iterator[Api]:
    """The service with small limits, as its first client."""
    connection = narrow_service.connect()
    yield connection
    connection.close()
