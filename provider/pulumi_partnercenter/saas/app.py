"""The SaaS service as one ASGI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ..errors import Unavailable
from ..fulfillment import FulfillmentClient
from . import account, landing, pages, publisher, sign_in, tracing, usage_api, webhook
from .database import Database
from .handler_loading import load_handlers
from .handlers import Handlers
from .health import list_health_routes
from .job_kinds import JOB_KINDS
from .metrics import Metrics
from .observation import ObserveRequests
from .security import Harden
from .service import Service, read_clock
from .settings import ServiceSettings
from .worker import Worker

__all__ = ["create_app"]


def create_app(
    settings: ServiceSettings,
    handlers: Handlers | None = None,
    *,
    now: Callable[[], datetime] = read_clock,
    runs_jobs: bool = True,
) -> Starlette:
    """Create the service: landing page, webhook, publisher's pages and usage API, and the jobs behind them.

    `handlers` is the publisher's code; None: the one that the settings name, or nothing. The tables must be current
    (`Database.migrate`). Serve it with one process for each replica; several replicas need PostgreSQL. Without
    `runs_jobs` it only adds jobs, for other processes.
    """
    metrics = Metrics()
    service = Service(
        settings,
        Database(settings.database_url),
        FulfillmentClient(settings.fulfillment),
        handlers or load_handlers(settings, now=now, metrics=metrics),
        now,
        metrics,
    )

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        worker = Worker(service, JOB_KINDS)
        if runs_jobs:
            worker.start()
            app.state.worker = worker
        try:
            yield
        finally:
            await to_thread.run_sync(worker.stop)
            service.close()
            if traces is not None:
                await to_thread.run_sync(traces.shutdown)

    traces = tracing.create_provider() if settings.has_traces else None
    service.metrics.watch(service.database, now, settings.secret_expires_at)
    handle = pages.create_error_handler(service)
    app = Starlette(
        routes=list_routes(service),
        middleware=[
            *([tracing.trace_requests(traces)] if traces is not None else []),
            Middleware(ObserveRequests, metrics=service.metrics),
            Middleware(ProxyHeadersMiddleware, trusted_hosts=[*settings.trusted_proxies]),
            Middleware(Harden, service=service, handle_error=handle),
        ],
        lifespan=lifespan,
        exception_handlers={
            **dict.fromkeys((HTTPException, Unavailable, Exception), handle),
            ClientDisconnect: _answer_nobody,
        },
    )
    app.state.service = service
    return app


def _answer_nobody(_request: Request, _error: Exception) -> Response:
    """Answer a request whose client has gone before it was read."""
    return Response(status_code=499)


def list_routes(service: Service) -> list[BaseRoute]:
    """Return the routes of every part."""
    return [
        *list_health_routes(service),
        *webhook.list_routes(service),
        *pages.list_routes(service),
        *sign_in.list_routes(service),
        *landing.list_routes(service),
        *account.list_routes(service),
        *usage_api.list_routes(service),
        *publisher.list_routes(service),
    ]
