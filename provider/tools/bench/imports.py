"""What importing the provider adds to importing Pulumi, and what is put off until it is needed.

Programs and plugins import it in every preview and update; the first `check` of a plugin loads pydantic and makes the
models, the first request loads the HTTP client and the wire's models. Both imports are timed in one interpreter, one
after the other, so that a busy machine slows both; every sample is a fresh interpreter.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from provider.tools.bench.emulation import emulation
from provider.tools.bench.report import Row, Table, judged
from provider.tools.bench.stack import scrubbed

FIRSTS = Path(__file__).with_name("firsts.py")
PULUMI, PROVIDER = "import pulumi", "… and the provider"
SHARE = "of import pulumi"


def measured(folder: Path, show: Callable[[str], None], *, rounds: int) -> Table:
    """Milliseconds beyond what stands in the row above; the provider's share is the median of the samples' shares."""
    samples: list[dict[str, float]] = []
    with emulation() as emulator:
        env = scrubbed() | {"PARTNERCENTER_ENDPOINT": emulator.url, "PARTNERCENTER_ACCESS_TOKEN": "emulator"}
        _firsts(env, folder)  # leaves byte code; not counted
        for number in range(1, rounds + 1):
            show(f"imports: round {number} of {rounds}")
            samples.append(_firsts(env, folder))
    rows: list[Row] = [
        {"what": what, "ms": median(sample[what] for sample in samples)} for what in samples[0]
    ]
    share = median(sample[PROVIDER] / sample[PULUMI] for sample in samples)
    rows = [judged({**row, SHARE: share}, SHARE, 0.4) if row["what"] == PROVIDER else row for row in rows]
    title = f"Imports and first uses, medians of {rounds}"
    return Table(title, rows, samples, "each beyond what stands above it")


def _firsts(env: dict[str, str], folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, FIRSTS], env=env, cwd=folder, capture_output=True, text=True, timeout=60, check=True
    )
    answer: Any = json.loads(done.stdout)
    return {str(what): float(took) for what, took in answer.items()}
