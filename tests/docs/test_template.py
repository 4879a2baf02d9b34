"""The project that `pulumi new` makes: previewed, brought to a preview on the emulator, and unchanged after that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.docs.programs import OFFLINE, TEMPLATE, new_project, prompts
from tests.serving import Serving, serve
from tests.stacks.cli import NOBODY, Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return new_project(tmp_path)


def test_every_prompt_says_what_it_asks_and_proposes_an_answer() -> None:
    assert all(prompt["description"] and prompt["default"] for prompt in prompts().values())
    assert prompts()["target"]["default"] == "draft"


def test_what_is_made_has_a_name_and_no_trace_of_the_template(project: Project) -> None:
    made = yaml.safe_load((project.folder / "Pulumi.yaml").read_text())
    assert (made["name"], made["description"]) == ("contoso-notes", "Notes")
    assert "template" not in made
    assert not [path for path in project.folder.rglob("*") if path.is_file() and "${" in path.name]


def test_a_project_asks_no_index_for_the_package(tmp_path: Path) -> None:
    """Without the variable pip refuses the line, whatever an index has."""
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--dry-run",
        "--no-deps",
        "-r",
        TEMPLATE / "requirements.txt",
    ]
    env = {"PIP_INDEX_URL": NOBODY, "PIP_CONFIG_FILE": os.devnull, "PATH": os.environ["PATH"]}
    ran = subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=tmp_path)
    assert ran.returncode != 0
    assert "PULUMI_PARTNERCENTER" in ran.stderr
    assert "onnection" not in ran.stdout + ran.stderr


def test_the_template_has_nothing_that_a_run_left() -> None:
    """Python leaves compiled programs where it may; who copies the template copies them too."""
    assert [path.name for path in TEMPLATE.rglob("*") if path.suffix == ".pyc"] == []


def test_it_goes_from_nothing_to_a_published_preview(project: Project) -> None:
    assert project.preview(**OFFLINE).well().counts == {"create": 16}
    with serve(seed=1) as emulator:
        project.endpoint = emulator.url
        project.up().well()
        assert _published(emulator) == []
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
