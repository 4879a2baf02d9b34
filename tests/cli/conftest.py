"""An emulator, the command configured for it, and a publisher of an offer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator, serve
from tests.cli.command import Command
from tests.cli.publisher import Publisher, SavedPublisher, publish_stages


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


@pytest.fixture
def new_publisher(emulator: RunningEmulator, tmp_path: Path) -> Publisher:
    """A publisher who has saved nothing yet."""
    return Publisher.create(emulator, tmp_path)


@pytest.fixture(scope="session")
def saved_drafts(
    emulator_process: RunningEmulator, tmp_path_factory: pytest.TempPathFactory
) -> SavedPublisher:
    emulator_process.reset()
    publisher = Publisher.create(emulator_process, tmp_path_factory.mktemp("drafts"))
    publisher.save_draft()
    return SavedPublisher(publisher, emulator_process.snapshot())


@pytest.fixture
def publisher(saved_drafts: SavedPublisher, emulator: RunningEmulator) -> Publisher:
    """A publisher whose drafts are saved, and never submitted."""
    return saved_drafts.restore(emulator)


@pytest.fixture(scope="session")
def published_offer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Publisher, Command]]:
    """A publisher whose draft, preview and live differ, and the command at the same emulator. Tests only read there."""
    folder = tmp_path_factory.mktemp("stages")
    with serve(seed=1) as emulator:
        yield publish_stages(emulator, folder), Command(emulator.url, folder)
