"""The one table of settings: environment, command line, docs and tests read it.

A setting is a field below. Its environment variable is WHALELINE_ and its name in capitals, its option on the command
line is the name with dashes; the description is the help text and the row in docs/settings.md.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an operator may choose; frozen, and picklable so that workers get the same."""

    model_config = SettingsConfigDict(env_prefix="WHALELINE_", frozen=True, extra="forbid")

    data: Path = Field(
        Path("whaleline-data"),
        description="Directory of the embedded database, the blobs and the signing key.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 takes a free one.")
    tls_certificate: Path | None = Field(None, description="PEM certificate chain; with it the service speaks TLS.")
    tls_key: Path | None = Field(None, description="PEM private key of the TLS certificate.")
    database: str = Field("", description="SQLAlchemy URL of the database; empty for SQLite in the data directory.")
    broker: str = Field(
        "",
        description="URL of Redis or RabbitMQ, redis://HOST:6379/0 or amqp://USER:PASSWORD@HOST:5672//, which brings"
        " tasks to `whaleline worker` on any host; empty for workers inside `whaleline serve`.",
    )
    blobs: str = Field(
        "",
        description="Where images and large results are kept: s3://BUCKET/PREFIX, or file:///DIRECTORY of a file system"
        " that all hosts share; empty for the data directory.",
    )
    signing_key: Path | None = Field(
        None,
        description="PEM file of the RSA key that signs access tokens; made in the data directory if not given.",
    )
    authentication: bool = Field(
        True, description="Ask for access tokens. Off, every request is taken as one local client's."
    )
    local_page: bool = Field(
        True,
        description="Let the web page work without signing in, from this machine, while the service listens on a"
        " loopback address. Switch it off on a machine whose other users should not read images, and behind a proxy.",
    )
    workers: int = Field(0, ge=0, description="Worker processes; 0 for as many as there are processor cores.")
    worker_memory_mb: int = Field(
        6144,
        ge=1024,
        description="Mebibytes of address space that a worker may use; a task that needs more ends as Error.",
    )
    worker_tasks: int = Field(
        1000, ge=0, description="Tasks after which a worker process is replaced by a fresh one; 0 for never."
    )
    worker_resident_mb: int = Field(
        1024,
        ge=1,
        description="Mebibytes of memory held after a task, past which a worker process is replaced by a fresh one.",
    )
    task_seconds: int = Field(120, ge=1, description="Seconds a task may run before its worker is killed.")
    task_attempts: int = Field(3, ge=1, description="Times a task is tried before it ends as Error.")
    drain_seconds: int = Field(30, ge=0, description="Seconds that running tasks get to finish when the service stops.")
    retention_seconds: int = Field(86400, ge=1, description="Seconds after submission for which a result is kept.")
    row_answer_bytes: int = Field(
        4096,
        ge=0,
        description="Bytes up to which an answer is kept in the database, with its task; a larger one is a blob. 0"
        " keeps all results out of the database.",
    )
    lease_seconds: float = Field(
        30.0,
        ge=1,
        description="Seconds without a sign of life after which a worker on another host counts as lost, and its tasks"
        " are given to others; used with a broker.",
    )
    resend_seconds: float = Field(
        30.0,
        ge=1,
        description="Seconds that a task waits before the broker is asked whether it still has its message; used with"
        " a broker.",
    )
    reconcile_seconds: float = Field(10.0, gt=0, description="Seconds between two looks for overdue and expired tasks.")
    hold_seconds: float = Field(
        2.0,
        ge=0,
        le=30,
        description="Seconds that GET waits for a task to end, unless the request prefers otherwise.",
    )
    max_body_bytes: int = Field(100 * 1024 * 1024, ge=1024, description="Bytes of a request body at most.")
    max_held_bytes: int = Field(
        512 * 1024 * 1024,
        ge=1024,
        description="Bytes of all request bodies at the same time at most; further ones are put off with 503.",
    )
    max_header_bytes: int = Field(64 * 1024, ge=1024, description="Bytes of a request's line and headers at most.")
    max_connections: int = Field(800, ge=1, description="Open connections at most; further ones are answered with 503.")
    header_seconds: float = Field(10.0, gt=0, description="Seconds for a request's line and headers to arrive.")
    body_seconds: float = Field(
        30.0, gt=0, description="Seconds for a request body to arrive, and one more for every 64 KiB of it."
    )
    keep_alive_seconds: int = Field(5, ge=1, description="Seconds for which an idle connection is kept open.")
    max_pixels: int = Field(128_000_000, ge=1, description="Pixels (width x height) of an image at most.")
    max_queue: int = Field(10_000, ge=1, description="Tasks that may wait for a worker; more get 503 with Retry-After.")
    max_open_tasks: int = Field(
        2_000, ge=1, description="Tasks of one client that may wait or run; more get 503 with Retry-After."
    )
    max_holds: int = Field(1_000, ge=0, description="GET requests that may wait for a task; more are answered at once.")
    client_requests_per_minute: int = Field(
        60_000, ge=0, description="Requests of one client within a minute; more get 429. 0 for no limit."
    )
    address_requests_per_minute: int = Field(
        60_000, ge=0, description="Requests from one address within a minute; more get 429. 0 for no limit."
    )
    token_failures_per_minute: int = Field(
        60, ge=0, description="Failed token requests from one address within a minute; more get 429. 0 for no limit."
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of proxies, with commas between, whose X-Forwarded headers are believed.",
    )
    max_side: int = Field(65_535, ge=1, description="Pixels of an image's width and height at most.")
    max_image_bytes: int = Field(
        75 * 1024 * 1024, ge=1, description="Bytes of an image file, decoded from Base64, at most."
    )
    max_regions: int = Field(500, ge=1, description="Regions of one task at most.")
    max_region_pixels: int = Field(
        256_000_000,
        ge=1,
        description="Pixels of all regions of one task together at most, turned and enlarged as its settings ask.",
    )
    max_json_values: int = Field(
        100_000, ge=100, description="Values in a request's JSON at most; a region is about ten."
    )
    tessdata: Path | None = Field(
        None,
        description="Folder of further traineddata files; looked into before the bundled and the system's.",
    )
    metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Port on which `whaleline worker` tells its metrics, on the host address; 0 for none.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level of log lines.")
    log_format: Literal["text", "json"] = Field("text", description="Form of log lines: text for people, or json.")

    otlp_endpoint: str = Field(
        "", description="URL of an OpenTelemetry collector (OTLP over HTTP) for traces; needs whaleline[tracing]."
    )

    @model_validator(mode="after")
    def _refuse_what_cannot_work_together(self) -> Self:
        schemes = {"broker": ("redis", "rediss", "amqp", "amqps"), "blobs": ("s3", "file")}
        for name, known in schemes.items():
            value = getattr(self, name)
            if value and value.partition("://")[0] not in known:
                raise _cannot_work(f"{name}: {value!r}: it must begin with {' or '.join(f'{k}://' for k in known)}")
        if not self.broker:
            return self
        if self.database_url.startswith("sqlite"):
            raise _cannot_work(
                "broker: workers on other hosts cannot reach a SQLite file; set database to a postgresql:// URL"
            )
        if not self.blobs:
            raise _cannot_work(
                "broker: workers on other hosts cannot reach the data directory; set blobs to an s3:// URL, or to the"
                " file:// URL of a directory that all hosts share"
            )
        return self

    @property
    def worker_count(self) -> int:
        """Worker processes, counted out."""
        return self.workers or len(os.sched_getaffinity(0))

    @property
    def database_url(self) -> str:
        """URL of the database, in the data directory where none is given."""
        return self.database or f"sqlite:///{self.data / 'whaleline.db'}"

    @property
    def blobs_url(self) -> str:
        """URL of the blob store, in the data directory where none is given."""
        return self.blobs or (self.data / "blobs").absolute().as_uri()


def _cannot_work(message: str) -> PydanticCustomError:
    # Shown as it is; braces in an operator's value are no placeholders.
    return PydanticCustomError("settings", "{message}", {"message": message})
