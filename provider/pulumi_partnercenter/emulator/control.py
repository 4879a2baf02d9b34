"""The control plane, `/_emulator/*`: no token, not logged, never faulted. Errors are 400 with `{"error": …}`.

| Request | Does |
|---|---|
| `POST reset` | empties it: documents, applications, faults, log; time is the real one again |
| `GET state` | an object of collections; each document with `productID`, `variantID`, `instanceID`, `stage` beside it |
| `GET requests`, `DELETE requests` | the log: `[{"method", "path", "status", "service"}]`, oldest first; clears it |
| `POST faults`, `GET faults`, `DELETE faults` | orders a fault, lists those that are left, forgets them all |
| `POST clock {"advance_seconds": n}` | moves the time; answers `{"now": seconds since the epoch}`; 0 asks |
| `POST publish {"product": id}` | the portal publishes the present drafts: live at once, complete or not |
| `POST portal {"path": …, "members": {…}}` | changes a document as the portal would; answers the document |
| `POST applications` | see `entra.py` |
| `POST legacy_test_drive` | applications that are made from now on have a test drive, as until 2025 |
| `POST decide {"stage": …, "outcome": …}` | decides a validation or certification; see below |
| `GET decide`, `DELETE decide` | lists the decisions that are left, forgets them all |
| `GET reports/<submission>` | the text behind a certification report's `fileUri` |

A fault: `match` (needed) is a regular expression of at most 500 characters, searched in `METHOD path?query`, as sent
and decoded; one that takes longer than a quarter of a second at that is forgotten. The first
`after` matching requests pass; the next `times` (default 1, 0 for ever) suffer. `delay_seconds` waits, or
until the faults are forgotten. Then
`drop: "before"` cuts the connection with nothing done, `drop: "after"` once the work is done and kept, `drop: "during"`
in the middle of the answer; `status` with `headers` and `body` answers in place of the work (JSON; text goes out as it
is if `headers` name its type); none of these: the request goes on as usual.

A decision: `stage` is `validation` or `certification`, `outcome` is `pass`, `fail` or `hold`. It applies at once to
what is at that stage, held or running, of `product` (an id; any without); else to the next that comes to it, once.
A hold lasts until a later `pass` or `fail`; what passes is not looked at. `items` are what validations show then:
objects of `errorCode`, `severity`, `message`, `resource`, all text; `report` is the text of the certification report.

The portal may write members that the API does not document (they survive a PUT that sends them back); `null` removes
one, and `nulls`, beside `members`, names those that the service then tells as null. The document gets a new etag.
`path` is that of the document below the host, as the API addresses it.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import regex
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from .binding import parsed
from .entra import Entra
from .faults import Fault, Faults
from .service import Service
from .state import Store
from .submission import automaton, completeness, decisions, drafts
from .submission.decisions import Decision
from .submission.scopes import instance_of, product_of, variant_of
from .submission.submissions import REPORTS

__all__ = ["Control"]


LONGEST_PATTERN = 500
MOST_FAULTS = 1000
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.1
HEADER_VALUE = re.compile(r"([\x21-\x7e\x80-\xff]([\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?")  # 5.5
LATEST = (
    253_370_764_800.0  # the year 9999 begins: times in answers have four digits for it, addresses end later
)


class BadInput(Exception):
    """A control-plane body that breaks a rule; the text names the member and the rule."""


class Control:
    """The routes of the control plane, over one emulator's parts."""

    def __init__(
        self,
        store: Store,
        services: Sequence[Service],
        log: list[dict[str, Any]],
        faults: Faults,
        entra: Entra,
    ) -> None:
        self.store, self.services, self.log, self.faults, self.entra = store, services, log, faults, entra

    def routes(self) -> list[BaseRoute]:
        table: list[tuple[str, str, Callable[[dict[str, Any]], object]]] = [
            ("POST", "reset", self.reset),
            ("GET", "state", self.state),
            ("GET", "requests", lambda _: self.log),
            ("DELETE", "requests", lambda _: self.log.clear()),
            ("POST", "faults", self.order_fault),
            ("GET", "faults", lambda _: [_shown(fault) for fault in self.faults.ordered]),
            ("DELETE", "faults", lambda _: self.faults.forget()),
            ("POST", "clock", self.move_clock),
            ("POST", "publish", self.publish),
            ("POST", "portal", self.edit),
            ("POST", "legacy_test_drive", self.legacy_test_drive),
            ("POST", "decide", self.decide),
            ("GET", "decide", lambda _: decisions.kept(self.store)),
            ("DELETE", "decide", lambda _: decisions.forget(self.store)),
        ]
        routes: list[BaseRoute] = [Route(f"{REPORTS}/{{submission}}", self.report, methods=["GET"])]
        for method, name, work in table:
            routes.append(Route(f"/_emulator/{name}", _endpoint(work), methods=[method]))
        return routes

    def reset(self, _: dict[str, Any]) -> None:
        self.store.empty()
        self.store.memory.pop(drafts.LEGACY_TEST_DRIVE, None)
        self.faults.forget()
        self.log.clear()
        self.entra.reset()

    def state(self, _: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        with self.store.transaction():
            automaton.settle_all(self.store)
        collections = {name: kind for service in self.services for kind, name in service.collections.items()}
        held = {
            name: [_described(row) for row in self.store.select(kind)] for name, kind in collections.items()
        }
        return {**held, "applications": [{**application} for application in self.entra.registered()]}

    def order_fault(self, body: dict[str, Any]) -> dict[str, Any]:
        fault = _fault(body)
        if len(self.faults.ordered) >= MOST_FAULTS:
            raise BadInput(f"match: {MOST_FAULTS} faults are ordered already; DELETE faults forgets them")
        self.faults.ordered.append(fault)
        return _shown(fault)

    def move_clock(self, body: dict[str, Any]) -> dict[str, Any]:
        _only(body, "advance_seconds")
        seconds = _number(body, "advance_seconds", None)
        if self.store.clock() + seconds >= LATEST:
            raise BadInput("advance_seconds: time ends with the year 9998")
        self.store.advance(seconds)
        return {"now": self.store.clock()}

    def publish(self, body: dict[str, Any]) -> None:
        _only(body, "product")
        product = self._product(body)
        with self.store.transaction():
            automaton.settle(self.store, product)
            if automaton.is_busy(self.store, product):
                raise BadInput("product: one of its submissions is in progress")
            automaton.publish(self.store, product)

    def legacy_test_drive(self, body: dict[str, Any]) -> None:
        _only(body)
        self.store.memory[drafts.LEGACY_TEST_DRIVE] = "on"

    def decide(self, body: dict[str, Any]) -> dict[str, Any]:
        _only(body, *Decision.__annotations__)
        decision: Decision = {
            "product": self._product(body) if "product" in body else "",
            "stage": _one_of(body, "stage", tuple(decisions.PHASES)),
            "outcome": _one_of(body, "outcome", decisions.OUTCOMES),
            "items": _items(body.get("items", [])),
            "report": body.get("report", ""),
        }
        if not isinstance(decision["report"], str):
            raise BadInput("report: must be text")
        with self.store.transaction():
            automaton.decide(self.store, decision)
        return {**decision}

    def _product(self, body: Mapping[str, Any]) -> str:
        product = self.store.find("product", str(body.get("product", "")))
        if product is None:
            raise BadInput(f"product: must be the id of a product that exists, not {body.get('product')!r}")
        return product.id

    async def report(self, request: Request) -> Response:
        text = automaton.report(self.store, request.path_params["submission"])
        return PlainTextResponse(text or "No such report.", 200 if text else 404)

    def edit(self, body: dict[str, Any]) -> dict[str, Any]:
        _only(body, "path", "members", "nulls")
        path, members, nulls = body.get("path"), body.get("members"), body.get("nulls", [])
        if not isinstance(path, str):
            raise BadInput("path: must be the path of a document, text")
        if not isinstance(members, dict):
            raise BadInput("members: must be an object")
        if not isinstance(nulls, list) or not all(isinstance(each, str) for each in nulls):
            raise BadInput("nulls: must be a list of names")
        if fixed := sorted({"id", "@odata.etag"} & {*members, *nulls}):
            raise BadInput(f"members: {', '.join(fixed)} cannot be changed")
        for service in self.services:
            below = path[len(service.base) :] if path.lower().startswith(service.base.lower()) else None
            document = service.locate(self.store, below) if below else None
            if document is not None:
                merged = {**document.body, **members}
                document.body = {
                    name: value for name, value in merged.items() if members.get(name, value) is not None
                } | dict.fromkeys(nulls)
                if "@odata.etag" in document.body:
                    document.body = drafts.stamped(self.store, document.body, document.id)
                with self.store.transaction():
                    self.store.save(document)
                return document.body
        raise BadInput(f"path: no document at {path}")


def _endpoint(work: Callable[[dict[str, Any]], object]) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        text = await request.body()
        try:
            body = parsed(text) if text.strip() else {}
        except ValueError as error:
            return JSONResponse({"error": f"body: not JSON, {error}"}, 400)
        if not isinstance(body, dict):
            return JSONResponse({"error": "body: must be a JSON object"}, 400)
        try:
            answer = work(body)
        except BadInput as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({} if answer is None else answer)

    return endpoint


def _described(row: Any) -> dict[str, Any]:
    beside = {
        "productID": product_of(row),
        "variantID": variant_of(row),
        "instanceID": instance_of(row),
        "stage": row.stage,
    }
    return {**{name: value for name, value in beside.items() if value}, **row.body}


def _fault(body: dict[str, Any]) -> Fault:
    _only(body, "match", "status", "headers", "body", "times", "after", "delay_seconds", "drop")
    match, headers, drop = _pattern(body.get("match")), body.get("headers") or {}, body.get("drop") or ""
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        raise BadInput("headers: must be an object of text")
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            raise BadInput(f"headers: {name!r}: must be what a header can carry, Latin-1 on one line")
    if drop not in ("", "before", "during", "after"):
        raise BadInput(f"drop: must be before, during or after, not {drop!r}")
    status = _whole(body, "status", 0)
    if status and not 200 <= status <= 599:
        raise BadInput(f"status: must be from 200 to 599, not {status}")
    delay = _number(body, "delay_seconds", 0.0)
    if not (status or drop or delay):
        raise BadInput("status, drop, delay_seconds: at least one of them must say what happens")
    return Fault(
        match,
        status,
        headers,
        body.get("body"),
        _whole(body, "times", 1),
        _whole(body, "after", 0),
        delay,
        drop,
    )


def _pattern(given: object) -> regex.Pattern[str]:
    if not isinstance(given, str) or len(given) > LONGEST_PATTERN:
        raise BadInput(f"match: must be a regular expression, text of at most {LONGEST_PATTERN} characters")
    try:
        return regex.compile(given)
    except (regex.error, RecursionError, OverflowError) as error:
        raise BadInput(f"match: must be a regular expression ({error})") from None


def _shown(fault: Fault) -> dict[str, Any]:
    return {**vars(fault), "match": fault.match.pattern}


def _items(given: object) -> list[dict[str, Any]]:
    members = set(completeness.REFUSED)
    if not isinstance(given, list) or not all(
        isinstance(one, dict)
        and set(one) == members
        and all(isinstance(value, str) for value in one.values())
        for one in given
    ):
        raise BadInput(f"items: must be a list of objects of {', '.join(sorted(members))}, all text")
    return given


def _one_of(body: Mapping[str, Any], name: str, known: Sequence[str]) -> str:
    if body.get(name) not in known:
        raise BadInput(f"{name}: must be one of {', '.join(known)}, not {body.get(name)!r}")
    return str(body[name])


def _only(body: Mapping[str, Any], *known: str) -> None:
    if unknown := sorted(set(body) - set(known)):
        raise BadInput(f"{', '.join(unknown)}: not a member here; known are {', '.join(known)}")


def _whole(body: Mapping[str, Any], name: str, default: int) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise BadInput(f"{name}: must be a whole number from 0, not {value!r}")
    return value


def _number(body: Mapping[str, Any], name: str, default: float | None) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= sys.float_info.max:
        raise BadInput(f"{name}: must be a number of seconds from 0, not {value!r}")
    return float(value)
