"""Recorded traffic of the real service, replayed against the emulator: every exchange must match.

The recordings and the tool that scores them are kept beside the checkout (`../shared`), not in it.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from provider.tools.emulators import TOKEN, RunningEmulator, serve
from provider.tools.hangs import HANG_SECONDS

SHARED = Path(__file__).parents[3] / "shared"
REPLAY, RECORDINGS = SHARED / "tools" / "replay.py", SHARED / "reference" / "recordings"
FILES = sorted(RECORDINGS.glob("*.jsonl")) if REPLAY.is_file() else []
ABSENT = (
    "no recordings: ../shared/tools/replay.py and ../shared/reference/recordings are not beside this checkout"
)


@pytest.fixture(scope="module")
def shared_emulator() -> Iterator[RunningEmulator]:
    with serve() as emulator:
        yield emulator


def test_recordings_beside_the_checkout_are_replayed():
    """Recordings beside the checkout are never skipped, in CI or elsewhere."""
    if not RECORDINGS.is_dir():
        pytest.skip(ABSENT)
    assert FILES, f"{RECORDINGS} is there, but {REPLAY} or every recording is missing"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
@pytest.mark.parametrize("options", [[], ["--strict-paging"]], ids=["", "strict-paging"])
def test_every_recorded_exchange_matches(shared_emulator: RunningEmulator, file: Path, options: list[str]):
    base, reset = shared_emulator.api, f"{shared_emulator.url}/_emulator/reset"
    command = [
        sys.executable,
        str(REPLAY),
        "--base",
        base,
        "--token",
        TOKEN,
        "--reset",
        reset,
        *options,
        str(file),
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=HANG_SECONDS, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    last_line = result.stdout.splitlines()[-1]
    score = re.fullmatch(r"(\d+) of (\d+) exchanges match \(100 %\)", last_line)
    assert score, last_line
    assert score[1] == score[2] != "0"
