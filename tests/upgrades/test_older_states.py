"""State of every version lives on: nothing to do, nothing drifted, all of it deletable. Through the real engine."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import Serving
from tests.stacks.cli import CHECKOUT, NOBODY, Project
from tests.upgrades.states import Kept, kept, payload, project_of, serving, written

import pulumi_partnercenter
from pulumi_partnercenter.resources import Resource

EVERY = kept()
NEWEST = EVERY[-1]
CLASSES = {
    name
    for name in pulumi_partnercenter.__all__
    if isinstance(each := getattr(pulumi_partnercenter, name), type)
    and issubclass(each, Resource)
    and each is not Resource
}
CHANGED = (
    "this version writes another state than {newest} did. If that is meant: raise the version in pyproject.toml, let"
    " `Kind.upgrade` take what older versions wrote, then: mkdir tests/upgrades/VERSION, copy program.py of {newest}"
    " into it, python -m tests.upgrades.write VERSION"
)


def of(resources: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [each for each in resources if each["type"].endswith(f"partnercenter:{kind}")]


def imported(folder: Path, version: Kept, state: dict[str, Any]) -> Project:
    """A stack whose state is this, as if the version had just been installed."""
    project = project_of(folder, version.program)
    file = folder / "state.json"
    file.write_text(json.dumps(state))
    project.run("stack", "import", "--file", str(file)).well()
    return project


def asked_to_write(emulator: Serving) -> list[str]:
    return [f"{each['method']} {each['path']}" for each in emulator.requests() if each["method"] != "GET"]


@pytest.mark.sample(1)
@pytest.mark.parametrize("version", EVERY, ids=lambda each: each.folder.name)
def test_state_of_an_older_version_lives_on(version: Kept, tmp_path: Path) -> None:
    project = imported(tmp_path / "project", version, version.state())
    project.preview("--expect-no-changes").well()
    with serving(tmp_path / "service", version.service()) as emulator:
        project.endpoint = emulator.url
        project.up("--expect-no-changes").well()
        project.refresh("--expect-no-changes").well()
        project.preview("--expect-no-changes").well()
        assert asked_to_write(emulator) == []
        project.destroy().well()
        left = {each["name"] for each in emulator.state()["products"]}
        assert left <= {"Contoso Archive"}  # the service keeps what was in a preview
    assert project.state() == {}


@pytest.mark.sample(1)
@pytest.mark.parametrize("version", EVERY, ids=lambda each: each.folder.name)
def test_a_change_goes_out_over_state_of_an_older_version(version: Kept, tmp_path: Path) -> None:
    """One writing request to what changed; what follows from it, publishing, is not counted."""
    project = imported(tmp_path / "project", version, version.state())
    project.edit('title="Tour"' if "Tour" in version.program else 'title="Contoso Maschine"', 'title="Other"')
    with serving(tmp_path / "service", version.service()) as emulator:
        project.endpoint = emulator.url
        project.up().well()
        writes = [each for each in asked_to_write(emulator) if "/submissions" not in each]
        assert len(writes) == 1
        project.preview("--expect-no-changes").well()


def test_a_plan_of_older_state_stays_when_its_name_in_the_program_changes(tmp_path: Path) -> None:
    """Its immutable arguments are what tells that both are one, and one of them was said otherwise then."""
    oldest = EVERY[0]
    project = imported(tmp_path / "project", oldest, oldest.state())
    project.edit('silver = partnercenter.Plan(\n    "silver",', 'silver = partnercenter.Plan(\n    "second",')
    with serving(tmp_path / "service", oldest.service()) as emulator:
        project.endpoint = emulator.url
        plans = [each["id"] for each in emulator.state()["variants"]]
        assert project.up().well().counts == {"created": 1, "deleted": 1}
        assert [each["id"] for each in emulator.state()["variants"]] == plans
        assert asked_to_write(emulator) == []


def test_the_newest_state_is_this_versions_own_and_has_every_class() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert str(NEWEST.version) == project["version"]
    resources = NEWEST.state()["deployment"]["resources"]
    assert {name for name in CLASSES if of(resources, name)} == CLASSES


@pytest.mark.soak
def test_this_version_writes_the_newest_state(tmp_path: Path) -> None:
    """So that a change of what is written is meant, and old state stays readable."""
    state, _ = written(tmp_path / "project", NEWEST.wrote)
    assert state == NEWEST.state(), CHANGED.format(newest=NEWEST.version)


@pytest.mark.soak
class TestDowngrade:
    """State of a later version, which says more than this one knows."""

    def test_members_that_are_not_known_yet_change_nothing(self, tmp_path: Path) -> None:
        state = NEWEST.state()
        for each in state["deployment"]["resources"]:
            if "partnercenter" in each["type"]:
                each["inputs"]["badge"] = {"colour": "blue", "sizes": [1, 2]}
                each["outputs"] |= {"badge": {"colour": "blue", "sizes": [1, 2]}, "awarded": "2027-01-01"}
        project = imported(tmp_path / "project", NEWEST, state)
        project.preview("--expect-no-changes").well()
        with serving(tmp_path / "service", NEWEST.service()) as emulator:
            project.endpoint = emulator.url
            project.refresh("--expect-no-changes").well()
            project.preview("--expect-no-changes").well()
            assert asked_to_write(emulator) == []
            project.destroy().well()

    def test_values_that_are_not_known_yet_are_shown_as_a_change(self, tmp_path: Path) -> None:
        """Here a state of plans that a later version may know: no reason to fail. The submission follows the plans."""
        state = NEWEST.state()
        for each in of(state["deployment"]["resources"], "Plan"):
            each["inputs"]["state"] = each["outputs"]["state"] = {"is": "Retired", "since": "2027-01-01"}
        project = imported(tmp_path / "project", NEWEST, state)
        assert project.preview().well().counts == {"update": 4, "unchanged": 33}

    def test_a_class_that_is_not_known_yet_is_named(self, tmp_path: Path) -> None:
        state = NEWEST.state()
        text = json.dumps(of(state["deployment"]["resources"], "TestDrive")[0])
        later = json.loads(text.replace(":TestDrive", ":Badge"))
        later["inputs"]["__provider"] = later["outputs"]["__provider"] = payload("Badge")
        state["deployment"]["resources"].append(later)
        project = imported(tmp_path / "project", NEWEST, state)
        assert project.preview().well().counts["delete"] == 1
        project.endpoint = NOBODY
        refused = project.refresh("--target", later["urn"]).badly().text
        assert "the state holds a Badge, which this version of pulumi-partnercenter does not know" in refused
        assert "install the version that wrote it, or a newer one" in refused
        assert "Traceback" not in refused
