"""The kinds of deployment that tests run on, each with the running services that tests share."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from harness import Deployment, ServiceProcess, whaleline
from servers import S3, PostgreSQL, RabbitMQ, Redis


class Servers:
    """What scaled services stand on: blobs are in S3 with Redis, and in a shared directory with RabbitMQ.

    Args:
        postgresql: has a database for each service.
        broker: has a place for each service.
        s3: has a store for each service.
        key: the key that they sign with; each has a copy, since it may rotate it.
    """

    def __init__(self, postgresql: PostgreSQL, broker: Redis | RabbitMQ, s3: S3, key: Path) -> None:
        self.postgresql = postgresql
        self.broker = broker
        self.s3 = s3
        self._key = key
        self._databases: list[str] = []

    def deployment(self, directory: Path) -> Deployment:
        """A place for one service."""
        directory.mkdir(parents=True, exist_ok=True)
        in_s3 = isinstance(self.broker, Redis)
        settings = {
            "database": self._database(self._template),
            "broker": self.broker.create_broker(),
            "blobs": self.s3.create_store() if in_s3 else f"file://{directory / 'shared-blobs'}",
            "signing_key": str(shutil.copy(self._key, directory / "signing-key.pem")),
        }
        return Deployment(settings, self.s3.environment if in_s3 else {})

    def close(self) -> None:
        """Remove the databases, whoever uses them."""
        for url in self._databases:
            self.postgresql.drop_database(url)

    @cached_property
    def _template(self) -> str:
        """The name of an empty database with Whaleline's tables; to copy it is quicker than to migrate each."""
        url = self._database()
        made = whaleline("migrate", database=url)
        assert made.returncode == 0, made
        return urlsplit(url).path[1:]

    def _database(self, *template: str) -> str:
        self._databases.append(self.postgresql.create_database(*template))
        return self._databases[-1]


class Site:
    """One kind of deployment: gives a service with this data directory its own place, always the same one.

    Args:
        directory: where the services keep their data that tests share.
        make: makes the place of a service with this data directory.
    """

    def __init__(self, directory: Path, make: Callable[[Path], Deployment]) -> None:
        self._directory = directory
        self._make = make
        self._places: dict[Path, Deployment] = {}
        self._shared: dict[str, ServiceProcess] = {}

    def __call__(self, data_dir: Path) -> Deployment:
        """The place of the service with this data directory."""
        if data_dir not in self._places:
            self._places[data_dir] = self._make(data_dir)
        return self._places[data_dir]

    def shared(self, name: str, **settings: Any) -> ServiceProcess:
        """The running service of this name, started with these settings when it is first asked for.

        It goes on until the tests are over, so no test may stop, kill or spoil it.
        """
        if name not in self._shared:
            data_dir = self._directory / name
            self._shared[name] = ServiceProcess(data_dir, self(data_dir), **settings).start()
        return self._shared[name]

    def close(self) -> None:
        """Stop the shared services, which must end well."""
        codes = {name: service.stop() for name, service in self._shared.items()}
        assert not any(codes.values()), (codes, [service.log for service in self._shared.values()])
