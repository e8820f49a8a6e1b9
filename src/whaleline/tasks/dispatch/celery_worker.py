"""A host's workers under Celery: a main process that takes messages, and its forked children that run tasks.

The main process gives each message it takes a fresh claim, renews the claims of what its children run, and tells what
ends badly. It must stay away from images, engines and blobs: its children are forked from it, again and again.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import orjson
import structlog
from billiard.exceptions import TimeLimitExceeded, WorkerLostError
from celery import Celery, signals
from celery.worker import state
from celery.worker.request import Request
from prometheus_client import start_http_server

from whaleline import logs, metrics
from whaleline.errors import ConfigurationError, Unavailable
from whaleline.settings import Settings
from whaleline.tasks import worker
from whaleline.tasks.attempts import Attempts, Keeper
from whaleline.tasks.dispatch import Failure, Report
from whaleline.tasks.dispatch.celery import RUN, CeleryDispatcher, make_app
from whaleline.tasks.sql import Store

_log = structlog.get_logger()

_RENEWALS = 3
"""How often a claim is renewed within its lease, so that one may fail."""

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


class _TooLarge(Exception):
    """A task needs more memory than a worker has. Celery takes a MemoryError for the main process's own."""


def work(settings: Settings, arguments: Sequence[str], tell: Callable[[str], None]) -> None:
    """Run tasks until a signal ends it: the first lets running tasks finish, a second ends them.

    Args:
        settings: with a broker.
        arguments: further ones for Celery's own command, for example --autoscale=8,2.
        tell: called with each line that the operator should see.

    Raises:
        ConfigurationError: a setting cannot work, or the database's tables are of another version.
        Unavailable: the database cannot be reached.
    """
    logs.configure(settings)
    store = Store(settings.database_url)
    store.check_schema()
    host = _Host(settings, store)
    app = make_app(settings)
    _add_task(app, host, settings.lease_seconds)
    served = _serve_metrics(settings)
    receivers = (
        (signals.setup_logging, lambda **_: None),  # whoever receives it spares its own set-up to Celery
        (signals.worker_ready, lambda **_: tell("Whaleline's worker is ready")),
        (signals.worker_process_init, lambda **_: _start_child(settings, served)),
        (signals.worker_process_shutdown, lambda **_: worker.stop()),
    )
    for happening, receiver in receivers:
        happening.connect(receiver, weak=False)
    host.keeper.start()
    # RabbitMQ gives each name to one process only, and may hold on to that of a host that died.
    name = f"--hostname=whaleline-{uuid.uuid4().hex[:8]}@%h"
    try:
        app.worker_main(["worker", "--pool=prefork", "--without-gossip", "--without-mingle", name, *arguments])
    finally:
        host.keeper.stop()
        host.release()
        store.close()


