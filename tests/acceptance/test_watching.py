"""What an operator sees of the service: log lines, metrics, and the headers on every answer."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from harness import DEADLINE, REGIONS, Api, ServiceProcess, b64, draw, wait_until

StartService = Callable[..., ServiceProcess]

DOCS = Path(__file__).parents[2] / "docs"


def metrics(service: ServiceProcess) -> dict[str, float]:
    """Every sample of /metrics by its name and labels."""
    families = text_string_to_metric_families(httpx.get(f"{service.url}/metrics").text)
    return {
        sample.name + "".join(f" {value}" for _, value in sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def test_every_line_is_json_and_none_tells_secrets_or_text(start_service: StartService) -> None:
    service = start_service(workers=1, log_format="json", log_level="debug")
    api = service.connect()
    task = api.submit(draw(["Moby confidential"]), headers={"X-Request-Id": "my-own-id"})
    api.finished(task)
    api.post("{broken Moby confidential")
    api.post({"image": "Moby confidential", "settings": {"language": "Moby confidential"}})
    api.finished(api.submit(draw(["Moby confidential"])[:-40]))
    service.stop()
    # Celery says "worker: Warm shutdown (MainProcess)" and no more past any logger.
    lines = [json.loads(line) for line in service.log.splitlines() if line and not line.startswith("worker: ")]
    assert {"request", "task ended"} <= {line["event"] for line in lines}
    assert all({"event", "level", "timestamp"} <= line.keys() for line in lines)
    # The request's line leads to the task's own.
    (own,) = [line for line in lines if line.get("request") == "my-own-id"]
    assert (own["event"], own["status"], own["task"]) == ("request", 200, task)
    assert any(line["event"] == "task ended" and line["task"] == task for line in lines)
    for secret in ("Moby", "confidential", service.secret, api.token, "Bearer"):
        assert secret not in service.log


def test_the_line_of_a_request_tells_nothing_of_the_one_before_on_its_connection(start_service: StartService) -> None:
    service = start_service(workers=1, log_format="json")
    api = service.connect()
    body = json.dumps({"image": b64(draw(["first"])), "settings": {}}).encode()
    head = f"POST {REGIONS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {api.token}\r\nX-Request-Id: first\r\n"
    head += "Content-Type: application/json\r\n"
    address = urlsplit(service.url)
    with socket.create_connection((address.hostname, address.port), DEADLINE) as connection:
        connection.sendall(
            f"{head}Content-Length: {len(body)}\r\n\r\n".encode()
            + body
            + b"GET /openapi.json HTTP/1.1\r\nHost: x\r\nX-Request-Id: second\r\nConnection: close\r\n\r\n"
        )
        while connection.recv(65536):
            pass
    service.stop()
    lines = [json.loads(line) for line in service.log.splitlines() if line.startswith("{")]
    first, second = [next(line for line in lines if line.get("request") == each) for each in ("first", "second")]
    assert (first["status"], second["status"]) == (200, 200)
    assert "task" in first
    assert "task" not in second


def test_a_request_has_an_id_in_its_answer(api: Api) -> None:
    answers = [api.http.get("/healthz"), api.http.get("/healthz"), api.http.get("/nothing-here")]
    ids = [answer.headers["X-Request-Id"] for answer in answers]
    assert len(set(ids)) == 3
    kept = api.http.get("/healthz", headers={"X-Request-Id": "kept-1"})
    assert kept.headers["X-Request-Id"] == "kept-1"
    odd = api.http.get("/healthz", headers={"X-Request-Id": "x" * 65})
    assert odd.headers["X-Request-Id"] != "x" * 65


@pytest.mark.parametrize("path", ["/healthz", "/v5.0/ocr/RecognizeRegions?id=x", "/nothing", "/openapi.json"])
def test_every_answer_has_the_security_headers(api: Api, path: str) -> None:
    headers = api.http.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Access-Control-Allow-Origin" not in headers


@pytest.mark.embedded("a worker of its own counts ends at its own port: faults/test_brokers.py")
def test_metrics_count_what_happens(start_service: StartService) -> None:
    service = start_service(workers=1)
    api = service.connect()
    api.finished(api.submit(draw(["counted"])))
    broken = draw(["counted"])[:-40]
    api.finished(api.submit(broken))
    api.post({"image": "?"})
    httpx.get(f"{service.url}/v5.0/ocr/RecognizeRegions?id=x")
    httpx.get(f"{service.url}/nothing")
    httpx.post(f"{service.url}/connect/token", data={"grant_type": "client_credentials"})
    # A worker's report comes just after the row that the client has seen closed.
    seen = wait_until(
        lambda: s if (s := metrics(service)).get("whaleline_stage_seconds_count store") == 2 else None, "two reports"
    )
    assert seen["whaleline_tasks_accepted_total RecognizeRegions"] == 2
    assert seen["whaleline_tasks_ended_total Ok RecognizeRegions Completed"] == 1
    assert seen["whaleline_tasks_ended_total Error RecognizeRegions Error"] == 1
    assert seen["whaleline_rejects_total InvalidRequest"] == 1
    assert seen["whaleline_rejects_total Unauthorized"] == 1
    assert seen["whaleline_rejects_total NotFound"] == 1
    assert seen["whaleline_rejects_total invalid_client"] == 1
    assert seen["whaleline_queue_depth"] == seen["whaleline_tasks_in_flight"] == seen["whaleline_holds"] == 0
    assert {f"whaleline_stage_seconds_count {stage}" for stage in ("queue", "input", "perform", "store")} <= seen.keys()


def test_docs_list_every_metric_and_no_other(service: ServiceProcess) -> None:
    families = text_string_to_metric_families(httpx.get(f"{service.url}/metrics").text)
    served = {family.name for family in families if family.name.startswith("whaleline_")}
    listed = set(re.findall(r"^\| `(whaleline_\w+?)(?:_total)?` ", (DOCS / "metrics.md").read_text(), re.MULTILINE))
    assert listed == served
