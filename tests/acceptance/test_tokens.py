"""Who gets a token, and which tokens open the door."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import stat
import time
from typing import Any
from urllib.parse import quote_plus

import httpx
import pytest
from joserfc import jws, jwt
from joserfc.jwk import OctKey, RSAKey

from harness import REGIONS, STATUS, Api, ServiceProcess
from whaleline.tasks import clients
from whaleline.tasks.sql import Store

TOKEN = "/connect/token"


@pytest.fixture(scope="module")
def http(service: ServiceProcess) -> Any:
    with httpx.Client(base_url=service.url, timeout=60) as client:
        yield client


def form(service: ServiceProcess, **changes: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": service.client_id,
        "client_secret": service.secret,
    } | changes


def error(answer: httpx.Response, status: int, code: str) -> httpx.Response:
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    return answer


def opens(http: httpx.Client, token: str) -> bool:
    answer = http.get(REGIONS, params={"id": "unknown"}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code in (200, 401)
    return answer.status_code == 200


# The token endpoint


def test_form_fields_get_a_token(http: httpx.Client, service: ServiceProcess) -> None:
    answer = http.post(TOKEN, data=form(service, scope="anything"))
    assert answer.status_code == 200
    assert set(answer.json()) == {"access_token", "expires_in", "token_type"}
    assert (answer.json()["expires_in"], answer.json()["token_type"]) == (3600, "Bearer")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
    assert opens(http, answer.json()["access_token"])


def test_the_token_is_a_jwt_for_an_hour(service: ServiceProcess) -> None:
    header, claims = (
        json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in service.token().split(".")[:2]
    )
    assert header["alg"] == "RS256"
    assert claims["sub"] == service.client_id
    assert claims["exp"] - claims["iat"] == 3600


def test_http_basic_gets_a_token(http: httpx.Client, service: ServiceProcess) -> None:
    answer = http.post(TOKEN, data={"grant_type": "client_credentials"}, auth=(service.client_id, service.secret))
    assert opens(http, answer.json()["access_token"])


def test_http_basic_is_form_encoded_inside(http: httpx.Client, service: ServiceProcess, odd_client: Any) -> None:
    client_id, secret = odd_client
    pair = base64.b64encode(f"{quote_plus(client_id)}:{quote_plus(secret)}".encode()).decode()
    answer = http.post(TOKEN, data={"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {pair}"})
    assert answer.status_code == 200
    assert opens(http, answer.json()["access_token"])


@pytest.fixture(scope="module")
def odd_client(service: ServiceProcess) -> tuple[str, str]:
    store = Store(service.deployment.settings.get("database", f"sqlite:///{service.data_dir / 'whaleline.db'}"))
    client, secret = clients.add(store, "odd", "an odd/id: é+%41", "a secret of: ü +&=%41!")
    store.close()
    return client.id, secret


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "invalid_request"),
        ("client_id=x&client_secret=y", "invalid_request"),
        ("grant_type=client_credentials&client_id=x&client_id=y&client_secret=z", "invalid_request"),
        ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
        ("grant_type=", "unsupported_grant_type"),
        ("grant_type=password&username=x&password=y", "unsupported_grant_type"),
        ("grant_type=authorization_code", "unsupported_grant_type"),
        ("grant_type=client_credentials", "invalid_client"),
        ("grant_type=client_credentials&client_id=x&client_secret=y", "invalid_client"),
        ("grant_type=client_credentials&client_id=%FF%00&client_secret=%00", "invalid_client"),
    ],
)
def test_a_wrong_form_is_answered_as_rfc_6749_says(http: httpx.Client, body: str, code: str) -> None:
    answer = http.post(TOKEN, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert "www-authenticate" not in error(answer, 400, code).headers


def test_json_in_place_of_a_form_is_told(http: httpx.Client) -> None:
    answer = http.post(TOKEN, json={"grant_type": "client_credentials"})
    assert "send a form" in error(answer, 400, "invalid_request").json()["error_description"]


@pytest.mark.parametrize("pair", ["???", "bm9jb2xvbg==", "eDp5", "/////w=="])
def test_wrong_http_basic_is_asked_for_again(http: httpx.Client, pair: str) -> None:
    answer = http.post(TOKEN, data={"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {pair}"})
    assert error(answer, 401, "invalid_client").headers["www-authenticate"].startswith("Basic ")


def test_an_unknown_client_and_a_wrong_secret_cannot_be_told_apart(http: httpx.Client, service: ServiceProcess) -> None:
    wrong = http.post(TOKEN, data=form(service, client_secret=service.secret[:-1]))
    unknown = http.post(TOKEN, data=form(service, client_id=service.client_id[:-1] + "~"))
    error(wrong, 400, "invalid_client")
    assert wrong.content == unknown.content
    own = {"date", "x-request-id"}  # differ between any two answers
    told = [{k: v for k, v in answer.headers.items() if k not in own} for answer in (wrong, unknown)]
    assert told[0] == told[1]


def test_a_huge_form_is_refused(http: httpx.Client) -> None:
    assert http.post(TOKEN, content=b"a" * 100_000).status_code == 413


def test_the_key_is_the_owners_alone(service: ServiceProcess) -> None:
    assert stat.S_IMODE((service.data_dir / "signing-key.pem").stat().st_mode) == 0o600


# Tokens that do not open the door


@pytest.fixture(scope="module")
def key(service: ServiceProcess) -> RSAKey:
    return RSAKey.import_key((service.data_dir / "signing-key.pem").read_bytes())


def claims(service: ServiceProcess, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {"iss": "whaleline", "aud": "whaleline", "sub": service.client_id, "iat": now, "exp": now + 3600, **changes}
    return {name: value for name, value in made.items() if value is not None}


def part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def signed(key: Any, content: dict[str, Any], alg: str = "RS256") -> str:
    return jwt.encode({"alg": alg, "typ": "JWT"}, content, key, algorithms=[alg])


def refused(http: httpx.Client, token: str) -> None:
    for method, path in (("GET", REGIONS), ("DELETE", REGIONS), ("GET", STATUS), ("POST", REGIONS)):
        answer = http.request(method, path, params={"id": "x"}, headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == answer.json()["status"] == 401, (method, answer.text)
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["www-authenticate"].startswith("Bearer ")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_token_made_as_the_service_makes_it_is_taken(
    http: httpx.Client, service: ServiceProcess, key: RSAKey
) -> None:
    # Else every refusal below could have another reason than the one that it names.
    assert opens(http, signed(key, claims(service)))


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": 1},
        pytest.param({"exp": int(time.time()) - 60}, id="exp a minute ago"),
        {"exp": None},
        {"exp": "never"},
        {"aud": "another-service"},
        {"aud": None},
        {"iss": "another-issuer"},
        {"iss": None},
        {"sub": None},
        {"sub": "no-such-client"},
        pytest.param({"nbf": int(time.time()) + 3600}, id="nbf in an hour"),
    ],
    ids=lambda changes: "-".join(f"{name} {'none' if value is None else value}" for name, value in changes.items()),
)
def test_a_token_with_wrong_claims_is_refused(
    http: httpx.Client, service: ServiceProcess, key: RSAKey, changes: dict[str, Any]
) -> None:
    token = signed(key, claims(service, **changes))
    answer = http.get(REGIONS, params={"id": "x"}, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 401, answer.text
    assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_an_expired_token_is_called_invalid_everywhere(
    http: httpx.Client, service: ServiceProcess, key: RSAKey
) -> None:
    refused(http, signed(key, claims(service, exp=1)))


def test_a_token_under_a_foreign_key_is_refused(http: httpx.Client, service: ServiceProcess) -> None:
    refused(http, signed(RSAKey.generate_key(2048), claims(service)))


def test_a_token_without_a_signature_is_refused(http: httpx.Client, service: ServiceProcess) -> None:
    refused(http, f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims(service))}.")


def test_the_public_key_is_no_shared_secret(http: httpx.Client, service: ServiceProcess, key: RSAKey) -> None:
    # joserfc itself refuses to make such a token from PEM, so that the attack is made by hand.
    text = f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part(claims(service))}"
    for secret in (key.as_pem(private=False), key.as_der(private=False)):
        mark = hmac.new(secret, text.encode(), hashlib.sha256).digest()
        refused(http, f"{text}.{base64.urlsafe_b64encode(mark).decode().rstrip('=')}")
    refused(http, signed(OctKey.generate_key(256), claims(service), "HS256"))


def test_a_tampered_token_is_refused(http: httpx.Client, service: ServiceProcess) -> None:
    header, _, signature = service.token().split(".")
    refused(http, f"{header}.{part(claims(service, sub='another'))}.{signature}")


@pytest.mark.parametrize("token", ["x", "a.b", "a.b.c", "....", "e30.e30.e30", "x y"])
def test_a_malformed_token_is_refused(http: httpx.Client, token: str) -> None:
    refused(http, token)


def test_a_list_of_claims_is_refused(http: httpx.Client, key: RSAKey) -> None:
    refused(http, jws.serialize_compact({"alg": "RS256"}, b'["sub"]', key))


@pytest.mark.parametrize("header", ["Basic eDp5", "Bearer", "Token abc"])
def test_another_scheme_is_refused(http: httpx.Client, header: str) -> None:
    answer = http.get(REGIONS, params={"id": "x"}, headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")


def test_no_token_is_refused_without_an_error_code(http: httpx.Client) -> None:
    # RFC 6750, section 3.1: a request that carries no credentials is told no error.
    for method in ("GET", "DELETE", "POST"):
        answer = http.request(method, REGIONS, params={"id": "x"})
        assert answer.status_code == answer.json()["status"] == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="whaleline"'


def test_the_scheme_goes_in_any_case(http: httpx.Client, service: ServiceProcess) -> None:
    answer = http.get(REGIONS, params={"id": "x"}, headers={"Authorization": f"bearer {service.token()}"})
    assert answer.status_code == 200


def test_status_needs_no_token(http: httpx.Client, api: Api, page: bytes) -> None:
    # The .NET client sends none there.
    task_id = api.submit(page)
    api.finished(task_id)
    answer = http.get(STATUS, params={"id": task_id}).json()
    assert (answer["taskStatus"], answer["results"]) == ("Completed", None)


def test_a_token_in_no_ascii_is_refused(http: httpx.Client) -> None:
    answer = http.get(REGIONS, params={"id": "x"}, headers={b"Authorization": b"Bearer \xc3\xa9.\xff.x"})
    assert answer.status_code == 401


@pytest.mark.every_deployment
def test_a_removed_clients_token_ends_at_once(service: ServiceProcess, page: bytes) -> None:
    client_id, secret = service.add_client("leaver")
    leaver = service.connect(client_id, secret)
    task_id = leaver.submit(page)
    service.command("client", "remove", client_id)
    assert leaver.http.get(REGIONS, params={"id": task_id}).status_code == 401
    assert leaver.http.delete(REGIONS, params={"id": task_id}).status_code in (200, 401)
    body = {"image": base64.b64encode(page).decode()}
    assert leaver.post(body).status_code == 401
    leaver.close()
