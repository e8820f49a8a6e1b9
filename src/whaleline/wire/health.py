"""Resources for operators: whether the service is alive and ready, and its metrics."""

from __future__ import annotations

from anyio import to_thread
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from whaleline.tasks.lifecycle import Tasks
from whaleline.wire import schemas
from whaleline.wire.access import Access


def router(tasks: Tasks, access: Access) -> APIRouter:
    """The resources for operators; none requires a token, and none reveals anything about a client.

    Those that ask the database are counted by address.
    """
    routes = APIRouter(tags=["For operators"])

    @routes.head("/healthz", include_in_schema=False)  # some load balancers ask so
    @routes.get("/healthz", summary="Alive", response_class=Response)
    async def healthz() -> Response:
        """200 as long as the process is alive."""
        return Response("ok", media_type="text/plain")

    @routes.head("/readyz", include_in_schema=False)
    @routes.get(
        "/readyz",
        summary="Ready",
        response_class=Response,
        responses={503: schemas.problem("The service is not ready")},
    )
    async def readyz(request: Request) -> Response:
        """200 when the database can be reached and a worker is up."""
        access.count(request)
        await to_thread.run_sync(tasks.check_ready)
        return Response("ready", media_type="text/plain")

    @routes.get("/metrics", summary="Metrics for Prometheus", response_class=Response)
    async def metrics(request: Request) -> Response:
        """The metrics that docs/metrics.md lists, in Prometheus' text format."""
        access.count(request)
        await to_thread.run_sync(tasks.gauge)
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return routes
