"""The outermost layer: what was asked, the trouble that was ordered, and the headers that every answer has."""

from __future__ import annotations

import asyncio
import re
import secrets
import sys
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote

import regex
from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["CONTROL", "Fault", "Faults", "Wire"]

CONTROL = "/_emulator/"
PATIENCE_SECONDS = 0.25
"""How long a pattern may look at one request: some patterns would look for years."""
_SIGNATURE = re.compile(r"(?i)(?<=[?&]sig=)[^&]*")


@dataclass
class Fault:
    """Trouble for requests whose `METHOD path?query` matches. Documented in `control.py`."""

    match: regex.Pattern[str]
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    times: int = 1
    after: int = 0
    delay_seconds: float = 0.0
    drop: str = ""

    def response(self) -> Response:
        named_type = any(name.lower() == "content-type" for name in self.headers)
        if self.body is None or (named_type and isinstance(self.body, str)):
            return Response(self.body, self.status, headers=dict(self.headers))
        return JSONResponse(self.body, self.status, headers=dict(self.headers))


class Faults:
    """The ordered faults; the first that matches and still has turns is taken, and its turn is used up."""

    def __init__(self) -> None:
        self.ordered: list[Fault] = []
        self.forgotten = asyncio.Event()
        """Set once those that are ordered now are forgotten."""

    def forget(self) -> None:
        """All of them; what a delay holds goes on."""
        self.ordered.clear()
        self.forgotten.set()
        self.forgotten = asyncio.Event()

    def take(self, method: str, target: str) -> Fault | None:
        for fault in [*self.ordered]:
            if not self._matches(fault, method, target):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.times == 1:
                self.ordered.remove(fault)
            elif fault.times:
                fault.times -= 1
            return fault
        return None

    def _matches(self, fault: Fault, method: str, target: str) -> bool:
        """Whether it is about this request. One whose pattern does not come to an end is forgotten, and said to be."""
        texts = dict.fromkeys((target, unquote(target)))
        try:
            return any(fault.match.search(f"{method} {text}", timeout=PATIENCE_SECONDS) for text in texts)
        except TimeoutError:
            self.ordered.remove(fault)
            words = f"the fault on {fault.match.pattern!r} is forgotten: its pattern takes too long"
            print(f"emulator: warning: {words}", file=sys.stderr)
            return False


class Wire:
    """ASGI middleware around everything but the control plane.

    Log entries are `{"method", "path" (as sent, with query; a signature is `…`), "status" (0: cut off), "service"}` in
    order of arrival.
    """

    def __init__(
        self, app: ASGIApp, *, log: list[dict[str, Any]], faults: Faults, service_of: Callable[[str], str]
    ) -> None:
        self.app, self.log, self.faults, self.service_of = app, log, faults, service_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self.app(scope, receive, send)
            return
        target = _target(scope)
        entry = {
            "method": scope["method"],
            "path": _SIGNATURE.sub("…", target),
            "status": 0,
            "service": self.service_of(scope["path"]),
        }
        self.log.append(entry)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry["status"] = message["status"]
                _add_headers(message)
            await send(message)

        fault = self.faults.take(scope["method"], target)
        if fault is None:
            await self.app(scope, receive, answer)
        else:
            await self._suffer(fault, scope, receive, answer)

    async def _suffer(self, fault: Fault, scope: Scope, receive: Receive, answer: Send) -> None:
        arriving, forgotten = receive, self.faults.forgotten
        if fault.delay_seconds:
            arriving = await _arrived(receive)
            with suppress(TimeoutError):
                await asyncio.wait_for(forgotten.wait(), fault.delay_seconds)
        if fault.drop == "before":
            await _cut(receive)
        elif fault.drop == "after":
            await self.app(scope, arriving, _nowhere)
            await _cut(receive)
        elif fault.drop == "during":
            await self.app(scope, arriving, _half(answer))
            await _cut(receive)
        elif fault.status:
            await fault.response()(scope, arriving, answer)
        else:
            await self.app(scope, arriving, answer)


def _target(scope: Scope) -> str:
    path = scope.get("raw_path") or scope["path"].encode()
    # A raw path may or may not carry the query, depending on the server.
    text = path.decode("ascii", "replace").partition("?")[0]
    query = scope["query_string"].decode("ascii", "replace")
    return f"{text}?{query}" if query else text


def _add_headers(message: Message) -> None:
    """The headers that every answer of the service carries (reference 2.3)."""
    headers = MutableHeaders(scope=message)
    if headers.get("content-type") == "application/json":
        headers["content-type"] = "application/json; charset=utf-8"
    for name, value in (
        ("request-id", str(uuid.uuid4())),
        ("date", formatdate(usegmt=True)),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("x-azure-ref", secrets.token_hex(16)),
        ("x-cache", "CONFIG_NOCACHE"),
    ):
        headers.setdefault(name, value)


async def _arrived(receive: Receive) -> Receive:
    """The request, read whole: one that is slow goes on working when nobody waits for it any more."""
    kept = [await receive()]
    while kept[-1].get("more_body"):
        kept.append(await receive())

    async def again() -> Message:
        return kept.pop(0) if kept else await receive()

    return again


def _half(answer: Send) -> Send:
    """Where an answer goes of which the other side hears the first half; nothing of one that has no body."""
    starts: list[Message] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            starts.append(message)
        elif starts and (body := message.get("body", b"")):
            await answer(starts.pop())
            await answer({**message, "body": body[: len(body) // 2], "more_body": True})

    return send


async def _nowhere(message: Message) -> None:
    """Where the answer goes that the other side never hears."""


async def _cut(receive: Receive) -> None:
    """Cut the connection under the request: the client sees a reset and no byte of an answer.

    Served by uvicorn, `receive` belongs to the request's cycle, which knows the socket's transport. Anything else
    that calls the application (in-process) gets the error that a cut connection is.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("the emulator was told to cut this connection")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass  # so that the server knows of the cut before the application returns without an answer
