"""An emulator over HTTP for all tests of resources. Pauses between attempts take no time."""

from __future__ import annotations

import functools
import socket
from collections.abc import Iterator

import pytest
from provider.tools.emulators import RunningEmulator, serve
from tests.resources.card import Card
from tests.resources.examples import emulator_config
from tests.resources.harness import Stack

from pulumi_partnercenter.api.http.blobs import Blobs
from pulumi_partnercenter.api.http.client import ApiClient
from pulumi_partnercenter.api.submission import client


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
def stack(emulator: RunningEmulator) -> Stack:
    """An empty stack that is configured for the emulator."""
    return Stack(emulator_config(emulator))


@pytest.fixture(autouse=True)
def pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[float]]:
    """Replace the pauses of the clients by a list of their lengths in seconds."""
    seconds: list[float] = []
    for client_class in (ApiClient, Blobs):
        monkeypatch.setattr(
            client, client_class.__name__, functools.partial(client_class, sleep=seconds.append)
        )
    yield seconds
    client.close_clients()


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
