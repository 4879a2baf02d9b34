"""The outermost layer of the emulator: the request log, headers of every answer, injected faults."""

from __future__ import annotations

import asyncio
import re
import secrets
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .faults import Fault, Faults

__all__ = ["CONTROL", "Owner", "TrafficMiddleware", "default_headers"]

CONTROL = "/_emulator/"
_SIGNATURE = re.compile(r"(?i)(?<=[?&]sig=)[^&]*")


def default_headers() -> dict[str, str]:
    """Return the response headers of Microsoft's APIs behind Azure Front Door, with a new id for each answer."""
    return {
        "request-id": str(uuid.uuid4()),
        "date": formatdate(usegmt=True),
        "strict-transport-security": "max-age=31536000; includeSubDomains",
        "x-azure-ref": secrets.token_hex(16),
        "x-cache": "CONFIG_NOCACHE",
    }


@dataclass(frozen=True)
class Owner:
    """The part of the emulator that a path belongs to: its name in the log, and the headers of its answers.

    `echoed` are headers that an answer repeats from its request, with a new GUID if the request lacks them.
    """

    name: str
    headers: Callable[[], Mapping[str, str]] = default_headers
    echoed: Sequence[str] = ()


class TrafficMiddleware:
    """ASGI middleware around everything but the control plane.

    Log entries are `{"method", "path", "status", "service"}` in order of arrival. A path is logged as sent, with its
    query,
    but without signatures (`…`). Status 0 is a cut connection. `find_owner` returns the owner of a path.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        log: list[dict[str, Any]],
        faults: Faults,
        find_owner: Callable[[str], Owner],
    ) -> None:
        self.app, self.log, self.faults, self.find_owner = app, log, faults, find_owner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(CONTROL):
            await self.app(scope, receive, send)
            return
        target, owner = _target(scope), self.find_owner(scope["path"])
        entry = {
            "method": scope["method"],
            "path": _SIGNATURE.sub("…", target),
            "status": 0,
            "service": owner.name,
        }
        self.log.append(entry)
        sent = Headers(scope=scope)
        echoed = {name: sent.get(name) or str(uuid.uuid4()) for name in owner.echoed}

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                entry["status"] = message["status"]
                _add_headers(message, {**owner.headers(), **echoed})
            await send(message)

        fault = self.faults.take(scope["method"], target)
        if fault is None:
            await self.app(scope, receive, answer)
        else:
            await self._inject(fault, scope, receive, answer)

    async def _inject(self, fault: Fault, scope: Scope, receive: Receive, answer: Send) -> None:
        request, cleared = receive, self.faults.cleared
        if fault.delay_seconds:
            request = await _receive_whole(receive)
            with suppress(TimeoutError):
                await asyncio.wait_for(cleared.wait(), fault.delay_seconds)
        if fault.drop == "before":
            await _cut(receive)
        elif fault.drop == "after":
            await self.app(scope, request, _discard)
            await _cut(receive)
        elif fault.drop == "during":
            await self.app(scope, request, _send_half(answer))
            await _cut(receive)
        elif fault.status:
            await fault.response()(scope, request, answer)
        else:
            await self.app(scope, request, answer)


def _target(scope: Scope) -> str:
    path = scope.get("raw_path") or scope["path"].encode()
    # Whether a raw path has the query depends on the server.
    text = path.decode("ascii", "replace").partition("?")[0]
    query = scope["query_string"].decode("ascii", "replace")
    return f"{text}?{query}" if query else text


def _add_headers(message: Message, added: Mapping[str, str]) -> None:
    """Add headers that the answer does not have, and the character set of JSON."""
    headers = MutableHeaders(scope=message)
    if headers.get("content-type") == "application/json":
        headers["content-type"] = "application/json; charset=utf-8"
    for name, value in added.items():
        headers.setdefault(name, value)


async def _receive_whole(receive: Receive) -> Receive:
    """Read the request to its end, and return a `receive` that replays it.

    A delayed request is then processed even after its client has gone.
    """
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())

    async def replay() -> Message:
        return messages.pop(0) if messages else await receive()

    return replay


def _send_half(send: Send) -> Send:
    """Return an ASGI `send` that forwards the first half of a body; nothing of an answer without body."""
    starts: list[Message] = []

    async def send_half(message: Message) -> None:
        if message["type"] == "http.response.start":
            starts.append(message)
        elif starts and (body := message.get("body", b"")):
            await send(starts.pop())
            await send({**message, "body": body[: len(body) // 2], "more_body": True})

    return send_half


async def _discard(message: Message) -> None:
    """ASGI `send` that forwards nothing."""


async def _cut(receive: Receive) -> None:
    """Cut the connection of the request: the client sees a reset.

    Under uvicorn, `receive` belongs to the request's cycle, which has the transport of the socket. Other callers of
    the application (in-process) get ConnectionResetError.
    """
    transport = getattr(getattr(receive, "__self__", None), "transport", None)
    if transport is None:
        raise ConnectionResetError("the emulator cut this connection, as a fault orders")
    transport.abort()
    while (await receive())["type"] != "http.disconnect":
        pass  # the server notices the cut before the application returns without an answer
