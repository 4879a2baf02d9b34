"""Each test has an empty emulator, and its own copy of the module's project."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator, serve
from tests.stacks.cli import OFFER, Project

from pulumi_partnercenter.emulator.state import Snapshot


@dataclass(frozen=True)
class Baseline:
    """The start of many tests: a project's folder with its state, and a snapshot of the emulator."""

    folder: Path
    documents: Snapshot

    def copy(self, folder: Path, emulator: RunningEmulator) -> Project:
        emulator.restore(self.documents)
        shutil.copytree(self.folder, folder)
        return Project(folder, emulator.url, {"PULUMI_STACK": "sandbox"})


@pytest.fixture(scope="module")
def module_emulator() -> Iterator[RunningEmulator]:
    with serve(seed=1) as emulator:
        yield emulator


@pytest.fixture
def emulator(module_emulator: RunningEmulator) -> RunningEmulator:
    module_emulator.reset()
    return module_emulator


@pytest.fixture(scope="module")
def new_baseline(tmp_path_factory: pytest.TempPathFactory, module_emulator: RunningEmulator) -> Baseline:
    module_emulator.reset()
    project = Project.of(tmp_path_factory.mktemp("new") / "project", OFFER, module_emulator.url).select()
    return Baseline(project.folder, module_emulator.snapshot())


@pytest.fixture(scope="module")
def deployed_baseline(
    tmp_path_factory: pytest.TempPathFactory, new_baseline: Baseline, module_emulator: RunningEmulator
) -> Baseline:
    project = new_baseline.copy(tmp_path_factory.mktemp("deployed") / "project", module_emulator)
    assert project.up().expect_success().counts == {"created": 6}
    return Baseline(project.folder, module_emulator.snapshot())


@pytest.fixture
def project(tmp_path: Path, new_baseline: Baseline, emulator: RunningEmulator) -> Project:
    """Project with the program of five resources, not deployed."""
    return new_baseline.copy(tmp_path / "project", emulator)


@pytest.fixture
def deployed(tmp_path: Path, deployed_baseline: Baseline, emulator: RunningEmulator) -> Project:
    """Project with the program of five resources after its first `up`. The emulator's log is empty."""
    return deployed_baseline.copy(tmp_path / "project", emulator)


def write_requests(emulator: RunningEmulator) -> list[str]:
    """Return the writing requests in the log, as `PUT listings`."""
    return writing_requests(emulator.requests())


def writing_requests(log: list[dict[str, Any]]) -> list[str]:
    """Return method and collection of each writing request, as `PUT listings`."""
    return [
        f"{request['method']} {request['path'].split('?')[0].split('/')[-2 if request['method'] != 'POST' else -1]}"
        for request in log
        if request["method"] != "GET"
    ]
