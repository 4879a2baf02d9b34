"""The emulator on a socket: uvicorn without output, with a known address and with signals that exit with 0."""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

__all__ = ["Server", "listen"]

KEEP_ALIVE_SECONDS = 75
"""Clients close idle connections sooner, so that none sends a request while this side closes."""


class Server(uvicorn.Server):
    """Serves an application on a bound socket; `run` blocks until `stop` or a signal.

    `ready` is called with the address (`http://127.0.0.1:4010`) as soon as connections are accepted.
    `certificate` and `key` are PEM files and switch to https. Raises OSError if they cannot be used.
    """

    def __init__(
        self,
        app: ASGIApp,
        listener: socket.socket,
        *,
        certificate: Path | None = None,
        key: Path | None = None,
        ready: Callable[[str], None],
    ) -> None:
        config = uvicorn.Config(
            app,
            http="h11",
            loop="asyncio",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,  # the application writes it, so that it also exists in-process
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=1,
            ssl_certfile=certificate,
            ssl_keyfile=key,
        )
        config.load()  # called here, so that a bad certificate raises in the caller
        super().__init__(config)
        host, port = listener.getsockname()[:2]
        self.address = f"{'https' if certificate else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
        self.listener, self.ready = listener, ready

    def serve_forever(self) -> None:
        self.run([self.listener])

    def stop(self) -> None:
        """End `serve_forever`, from any thread."""
        self.should_exit = True

    def tame_signals(self) -> None:
        """Let SIGINT and SIGTERM end the process with status 0.

        uvicorn raises a signal again after it has stopped; these handlers make that harmless. Setting them also
        replaces an inherited "ignore", which a shell sets for SIGINT of a background job.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if not self.should_exit:
            self.ready(self.address)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free one. Raises OSError, e.g. if the port is in use."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio turns Nagle's algorithm off only then. Otherwise each answer waits 40 ms
    # for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(socket.SOMAXCONN)
    except OSError:
        listener.close()
        raise
    return listener
