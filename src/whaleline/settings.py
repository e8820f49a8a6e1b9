"""The one table of settings: environment, command line, docs and tests read it.

A setting is a field below. Its environment variable is WHALELINE_ and its name in capitals, its option on the command
line is the name with dashes; the description is the help text and the row in docs/settings.md.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, Self

from pydantic import DirectoryPath, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

_LEVELS = ("debug", "info", "warning", "error")


class Settings(BaseSettings):
    """What an operator may choose; frozen, and picklable so that workers get the same."""

    model_config = SettingsConfigDict(env_prefix="WHALELINE_", frozen=True, extra="forbid")

    data: Path = Field(
        Path("whaleline-data"),
        description="Directory of the embedded database, the blobs and the signing key.",
    )
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on; 0 for any free one.")
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
        True,
        description="Require access tokens. Without them, everybody who reaches the service may use it, and fetch any"
        " task whose id they know; each address counts as a client.",
    )
    allowed_hosts: str = Field(
        "",
        description="Host names, separated by commas, under which the service answers requests without an access token;"
        " IP addresses and localhost are always allowed.",
    )
    workers: int = Field(0, ge=0, description="Worker processes; 0 for as many as there are processor cores.")
    worker_memory_mb: int = Field(
        6144,
        ge=1024,
        description="Mebibytes of address space that a worker may use; a task that needs more ends as Error.",
    )
    worker_resident_mb: int = Field(
        1024,
        ge=1,
        description="Mebibytes of memory after a task above which a worker process is replaced.",
    )
    task_seconds: int = Field(120, ge=1, description="Seconds a task may run before its worker is killed.")
    drain_seconds: int = Field(30, ge=0, description="Seconds that running tasks get to finish when the service stops.")
    retention_seconds: int = Field(86400, ge=1, description="Seconds after submission for which a result is kept.")
    row_answer_bytes: int = Field(
        4096,
        ge=0,
        description="Largest answer, in bytes, that is stored in the database with its task; a larger one is a blob. 0"
        " keeps all results out of the database.",
    )
    lease_seconds: float = Field(
        30.0,
        ge=1,
        description="Seconds without a sign of life after which a worker on another host counts as lost, and others"
        " take its tasks. In this time, each process checks three times for overdue, lost and expired tasks.",
    )
    hold_seconds: float = Field(
        20.0,
        ge=0,
        le=30,
        description="Seconds that GET waits for a task to end, unless the request prefers otherwise.",
    )
    max_body_bytes: int = Field(100 * 1024 * 1024, ge=1024, description="Largest request body, in bytes.")
    max_held_bytes: int = Field(
        512 * 1024 * 1024,
        ge=1024,
        description="Largest sum of all request bodies at the same time, in bytes; more get 503.",
    )
    max_connections: int = Field(
        4096,
        ge=2,
        description="Most open connections; more wait to be accepted. Waiting GET requests may take half of them.",
    )
    body_bytes_per_second: int = Field(
        64 * 1024,
        ge=0,
        description="Slowest request body, measured over 10 seconds; a slower one gets 408. 0 for no limit.",
    )
    max_pixels: int = Field(128_000_000, ge=1, description="Most pixels (width x height) of an image.")
    max_queue: int = Field(10_000, ge=1, description="Tasks that may wait for a worker; more get 503 with Retry-After.")
    trial: bool = Field(
        False,
        description="Offer RecognizeImageTrial, which needs no access token. Each address is a client of its own, whose"
        " tasks come after all others; it may send a few small files a minute, of which the first page is read.",
    )
    max_open_tasks: int = Field(
        2_000, ge=1, description="Tasks of one client that may wait or run; more get 503 with Retry-After."
    )
    client_requests_per_minute: int = Field(
        60_000, ge=0, description="Requests of one client within a minute; more get 429. 0 for no limit."
    )
    address_requests_per_minute: int = Field(
        60_000, ge=0, description="Requests from one address within a minute; more get 429. 0 for no limit."
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses or networks of proxies, separated by commas, whose X-Forwarded headers are trusted.",
    )
    max_side: int = Field(65_535, ge=1, description="Most pixels of an image's width or height.")
    max_pages: int = Field(2_000, ge=1, description="Most pages of a document.")
    max_drawn_pixels: int = Field(
        20_000_000_000,
        ge=1,
        description="Most pixels of all pages together that one task reads.",
    )
    max_image_bytes: int = Field(
        75 * 1024 * 1024, ge=1, description="Largest image file, in bytes, decoded from Base64."
    )
    max_regions: int = Field(500, ge=1, description="Most regions of one task.")
    max_region_pixels: int = Field(
        256_000_000,
        ge=1,
        description="Most pixels of all regions of a page together, after turning and enlarging.",
    )
    max_json_values: int = Field(
        100_000, ge=100, description="Most values in a request's JSON; a region has about ten."
    )
    tessdata: DirectoryPath | None = Field(
        None,
        description="Folder with more traineddata files; used before the bundled ones and the system's.",
    )
    metrics_port: int = Field(
        0,
        ge=0,
        le=65535,
        description="Port on which `whaleline worker` serves its metrics, on the host address; 0 for none.",
    )
    log_level: str = Field(
        "info",
        description="Lowest level of log lines: debug, info, warning or error. Libraries log warnings and errors only,"
        " unless they are named with a level of their own, as in info,celery=debug; such lines may show what clients"
        " send.",
    )
    log_format: Literal["text", "json"] = Field("text", description="Format of log lines: text for people, or json.")

    otlp_endpoint: str = Field(
        "", description="URL of an OpenTelemetry collector (OTLP over HTTP) for traces; needs whaleline[tracing]."
    )

    @field_validator("log_level")
    @classmethod
    def _refuse_unknown_levels(cls, value: str) -> str:
        own, *others = value.split(",")
        for level in (own, *(each.partition("=")[2] for each in others)):
            if level not in _LEVELS:
                raise _cannot_work(
                    f"it must be one of {', '.join(_LEVELS)}, and LIBRARY= with one of them behind commas"
                )
        return value

    @model_validator(mode="after")
    def _refuse_what_cannot_work_together(self) -> Self:
        schemes = {"broker": ("redis", "rediss", "amqp", "amqps"), "blobs": ("s3", "file")}
        for name, known in schemes.items():
            value = getattr(self, name)
            if value and value.partition("://")[0] not in known:
                raise _cannot_work(f"{name}: {value!r}: it must begin with {' or '.join(f'{k}://' for k in known)}")
        self._refuse_what_is_not_installed()
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

    def _refuse_what_is_not_installed(self) -> None:
        """Say so before anything is imported; the extra `scaled` has all of these."""
        needed = {"psycopg": ("database", "postgres"), "redis": ("broker", "redis"), "celery": ("broker", "")}
        for module, (name, prefix) in needed.items():
            value = getattr(self, name)
            if value and value.startswith(prefix) and find_spec(module) is None:
                raise _cannot_work(f"{name}: {module} is not installed; pip install 'whaleline[scaled]'")

    @property
    def log_levels(self) -> dict[str, str]:
        """Least levels by logger; that of Whaleline's own lines is under the empty name."""
        own, *others = self.log_level.split(",")
        return {"": own} | {name: level for name, _, level in (each.partition("=") for each in others)}

    @property
    def worker_count(self) -> int:
        """Worker processes, counted out."""
        return self.workers or len(os.sched_getaffinity(0))

    @property
    def look_seconds(self) -> float:
        """Seconds between two looks around."""
        return self.lease_seconds / 3

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
