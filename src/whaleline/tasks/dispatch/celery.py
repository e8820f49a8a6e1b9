"""Ids brought to workers on any host by Celery, on Redis or RabbitMQ.

A message is a task's id and nothing else, and its loss does no harm: the row says that the task waits, and what waits
in the table without waiting at the broker is sent again. So the broker need not keep anything on disk, and no result is
stored there.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import structlog
from amqp.exceptions import AMQPError
from celery import Celery
from kombu.entity import Queue
from kombu.exceptions import OperationalError
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import redis as kombu_redis
from redis.exceptions import RedisError

from whaleline.settings import Settings
from whaleline.tasks.dispatch import Dispatcher, Ended

_log = structlog.get_logger()

QUEUE = "whaleline"
RUN = "whaleline.run"

_LEAST_URGENT = 7  # RFC 9218, section 4.1
_CONNECT_SECONDS = 3
_SOCKET_SECONDS = 10
_HEARTBEAT_SECONDS = 30
_STARTUP_SECONDS = 120
"""How long a worker process may take to load its engines."""

_AWAY = (OperationalError, AMQPError, RedisError, OSError)
"""What clients of brokers raise while the broker is away."""


class _Channel(kombu_redis.Channel):
    """Keeps a client, where kombu makes one for each command: 60 of the 270 microseconds that sending an id takes.

    A client is no connection but a view of the pool, so it is as good as a new one until the pool is. Were kombu to
    rename the method, its own rule would hold again.
    """

    _kept: Any = None

    def _create_client(self, asynchronous: bool = False) -> Any:
        if asynchronous:
            return super()._create_client(asynchronous=True)  # type: ignore[no-untyped-call]
        if self._kept is None or self._kept.connection_pool is not self.pool:
            self._kept = super()._create_client()  # type: ignore[no-untyped-call]
        return self._kept


class RedisTransport(kombu_redis.Transport):
    """kombu's, with that channel."""

    Channel = _Channel


def make_app(settings: Settings) -> Celery:
    """Celery with all that Whaleline asks of it; connects when it is first used."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), f"{__name__}:{RedisTransport.__name__}"))
    app = Celery("whaleline", broker=settings.broker, set_as_current=False)
    is_redis = _is_redis(settings.broker)
    app.conf.update(
        accept_content=["json"],
        broker_connection_max_retries=None,  # for ever
        broker_connection_retry_on_startup=True,
        broker_connection_timeout=_CONNECT_SECONDS,
        broker_heartbeat=_HEARTBEAT_SECONDS,
        broker_transport_options=_redis_options() if is_redis else {"confirm_publish": True},
        task_acks_late=True,
        task_create_missing_queues=False,
        task_default_queue=QUEUE,
        task_ignore_result=True,
        task_publish_retry_policy={"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0},
        task_queues=[_queue()],
        task_reject_on_worker_lost=True,
        task_serializer="json",
        task_time_limit=settings.task_seconds,
        worker_cancel_long_running_tasks_on_connection_loss=False,  # their claims hold all the same
        worker_concurrency=settings.worker_count,
        worker_disable_rate_limits=True,
        worker_hijack_root_logger=False,
        worker_max_memory_per_child=settings.worker_resident_mb * 1024,
        worker_max_tasks_per_child=settings.worker_tasks or None,
        worker_prefetch_multiplier=1,
        worker_proc_alive_timeout=_STARTUP_SECONDS,
        worker_redirect_stdouts=False,
    )
    return app


class CeleryDispatcher(Dispatcher):
    """Sends ids to the broker; the workers are `whaleline worker` processes. Safe to share between threads."""

    is_sole = False

    def __init__(self, settings: Settings) -> None:
        self._app = make_app(settings)
        self._is_redis = _is_redis(settings.broker)
        # RabbitMQ drops what is sent to a queue that is not there; to Redis a queue is what was sent.
        self._declared = [] if self._is_redis else [_queue()]

    def start(self, ended: Ended) -> None:
        """Nothing to start; ends are told by the database."""

    def submit(self, task_id: str, priority: int, created: float) -> None:  # noqa: ARG002 - the broker keeps the order
        """Send an id. Where the broker is away, it is sent when the broker is back, since its row waits."""
        # As Celery's send_task does, but for its search for what a queue, a route and a task may ask for and these do
        # not, which takes 120 of 330 microseconds.
        message = self._app.amqp.create_task_message(
            task_id,
            RUN,
            (task_id,),
            argsrepr="",  # for logs and monitors, which show the id anyway
            kwargsrepr="",
            ignore_result=True,
        )
        try:
            with self._app.producer_pool.acquire(block=True) as producer:
                producer.publish(
                    message.body,
                    routing_key=QUEUE,
                    # Redis serves the lowest number first, RabbitMQ the highest.
                    priority=priority if self._is_redis else _LEAST_URGENT - priority,
                    serializer="json",
                    headers=message.headers,
                    declare=self._declared,
                    retry=True,
                    retry_policy=self._app.conf.task_publish_retry_policy,
                    **message.properties,
                )
        except _AWAY as error:
            _log.warning("the broker is away; the task is sent later", task=task_id, exc_info=error)

    def queued(self) -> int | None:
        """How many messages wait at the broker."""
        try:
            with self._app.pool.acquire(block=True, timeout=_SOCKET_SECONDS) as connection:
                count, _ = connection.autoretry(_count, max_retries=1, interval_start=0)()
        except _AWAY as error:
            _log.warning("the broker is away", exc_info=error)
            return None
        return int(count)

    def cancel(self, task_id: str) -> None:
        """Tell all workers to drop an id, and to kill the process that runs it; lost if the broker is away."""
        try:
            self._app.control.revoke(task_id, terminate=True, signal="SIGKILL")
        except _AWAY as error:
            _log.warning("the broker is away; a task that runs is not stopped", task=task_id, exc_info=error)

    def is_ready(self) -> bool:
        """Always: what is submitted waits for workers in the table, whether there are any at the moment or not."""
        return True

    def wait_ready(self, seconds: float) -> bool:  # noqa: ARG002
        """At once."""
        return True

    def heal(self) -> None:
        """Nothing: a worker looks after its own processes."""

    def stop(self, grace: float) -> None:  # noqa: ARG002 - other processes run the tasks
        """Close the connections."""
        self._app.close()


def _count(channel: Any) -> int:
    """Messages that wait; makes the queue if it is not there."""
    return int(_queue()(channel).queue_declare().message_count)


def _queue() -> Any:
    # x-max-priority is RabbitMQ's; Redis has no need of it.
    arguments = {"x-max-priority": _LEAST_URGENT}
    return Queue(QUEUE, routing_key=QUEUE, queue_arguments=arguments)  # type: ignore[no-untyped-call]


def _is_redis(broker: str) -> bool:
    return urlsplit(broker).scheme.startswith("redis")


def _redis_options() -> dict[str, Any]:
    return {
        # One list for each urgency, served in order. The separator in their names stays kombu's own, two control
        # characters, since Celery's tools (inspect, Flower) must find it in the bindings.
        "priority_steps": list(range(_LEAST_URGENT + 1)),
        "queue_order_strategy": "priority",
        # A worker that dies takes its messages along, with no record of them at Redis, which cost it a third of its
        # main process's time. Their rows come back all the same, and sooner than messages would.
        "ack_emulation": False,
        "socket_connect_timeout": _CONNECT_SECONDS,
        "socket_timeout": _SOCKET_SECONDS,
    }
