"""Resources for operators: whether the service is alive and ready, and its metrics.

None requires a token, and none reveals anything about a client. Those that ask the database are counted by address.
"""

from __future__ import annotations

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from whaleline.wire import schemas
from whaleline.wire.parameters import COUNTED, Shared

router = APIRouter(tags=["For operators"])


@router.head("/healthz", include_in_schema=False)  # some load balancers ask so
@router.get("/healthz", summary="Alive", response_class=Response)
async def healthz() -> Response:
    """200 as long as the process is alive."""
    return PlainTextResponse("ok")


@router.head("/readyz", include_in_schema=False, dependencies=[COUNTED])
@router.get(
    "/readyz",
    summary="Ready",
    response_class=Response,
    responses={503: schemas.problem("The service is not ready")},
    dependencies=[COUNTED],
)
def readyz(service: Shared) -> Response:
    """200 when the database can be reached and a worker is up."""
    service.tasks.check_ready()
    return PlainTextResponse("ready")


@router.get("/metrics", summary="Metrics for Prometheus", response_class=Response, dependencies=[COUNTED])
def metrics(service: Shared) -> Response:
    """The metrics that docs/metrics.md lists, in Prometheus' text format."""
    service.tasks.gauge()
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
