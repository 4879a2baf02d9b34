"""Injected faults: which requests they hit, and how often."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import regex
from starlette.responses import JSONResponse, Response

__all__ = ["Fault", "Faults"]

SEARCH_SECONDS = 0.25
"""Maximum duration of a pattern's search in a request: some patterns would search for years."""


@dataclass
class Fault:
    """A fault of requests whose `METHOD path?query` matches. The members are documented in `control.py`."""

    match: regex.Pattern[str]
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    times: int = 1
    after: int = 0
    delay_seconds: float = 0.0
    drop: str = ""

    def response(self) -> Response:
        named_type = any(name.lower() == "content-type" for name in self.headers)
        if self.body is None or (named_type and isinstance(self.body, str)):
            return Response(self.body, self.status, headers=dict(self.headers))
        return JSONResponse(self.body, self.status, headers=dict(self.headers))


class Faults:
    """The faults in effect, oldest first."""

    def __init__(self) -> None:
        self.active: list[Fault] = []
        self.cleared = asyncio.Event()
        """Set as soon as the present faults are cleared."""

    def clear(self) -> None:
        """Remove every fault; delayed requests go on."""
        self.active.clear()
        self.cleared.set()
        self.cleared = asyncio.Event()

    def take(self, method: str, target: str) -> Fault | None:
        """Use up an occurrence of the first fault that hits the request, and return the fault."""
        for fault in [*self.active]:
            if not self._matches(fault, method, target):
                continue
            if fault.after > 0:
                fault.after -= 1
                continue
            if fault.times == 1:
                self.active.remove(fault)
            elif fault.times:
                fault.times -= 1
            return fault
        return None

    def _matches(self, fault: Fault, method: str, target: str) -> bool:
        """Return whether the fault hits the request. Remove a fault whose pattern searches too long, with a warning."""
        texts = dict.fromkeys((target, unquote(target)))
        try:
            return any(fault.match.search(f"{method} {text}", timeout=SEARCH_SECONDS) for text in texts)
        except TimeoutError:
            self.active.remove(fault)
            message = f"the fault on {fault.match.pattern!r} is removed: its pattern takes too long"
            print(f"emulator: warning: {message}", file=sys.stderr)
            return False
