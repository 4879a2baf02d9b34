"""The project that `pulumi new` makes: previewed, brought to a preview on the emulator, and unchanged after that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from provider.tools.emulators import Serving, serve
from tests.docs.programs import OFFLINE, TEMPLATE, new_project, prompts
from tests.docs.wheels import build_wheels, project_requirements
from tests.stacks.cli import CHECKOUT, NOBODY, Project


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


@pytest.mark.soak
def test_pulumi_new_installs_the_package_from_the_checkout(tmp_path: Path) -> None:
    """No `--generate-only`: the environment, the package and its dependencies are installed, without an index."""
    index = tmp_path / "index"
    index.mkdir()
    build_wheels(index, ["pip", "setuptools", "wheel", "hatchling", *project_requirements("cli", "emulator")])
    env = {
        "PULUMI_PARTNERCENTER": f"file://{CHECKOUT}",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(index),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PYTHONPATH": "",
    }
    flags = ["--yes", "--name", "contoso-notes", "--description", "Notes", "--stack", "dev"]
    Project(tmp_path, env=env).run("new", str(TEMPLATE), "--dir", "notes", *flags).well()
    project = Project(tmp_path / "notes", env=env | {"PULUMI_BACKEND_URL": f"file://{tmp_path}"})
    # The language host of a built engine knows no `virtualenv` here and takes the project's folder for it.
    folders = (project.folder / "venv", project.folder)
    environment = next(folder for folder in folders if (folder / "pyvenv.cfg").is_file())
    code = "import pulumi_partnercenter.emulator.app as app; print(app.__file__)"
    python = environment / "bin" / "python"
    ran = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert Path(ran.stdout.strip()).is_relative_to(environment), "installed there, not borrowed"
    if environment == project.folder:
        (project.folder / "venv").symlink_to(environment)
    project.run("stack", "select", "dev").well()
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    assert project.preview(**OFFLINE, PATH=path).well().counts == {"create": 16}


@pytest.mark.soak
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
