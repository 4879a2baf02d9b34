"""An application called without a socket, from tests that are plain functions."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from starlette.applications import Starlette


class AppTransport(httpx.BaseTransport):
    """Answers requests with an application. An exception of the application is a 500, as a server answers it."""

    def __init__(self, app: Starlette) -> None:
        self._runner, self._inner = asyncio.Runner(), httpx.ASGITransport(app, raise_app_exceptions=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.read()
        return self._runner.run(self._send(request))

    async def _send(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

    def close(self) -> None:
        self._runner.close()


@contextmanager
def open_app(app: Starlette) -> Iterator[httpx.Client]:
    """Yield a client of the service, and close the service at the end."""
    try:
        with httpx.Client(base_url="http://saas.contoso.example", transport=AppTransport(app)) as client:
            yield client
    finally:
        app.state.service.close()
