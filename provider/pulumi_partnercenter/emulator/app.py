"""The emulator as one ASGI application: routes, checks of tokens, parsing of requests, rendering of answers."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from . import blobs, errors
from .background import BackgroundMiddleware, lifespan
from .binding import parse_json
from .blobs import Blobs
from .control import Control
from .entra import TOKEN_PATH, Entra
from .errors import (
    AccessDenied,
    ErrorShape,
    InvalidMembers,
    MalformedBody,
    NotEmulated,
    PlainText,
    Refusal,
    UndecodableBody,
)
from .faults import Faults
from .gate import Gate
from .service import Answer, Call, EmulatedService, Operation, Pace
from .services import SERVICES
from .state import Clock, Store
from .traffic import Owner, TrafficMiddleware
from .uploads import Uploads

__all__ = ["create_app"]

ALL_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
BLOB_HOST, TOKEN_ENDPOINTS, NOBODY = Owner("blob"), Owner("entra"), Owner("unknown")


def create_app(
    *,
    data: Path | None = None,
    seed: int | None = None,
    pace: Pace = "instant",
    strict: bool = False,
    host: str = "127.0.0.1",
    names: Sequence[str] = (),
    now: Callable[[], float] = time.time,
    saas_behaviour: str | None = None,
    services: Sequence[EmulatedService] = SERVICES,
) -> Starlette:
    """Create the whole emulator.

    `data` is the folder of its database, None keeps it in memory; `seed` makes its ids repeat. With the pace `real`
    children appear late, by the emulator's clock, which runs on `now` (seconds since the epoch). `strict` refuses
    members that a service would ignore. `host` is the address that it is bound to, `names` are further names that it
    is reached by. `saas_behaviour` is whose deviations the fulfillment service has: `documented`, `live` or
    `microsoft`; None leaves what `data` has of an earlier run, else `live`. `services` are those that it emulates.
    """
    options = {"pace": pace, **({"saas_behaviour": saas_behaviour} if saas_behaviour else {})}
    store = Store(data, seed=seed, clock=Clock(now), options=options)
    with store.transaction():
        for service in services:
            service.start(store)
    audiences = [audience for service in services for audience in service.audiences]
    entra = Entra(store.clock, store.memory, seed, audiences, now)
    files = Blobs(store)
    log: list[dict[str, Any]] = []
    faults = Faults()
    backgrounds = [service.background(store, entra) for service in services if service.background]
    control = Control(store, services, log, faults, entra, backgrounds)
    routes: list[BaseRoute] = [*control.routes(), *entra.routes(), *Uploads(files).routes()]
    for service in services:
        endpoints = Endpoints(service, files, entra, pace, strict)
        routes += [*service.pages(store), *(endpoints.route(operation) for operation in service.operations)]
    routes.append(Route("/{path:path}", _refuse_unknown(services), methods=ALL_METHODS))
    gate = Middleware(Gate, host=host, names=names)
    traffic = Middleware(TrafficMiddleware, log=log, faults=faults, find_owner=_owners(services))
    work = Middleware(BackgroundMiddleware, backgrounds=backgrounds)
    app = Starlette(
        routes=routes,
        middleware=[work, gate, traffic],
        exception_handlers={ClientDisconnect: _answer_nobody},
        lifespan=lifespan(backgrounds),
    )
    app.router.redirect_slashes = False
    app.state.store = store
    return app


async def _answer_nobody(_request: Request, _error: Exception) -> Response:
    """Answer a request whose client has gone before it was read: only the request log has it."""
    return Response(status_code=499)


def _find_service(services: Sequence[EmulatedService], path: str) -> EmulatedService | None:
    return next((service for service in services if service.contains(path)), None)


def _owners(services: Sequence[EmulatedService]) -> Callable[[str], Owner]:
    def find_owner(path: str) -> Owner:
        if path.lower().startswith(f"{blobs.BASE}/"):
            return BLOB_HOST
        if service := _find_service(services, path):
            return Owner(service.name, service.response_headers, service.echoed_headers)
        return TOKEN_ENDPOINTS if TOKEN_PATH.match(path) else NOBODY

    return find_owner


def _refuse_unknown(services: Sequence[EmulatedService]) -> Callable[[Request], Any]:
    """Return the endpoint for paths without a route: 501 in the shape of their service."""

    async def refuse(request: Request) -> Response:
        service = _find_service(services, request.url.path)
        shape = errors.not_emulated if service is None else service.errors.not_emulated
        return _render_refusal(shape(f"{request.method} {request.url.path}"))

    return refuse


@dataclass(frozen=True)
class Endpoints:
    """The endpoints of a service's operations."""

    service: EmulatedService
    blobs: Blobs
    entra: Entra
    pace: Pace
    strict: bool

    def route(self, operation: Operation) -> Route:
        """Return a route that ignores case and a trailing slash, as Microsoft's gateways do."""

        async def endpoint(request: Request) -> Response:
            text = await request.body()
            try:
                answer = self._answer(operation, request, text)
            except Refusal as refusal:
                return _render_refusal(refusal)
            return _render(answer, f"{_origin(request)}{self.service.base}")

        route = Route(self.service.base + operation.path, endpoint, methods=[operation.method])
        route.methods = {operation.method}  # without HEAD, which Starlette adds to GET
        # An id has no parentheses: a segment that looks like a function call belongs to another operation.
        pattern = route.path_regex.pattern.removesuffix("$").replace("[^/]+", "[^/()]+")
        route.path_regex = re.compile(f"{pattern}/?$", re.IGNORECASE)
        return route

    def _answer(self, operation: Operation, request: Request, text: bytes) -> Answer:
        """Run the operation in a single transaction. Raises: Refusal in the service's shape."""
        shape, origin = self.service.errors, _origin(request)
        try:
            caller = self.entra.require_access(
                request.headers.get("authorization"),
                self.service.audiences,
                needs_account=self.service.needs_account,
                unassociated_status=self.service.unassociated_status,
            )
            query = _parse_query(request, operation.query)
            body = _parse_body(text)
            call = Call(
                self.blobs.store,
                self.pace,
                request.path_params,
                query,
                request.headers,
                body,
                self.blobs,
                origin,
                self.strict,
                caller,
            )
            with self.blobs.store.transaction():
                return operation.work(call)
        except AccessDenied as denied:
            raise _challenged(shape.access_denied(denied.status, str(denied)), origin) from None
        except (NotEmulated, MalformedBody, UndecodableBody, InvalidMembers) as cause:
            raise _refusal(shape, cause) from None


