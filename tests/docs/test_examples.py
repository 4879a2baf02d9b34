"""Examples of resources are complete programs: previewed offline, applied to the emulator, unchanged afterwards."""

from __future__ import annotations

from pathlib import Path

from provider.tools.emulators import serve
from provider.tools.generate.pages import EXAMPLES, example_of, module, resources
from tests.docs.programs import OFFLINE, create_combined_project


def test_every_resource_has_an_example_that_declares_it() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == {module(resource) for resource in resources()}
    for resource in resources():
        assert f"partnercenter.{resource.schema.known_as}(" in example_of(resource).read_text(
            encoding="utf-8"
        )


def test_all_examples_are_previewed_applied_and_unchanged_afterwards(tmp_path: Path) -> None:
    programs = {path.stem: path.read_text(encoding="utf-8") for path in EXAMPLES.glob("*.py")}
    project = create_combined_project(tmp_path / "project", programs)
    create_count = project.preview(**OFFLINE).expect_success().counts["create"]
    with serve(seed=1) as emulator:
        project.endpoint = emulator.url
        emulator.legacy_test_drive()  # for the example of the test drive, which only old offers have
        assert project.up().expect_success().counts == {"created": create_count}
        emulator.clear()
        project.up("--expect-no-changes").expect_success()
        assert emulator.requests() == []
        project.refresh("--expect-no-changes").expect_success()
        assert len(emulator.state()["submissions"]) == 1
