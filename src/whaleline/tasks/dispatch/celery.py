"""Workers on any host, woken by Celery through Redis or RabbitMQ.

A message says that a task waits and no more, and its loss does no harm: where more tasks wait in the table than
messages at the broker, the rest is sent again. So the broker need not keep anything on disk, and no result is stored
there.
"""

from __future__ import annotations

import uuid

import structlog
from amqp.exceptions import AMQPError
from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from whaleline.settings import Settings
from whaleline.tasks.dispatch import STARTUP_SECONDS, Dispatcher, Ended

_log = structlog.get_logger()

QUEUE = "whaleline-turns"
RUN = "whaleline.turn"

_CONNECT_SECONDS = 3
_SOCKET_SECONDS = 10
_HEARTBEAT_SECONDS = 30
_AWAY = (OperationalError, AMQPError, RedisError, OSError)
"""What clients of brokers raise while the broker is away."""


def make_app(settings: Settings) -> Celery:
    """Celery with Whaleline's configuration; connects when it is first used."""
    app = Celery("whaleline", broker=settings.broker, set_as_current=False)
    # A worker that dies takes its messages along, with no record of them at Redis, which cost it a third of its main
    # process's time. Their rows come back all the same, and sooner than messages would.
    redis = {
        "ack_emulation": False,
        "socket_connect_timeout": _CONNECT_SECONDS,
        "socket_timeout": _SOCKET_SECONDS,
    }
    app.conf.update(
        accept_content=["json"],
        broker_connection_max_retries=None,  # for ever
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=_CONNECT_SECONDS,
        broker_heartbeat=_HEARTBEAT_SECONDS,
        broker_transport_options=redis if settings.broker.startswith("redis") else {"confirm_publish": True},
        task_acks_late=True,
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0},
        task_reject_on_worker_lost=True,
        task_serializer="json",
        task_time_limit=settings.task_seconds,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # their claims hold all the same
        worker_concurrency=settings.worker_count,
        worker_disable_rate_limits=True,
        worker_hijack_root_logger=False,
        worker_max_memory_per_child=settings.worker_resident_mb * 1024,
        worker_prefetch_multiplier=1,
        worker_proc_alive_timeout=STARTUP_SECONDS,
        worker_redirect_stdouts=False,
    )
    return app


class CeleryDispatcher(Dispatcher):
    """Sends messages to the broker; the workers are `whaleline worker` processes. Safe to share between threads."""

    is_sole = False

    def __init__(self, settings: Settings) -> None:
        self._app = make_app(settings)

    def start(self, ended: Ended) -> None:
        """Does nothing; the database announces the ends of tasks."""

    def wake(self, count: int = 1) -> None:
        """Send so many messages. If the broker is away, they are sent when it is back, because the rows wait."""
        try:
            for _ in range(count):
                self._app.send_task(RUN, argsrepr="", kwargsrepr="")
        except _AWAY as error:
            _log.warning("the broker is away; workers are woken later", exc_info=error)

    def queued(self) -> int | None:
        """How many messages wait at the broker."""
        try:
            with self._app.connection_for_write() as connection, connection.channel() as channel:
                return int(self._app.amqp.queues[QUEUE](channel).queue_declare().message_count)
        except _AWAY as error:
            _log.warning("the broker is away", exc_info=error)
            return None

    def cancel(self, claim: str) -> None:
        """Kill the process that runs a task under this claim; does nothing if the broker is away."""
        try:
            self._app.control.revoke(claim.partition(".")[0], terminate=True, signal="SIGKILL")
        except _AWAY as error:
            _log.warning("the broker is away; a task that runs is not stopped", exc_info=error)

    def stop(self, grace: float) -> None:  # noqa: ARG002 - other processes run the tasks
        """Close the connections."""
        self._app.close()


def new_claim(message_id: str) -> str:
    """A claim that tells which message it is of, and is never used again though the message may come twice."""
    return f"{message_id}.{uuid.uuid4().hex}"
