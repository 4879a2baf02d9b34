"""Middleware that counts, times and logs requests, by the template of their route: never by path, query or body."""

from __future__ import annotations

import logging
import re
import time
import uuid
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .logs import request_id
from .metrics import Metrics

__all__ = ["ObserveRequests"]

logger = logging.getLogger(__name__)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Routes that are asked all the time: logged only when they fail."""
UNMATCHED = "unmatched"


class ObserveRequests:
    """Gives each request an id, counts it and logs a line when it is answered."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        identifier = _read_id(Headers(scope=scope).get("x-request-id", ""))
        request_id.set(identifier)  # not reset: the server logs an exception in the same context
        start, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["x-request-id"] = identifier
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            self._report(scope, status, time.perf_counter() - start)

    def _report(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in METHODS else "other"
        route = find_template(scope)
        self._metrics.requests.labels(method, route, str(status)).observe(seconds)
        if route not in QUIET or status >= 500:
            fields = {"method": method, "route": route, "status": status, "seconds": round(seconds, 4)}
            logger.log(logging.ERROR if status >= 500 else logging.INFO, "request", extra=fields)


def _read_id(given: str) -> str:
    """Return the id that a proxy gave, if it looks like one; else a new one."""
    return given if re.fullmatch(r"[\w-]{8,64}", given, re.ASCII) else uuid.uuid4().hex


def find_template(scope: Scope) -> str:
    """Return the path of the route that a request goes to, with the names of its parameters: `/account/{id}`."""
    routes: list[Any] = getattr(scope.get("app"), "routes", [])
    for route in routes:
        if route.matches(scope)[0] is not Match.NONE:
            return str(getattr(route, "path", UNMATCHED))
    return UNMATCHED
