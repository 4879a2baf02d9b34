"""Examples of resources are complete programs: applied to the emulator, unchanged afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
from provider.tools.emulators import serve
from provider.tools.generate.pages import EXAMPLES, example_of, file_name, resources
from tests.docs.programs import OFFLINE, create_combined_project
from tests.stacks.cli import Project


def test_every_resource_has_an_example_that_declares_it() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {file_name(resource) for resource in resources()}
    for resource in resources():
        assert f"partnercenter.{resource.schema.known_as}(" in example_of(resource).read_text(
            encoding="utf-8"
        )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    programs = {path.stem: path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.py")}
    return create_combined_project(tmp_path / "project", programs)


@pytest.mark.soak
def test_all_examples_are_previewed_offline(project: Project) -> None:
    """`make test` previews the programs of all other pages offline (`test_blocks.py`)."""
    assert {*project.preview(**OFFLINE).expect_success().counts} == {"create"}


def test_all_examples_are_applied_and_unchanged_afterwards(project: Project) -> None:
    with serve(seed=1) as emulator:
        project.endpoint = emulator.url
        emulator.legacy_test_drive()  # for the example of the test drive, which only old offers have
        emulator.decide("validation", "pass")  # a release belongs to an offer that is complete
        assert {*project.up().expect_success().counts} == {"created"}
        emulator.clear()
        project.up("--expect-no-changes").expect_success()
        assert emulator.requests() == []
        project.refresh("--expect-no-changes").expect_success()
        assert len(emulator.state()["submissions"]) == 2
