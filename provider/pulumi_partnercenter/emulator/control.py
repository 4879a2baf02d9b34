"""The control plane, `/_emulator/*`: no token, not logged, never faulted. Errors are 400 with `{"error": …}`.

| Request | Does |
|---|---|
| `POST reset` | empties it: documents, applications, faults, log, settings; time is the real one again |
| `GET state` | an object of collections; beside the members of each document what it belongs to, and its `stage` |
| `GET requests`, `DELETE requests` | the log: `[{"method", "path", "status", "service"}]`, oldest first; clears it |
| `POST faults`, `GET faults`, `DELETE faults` | adds a fault, lists the active ones, removes them all |
| `POST clock {"advance_seconds": n}` | moves the time; answers `{"now": seconds since the epoch}`; 0 asks |
| `POST portal {"path": …, "members": {…}}` | changes a document as the portal would; answers the document |
| `POST applications` | registers an application that may sign in; see `entra.py` |
| `POST users` | adds a user who may sign in; see `users.py` |
| `POST sign-in`, `GET sign-in` | chooses the user and the ID tokens of the next sign-ins; see `user_sign_in.py` |
| `POST decide {"stage": …, "outcome": …}` | decides a job of a service |
| `GET decide`, `DELETE decide` | lists the unused decisions, removes them all |

Services add routes of their own; the package of each service documents them, and the members of its decisions.

A fault: `match` (required) is a regular expression of at most 500 characters, searched in `METHOD path?query`, as sent
and decoded. A search may take a quarter of a second; a fault that takes longer is removed. The first `after` matching
requests pass; the next `times` (default 1, 0 for ever) are hit. `delay_seconds` waits, or until the faults are
removed. Then `drop: "before"` cuts the connection before the work, `drop: "after"` after it, `drop: "during"` in the
middle of the answer. `status` with `headers` and `body` answers in place of the work. The body is JSON; a string is
sent as it is if `headers` name its type. With none of these the request goes on as usual.

The portal may write members that the API does not document: they survive a PUT that sends them back. `null` removes a
member; `nulls`, beside `members`, names those that the service then answers as null. The document gets a new etag.
`path` is that of the document below the host, as the API addresses it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import regex
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from .background import Background
from .binding import parse_json
from .control_input import BadInput, allow_members, read_choice, read_number, read_whole_number
from .entra import Entra
from .faults import Fault, Faults
from .service import ControlCall, ControlRoute, Decisions, EmulatedService
from .state import Document, Store
from .traffic import CONTROL

__all__ = ["Control"]

LONGEST_PATTERN = 500
MOST_FAULTS = 1000
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.1
HEADER_VALUE = re.compile(r"([\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")  # 5.5
LATEST = (
    # The start of the year 9999: times in answers have four digits of a year, and addresses expire later than now.
    253_370_764_800.0
)


class Control:
    """The routes of the control plane, over the parts of an emulator."""

    def __init__(
        self,
        store: Store,
        services: Sequence[EmulatedService],
        log: list[dict[str, Any]],
        faults: Faults,
        entra: Entra,
        backgrounds: Sequence[Background] = (),
    ) -> None:
        self.store, self.services, self.log, self.faults, self.entra = store, services, log, faults, entra
        self.backgrounds = backgrounds

    def routes(self) -> list[BaseRoute]:
        table = [
            ControlRoute("POST", "reset", self.reset),
            ControlRoute("GET", "state", self.state),
            ControlRoute("GET", "requests", lambda _: self.log),
            ControlRoute("DELETE", "requests", lambda _: self.log.clear()),
            ControlRoute("POST", "faults", self.add_fault),
            ControlRoute("GET", "faults", lambda _: [_describe_fault(fault) for fault in self.faults.active]),
            ControlRoute("DELETE", "faults", lambda _: self.faults.clear()),
            ControlRoute("POST", "clock", self.move_clock, waits="around"),
            ControlRoute("POST", "portal", self.change_document),
            ControlRoute("POST", "decide", self.decide),
            ControlRoute("GET", "decide", self.list_decisions),
            ControlRoute("DELETE", "decide", self.forget_decisions),
            ControlRoute("GET", "style.css", lambda _: _read_style()),
        ]
        return [
            Route(f"{CONTROL}{route.path}", self._endpoint(route), methods=[route.method])
            for route in (*table, *(route for service in self.services for route in service.control))
        ]

    def _endpoint(self, route: ControlRoute) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            text = await request.body()
            try:
                body = parse_json(text) if text.strip() else {}
            except ValueError as error:
                return JSONResponse({"error": f"body: not JSON, {error}"}, 400)
            if not isinstance(body, dict):
                return JSONResponse({"error": "body: must be a JSON object"}, 400)
            call = ControlCall(self.store, request.path_params, body, str(request.base_url).rstrip("/"))
            try:
                if route.waits:
                    await self._finish_background()
                answer = route.work(call)
                if route.waits == "around":
                    await self._finish_background()
            except BadInput as error:
                return JSONResponse({"error": str(error)}, 400)
            if isinstance(answer, Response):
                return answer
            return JSONResponse({} if answer is None else answer)

        return endpoint

    async def _finish_background(self) -> None:
        for background in self.backgrounds:
            await background.finish()

    def reset(self, _: ControlCall) -> None:
        for background in self.backgrounds:
            background.stop()
        self.store.empty()
        for service in self.services:
            service.reset(self.store)
        self.faults.clear()
        self.log.clear()
        self.entra.reset()

    def state(self, _: ControlCall) -> dict[str, list[dict[str, Any]]]:
        self._settle()
        collections = {
            name: [_describe_document(service, document) for document in self.store.select(kind)]
            for service in self.services
            for kind, name in service.collections.items()
        }
        return {
            **collections,
            "applications": [{**application} for application in self.entra.list_registered()],
            "users": [{**user} for user in self.entra.users.list_added()],
        }

    def _settle(self) -> None:
        with self.store.transaction():
            for service in self.services:
                service.settle(self.store)

    def add_fault(self, call: ControlCall) -> dict[str, Any]:
        fault = _parse_fault(call.body)
        if len(self.faults.active) >= MOST_FAULTS:
            raise BadInput(f"match: {MOST_FAULTS} faults exist already; DELETE faults removes them")
        self.faults.active.append(fault)
        return _describe_fault(fault)

    def move_clock(self, call: ControlCall) -> dict[str, Any]:
        allow_members(call.body, "advance_seconds")
        seconds = read_number(call.body, "advance_seconds", None)
        if self.store.clock() + seconds >= LATEST:
            raise BadInput("advance_seconds: time ends with the year 9998")
        self.store.advance(seconds)
        self._settle()
        return {"now": self.store.clock()}

    def decide(self, call: ControlCall) -> dict[str, Any]:
        deciding = self._deciding()
        stage = read_choice(
            call.body, "stage", [stage for decisions in deciding for stage in decisions.stages]
        )
        (decisions,) = [decisions for decisions in deciding if stage in decisions.stages]
        with self.store.transaction():
            return decisions.decide(call)

    def list_decisions(self, _: ControlCall) -> list[Mapping[str, Any]]:
        return [decision for decisions in self._deciding() for decision in decisions.list(self.store)]

    def forget_decisions(self, _: ControlCall) -> None:
        for decisions in self._deciding():
            decisions.forget(self.store)

    def _deciding(self) -> list[Decisions]:
        return [service.decisions for service in self.services if service.decisions is not None]

    def change_document(self, call: ControlCall) -> dict[str, Any]:
        body = call.body
        allow_members(body, "path", "members", "nulls")
        path, members, nulls = body.get("path"), body.get("members"), body.get("nulls", [])
        if not isinstance(path, str):
            raise BadInput("path: must be the path of a document, text")
        if not isinstance(members, dict):
            raise BadInput("members: must be an object")
        if not isinstance(nulls, list) or not all(isinstance(name, str) for name in nulls):
            raise BadInput("nulls: must be a list of names")
        service = next((service for service in self.services if service.contains(path)), None)
        if service is None or service.portal is None:
            raise BadInput(f"path: no document at {path}")
        if fixed := sorted({*service.portal.fixed} & {*members, *nulls}):
            raise BadInput(f"members: {', '.join(fixed)} cannot be changed")
        document = service.portal.find(self.store, path[len(service.base) :])
        if document is None:
            raise BadInput(f"path: no document at {path}")
        merged = {**document.body, **members}
        document.body = {
            name: value for name, value in merged.items() if members.get(name, value) is not None
        } | dict.fromkeys(nulls)
        document.body = service.portal.stamp(self.store, document)
        with self.store.transaction():
            self.store.save(document)
        return document.body


def _read_style() -> Response:
    """Return the style sheet of the emulator's pages."""
    path = Path(__file__).parent / "templates" / "style.css"
    return Response(path.read_bytes(), media_type="text/css", headers={"cache-control": "no-store"})


