"""An emulator, and the command configured for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator, serve
from tests.cli.command import Command


@pytest.fixture(scope="session")
def emulator_process() -> Iterator[RunningEmulator]:
    with serve(seed=1) as emulator:
        yield emulator


@pytest.fixture
def emulator(emulator_process: RunningEmulator) -> RunningEmulator:
    """An empty emulator."""
    emulator_process.reset()
    return emulator_process


@pytest.fixture
def partnercenter(emulator: RunningEmulator, tmp_path: Path) -> Command:
    return Command(emulator.url, tmp_path)
