"""Clients that the resources of a process share: one for each service and settings."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from ..messages import SILENT, Host
from ..settings import Settings

__all__ = ["SharedClients", "close_clients"]


class Closable(Protocol):
    """A client that holds connections."""

    def close(self) -> None: ...


C = TypeVar("C", bound=Closable)
_groups: list[SharedClients[Closable]] = []


class SharedClients(Generic[C]):
    """Clients of one service by settings. Thread-safe."""

    def __init__(self, create: Callable[[Settings, Host], C]) -> None:
        self._create, self._lock = create, threading.Lock()
        self._clients: dict[Settings, C] = {}
        _groups.append(self)  # type: ignore[arg-type]

    def get(self, settings: Settings, host: Host = SILENT) -> C:
        """Return the client for these settings. A new one has sent nothing yet."""
        with self._lock:
            if settings not in self._clients:
                self._clients[settings] = self._create(settings, host)
            return self._clients[settings]

    def close(self) -> None:
        with self._lock:
            for client in self._clients.values():
                client.close()
            self._clients.clear()


def close_clients() -> None:
    """Close every shared client of every service, and drop their caches."""
    for group in _groups:
        group.close()
