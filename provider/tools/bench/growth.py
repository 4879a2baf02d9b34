"""Growth of a preview without changes with the size of the stack, in comparison with the engine's own floor.

Floor and product take turns at both sizes, so that a disturbance of the machine affects all four. Values are medians
of the rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from provider.tools.bench.emulation import emulation
from provider.tools.bench.report import Row, Table, judged
from provider.tools.bench.shapes import offer_and
from provider.tools.bench.stack import Stack, declaring

OPERATION = "preview same"
PROGRAMS = {"floor": "floor", "ours": "declared"}
AT_MOST = 1.1


def measured(folder: Path, show: Callable[[str], None], *, sizes: Sequence[int], rounds: int) -> Table:
    """`sizes`: small and large. The last row has the quotients large ÷ small, and the ratio of the quotients."""
    small, large = sizes
    samples: dict[str, dict[int, list[float]]] = {name: {size: [] for size in sizes} for name in PROGRAMS}
    with ExitStack() as context:
        stacks = _stacks(folder, sizes, context, show)
        for number in range(1, rounds + 1):
            for (name, size), stack in stacks.items():
                show(f"growth: round {number} of {rounds}: {size} resources, {name}")
                samples[name][size].append(stack.run(OPERATION).wall)
    rows: list[Row] = []
    for size in sizes:
        floor, ours = (median(samples[name][size]) for name in PROGRAMS)
        rows.append({"resources": str(size), "floor": floor, "ours": ours, "ratio": ours / floor})
    floor, ours = (rows[1][name] / rows[0][name] for name in PROGRAMS)
    grown: Row = {"resources": f"{small} → {large}", "floor": floor, "ours": ours, "ratio": ours / floor}
    return Table(
        f"Growth of a preview without changes (s), medians of {rounds}",
        [*rows, judged(grown, "ratio", AT_MOST)],
        {name: {str(size): walls for size, walls in of_size.items()} for name, of_size in samples.items()},
    )


def _stacks(
    folder: Path, sizes: Sequence[int], context: ExitStack, show: Callable[[str], None]
) -> dict[tuple[str, int], Stack]:
    """Create the resources, and run a preview to fill the caches of byte code."""
    stacks = {}
    for size in sizes:
        for name, program in PROGRAMS.items():
            show(f"growth: making {size} resources, {name}")
            emulator = context.enter_context(emulation())
            stack = Stack(
                folder / f"{name}-{size}", declaring(program, offer_and(size)), endpoint=emulator.url
            )
            stack.run("up create")
            stack.run(OPERATION)
            stacks[name, size] = stack
    return stacks
