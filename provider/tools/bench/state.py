"""Size of the state in comparison with the floor's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from provider.tools.bench.emulation import emulation
from provider.tools.bench.report import Row, Table
from provider.tools.bench.shapes import offer_and
from provider.tools.bench.stack import Stack, declaring


def weighed(folder: Path, show: Callable[[str], None], *, size: int) -> Table:
    """Return the sizes of the state file after a creation of the same program as floor and as product."""
    declared, rows = offer_and(size), list[Row]()
    with emulation() as emulator:
        for name, program in (("floor", "floor"), ("ours", "declared")):
            show(f"state: {name}")
            stack = Stack(folder / name, declaring(program, declared), endpoint=emulator.url)
            stack.run("up create")
            assert stack.resources() == size
            held = len(stack.state())
            rows.append({"state of": name, "bytes": held, "a resource": held / size})
    rows[1]["beyond the floor, a resource"] = (rows[1]["bytes"] - rows[0]["bytes"]) / size
    return Table(f"State at {size} resources", rows)
