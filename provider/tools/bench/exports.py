"""Requests of `partnercenter export`, counted in the emulator's log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from provider.tools.bench.emulation import emulation
from provider.tools.bench.report import Row, Table, judged
from provider.tools.bench.stack import PULUMI, Stack, complete, measure, scrubbed
from provider.tools.engine.engine import CHECKOUT

COMMAND = PULUMI.with_name("partnercenter")
OFFER = "contoso-archive"
FEWER_THAN = 400


def counted(folder: Path, show: Callable[[str], None], *, plans: int) -> Table:
    """Return the requests for an offer with every resource and this many plans, with writes separate."""
    with emulation() as emulator:
        show(f"export: making {plans} plans")
        stack = Stack(folder / "made", complete(plans), endpoint=emulator.url)
        stack.run("up create")
        emulator.clear()
        show(f"export: {plans} plans")
        env = scrubbed() | {
            "PARTNERCENTER_ENDPOINT": emulator.url,
            "PARTNERCENTER_ACCESS_TOKEN": "emulator",
            "PYTHONPATH": str(CHECKOUT / "provider"),
        }
        command: list[str | Path] = [COMMAND, "export", OFFER, "--output", folder / "exported"]
        measure(command, env=env, cwd=folder, report=folder / "report.json")
        log = emulator.requests()
    writing = sum(entry["method"] not in ("GET", "HEAD") for entry in log)
    size = {"plans": plans, "resources": stack.resources()}
    rows: list[Row] = [
        judged({**size, "requests": "all", "number": len(log)}, "number", FEWER_THAN - 1),
        judged({**size, "requests": "writing", "number": writing}, "number", 0),
    ]
    return Table("Requests of an export", rows)
