"""The real engine uses the state of every earlier version: no change, no drift, and `destroy` works."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.stacks.cli import CHECKOUT, NOBODY, Project, class_of_type
from tests.upgrades.states import (
    CLASSES,
    RecordedVersion,
    build_payload,
    create_project,
    recorded_versions,
    run_program,
    serve_service,
)

VERSIONS = recorded_versions()
NEWEST = VERSIONS[-1]
CHANGE_MESSAGE = (
    "this version writes another state than {newest} did. If that is meant: raise the version in pyproject.toml, let"
    " `Kind.upgrade` take what older versions wrote, then: mkdir tests/upgrades/VERSION, copy program.py of {newest}"
    " into it, python -m tests.upgrades.write VERSION"
)


def resources_of_kind(resources: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [resource for resource in resources if class_of_type(resource["type"]) == kind]


def import_state(folder: Path, version: RecordedVersion, state: dict[str, Any]) -> Project:
    """Create a stack with this state, as after an upgrade of the package."""
    project = create_project(folder, version.current_program)
    file = folder / "state.json"
    file.write_text(json.dumps(state))
    project.run("stack", "import", "--file", str(file)).expect_success()
    return project


def list_writes(emulator: RunningEmulator) -> list[str]:
    return [
        f"{request['method']} {request['path']}"
        for request in emulator.requests()
        if request["method"] != "GET"
    ]


@pytest.mark.sample(1)
@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.folder.name)
def test_state_of_an_older_version_shows_no_change_takes_a_change_in_a_single_write_and_can_be_destroyed(
    version: RecordedVersion, tmp_path: Path
) -> None:
    """Requests that publish the change are not counted."""
    project = import_state(tmp_path / "project", version, version.state())
    project.preview("--expect-no-changes").expect_success()
    with serve_service(tmp_path / "service", version.service()) as emulator:
        project.endpoint = emulator.url
        project.up("--expect-no-changes").expect_success()
        project.refresh("--expect-no-changes").expect_success()
        assert list_writes(emulator) == []

        title = "Tour" if "Tour" in version.current_program else "Contoso Maschine"
        project.edit(f'title="{title}"', 'title="Other"')
        project.up().expect_success()
        assert len([write for write in list_writes(emulator) if "/submissions" not in write]) == 1
        project.preview("--expect-no-changes").expect_success()

        project.destroy().expect_success()
        remaining = {product["name"] for product in emulator.state()["products"]}
        # the service keeps offers that were in a preview
        assert remaining <= {"Contoso Archive", "Contoso Ledger"}
    assert project.state() == {}


@pytest.mark.soak
def test_a_plan_of_older_state_is_kept_when_its_name_in_the_program_changes(tmp_path: Path) -> None:
    """Immutable arguments identify the plan; the old version wrote one of them in another form."""
    oldest = VERSIONS[0]
    project = import_state(tmp_path / "project", oldest, oldest.state())
    project.edit('silver = partnercenter.Plan(\n    "silver",', 'silver = partnercenter.Plan(\n    "second",')
    with serve_service(tmp_path / "service", oldest.service()) as emulator:
        project.endpoint = emulator.url
        plans = [plan["id"] for plan in emulator.state()["variants"]]
        assert project.up().expect_success().counts == {"created": 1, "deleted": 1}
        assert [plan["id"] for plan in emulator.state()["variants"]] == plans
        assert list_writes(emulator) == []


def test_the_newest_recorded_state_is_of_this_version_and_has_every_class() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert str(NEWEST.version) == project["version"]
    resources = NEWEST.state()["deployment"]["resources"]
    assert {name for name in CLASSES if resources_of_kind(resources, name)} == CLASSES.keys()


@pytest.mark.soak
def test_this_version_writes_the_newest_recorded_state(tmp_path: Path) -> None:
    """A change of the written state must be deliberate."""
    state, _ = run_program(tmp_path / "project", NEWEST.original_program)
    assert state == NEWEST.state(), CHANGE_MESSAGE.format(newest=NEWEST.version)


@pytest.mark.soak
class TestDowngrade:
    """State of a later version, with members and classes that this version does not have."""

    def test_unknown_members_of_a_later_version_are_no_change(self, tmp_path: Path) -> None:
        state = NEWEST.state()
        for resource in state["deployment"]["resources"]:
            if "partnercenter" in resource["type"]:
                resource["inputs"]["badge"] = {"colour": "blue", "sizes": [1, 2]}
                resource["outputs"] |= {"badge": {"colour": "blue", "sizes": [1, 2]}, "awarded": "2027-01-01"}
        project = import_state(tmp_path / "project", NEWEST, state)
        project.preview("--expect-no-changes").expect_success()
        with serve_service(tmp_path / "service", NEWEST.service()) as emulator:
            project.endpoint = emulator.url
            project.refresh("--expect-no-changes").expect_success()
            project.preview("--expect-no-changes").expect_success()
            assert list_writes(emulator) == []
            project.destroy().expect_success()

    def test_unknown_values_of_a_later_version_are_a_change(self, tmp_path: Path) -> None:
        """The state has plans of a later version. The submission changes with the plans."""
        state = NEWEST.state()
        for resource in resources_of_kind(state["deployment"]["resources"], "Plan"):
            resource["inputs"]["state"] = resource["outputs"]["state"] = {
                "is": "Retired",
                "since": "2027-01-01",
            }
        project = import_state(tmp_path / "project", NEWEST, state)
        assert project.preview().expect_success().counts == {"update": 4, "unchanged": 39}

    def test_an_unknown_class_of_a_later_version_is_named(self, tmp_path: Path) -> None:
        state = NEWEST.state()
        text = json.dumps(resources_of_kind(state["deployment"]["resources"], "TestDrive")[0])
        badge = json.loads(text.replace(":TestDrive", ":Badge"))
        badge["inputs"]["__provider"] = badge["outputs"]["__provider"] = build_payload("Badge")
        state["deployment"]["resources"].append(badge)
        project = import_state(tmp_path / "project", NEWEST, state)
        assert project.preview().expect_success().counts["delete"] == 1
        project.endpoint = NOBODY
        output = project.refresh("--target", badge["urn"]).expect_failure().text
        assert "the state holds a Badge, which this version of pulumi-partnercenter does not know" in output
        assert "install the version that wrote it or a newer one" in output
        assert "Traceback" not in output
