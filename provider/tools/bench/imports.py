"""Import time of the provider in addition to Pulumi's, and the costs that come with the first use.

Programs and plugins import the provider in every preview and update. The first `check` of a plugin loads pydantic and
creates the models; the first request loads the HTTP client and the wire models. An interpreter times both imports one
after the other, so that a busy machine slows both. Every sample is a new interpreter.
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
    """Each row has its milliseconds in addition to the row above. The provider's share is the median of the samples."""
    samples: list[dict[str, float]] = []
    with emulation() as emulator:
        env = scrubbed() | {"PARTNERCENTER_ENDPOINT": emulator.url, "PARTNERCENTER_ACCESS_TOKEN": "emulator"}
        _firsts(env, folder)  # not measured: writes byte code
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
