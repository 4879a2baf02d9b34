"""The project that `pulumi new` creates: previewed, published to a preview on the emulator, unchanged afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from provider.tools.emulators import RunningEmulator, serve
from tests.docs.programs import OFFLINE, TEMPLATE, create_new_project, read_prompts
from tests.docs.wheels import build_wheels, project_requirements
from tests.stacks.cli import CHECKOUT, NOBODY, Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_new_project(tmp_path)


def test_every_prompt_of_the_template_has_a_description_and_a_default() -> None:
    assert all(prompt["description"] and prompt["default"] for prompt in read_prompts().values())
    assert read_prompts()["target"]["default"] == "draft"


def test_a_new_project_has_its_name_and_no_placeholders(project: Project) -> None:
    project_file = yaml.safe_load((project.folder / "Pulumi.yaml").read_text())
    assert (project_file["name"], project_file["description"]) == ("contoso-notes", "Notes")
    assert "template" not in project_file
    assert not [path for path in project.folder.rglob("*") if path.is_file() and "${" in path.name]


@pytest.mark.soak
def test_pulumi_new_installs_the_package_from_the_checkout(tmp_path: Path) -> None:
    """Creates the environment, and installs the package and its dependencies without an index."""
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
    Project(tmp_path, env=env).run("new", str(TEMPLATE), "--dir", "notes", *flags).expect_success()
    project = Project(tmp_path / "notes", env=env | {"PULUMI_BACKEND_URL": f"file://{tmp_path}"})
    # A built engine ignores the option `virtualenv` and creates the environment in the project's folder.
    folders = (project.folder / "venv", project.folder)
    environment = next(folder for folder in folders if (folder / "pyvenv.cfg").is_file())
    code = "import pulumi_partnercenter.emulator.app as app; print(app.__file__)"
    python = environment / "bin" / "python"
    result = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert Path(result.stdout.strip()).is_relative_to(environment), (
        "the package is not installed in the environment"
    )
    if environment == project.folder:
        (project.folder / "venv").symlink_to(environment)
    project.run("stack", "select", "dev").expect_success()
    path = f"{environment / 'bin'}{os.pathsep}{os.environ['PATH']}"
    assert project.preview(**OFFLINE, PATH=path).expect_success().counts == {"create": 16}


@pytest.mark.soak
def test_a_new_project_never_gets_the_package_from_an_index(tmp_path: Path) -> None:
    """Without the variable, pip refuses the requirement and contacts no index."""
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
    result = subprocess.run(command, capture_output=True, text=True, check=False, env=env, cwd=tmp_path)
    assert result.returncode != 0
    assert "PULUMI_PARTNERCENTER" in result.stderr
    assert "onnection" not in result.stdout + result.stderr


def test_the_template_has_no_compiled_files() -> None:
    """Compiled files beside the template would be copied into every new project."""
    assert [path.name for path in TEMPLATE.rglob("*") if path.suffix == ".pyc"] == []


def test_a_new_project_is_a_draft(project: Project) -> None:
    with serve(seed=1) as emulator:
        project.endpoint = emulator.url
        assert project.up().expect_success().counts == {"created": 16}
        assert _published_states(emulator) == []


@pytest.mark.soak
def test_a_new_project_is_published_to_a_preview(project: Project) -> None:
    with serve(seed=1) as emulator:
        project.endpoint = emulator.url
        project.up().expect_success()
        project.run("config", "set", "target", "preview").expect_success()
        project.up().expect_success()
        assert _published_states(emulator) == ["preview"]
        assert project.outputs()["state"] == "preview"
        emulator.clear()
        project.up("--expect-no-changes").expect_success()
        assert emulator.requests() == []


def _published_states(emulator: RunningEmulator) -> list[str]:
    """Return the progress of the submissions."""
    return [
        "preview" if submission["substate"] == "ReadyToPublish" else submission["substate"]
        for submission in emulator.state()["submissions"]
    ]
