"""Work of services beside their requests: started after each request, ended with the emulator."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Background", "BackgroundMiddleware", "lifespan"]


class Background(Protocol):
    """Work of one service in the event loop that serves the emulator."""

    def wake(self) -> None:
        """Start the work that is due, and return. Called at the start and after each request."""

    async def finish(self) -> None:
        """Do the work that is due now, and wait for its end."""

    def stop(self) -> None:
        """Break off the work under way. The next `wake` starts it again if it is still due."""


class BackgroundMiddleware:
    """ASGI middleware around everything: wakes the services' work once a request is answered."""

    def __init__(self, app: ASGIApp, *, backgrounds: Sequence[Background]) -> None:
        self.app, self.backgrounds = app, backgrounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            if scope["type"] == "http":
                for background in self.backgrounds:
                    background.wake()


def lifespan(backgrounds: Sequence[Background]) -> Callable[[object], AbstractAsyncContextManager[None]]:
    """Return the lifespan of an application: it goes on with work that a stop interrupted, and ends it at the end."""

    @asynccontextmanager
    async def run(_: object) -> AsyncIterator[None]:
        for background in backgrounds:
            background.wake()
        yield
        for background in backgrounds:
            background.stop()

    return run
