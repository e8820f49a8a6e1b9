"""A host's workers under Celery: a main process that takes messages, and its forked children that run tasks.

The main process gives each message that it takes a fresh claim, renews the claims of what its children run, and tells
what ends badly. It must stay away from images, engines and blobs: its children are forked from it, again and again.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import signal
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Sequence
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
from whaleline.tasks.dispatch import DIED, KILLED, TOO_LARGE, Failure, Report, failure_of, took_too_long
from whaleline.tasks.dispatch.celery import RUN, CeleryDispatcher, make_app, new_claim
from whaleline.tasks.sql import Store

_log = structlog.get_logger()

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
    heard, said = os.pipe()
    threading.Thread(target=host.hear, args=(heard,), name="reports", daemon=True).start()
    _add_task(app, host, settings.lease_seconds, said)
    served = _serve_metrics(settings)
    receivers = (
        (signals.setup_logging, lambda **_: None),  # whoever receives it spares its own set-up to Celery
        (signals.worker_ready, lambda **_: tell("Whaleline's worker is ready")),
        (signals.worker_process_init, functools.partial(_start_child, settings, served, os.getpid())),
        # In a signal's handler, where nothing may be logged.
        (signals.worker_shutting_down, lambda how, **_: _shutting_down(how, said)),
    )
    sys.__stdout__ = None  # type: ignore[misc]  # where Celery says the same past all loggers; Python allows for none
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


def _shutting_down(how: str, said: int) -> None:
    if how == "Warm":
        with contextlib.suppress(OSError):
            os.write(1, b"Waiting for running tasks to finish. Ctrl-C again breaks them off.\n")
    os.write(said, orjson.dumps({"shutdown": how}) + b"\n")


class _Host:
    """What the main process knows of its children's tasks."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self._settings = settings
        self._store = store
        self._dispatcher = CeleryDispatcher(settings)
        self._attempts = Attempts(store, self._dispatcher)
        self.keeper = Keeper(self._attempts, settings.look_seconds, self._look_around)

    def hear(self, reports: int) -> None:
        """Count what children report about their tasks, a line each, for as long as this process lives."""
        with os.fdopen(reports) as lines:
            for line in lines:
                told = orjson.loads(line)
                if "shutdown" in told:
                    _log.info("the worker is to end", how=told["shutdown"].lower())
                    continue
                report = Report(**told)
                report.tell()
                self._dispatcher.wake(report.ready)

    def on_failure(self, claim: str, error: BaseException) -> None:
        """Record a failed attempt."""
        _log.warning("a run did not end well", exc_info=error)
        self.keeper.tell(claim, self._failure(error))

    def release(self) -> None:
        """Return what the end of this host interrupted, without counting the attempt."""
        try:
            for claim in _running():
                if (task := self._store.claimed(claim)) is not None:
                    self._store.release(task, time.time(), refund=True)
        except Unavailable as error:
            _log.warning("interrupted tasks are left to the end of their claims", exc_info=error)

    def _look_around(self) -> None:
        self._store.renew(_running(), time.time() + self._settings.lease_seconds)
        with self._store.housekeeping() as is_ours:
            if is_ours:
                self._attempts.take_back_overdue()
                self._attempts.wake_waiting()

    def _failure(self, error: BaseException) -> Failure:
        if isinstance(error, TimeLimitExceeded):
            metrics.WORKER_RESTARTS.labels("time limit").inc()
            return took_too_long(self._settings.task_seconds)
        if isinstance(error, WorkerLostError):
            metrics.WORKER_RESTARTS.labels("died at work").inc()
            return KILLED if "SIGKILL" in str(error) else DIED
        return TOO_LARGE if isinstance(error, _TooLarge) else failure_of(error)


def _running() -> list[str]:
    """Claims of what this host's children have begun."""
    return [request.request_dict["claim"] for request in tuple(state.active_requests)]


def _add_task(app: Celery, host: _Host, lease: float, said: int) -> None:
    class ClaimedRequest(Request):  # type: ignore[misc]
        """A message that was taken: it has its own claim, and reports its failure."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self.request_dict["claim"] = new_claim(self.id)

        def on_failure(self, exc_info: Any, *arguments: Any, **options: Any) -> None:
            super().on_failure(exc_info, *arguments, **options)
            error = exc_info.exception  # for a task past its time limit, too
            host.on_failure(self.request_dict["claim"], getattr(error, "exc", error))

    @app.task(bind=True, name=RUN, Request=ClaimedRequest)  # type: ignore[untyped-decorator]
    def run(task: Any) -> None:
        try:
            if report := worker.run(task.request.claim, lease):
                os.write(said, orjson.dumps(report) + b"\n")  # whole, since it is shorter than PIPE_BUF
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


def _start_child(settings: Settings, inherited: socket.socket | None, parent: int, **_: object) -> None:
    try:
        if inherited is not None:
            inherited.close()
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)  # a host's children end with it
            if os.getppid() != parent:  # which has died before
                os._exit(1)
        worker.start(settings)
    except BaseException as error:  # Celery would log it and use the process all the same
        _log.critical("a worker process did not come up", exc_info=error)
        os._exit(1)
