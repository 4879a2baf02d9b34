"""The project that `pulumi new` makes: previewed, brought to a preview on the emulator, and unchanged after that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.serving import Serving, serve
from tests.stacks.cli import CHECKOUT, NOBODY, Project

TEMPLATE = CHECKOUT / "provider" / "template"
OFFLINE = {"PARTNERCENTER_ENDPOINT": NOBODY, "PARTNERCENTER_ACCESS_TOKEN": ""}


def prompts() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((TEMPLATE / "Pulumi.yaml").read_text())["template"][
        "config"
    ]
    return found


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A new project with the answers that `pulumi new` proposes."""
    flags = [
        "--generate-only",
        "--yes",
        "--name",
        "contoso-notes",
        "--description",
        "Notes",
        "--stack",
        "dev",
    ]
    place = Project(tmp_path)
    place.run("new", str(TEMPLATE), "--dir", "notes", *flags).well()
    made = Project(tmp_path / "notes")
    (made.folder / "venv").symlink_to(CHECKOUT / ".venv")  # what `pulumi install` makes
    made.select("dev")
    for key, prompt in prompts().items():
        made.run("config", "set", key, prompt["default"]).well()
    return made


def test_every_prompt_says_what_it_asks_and_proposes_an_answer() -> None:
    assert all(prompt["description"] and prompt["default"] for prompt in prompts().values())
    assert prompts()["target"]["default"] == "draft"


def test_what_is_made_has_a_name_and_no_trace_of_the_template(project: Project) -> None:
    made = yaml.safe_load((project.folder / "Pulumi.yaml").read_text())
    assert (made["name"], made["description"]) == ("contoso-notes", "Notes")
    assert "template" not in made
    assert not [path for path in project.folder.rglob("*") if path.is_file() and "${" in path.name]


def test_it_goes_from_nothing_to_a_published_preview(project: Project) -> None:
    assert project.preview(**OFFLINE).well().counts == {"create": 16}
    with serve(seed=1) as emulator:
        project.endpoint = emulator.url
        project.up().well()
        assert _published(emulator) == []
        project.up("--expect-no-changes").well()
        project.run("config", "set", "target", "preview").well()
        project.up().well()
        assert _published(emulator) == ["preview"]
        assert project.outputs()["state"] == "preview"
        emulator.clear()
        project.up("--expect-no-changes").well()
        assert emulator.requests() == []


def _published(emulator: Serving) -> list[str]:
    """How far each submission came."""
    return [
        "preview" if each["substate"] == "ReadyToPublish" else each["substate"]
        for each in emulator.state()["submissions"]
    ]
