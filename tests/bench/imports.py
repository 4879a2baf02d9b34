"""What importing the provider adds to importing Pulumi, and what is put off until it is needed.

Programs and plugins import it in every preview and update; the first `check` of a plugin loads pydantic and makes the
models, the first request loads the HTTP client and the wire's models. Each number is a fresh interpreter, the variants
take turns, medians.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from tests.bench.emulation import emulation
from tests.bench.report import Row, Table, judged
from tests.bench.stack import Cost, measure, scrubbed

NOTHING, PULUMI, PROVIDER = "nothing", "import pulumi", "import pulumi and the provider"
VARIANTS = {
    NOTHING: "pass",
    PULUMI: "import pulumi",
    PROVIDER: "import pulumi; from pulumi_partnercenter import Offer, OfferListing, Plan, PlanListing, PlanPricing",
}
NOTE = "each beyond what stands above it"
FIRSTS = Path(__file__).with_name("firsts.py")


def measured(folder: Path, tell: Callable[[str], None], *, rounds: int) -> Table:
    """Milliseconds beyond what stands in the row above, and the provider's share of Pulumi's."""
    costs: dict[str, list[Cost]] = {name: [] for name in VARIANTS}
    firsts: list[dict[str, float]] = []
    with emulation() as emulator:
        env = scrubbed() | {"PARTNERCENTER_ENDPOINT": emulator.url, "PARTNERCENTER_ACCESS_TOKEN": "emulator"}
        _firsts(env, folder)  # leaves byte code; not counted
        for number in range(1, rounds + 1):
            tell(f"imports: round {number} of {rounds}")
            for name, program in VARIANTS.items():
                command = [sys.executable, "-c", program]
                costs[name].append(measure(command, env=env, cwd=folder, report=folder / "report.json"))
            firsts.append(_firsts(env, folder))
    rows = _imports(costs)
    rows += [{"what": what, "ms": median(each[what] for each in firsts)} for what in firsts[0]]
    samples = {"imports": {name: [asdict(each) for each in costs[name]] for name in costs}, "firsts": firsts}
    return Table(f"Imports and first uses, medians of {rounds}", rows, samples, NOTE)


def _imports(costs: Mapping[str, Sequence[Cost]]) -> list[Row]:
    wall = {name: 1000 * median(each.wall for each in costs[name]) for name in costs}
    cpu = {name: 1000 * median(each.cpu for each in costs[name]) for name in costs}
    pulumi: Row = {"what": PULUMI, "ms": wall[PULUMI] - wall[NOTHING], "CPU ms": cpu[PULUMI] - cpu[NOTHING]}
    ours: Row = {
        "what": "… and the provider",
        "ms": wall[PROVIDER] - wall[PULUMI],
        "CPU ms": cpu[PROVIDER] - cpu[PULUMI],
    }
    ours["of import pulumi"] = ours["ms"] / pulumi["ms"]
    return [pulumi, judged(ours, "of import pulumi", 0.4)]


def _firsts(env: dict[str, str], folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, FIRSTS], env=env, cwd=folder, capture_output=True, text=True, timeout=60, check=True
    )
    answer: Any = json.loads(done.stdout)
    return {str(what): float(took) for what, took in answer.items()}
