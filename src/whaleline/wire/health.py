"""What those who run the service ask it: alive, ready, and the metrics."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from whaleline.tasks.lifecycle import Tasks
from whaleline.wire import schemas
from whaleline.wire.threads import Threads


def router(tasks: Tasks, threads: Threads) -> APIRouter:
    """The resources for operators; none asks for a token, and none tells anything of a client."""
    routes = APIRouter(tags=["For operators"])

    @routes.head("/healthz", include_in_schema=False)  # some load balancers ask so
    @routes.get("/healthz", summary="Alive", response_class=Response)
    async def healthz() -> Response:
        """200 as long as the service answers at all."""
        return Response("ok", media_type="text/plain")

    @routes.head("/readyz", include_in_schema=False)
    @routes.get("/readyz", summary="Ready", response_class=Response, responses={503: {"model": schemas.ProblemDetails}})
    async def readyz() -> Response:
        """200 when the database can be reached and a worker is up."""
        await threads.run(tasks.check_ready)
        return Response("ready", media_type="text/plain")

    @routes.get("/metrics", summary="Metrics for Prometheus", response_class=Response)
    async def metrics() -> Response:
        """The metrics that docs/metrics.md lists, in Prometheus' text format."""
        await threads.run(tasks.gauge)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes
