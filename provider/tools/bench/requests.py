"""Requests per operation of the real engine, counted in the emulator's log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from provider.tools.bench.emulation import emulation
from provider.tools.bench.report import Row, Table, judged
from provider.tools.bench.shapes import offer_and
from provider.tools.bench.stack import Stack, checkout_stacks, complete, declaring

COUNTED = ("up create", "up same", "refresh", "destroy")
LISTED = "offer, listing, plan, plan listing"
COMPLETE = "a complete offer to preview, 1 plan"
PROGRAMS: dict[str, tuple[str, Callable[[Path], None]]] = {
    LISTED: ("bench", declaring("declared", offer_and(4, pricing=False))),
    "the same and pricing": ("bench", declaring("declared", offer_and(5))),
    COMPLETE: ("bench", complete(1)),
    "the same, 20 plans": ("bench", complete(20)),
    "stack sandbox": ("sandbox", checkout_stacks),
}
GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def counted(folder: Path, show: Callable[[str], None]) -> Table:
    """Return a table with a row for each program and operation; `samples` lists the requests."""
    table = Table("Requests per operation", samples={})
    for number, (program, (name, prepare)) in enumerate(PROGRAMS.items()):
        with emulation() as emulator:
            stack = Stack(folder / str(number), prepare, name=name, endpoint=emulator.url)
            resources = 0
            for operation in COUNTED:
                show(f"requests: {program}, {operation}")
                emulator.clear()
                stack.run(operation)
                log, resources = emulator.requests(), resources or stack.resources()
                asked = [entry for entry in log if entry["service"] != "blob"]
                table.samples.setdefault(program, {})[operation] = _by_route(asked)
                row = _row(program, operation, resources, len(asked))
                table.rows.append({**row, "uploads": _uploads(log)})
    return table


def _row(program: str, operation: str, resources: int, requests: int) -> Row:
    row: Row = {
        "program": program,
        "resources": resources,
        "operation": operation,
        "requests": requests,
        "per resource": requests / resources,
    }
    match operation:
        case "up create" if program == LISTED:
            return judged(row, "requests", 10)
        case "up create" if program == COMPLETE:
            return judged(row, "requests", 40)
        case "up same":
            return judged(row, "requests", 0)
        case "refresh":
            return judged(row, "per resource", 1.2)
    return row


def _uploads(log: Sequence[dict[str, Any]]) -> int:
    return sum(entry["service"] == "blob" and entry["method"] == "PUT" for entry in log)


def _by_route(log: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Return the number of requests by route: `GET /v1.0/ingestion/products/{id}` → number."""
    routes = (f"{entry['method']} {GUID.sub('{id}', entry['path'].partition('?')[0])}" for entry in log)
    return dict(Counter(routes))
