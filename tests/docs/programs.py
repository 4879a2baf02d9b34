"""Programs of the documentation, run by the real engine: many in one program, each as it is written."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from tests.stacks.cli import CHECKOUT, NOBODY, Project

DOCS = CHECKOUT / "provider" / "docs"
TEMPLATE = CHECKOUT / "provider" / "template"
ASSETS = [TEMPLATE / "assets", DOCS / "examples" / "assets"]
"""What the programs upload; those of the documentation lie over those of the template."""
SECRETS = {"leadsConnection": "AccountName=contoso;AccountKey=ZXhhbXBsZQ==", "testDriveKey": "example"}
OFFLINE = {"PARTNERCENTER_ENDPOINT": NOBODY, "PARTNERCENTER_ACCESS_TOKEN": ""}

OWN = {"PYTHONPATH": str(CHECKOUT / "provider")}
"""Program and plugin take the package of this checkout."""

TOGETHER = """
import pathlib
import runpy

import pulumi
from pulumi.runtime.settings import get_root_resource, set_root_resource


class Program(pulumi.ComponentResource):
    def output(self, name, value):
        pass  # where `pulumi.export` goes


stack = get_root_resource()
for path in sorted(pathlib.Path("programs").glob("*.py")):
    set_root_resource(stack)
    set_root_resource(Program(f"docs:index:{path.stem}", path.stem))
    runpy.run_path(str(path))
set_root_resource(stack)
"""
"""Each program has a parent of its own, so that names may repeat."""


def together(folder: Path, programs: dict[str, str]) -> Project:
    """A project whose program runs all of these, by name."""
    project = Project.of(folder, TOGETHER)
    project.env.update(OWN)
    (folder / "programs").mkdir()
    for name, text in programs.items():
        (folder / "programs" / f"{name}.py").write_text(text, encoding="utf-8")
    for assets in ASSETS:
        shutil.copytree(assets, folder / "assets", dirs_exist_ok=True)
    project.select()
    configure(project, "--secret", SECRETS)
    return project


def new_project(folder: Path) -> Project:
    """What `pulumi new` makes of the template, with the answers that it proposes."""
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
    Project(folder).run("new", str(TEMPLATE), "--dir", "notes", *flags).well()
    made = Project(folder / "notes", env=dict(OWN))
    (made.folder / "venv").symlink_to(CHECKOUT / ".venv")  # what `pulumi install` makes
    made.select("dev")
    configure(made, "--plaintext", {key: prompt["default"] for key, prompt in prompts().items()})
    return made


def configure(project: Project, flag: str, values: Mapping[str, str]) -> None:
    given = [word for key, value in values.items() for word in (flag, f"{key}={value}")]
    project.run("config", "set-all", *given).well()


def prompts() -> dict[str, dict[str, Any]]:
    """What the template asks, by configuration key."""
    asked: dict[str, dict[str, Any]] = yaml.safe_load((TEMPLATE / "Pulumi.yaml").read_text())["template"][
        "config"
    ]
    return asked
