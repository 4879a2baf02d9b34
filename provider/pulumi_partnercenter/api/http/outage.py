"""What ends an operation for all its requests: a service that does not answer, or a login that it refuses."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from ...errors import PartnerCenterError

__all__ = ["Outage"]

HOLD_SECONDS = 60.0
"""So long every further request fails at once; a program that lives on tries again afterwards."""


class Outage:
    """Remembers the error that every request of one client would meet. Thread-safe."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._error: PartnerCenterError | None = None
        self._doing, self._ends = "", 0.0
        self.answers = 0
        """Requests that the service answered."""

    def check(self, doing: str) -> None:
        """Raises the remembered error, about what is tried now."""
        with self._lock:
            if self._error is None or self._clock() >= self._ends:
                return
            error, before = self._error, self._doing
        problem = error.doing.removeprefix(before)
        words = f"{doing}{problem}" if problem != error.doing else problem
        raise type(error)(words, said=error.said, next=error.next)

    def begin(self, error: PartnerCenterError, doing: str, answers: int) -> None:
        """Remember an error, unless the service has answered others since `answers` were counted."""
        with self._lock:
            if self.answers == answers:
                self._error, self._doing = error, doing
                self._ends = self._clock() + HOLD_SECONDS

    def end(self) -> None:
        """Count an answer: the service is there, and lets us in."""
        with self._lock:
            self.answers += 1
            self._error = None
