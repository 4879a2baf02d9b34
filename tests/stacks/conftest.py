"""Each test has an emulator and a project of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import Serving, serve
from tests.stacks.cli import OFFER, Project


@pytest.fixture
def emulator() -> Iterator[Serving]:
    with serve(seed=1) as emulator:
        yield emulator


@pytest.fixture
def project(tmp_path: Path, emulator: Serving) -> Project:
    """The program of five resources, nothing made yet."""
    return Project.of(tmp_path / "project", OFFER, emulator.url).select()


@pytest.fixture
def made(project: Project, emulator: Serving) -> Project:
    """… after its first `up`, the emulator's log cleared."""
    assert project.up().well().counts == {"created": 6}
    emulator.clear()
    return project


def write_requests(emulator: Serving) -> list[str]:
    """Writing requests in the log, as `PUT listings`."""
    return writing_requests(emulator.requests())


def writing_requests(log: list[dict[str, Any]]) -> list[str]:
    """Method and collection of each: `PUT listings`."""
    return [
        f"{request['method']} {request['path'].split('?')[0].split('/')[-2 if request['method'] != 'POST' else -1]}"
        for request in log
        if request["method"] != "GET"
    ]
