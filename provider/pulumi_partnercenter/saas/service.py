"""What every part of the SaaS service works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property

from ..fulfillment import FulfillmentClient
from .database import Database
from .directory import Directory
from .handlers import Handlers
from .metrics import Metrics
from .settings import ServiceSettings

__all__ = ["Service", "read_clock"]


def read_clock() -> datetime:
    """Return the time of this machine, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Service:
    """Settings, database, marketplace, handlers, clock and metrics. One for each process; used by all its threads."""

    settings: ServiceSettings
    database: Database
    client: FulfillmentClient
    handlers: Handlers
    now: Callable[[], datetime] = read_clock
    metrics: Metrics = field(default_factory=Metrics)

    @cached_property
    def directory(self) -> Directory:
        """Microsoft Entra ID, with which users sign in."""
        return Directory(self.settings)

    def close(self) -> None:
        self.handlers.close()
        self.client.close()
        self.directory.close()
        self.database.close()
