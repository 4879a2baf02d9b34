"""Wall time and CPU of every operation at several sizes, in comparison with the engine's own floor.

In every round the floor, the product with an immediate emulator, and the product with a delayed emulator take turns,
operation by operation, so that a disturbance of the machine affects all three. Values are medians of the rounds.
Operations without requests are not repeated with the delayed emulator.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median

from provider.tools.bench.emulation import LATENCY_SECONDS, delay, emulation, verified_delay
from provider.tools.bench.report import Row, Table, judged
from provider.tools.bench.shapes import offer_and
from provider.tools.bench.stack import OPERATIONS, Cost, Stack, declaring
from provider.tools.emulators import RunningEmulator

SENDING = ("up create", "refresh", "destroy")
THREADS = 4
"""Number of requests that the plugin makes at the same time for independent resources."""
FLOOR, OURS, LATE = "floor", "ours", "ours, late"


@dataclass
class Subject:
    """A measured variant: floor, fast emulator or slow emulator. The floor has no emulator."""

    name: str
    stack: Stack
    emulator: RunningEmulator | None = None
    costs: dict[str, list[Cost]] = field(default_factory=dict)
    requests: dict[str, list[int]] = field(default_factory=dict)

    def run(self, operation: str) -> None:
        if self.name == LATE and operation not in SENDING:
            return
        if self.emulator:
            self.emulator.clear()
        self.costs.setdefault(operation, []).append(self.stack.run(operation))
        self.requests.setdefault(operation, []).append(len(self.emulator.requests()) if self.emulator else 0)

    def wall(self, operation: str) -> float:
        return median(cost.wall for cost in self.costs[operation])

    def cpu(self, operation: str) -> float:
        return median(cost.cpu for cost in self.costs[operation])

    def sent(self, operation: str) -> float:
        return median(self.requests[operation])

    def spread(self, operation: str) -> float:
        """Return the difference between the slowest and the fastest round, in per cent of the median."""
        walls = [cost.wall for cost in self.costs[operation]]
        return 100 * (max(walls) - min(walls)) / median(walls)


def measured(folder: Path, show: Callable[[str], None], *, size: int, rounds: int) -> tuple[Table, Table]:
    """Return a table with an immediate emulator, and a table with a delay of `LATENCY_SECONDS` a request."""
    with ExitStack() as stack:
        subjects = _subjects(folder, size, stack)
        emulator = subjects[LATE].emulator
        assert emulator is not None
        verified = verified_delay(emulator)
        delay(emulator)
        for number in range(1, rounds + 1):
            for operation in OPERATIONS:
                for subject in subjects.values():
                    show(f"{size} resources, round {number} of {rounds}: {operation}, {subject.name}")
                    subject.run(operation)
    milliseconds = f"{LATENCY_SECONDS * 1000:.0f} ms"
    at_once = Table(
        f"Wall and CPU (s) of {size} resources against the floor, medians of {rounds}",
        [_at_once(size, operation, subjects) for operation in OPERATIONS],
        {name: _samples(subjects[name]) for name in (FLOOR, OURS)},
        "spread: between our slowest and fastest, %",
    )
    late = Table(
        f"Wall (s) of {size} resources with {milliseconds} a request, medians of {rounds}",
        [_late(size, operation, subjects) for operation in SENDING],
        {LATE: _samples(subjects[LATE]), "delay verified, ms": verified},
        f"model: floor + requests × {milliseconds} ÷ {THREADS}",
    )
    return at_once, late


def _samples(subject: Subject) -> dict[str, list[dict[str, float]]]:
    return {operation: [asdict(cost) for cost in costs] for operation, costs in subject.costs.items()}


def _subjects(folder: Path, size: int, stack: ExitStack) -> dict[str, Subject]:
    declared = offer_and(size)
    subjects = {FLOOR: Subject(FLOOR, Stack(folder / FLOOR, declaring("floor", declared)))}
    for name in (OURS, LATE):
        emulator = stack.enter_context(emulation())
        of_ours = Stack(folder / name, declaring("declared", declared), endpoint=emulator.url)
        subjects[name] = Subject(name, of_ours, emulator)
    for subject in subjects.values():
        subject.stack.run("preview new")  # not measured: writes byte code and fills caches
        assert subject.stack.resources() == 0
    return subjects


def _at_once(size: int, operation: str, subjects: dict[str, Subject]) -> Row:
    floor, ours = subjects[FLOOR], subjects[OURS]
    row: Row = {
        "resources": size,
        "operation": operation,
        "floor": floor.wall(operation),
        "ours": ours.wall(operation),
        "ratio": ours.wall(operation) / floor.wall(operation),
        "floor's CPU": floor.cpu(operation),
        "our CPU": ours.cpu(operation),
        "CPU ratio": ours.cpu(operation) / floor.cpu(operation),
        "requests": int(ours.sent(operation)),
        "spread": f"{ours.spread(operation):.0f}",
    }
    return judged(row, "ratio", 1.2) if (size, operation) == (200, "preview same") else row


def _late(size: int, operation: str, subjects: dict[str, Subject]) -> Row:
    floor, late = subjects[FLOOR].wall(operation), subjects[LATE]
    model = floor + late.sent(operation) * LATENCY_SECONDS / THREADS
    row: Row = {
        "resources": size,
        "operation": operation,
        "floor": floor,
        "requests": int(late.sent(operation)),
        "model": model,
        "ours": late.wall(operation),
        "ratio": late.wall(operation) / model,
        "spread": f"{late.spread(operation):.0f}",
    }
    return judged(row, "ratio", 1.15) if (size, operation) == (50, "up create") else row
