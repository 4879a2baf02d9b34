"""What `saas serve` and `saas demo` share: the libraries' check, sockets, and a server."""

from __future__ import annotations

import logging
import signal
import socket
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from ...errors import SettingsError

if TYPE_CHECKING:
    import uvicorn

__all__ = ["LIBRARIES", "Server", "listen_or_fail", "require_libraries"]

logger = logging.getLogger(__name__)

LIBRARIES = (
    "starlette",
    "uvicorn",
    "multipart",
    "jinja2",
    "babel",
    "sqlalchemy",
    "alembic",
    "psycopg",
    "limits",
    "prometheus_client",
)
"""Libraries of the extra `saas`."""
STOP_SECONDS = 30
"""Time that open requests have to end after a signal."""
KEEP_ALIVE_SECONDS = 75
"""Load balancers usually close idle connections after a minute: none sends a request while this side closes."""


def require_libraries() -> None:
    """Check that the extra is installed. Raises: ClickException."""
    if missing := [name for name in LIBRARIES if find_spec(name) is None]:
        raise click.ClickException(
            f"the SaaS service needs {', '.join(missing)}: install this package as pulumi-partnercenter[cli,saas]"
        )


def listen_or_fail(host: str, port: int, option: str = "--port") -> socket.socket:
    """Return a listening socket. Raises: SettingsError, which names the option of the port."""
    from ...emulator.server import listen

    try:
        return listen(host, port)
    except OSError as error:
        raise SettingsError(
            f"saas: cannot listen on {host}:{port} ({error.strerror or error})",
            next=f"choose another {option}, or end the program that uses it",
        ) from None


class Server:
    """A service on a socket, until a signal ends it. Then the exit code is 0."""

    def __init__(self, app: Any, listener: socket.socket) -> None:
        import uvicorn

        config = uvicorn.Config(
            app,
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # the application reads them itself, from trusted addresses only
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        self._server: uvicorn.Server = uvicorn.Server(config)
        self._listener = listener

    def serve_forever(self) -> None:
        """Serve, in the main thread. uvicorn raises a signal again when it has stopped: these handlers are harmless."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._server.handle_exit)
        host, port = self._listener.getsockname()[:2]
        logger.info("listening on http://%s:%d", f"[{host}]" if ":" in host else host, port)
        self._server.run([self._listener])