class _Host:
    """What the main process knows of its children's tasks."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._attempts = Attempts(settings, store, CeleryDispatcher(settings))
        self._next_reconcile = 0.0
        seconds = min(settings.lease_seconds / _RENEWALS, settings.reconcile_seconds)
        self.keeper = Keeper(self._attempts, seconds, self._look_around)

    def on_report(self, task_id: str, told: str) -> None:
        if report := _report(told):
            metrics.ENDED.labels(report.operation, report.status, report.code).inc()
            for stage, seconds in report.seconds.items():
                metrics.STAGES.labels(stage).observe(seconds)
            _log.info("task ended", task=task_id, status=report.status, code=report.code)

    def on_failure(self, task_id: str, claim: str, error: BaseException) -> None:
        _log.warning("a run did not end well", task=task_id, exc_info=error)
        self.keeper.tell(task_id, self._failure(claim, error))

    def release(self) -> None:
        """Give back what was broken off by the end of this host, without counting the attempt."""
        try:
            for task_id, claim in _running().items():
                self._store.release(task_id, claim, refund=True)
        except Unavailable as error:
            _log.warning("interrupted tasks are left to the end of their claims", exc_info=error)

    def _look_around(self) -> None:
        self._store.renew(_running(), time.time() + self._settings.lease_seconds)
        if time.monotonic() >= self._next_reconcile:
            self._next_reconcile = time.monotonic() + self._settings.reconcile_seconds
            with self._store.housekeeping() as is_ours:
                if is_ours:
                    self._attempts.take_back_overdue()
                    self._attempts.send_lost()

    def _failure(self, claim: str, error: BaseException) -> Failure:
        if isinstance(error, Unavailable):
            return Failure(str(error), is_storage=True, claim=claim)
        if isinstance(error, TimeLimitExceeded):
            metrics.WORKER_RESTARTS.labels("time limit").inc()
            reason = f"It took longer than {self._settings.task_seconds} seconds and was stopped."
        elif isinstance(error, WorkerLostError):
            metrics.WORKER_RESTARTS.labels("died at work").inc()
            reason = (
                "Its worker process was killed, which the system does when memory runs out."
                if "SIGKILL" in str(error)
                else "Its worker process died."
            )
        elif isinstance(error, _TooLarge):
            reason = "It needs more memory than a worker has."
        else:
            reason = "It failed by a fault of the service."
        return Failure(reason, claim=claim)


def _report(told: str) -> Report | None:
    """What a child's task returned, of which Celery hands the main process the repr: so it is in hexadecimal digits."""
    report = bytes.fromhex(told.strip("'"))
    return Report(**orjson.loads(report)) if report else None


def _running() -> dict[str, str]:
    """Claims of the tasks that this host's children have begun, by task."""
    return {request.id: request.request_dict["claim"] for request in tuple(state.active_requests)}


def _add_task(app: Celery, host: _Host, lease: float) -> None:
    class ClaimedRequest(Request):  # type: ignore[misc]
        """A message taken: with a claim of its own, and with word of how it ended."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.request_dict["claim"] = uuid.uuid4().hex
            # Celery derives from this class, with an on_success that does not call ours.
            self._celerys_on_success = getattr(self, "on_success")  # noqa: B009
            self.on_success = self._on_success

        def _on_success(self, failed__retval__runtime: tuple[bool, Any, float], **options: Any) -> None:
            failed, value, _ = failed__retval__runtime
            if not failed:
                host.on_report(self.id, value)
            self._celerys_on_success(failed__retval__runtime, **options)

        def on_failure(self, exc_info: Any, *arguments: Any, **options: Any) -> None:
            super().on_failure(exc_info, *arguments, **options)
            error = exc_info.exception  # for a task past its time limit, too
            host.on_failure(self.id, self.request_dict["claim"], getattr(error, "exc", error))

    @app.task(bind=True, name=RUN, Request=ClaimedRequest)  # type: ignore[untyped-decorator]
    def run(task: Any, task_id: str) -> str:
        try:
            report = worker.run(task_id, task.request.claim, lease)
            # PostgreSQL has told all APIs of the answer.
            return orjson.dumps(replace(report, answer=None)).hex() if report else ""
        except MemoryError:
            raise _TooLarge from None


def _serve_metrics(settings: Settings) -> socket.socket | None:
    """Answer Prometheus in a thread of its own; the socket it listens on."""
    if not settings.metrics_port:
        return None
    try:
        server, _ = start_http_server(settings.metrics_port, settings.host)
    except OSError as error:
        where = f"{settings.host}:{settings.metrics_port}"
        raise ConfigurationError(f"metrics_port: {where}: {error.strerror or error}") from error
    return server.socket


def _start_child(settings: Settings, inherited: socket.socket | None) -> None:
    try:
        if inherited is not None:
            inherited.close()
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # a host's children end with it
        worker.start(settings)
    except BaseException as error:  # Celery would log it and use the process all the same
        _log.critical("a worker process did not come up", exc_info=error)
        os._exit(1)