def _refusal(
    shape: ErrorShape, cause: NotEmulated | MalformedBody | UndecodableBody | InvalidMembers
) -> Refusal:
    if isinstance(cause, NotEmulated):
        return shape.not_emulated(str(cause))
    if isinstance(cause, MalformedBody):
        return shape.malformed_body(str(cause))
    if isinstance(cause, UndecodableBody):
        return shape.undecodable_body()
    return shape.invalid_members(cause.members)


def _challenged(refusal: Refusal, origin: str) -> Refusal:
    """Add the challenge that HTTP requires of a 401 (RFC 9110, 15.5.2). Its text is inferred."""
    if refusal.status != 401:
        return refusal
    challenge = f'Bearer authorization_uri="{origin}/common/oauth2/authorize"'
    return Refusal(401, refusal.body, {**refusal.headers, "WWW-Authenticate": challenge})


def _origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _parse_query(request: Request, names: Sequence[str]) -> Mapping[str, str]:
    """Return the query options by their documented names. Raises: NotEmulated for other options."""
    spellings = {name.lower(): name for name in names}
    options = {}
    for name, value in request.query_params.multi_items():
        if name.lower() not in spellings:
            raise NotEmulated(f"query option {name}")
        options[spellings[name.lower()]] = value
    return options


def _parse_body(text: bytes) -> Any:
    try:
        text.decode()  # JSON itself may be in UTF-16 too
        return parse_json(text) if text.strip() else None
    except UnicodeDecodeError:
        raise UndecodableBody from None
    except ValueError:
        raise MalformedBody("The request body is not valid JSON.") from None


def _render_refusal(refusal: Refusal) -> Response:
    return _respond(refusal.status, refusal.body, dict(refusal.headers))


def _render(answer: Answer, base: str) -> Response:
    headers = dict(answer.headers)
    if answer.etag:
        headers["etag"] = answer.etag
    if answer.location:
        headers["location"] = f"{base}{answer.location}"
    return _respond(answer.status, answer.body, headers)


def _respond(status: int, body: object, headers: dict[str, str]) -> Response:
    if body is None:
        return Response(status_code=status, headers={**headers, "content-length": "0"})
    if isinstance(body, PlainText):
        return Response(body.text, status, headers, body.media_type)
    return JSONResponse(body, status, headers=headers)
