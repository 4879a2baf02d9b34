"""Handlers of a service that is killed: what they are called with is in a file before they return.

PARTNERCENTER_SAAS_HANDLERS=tests.saas.journal:open_journal JOURNAL=FILE
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from pulumi_partnercenter.saas import Event, Handlers

__all__ = ["Journal", "open_journal"]


class Journal(Handlers):
    def __init__(self, path: Path) -> None:
        self.path = path

    def provision(self, event: Event) -> None:
        self._write(event)

    def handle(self, event: Event) -> None:
        self._write(event)

    def entries(self) -> list[dict[str, str]]:
        """What was called, oldest first; an event that was delivered again is there again."""
        return [json.loads(line) for line in self.path.read_text().splitlines()] if self.path.exists() else []

    def _write(self, event: Event) -> None:
        subscription = event.subscription.id if event.subscription else ""
        line = json.dumps({"id": event.id, "type": event.type, "subscription": subscription})
        with self.path.open("a") as file:  # one write below a page's size: never half a line
            file.write(f"{line}\n")


def open_journal() -> Journal:
    return Journal(Path(os.environ["JOURNAL"]))
