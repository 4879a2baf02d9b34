"""What every request and every form has to pass: sizes, rates, headers, and the proof that a form is ours."""

from __future__ import annotations

import hmac
import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import pages
from .cookies import FORM_FIELD, form_token
from .endpoints import get_form
from .languages import translatable
from .service import Service

__all__ = ["FORM_FIELD", "Harden", "check_form", "form_token"]

logger = logging.getLogger(__name__)

KIB = 1024
MOST_BYTES: Mapping[str, int] = {"/webhook": sys.maxsize, "/usage": 1_000_000}
"""Largest body by path; elsewhere `MOST_FORM_BYTES`. The webhook reads its body itself, up to a limit of its own."""
MOST_FORM_BYTES = 64 * KIB
MOST_QUERY_BYTES = 16 * KIB
UNLIMITED = ("/webhook", "/usage", "/healthz", "/readyz", "/metrics", "/static/")
"""Paths that programs call, which have keys or tokens, and files."""
LIMITS: tuple[tuple[str, str, RateLimitItem], ...] = (
    ("sign_in", "/sign-in/", RateLimitItemPerMinute(60)),
    ("landing", "/landing/", RateLimitItemPerMinute(120)),
    ("page", "/", RateLimitItemPerMinute(600)),
)
"""Name, beginning of the path, and requests of one address; the first that fits counts."""
HSTS = "max-age=31536000; includeSubDomains"


class Harden:
    """ASGI middleware: limits, and headers of every answer. It also sets the cookies of sessions.

    Rates are counted in this process, by the address of the client: behind a proxy, set the addresses that are trusted.
    """

    def __init__(
        self, app: ASGIApp, service: Service, handle_error: Callable[[Request, Exception], Response]
    ) -> None:
        self._app, self._service, self._handle_error = app, service, handle_error
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        login = urlsplit(service.settings.fulfillment.login_url)
        self._headers = {
            "content-security-policy": (
                "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none';"
                f" form-action 'self' {login.scheme}://{login.netloc}"
            ),
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
            "referrer-policy": "no-referrer",
            "cross-origin-opener-policy": "same-origin",
        }
        if service.settings.public_url.startswith("https:"):
            self._headers["strict-transport-security"] = HSTS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state: dict[str, Any] = scope.setdefault("state", {})
        has_begun = False

        async def answer(message: Message) -> None:
            nonlocal has_begun
            has_begun = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
                for name, value in state.get("cookies", {}).items():
                    headers.append("set-cookie", _write_cookie(name, value))
            await send(message)

        refusal = self._refuse(scope)
        if refusal:
            await refusal(scope, receive, answer)
            return
        try:
            await self._app(scope, _count_bytes(receive, _most_bytes(scope["path"])), answer)
        except Exception as error:
            # Starlette's own page for it is made outside of this middleware, and would lack the headers.
            if not has_begun:
                await self._handle_error(Request(scope), error)(scope, receive, answer)
            raise

    def _refuse(self, scope: Scope) -> Response | None:
        """Return the answer to a request that is too large, one too many, or for what no database can look up."""
        if len(scope["query_string"]) > MOST_QUERY_BYTES:
            return PlainTextResponse("The address is too long.\n", 414)
        length = Headers(scope=scope).get("content-length", "0")
        if not (length.isascii() and length.isdecimal()) or int(length) > _most_bytes(scope["path"]):
            return pages.render_error(self._service, Request(scope), 413)
        path = scope["path"]
        if "\0" in path:
            return pages.render_error(self._service, Request(scope), 404)
        if path.startswith(UNLIMITED):
            return None
        name, _, limit = next(entry for entry in LIMITS if path.startswith(entry[1]) or entry[1] == "/")
        address = scope["client"][0] if scope.get("client") else ""
        if self._limiter.hit(limit, name, address):
            return None
        self._service.metrics.limited_requests.labels(name).inc()
        response = pages.render_error(self._service, Request(scope), 429)
        response.headers["retry-after"] = "60"
        return response


def check_form(service: Service, request: Request) -> Response | None:
    """Return the refusal of a form that no page of ours sent in the visitor's session; None if one did."""
    field = get_form(request).get(FORM_FIELD, "")
    token = form_token(request)
    given = field.encode() if isinstance(field, str) else b""
    has_token = bool(token) and hmac.compare_digest(given, token.encode())
    if has_token and is_own_origin(request, service.settings.public_url):
        return None
    logger.warning("form: refused, not from a page of this session")
    return pages.render_error(
        service,
        request,
        403,
        heading=translatable("This form is too old"),
        advice=translatable(
            "Go back, load the page again, and send the form once more. Nothing was changed."
        ),
    )


def is_own_origin(request: Request, public_url: str) -> bool:
    """Whether the browser says that a form comes from a page of ours, or says nothing.

    Pages without a referrer send the origin `null`, other sites' frames do too: then the browser's other header counts.
    """
    origin, site = request.headers.get("origin", "null"), request.headers.get("sec-fetch-site", "same-origin")
    parts = urlsplit(public_url)
    own = f"{parts.scheme}://{parts.netloc}".lower()
    return site == "same-origin" and origin.lower() in ("null", own)


def _most_bytes(path: str) -> int:
    return MOST_BYTES.get(path, MOST_FORM_BYTES)


def _count_bytes(receive: Receive, most: int) -> Receive:
    """Return an ASGI `receive` that refuses a longer body: its length is not always in a header."""
    count = 0

    async def receive_counted() -> Message:
        nonlocal count
        message = await receive()
        count += len(message.get("body", b""))
        if count > most:
            raise HTTPException(413)
        return message

    return receive_counted


def _write_cookie(name: str, value: str) -> str:
    """Return a cookie that only this host gets, over https, and no script. "" removes it."""
    lifetime = "" if value else "; Max-Age=0"
    return f"{name}={value}{lifetime}; Path=/; Secure; HttpOnly; SameSite=Lax"