def _describe_document(service: EmulatedService, document: Document) -> dict[str, Any]:
    stage = {"stage": document.stage} if document.stage else {}
    return {**service.describe_scope(document.scope), **stage, **document.body}


def _parse_fault(body: dict[str, Any]) -> Fault:
    allow_members(body, "match", "status", "headers", "body", "times", "after", "delay_seconds", "drop")
    match, headers, drop = (
        _parse_pattern(body.get("match")),
        body.get("headers") or {},
        body.get("drop") or "",
    )
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise BadInput("headers: must be an object of strings")
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            raise BadInput(f"headers: {name!r}: must be what a header can carry, Latin-1 on one line")
    if drop not in ("", "before", "during", "after"):
        raise BadInput(f"drop: must be before, during or after, not {drop!r}")
    status = read_whole_number(body, "status", 0)
    if status and not 200 <= status <= 599:
        raise BadInput(f"status: must be from 200 to 599, not {status}")
    delay = read_number(body, "delay_seconds", 0.0)
    if not (status or drop or delay):
        raise BadInput("status, drop, delay_seconds: at least one of them must say what happens")
    return Fault(
        match,
        status,
        headers,
        body.get("body"),
        read_whole_number(body, "times", 1),
        read_whole_number(body, "after", 0),
        delay,
        drop,
    )


def _parse_pattern(pattern: object) -> regex.Pattern[str]:
    if not isinstance(pattern, str) or len(pattern) > LONGEST_PATTERN:
        raise BadInput(f"match: must be a regular expression, text of at most {LONGEST_PATTERN} characters")
    try:
        return regex.compile(pattern)
    except (regex.error, RecursionError, OverflowError) as error:
        raise BadInput(f"match: must be a regular expression ({error})") from None


def _describe_fault(fault: Fault) -> dict[str, Any]:
    return {**vars(fault), "match": fault.match.pattern}
