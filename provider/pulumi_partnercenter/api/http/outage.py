"""Failures that affect every request of a client: a silent service, or a refused login."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ...errors import PartnerCenterError

__all__ = ["Outage"]

HOLD_SECONDS = 60.0
"""Time during which every further request fails at once; then requests are sent again."""


class Outage:
    """Remembers an error that every request of a client would have. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._error: PartnerCenterError | None = None
        self._action, self._end = "", 0.0
        self.answers = 0
        """Number of requests that the service has answered."""

    def check(self, action: str) -> None:
        """Raise the remembered error for a new action."""
        with self._lock:
            if self._error is None or self._clock() >= self._end:
                return
            error, before = self._error, self._action
        problem = error.doing.removeprefix(before)
        text = f"{action}{problem}" if problem != error.doing else problem
        raise type(error)(text, said=error.said, next=error.next)

    def begin(self, error: PartnerCenterError, action: str, answers: int) -> None:
        """Remember an error, unless the service has answered a request since `answers` was read."""
        with self._lock:
            if self.answers == answers:
                self._error, self._action = error, action
                self._end = self._clock() + HOLD_SECONDS

    def end(self) -> None:
        """Count an answered request: the service responds and accepts the login."""
        with self._lock:
            self.answers += 1
            self._error = None
