"""Each test begins with an empty emulator, and with a project of its own, which is a copy of the module's."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import Serving, serve
from tests.stacks.cli import OFFER, Project

from pulumi_partnercenter.emulator.state import Snapshot


@dataclass(frozen=True)
class Baseline:
    """A project's folder, its state in it, and what the emulator held then: many tests begin there."""

    folder: Path
    documents: Snapshot

    def copy(self, folder: Path, emulator: Serving) -> Project:
        emulator.restore(self.documents)
        shutil.copytree(self.folder, folder)
        return Project(folder, emulator.url, {"PULUMI_STACK": "sandbox"})


@pytest.fixture(scope="module")
def served() -> Iterator[Serving]:
    with serve(seed=1) as emulator:
        yield emulator


@pytest.fixture
def emulator(served: Serving) -> Serving:
    served.reset()
    return served


@pytest.fixture(scope="module")
def new_baseline(tmp_path_factory: pytest.TempPathFactory, served: Serving) -> Baseline:
    served.reset()
    project = Project.of(tmp_path_factory.mktemp("new") / "project", OFFER, served.url).select()
    return Baseline(project.folder, served.snapshot())


@pytest.fixture(scope="module")
def made_baseline(
    tmp_path_factory: pytest.TempPathFactory, new_baseline: Baseline, served: Serving
) -> Baseline:
    project = new_baseline.copy(tmp_path_factory.mktemp("made") / "project", served)
    assert project.up().well().counts == {"created": 6}
    return Baseline(project.folder, served.snapshot())


@pytest.fixture
def project(tmp_path: Path, new_baseline: Baseline, emulator: Serving) -> Project:
    """The program of five resources, nothing made yet."""
    return new_baseline.copy(tmp_path / "project", emulator)


@pytest.fixture
def made(tmp_path: Path, made_baseline: Baseline, emulator: Serving) -> Project:
    """… after its first `up`, the emulator's log cleared."""
    return made_baseline.copy(tmp_path / "project", emulator)


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
