"""Asynchronous transports: exchanges with a deadline, and sign-in. Rules, proxies and trust are those of the others."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import anyio
import anyio.to_thread
import httpx

from ...settings import Settings
from .client import log_exchange
from .exchange import create_tls_context, proxy_for
from .hardening import read_body_async
from .tokens import BearerRules, TokenSource, with_token

__all__ = ["AsyncBearerTransport", "AsyncExchangeTransport", "AsyncLogTransport"]

MAX_CONNECTIONS = 32
"""Requests to one origin at once; further ones wait here. The pool's own queue takes time squared by their number."""


class AsyncExchangeTransport(httpx.AsyncBaseTransport):
    """Connection pools, one per origin, each through the proxy that the environment names for it.

    The timeout of the settings bounds a whole exchange: connecting, sending, and the response to its last byte; a
    request that waits for its turn has not begun. Responses have their whole body. For the tasks of one event loop.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._origins: dict[tuple[str, str, int | None], _Origin] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        seconds = min(self._settings.timeout_seconds, request.extensions.get("seconds", float("inf")))
        is_sent = False

        async def trace(event: str, _info: object) -> None:
            nonlocal is_sent
            is_sent = is_sent or event.endswith("send_request_headers.started")

        request.extensions = {
            **request.extensions,
            "timeout": dict.fromkeys(("connect", "read", "write", "pool"), seconds),
            "trace": trace,
        }
        origin = self._origin_of(request.url)
        try:
            async with origin.turn:
                with anyio.fail_after(seconds):
                    response = await origin.transport.handle_async_request(request)
                    response.request = request
                    try:
                        return await read_body_async(response)
                    finally:
                        await response.aclose()
        except TimeoutError:
            error_type = httpx.ReadTimeout if is_sent else httpx.ConnectTimeout
            raise error_type(f"not done within {seconds:g} s", request=request) from None

    async def aclose(self) -> None:
        for origin in self._origins.values():
            await origin.transport.aclose()
        self._origins.clear()

    def _origin_of(self, url: httpx.URL) -> _Origin:
        key = (url.scheme, url.host, url.port)
        if key not in self._origins:
            transport = _open_transport(self._settings, url, proxy_for(url))
            self._origins[key] = _Origin(transport, anyio.Semaphore(MAX_CONNECTIONS))
        return self._origins[key]


@dataclass(frozen=True)
class _Origin:
    """Connections to one scheme, host and port, and the turns of requests."""

    transport: httpx.AsyncHTTPTransport
    turn: anyio.Semaphore


def _open_transport(settings: Settings, url: httpx.URL, proxy: str | None) -> httpx.AsyncHTTPTransport:
    context = create_tls_context(settings, url, proxy)
    proxy_context = context if proxy and proxy.startswith("https:") else None
    return httpx.AsyncHTTPTransport(
        verify=context or False,
        limits=httpx.Limits(max_connections=MAX_CONNECTIONS, keepalive_expiry=30),
        proxy=httpx.Proxy(proxy, ssl_context=proxy_context) if proxy else None,
        trust_env=False,
    )


class AsyncBearerTransport(BearerRules, httpx.AsyncBaseTransport):
    """Adds the token to each request, as BearerRules says. Tokens are fetched in a thread."""

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        tokens: TokenSource,
        base: httpx.URL | str,
        statuses: Collection[int],
    ) -> None:
        super().__init__(tokens, base, statuses)
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not self.is_below_base(request.url):
            return await self._inner.handle_async_request(request)
        token = self._tokens.cached_token() or await anyio.to_thread.run_sync(
            self._tokens.token, abandon_on_cancel=True
        )
        response = await self._inner.handle_async_request(with_token(request, token))
        if not self.is_refusal(response):
            return response
        renewed = await anyio.to_thread.run_sync(self._tokens.refresh, token, abandon_on_cancel=True)
        if renewed == token:  # the Azure CLI and managed identities keep tokens of their own
            return response
        return await self._inner.handle_async_request(with_token(request, renewed))

    async def aclose(self) -> None:
        await self._inner.aclose()


class AsyncLogTransport(httpx.AsyncBaseTransport):
    """Writes one redacted line a request to stderr: method, address, status, request id, duration."""

    def __init__(self, inner: httpx.AsyncBaseTransport, request_id_header: str) -> None:
        self._inner, self._request_id_header = inner, request_id_header

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        with log_exchange(request, self._request_id_header) as outcome:
            response = await self._inner.handle_async_request(request)
            outcome.append(response)
            return response

    async def aclose(self) -> None:
        await self._inner.aclose()
