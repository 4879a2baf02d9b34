"""Every contract test runs against a served emulator; with `--soak` also against an in-process emulator."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from provider.tools.emulators import RunningEmulator, in_process, serve


@pytest.fixture(scope="session", params=["served", pytest.param("in-process", marks=pytest.mark.soak)])
def shared_emulator(request: pytest.FixtureRequest) -> Iterator[RunningEmulator]:
    with serve() if request.param == "served" else in_process() as emulator:
        yield emulator


@pytest.fixture
def emulator(shared_emulator: RunningEmulator) -> RunningEmulator:
    """An empty emulator."""
    shared_emulator.reset()
    return shared_emulator
