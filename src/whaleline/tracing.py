"""OpenTelemetry spans, if the extra `whaleline[tracing]` is installed and a collector is named.

A span names a stage and the task's id, and never what was sent or read.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from whaleline.errors import ConfigurationError
from whaleline.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.trace import Tracer

_tracer: Tracer | None = None
_NO_SPAN = nullcontext()


def configure(settings: Settings) -> None:
    """Send this process's spans to the collector in the settings, if there is one.

    Raises:
        ConfigurationError: one is named, and the extra is not installed.
    """
    global _tracer  # noqa: PLW0603 - one per process, as OpenTelemetry has it
    if not settings.otlp_endpoint:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 - optional
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
    except ImportError as error:
        raise ConfigurationError("otlp_endpoint: tracing is an extra; pip install 'whaleline[tracing]'") from error
    exporter = OTLPSpanExporter(f"{settings.otlp_endpoint.rstrip('/')}/v1/traces")
    provider = TracerProvider(resource=Resource.create({"service.name": "whaleline"}))
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1000))
    _tracer = provider.get_tracer("whaleline")


def span(name: str, **attributes: str) -> AbstractContextManager[Any]:
    """A span around a block; nested ones become its children."""
    if _tracer is None:
        return _NO_SPAN
    return _tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    )
