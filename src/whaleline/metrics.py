"""The metrics for Prometheus; docs/metrics.md lists them."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series more for each, which says only when the process began to count
_STAGE_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)

ACCEPTED = Counter("whaleline_tasks_accepted", "Tasks accepted.", ["operation"])
ENDED = Counter("whaleline_tasks_ended", "Tasks that ended, by their status and code.", ["operation", "status", "code"])
PAGES = Counter("whaleline_pages_ended", "Pages of documents with several that ended.", ["operation", "status"])
CANCELLED = Counter("whaleline_tasks_cancelled", "Tasks that a client cancelled or erased.")
EXPIRED = Counter("whaleline_tasks_expired", "Tasks erased at the end of their retention.")
FAILED_ATTEMPTS = Counter(
    "whaleline_attempts_failed", "Attempts at tasks and pages that failed, whether tried again or given up."
)
STAGES = Histogram(
    "whaleline_stage_seconds",
    "Seconds that a task, or a page of a document, spent in a stage: queue, input, perform, store.",
    ["stage"],
    buckets=_STAGE_BUCKETS,
)
WORKER_RESTARTS = Counter("whaleline_worker_restarts", "Worker processes replaced, by the reason.", ["reason"])
REJECTS = Counter("whaleline_rejects", "Requests refused, by the reason.", ["reason"])
HOLDS = Gauge("whaleline_holds", "GET requests that wait for a task to end.")
BODIES = Gauge("whaleline_bodies", "Request bodies that are being read.")
WAITING = Gauge("whaleline_queue_depth", "Tasks, and pages of documents, that wait for a worker.")
OLDEST = Gauge("whaleline_queue_age_seconds", "Age of the oldest of these.")
IN_FLIGHT = Gauge("whaleline_tasks_in_flight", "Tasks, and pages of documents, that a worker has claimed.")
