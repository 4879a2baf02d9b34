"""Programs of the documentation, which the real engine runs unchanged, many in a single project."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from tests.stacks import cli
from tests.stacks.cli import CHECKOUT, NOBODY, Project

DOCS = CHECKOUT / "provider" / "docs"
TEMPLATE = CHECKOUT / "provider" / "template"
ASSETS = [TEMPLATE / "assets", DOCS / "examples" / "assets"]
"""Files that the programs upload. Files of the documentation replace those of the template."""
SECRETS = {
    "filesSignature": "sv=2022-11-02&sr=c&sp=rl&se=2999-01-01T00:00:00Z&sig=ZXhhbXBsZQ",
    "hideKey": "contosopreview",
    "leadsConnection": "AccountName=contoso;AccountKey=ZXhhbXBsZQ==",
    "packageUrl": "https://packages.contoso.example.com/routes.zip?sp=r&se=2999-01-01T00:00:00Z&sig=ZXhhbXBsZQ",
    "testDriveKey": "example",
}
OFFLINE = {"PARTNERCENTER_ENDPOINT": NOBODY, "PARTNERCENTER_ACCESS_TOKEN": ""}

PACKAGE_PATH = {"PYTHONPATH": cli.PACKAGE_PATH}

COMBINED_PROGRAM = """
import pathlib
import runpy

import pulumi
from pulumi.runtime.settings import get_root_resource, set_root_resource


class Program(pulumi.ComponentResource):
    pass


def export(name, value):
    pass  # outputs of many programs, whose names may repeat


pulumi.export = export
stack = get_root_resource()
for path in sorted(pathlib.Path("programs").glob("*.py")):
    set_root_resource(stack)
    set_root_resource(Program(f"docs:index:{path.stem}", path.stem))
    runpy.run_path(str(path))
set_root_resource(stack)
"""
"""Every program has its own parent, so that names may repeat."""


def create_combined_project(folder: Path, programs: dict[str, str]) -> Project:
    """Create a project that runs all of these programs, given by name."""
    project = Project.of(folder, COMBINED_PROGRAM)
    project.env.update(PACKAGE_PATH)
    (folder / "programs").mkdir()
    for name, text in programs.items():
        (folder / "programs" / f"{name}.py").write_text(text, encoding="utf-8")
    for assets in ASSETS:
        shutil.copytree(assets, folder / "assets", dirs_exist_ok=True)
    project.select()
    configure(project, "--secret", SECRETS)
    return project


def create_new_project(folder: Path) -> Project:
    """Create a project with `pulumi new` from the template, with its default answers."""
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
    Project(folder).run("new", str(TEMPLATE), "--dir", "notes", *flags).expect_success()
    project = Project(folder / "notes", env=dict(PACKAGE_PATH))
    (project.folder / "venv").symlink_to(CHECKOUT / ".venv")  # `pulumi install` would create this environment
    project.select("dev")
    configure(project, "--plaintext", {key: prompt["default"] for key, prompt in read_prompts().items()})
    return project


def configure(project: Project, flag: str, values: Mapping[str, str]) -> None:
    words = [word for key, value in values.items() for word in (flag, f"{key}={value}")]
    project.run("config", "set-all", *words).expect_success()


def read_prompts() -> dict[str, dict[str, Any]]:
    """The prompts of the template, by configuration key."""
    prompts_by_key: dict[str, dict[str, Any]] = yaml.safe_load((TEMPLATE / "Pulumi.yaml").read_text())[
        "template"
    ]["config"]
    return prompts_by_key
