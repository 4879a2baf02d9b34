"""`/healthz`, `/readyz` and `/metrics`: for the platform that runs the service, and for who watches it."""

from __future__ import annotations

from anyio import CapacityLimiter
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from ..errors import Unavailable
from .endpoints import add_route, has_key
from .service import Service
from .worker import Worker

__all__ = ["list_health_routes"]

THREADS = 2
"""Threads of these routes alone: they answer also while all others are busy."""


def list_health_routes(service: Service) -> list[BaseRoute]:
    threads = CapacityLimiter(THREADS)
    return [
        Route("/healthz", report_health, name="health"),
        add_route(service, "/readyz", report_readiness, name="readiness", threads=threads),
        add_route(service, "/metrics", report_metrics, name="metrics", threads=threads),
    ]


async def report_health(_request: Request) -> Response:
    """Answer that the process lives, without a look at anything else: a restart would mend nothing else."""
    return PlainTextResponse("ok\n")


def report_readiness(service: Service, request: Request) -> Response:
    """Answer whether the service works: database reachable, tables of this version, jobs of this process running."""
    try:
        is_current = service.database.is_current()
    except Unavailable:
        return PlainTextResponse("the database cannot be reached\n", 503)
    if not is_current:
        return PlainTextResponse(
            "the database is of another version: run `partnercenter saas migrate`\n", 503
        )
    worker: Worker | None = getattr(request.app.state, "worker", None)
    if worker is not None and (problem := worker.find_problem()):
        return PlainTextResponse(f"{problem}\n", 503)
    return PlainTextResponse("ready\n")


def report_metrics(service: Service, request: Request) -> Response:
    """Answer with all metrics; 404 where the settings have no key, 401 without it."""
    key = service.settings.metrics_key
    if not key:
        return PlainTextResponse("metrics are off: PARTNERCENTER_SAAS_METRICS_KEY is not set\n", 404)
    if not has_key(request, key):
        return PlainTextResponse(
            "send the metrics key as bearer token\n", 401, {"WWW-Authenticate": "Bearer"}
        )
    return Response(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)
