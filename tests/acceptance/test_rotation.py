"""Secrets and signing keys change while the service runs."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from harness import Api, ServiceProcess, wait_until


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    """A service of these tests' own, since the key's rotation ends everybody's tokens."""
    process = ServiceProcess(tmp_path_factory.mktemp("rotation") / "data", workers=1).start()
    yield process
    assert process.stop() == 0, process.log


def test_a_rotated_secret_replaces_the_former_at_once(service: ServiceProcess) -> None:
    client_id, secret = service.add_client()
    api = service.connect(client_id, secret)
    fresh = service.command("client", "rotate", client_id).removeprefix("secret").strip()
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
    assert httpx.post(f"{service.url}/connect/token", data=form).json()["error"] == "invalid_client"
    assert service.token(client_id, fresh)
    assert api.get("x", wait=0)["taskStatus"] == "NotExist"  # the token that was out holds


def test_the_tokens_of_a_key_hold_through_one_rotation(service: ServiceProcess) -> None:
    first = service.connect()
    service.command("key", "rotate")
    second = service.connect()
    assert [_status(api) for api in (first, second)] == [200, 200]
    service.command("key", "rotate")
    wait_until(lambda: _status(first) == 401, "the end of the first token")
    assert _status(second) == 200
    assert [path.stat().st_mode & 0o777 for path in service.data_dir.glob("*.pem")] == [0o600, 0o600]


def _status(api: Api) -> int:
    return api.http.get("/v5.0/ocr/RecognizeRegions", params={"id": "x"}).status_code
