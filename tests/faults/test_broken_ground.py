"""A database that cannot be used: told in one sentence, without a stack trace, and never taken for an empty one."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from harness import ServiceProcess, b64, draw, whaleline

pytestmark = pytest.mark.embedded("PostgreSQL looks after its own files; test_migrations.py has its schema")

StartService = Callable[..., ServiceProcess]

DAMAGED = "Error: The database is damaged. Stop the service, and restore the file from a backup or remove it."


def make(data: Path) -> Path:
    """A database as a service leaves it."""
    assert whaleline("client", "add", "first", data=data).returncode == 0
    return data / "whaleline.db"


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(make(tmp_path)) as database:
        ((own,),) = database.execute("SELECT version_num FROM alembic_version")
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    for command in (("serve", "--port", "0"), ("migrate",), ("client", "list")):
        told = whaleline(*command, data=tmp_path)
        assert told.returncode == 2
        refusal = f"database: its schema is version 9999, but this Whaleline knows versions up to {own}; "
        assert refusal in told.stderr
        assert "Traceback" not in told.stderr


@pytest.mark.parametrize("offset", [0, 4096], ids=["its head", "a page"])
def test_a_damaged_file_is_refused(tmp_path: Path, offset: int) -> None:
    file = make(tmp_path)
    with file.open("r+b") as database:
        database.seek(offset)
        database.write(os.urandom(4096))
    told = whaleline("serve", "--port", "0", data=tmp_path)
    assert told.returncode == 1
    # Workers may be up before the file is looked at.
    assert [line for line in told.stderr.splitlines() if "a worker is up" not in line] == [DAMAGED]


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_a_file_that_is_lost_while_the_service_runs_is_told(
    start_service: StartService, tmp_path: Path, how: str
) -> None:
    service = start_service(tmp_path / "data", workers=1)
    api = service.connect()
    assert httpx.get(f"{service.url}/readyz").status_code == 200
    file = tmp_path / "data" / "whaleline.db"
    if how == "removed":
        file.unlink()
    else:
        make(tmp_path / "another").replace(file)
    ready = httpx.get(f"{service.url}/readyz")
    posted = api.post({"image": b64(draw(["lost"])), "settings": {}})
    for answer in (ready, posted):
        assert answer.status_code == 503
        assert answer.json()["detail"] == f"The database file {file} was removed or replaced. Start the service again."
    assert httpx.get(f"{service.url}/healthz").status_code == 200
