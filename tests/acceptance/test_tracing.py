"""Traces reach a collector; the collector here is a plain HTTP server that keeps what it is sent."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from harness import ServiceProcess, draw, environment, wait_until

StartService = Callable[..., ServiceProcess]


def test_spans_of_requests_and_tasks_reach_the_collector(start_service: StartService) -> None:
    spans: list[tuple[str, dict[str, str]]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = ExportTraceServiceRequest.FromString(self.rfile.read(int(self.headers["Content-Length"])))
            for resource in request.resource_spans:
                for scope in resource.scope_spans:
                    spans.extend(
                        (span.name, {a.key: a.value.string_value for a in span.attributes}) for span in scope.spans
                    )
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Collector) as collector:
        threading.Thread(target=collector.serve_forever, daemon=True).start()
        service = start_service(workers=1, otlp_endpoint=f"http://127.0.0.1:{collector.server_port}")
        api = service.connect()
        task = api.submit(draw(["traced words"]))
        api.finished(task)
        expected = {"request", "task", "input", "perform", "store"}
        wait_until(lambda: expected <= {name for name, _ in spans}, "the arrival of all kinds of spans")
        collector.shutdown()
    assert ("task", {"task.id": task, "task.operation": "RecognizeRegions"}) in spans
    assert "traced words" not in str(spans)


def test_a_collector_without_the_extra_is_refused_at_start(tmp_path: str) -> None:
    # A meta path entry that knows no exporter stands for an installation without the extra.
    code = (
        "import sys; sys.modules['opentelemetry.sdk.trace'] = None\n"
        "from whaleline.cli import main; main(['serve', '--port', '0', '--data', sys.argv[1]])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        env=environment(otlp_endpoint="http://127.0.0.1:1"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "pip install 'whaleline[tracing]'" in ended.stderr
