"""Endpoints as plain functions: they run in threads, because the database and the marketplace's client block."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import TypeAlias

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .service import Service

__all__ = ["Endpoint", "add_route", "get_form", "has_key"]

Endpoint: TypeAlias = Callable[[Service, Request], Response]
MOST_FIELDS = 100


def add_route(
    service: Service,
    path: str,
    endpoint: Endpoint,
    *,
    methods: tuple[str, ...] = ("GET",),
    name: str | None = None,
    threads: CapacityLimiter | None = None,
) -> Route:
    """Return a route whose endpoint runs in a thread, with the request's body or form read before.

    `threads` gives the endpoint threads of its own, so that others cannot use them all up.
    """

    async def handle(request: Request) -> Response:
        content_type = request.headers.get("content-type", "")
        if content_type.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
            async with request.form(max_fields=MOST_FIELDS, max_files=1) as form:
                request.state.form = form
                return await to_thread.run_sync(endpoint, service, request, limiter=threads)
        request.state.body = await request.body()
        return await to_thread.run_sync(endpoint, service, request, limiter=threads)

    return Route(path, handle, methods=list(methods), name=name)


def get_form(request: Request) -> FormData:
    """Return the form that a page sent; empty if the request has none."""
    form: FormData = getattr(request.state, "form", FormData())
    return form


def has_key(request: Request, *keys: str) -> bool:
    """Return whether a request has one of the keys as its bearer token. Wrong ones all take the same time."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    given = token.strip().encode()
    matches = [hmac.compare_digest(given, key.encode()) for key in keys if key]
    return scheme.lower() == "bearer" and any(matches)
