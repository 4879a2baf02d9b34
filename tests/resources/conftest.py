"""An emulator over HTTP for all tests of resources. Pauses between attempts take no time."""

from __future__ import annotations

import functools
import socket
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator, serve
from tests.resources.card import Card
from tests.resources.complete import complete_program, write_files
from tests.resources.examples import emulator_config
from tests.resources.harness import Record, Stack

from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.portal import client as portal_client
from pulumi_partnercenter.api.shared_clients import close_clients
from pulumi_partnercenter.api.submission import client
from pulumi_partnercenter.emulator.state import Snapshot


@pytest.fixture(scope="session")
def emulator_process() -> Iterator[RunningEmulator]:
    with serve(seed=1) as emulator:
        yield emulator


@pytest.fixture
def emulator(emulator_process: RunningEmulator) -> RunningEmulator:
    """An empty emulator, `--pace instant`."""
    emulator_process.reset()
    return emulator_process


@pytest.fixture
def empty_stack(emulator: RunningEmulator) -> Stack:
    """An empty stack that is configured for the emulator."""
    return Stack(emulator_config(emulator))


@pytest.fixture
def stack(empty_stack: Stack) -> Stack:
    """An empty stack, unless a module begins with something in it."""
    return empty_stack


@dataclass(frozen=True)
class SavedDrafts:
    """A complete program's drafts, without a submission: the program's files, documents of the service, state."""

    folder: Path
    documents: Snapshot
    state: dict[str, Record]


@pytest.fixture(scope="session")
def saved_drafts(emulator_process: RunningEmulator, tmp_path_factory: pytest.TempPathFactory) -> SavedDrafts:
    folder = write_files(tmp_path_factory.mktemp("complete") / "assets")
    emulator_process.reset()
    stack = Stack(emulator_config(emulator_process))
    program = complete_program(folder)
    stack.up({name: declaration for name, declaration in program.items() if name != "submission"})
    return SavedDrafts(folder, emulator_process.snapshot(), stack.state)


@pytest.fixture
def stack_with_drafts(saved_drafts: SavedDrafts, emulator: RunningEmulator) -> Stack:
    """The stack of `complete_program(saved_drafts.folder)` after a run without its submission."""
    emulator.restore(saved_drafts.documents)
    stack = Stack(emulator_config(emulator))
    stack.state = deepcopy(saved_drafts.state)
    return stack


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Replace the pauses of the clients by a list of their lengths in seconds."""
    seconds: list[float] = []
    for module, client_class in ((client, ApiClient), (client, Blobs), (portal_client, ApiClient)):
        monkeypatch.setattr(
            module, client_class.__name__, functools.partial(client_class, sleep=seconds.append)
        )
    yield seconds
    close_clients()


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every attempt to open a connection fail."""

    def refuse(*_: object) -> None:
        raise AssertionError("a preview opened a connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize the card's tests by argument."""
    if metafunc.cls and issubclass(metafunc.cls, Card):
        for group in {"argument", "field", "immutable", "stored_argument", "changed_argument"} & set(
            metafunc.fixturenames
        ):
            metafunc.parametrize(group, metafunc.cls.arguments_in(group))
