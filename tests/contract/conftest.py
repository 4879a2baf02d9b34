"""Every contract test runs twice: against a served emulator, and in-process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from provider.tools.emulators import Serving, in_process, serve


@pytest.fixture(scope="session", params=["served", "in-process"])
def running(request: pytest.FixtureRequest) -> Iterator[Serving]:
    with serve() if request.param == "served" else in_process() as emulator:
        yield emulator


@pytest.fixture
def emulator(running: Serving) -> Serving:
    """An empty emulator."""
    running.reset()
    return running
