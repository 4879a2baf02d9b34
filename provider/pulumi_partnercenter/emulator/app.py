"""Routes: which request is which operation. Parses requests, checks tokens, renders answers; knows no rule."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from . import blobs, errors
from .binding import parsed
from .blobs import Blobs
from .control import Control
from .entra import Entra
from .faults import Faults, Wire
from .gate import Gate
from .service import Answer, Call, Operation, Pace, Service
from .state import Clock, Store
from .submission import SERVICE as SUBMISSION
from .uploads import Uploads

__all__ = ["SERVICES", "create_app"]

SERVICES = (SUBMISSION,)
TOKEN_PATH = re.compile(r"/[^/]+/(v2\.0/|oauth2/|discovery/|\.well-known/)", re.IGNORECASE)
EVERY_METHOD = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def create_app(
    *,
    data: Path | None = None,
    seed: int | None = None,
    pace: Pace = "instant",
    strict: bool = False,
    host: str = "127.0.0.1",
    names: Sequence[str] = (),
    now: Callable[[], float] = time.time,
) -> Starlette:
    """The whole emulator as one ASGI application.

    `data` is the folder of its database, None keeps it in memory; `seed` makes its ids repeat; `pace` `real` lets
    children appear late, by the emulator's clock, which runs on `now` (seconds since the epoch). `strict` refuses
    members that the service would ignore. `host` is the address that it is bound to, `names` are further names that
    it may be reached by.
    """
    store = Store(data, seed=seed, clock=Clock(now))
    entra, files = Entra(store.clock, store.memory, seed), Blobs(store)
    log: list[dict[str, Any]] = []
    faults = Faults()
    control = Control(store, SERVICES, log, faults, entra)
    routes: list[BaseRoute] = [*control.routes(), *entra.routes(), *Uploads(files).routes()]
    routes += [
        _route(service, one, files, entra, pace, strict) for service in SERVICES for one in service.operations
    ]
    routes.append(Route("/{path:path}", _not_emulated, methods=EVERY_METHOD))
    gate = Middleware(Gate, host=host, names=names)
    wire = Middleware(Wire, log=log, faults=faults, service_of=_service_of)
    app = Starlette(routes=routes, middleware=[gate, wire])
    app.router.redirect_slashes = False
    app.state.store = store
    return app


def _service_of(path: str) -> str:
    lowered = path.lower()
    if lowered.startswith(f"{blobs.BASE}/"):
        return "blob"
    for service in SERVICES:
        if lowered.startswith(f"{service.base}/"):
            return service.name
    return "entra" if TOKEN_PATH.match(path) else "unknown"


async def _not_emulated(request: Request) -> Response:
    refusal = errors.not_emulated(f"{request.method} {request.url.path}")
    return JSONResponse(refusal.body, refusal.status)


def _route(
    service: Service, operation: Operation, files: Blobs, entra: Entra, pace: Pace, strict: bool
) -> Route:
    """A route that ignores case and a trailing slash (reference 2.1, appendix D)."""
    store = files.store
    options = {name.lower(): name for name in operation.query}

    async def endpoint(request: Request) -> Response:
        if refusal := entra.refusal(request.headers.get("authorization"), service.audience, _origin(request)):
            return refusal
        text = await request.body()
        try:
            query = _options(request, options)
            if_match, origin = request.headers.get("if-match"), _origin(request)
            call = Call(
                store, pace, request.path_params, query, if_match, _parsed(text), files, origin, strict=strict
            )
            with store.transaction():
                answer = operation.work(call)
        except errors.Refusal as refused:
            return JSONResponse(refused.body, refused.status)
        return _rendered(answer, f"{_origin(request)}{service.base}")

    route = Route(service.base + operation.path, endpoint, methods=[operation.method])
    route.methods = {operation.method}  # not HEAD beside GET
    # An id has no parentheses: what looks like a function call is another operation.
    pattern = route.path_regex.pattern.removesuffix("$").replace("[^/]+", "[^/()]+")
    route.path_regex = re.compile(f"{pattern}/?$", re.IGNORECASE)
    return route


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _options(request: Request, known: dict[str, str]) -> dict[str, str]:
    """Query options by their documented names; others are not emulated."""
    found = {}
    for name, value in request.query_params.multi_items():
        if name.lower() not in known:
            raise errors.not_emulated(f"query option {name}")
        found[known[name.lower()]] = value
    return found


def _parsed(text: bytes) -> Any:
    try:
        return parsed(text) if text.strip() else None
    except ValueError:
        raise errors.bad_request("The request body is not valid JSON.") from None


def _rendered(answer: Answer, base: str) -> Response:
    headers = {}
    if answer.etag:
        headers["etag"] = answer.etag
    if answer.location:
        headers["location"] = f"{base}{answer.location}"
    if answer.body is None:
        return Response(status_code=answer.status, headers={**headers, "content-length": "0"})
    return JSONResponse(answer.body, answer.status, headers=headers)
