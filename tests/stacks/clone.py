"""A copy of the checkout, as after a clone, and the commands that a new contributor runs there.

The copy's environments consist of links, so nothing is downloaded; commands import the copy's code.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from provider.tools.engine.rehearsed_service import RehearsedService
from provider.tools.engine.sandbox import Emulator
from provider.tools.hangs import HANG_SECONDS
from tests.stacks.cli import CHECKOUT, CommandResult
from tests.stacks.conftest import writing_requests

KEPT = ("PATH", "HOME", "LANG", "XDG_CACHE_HOME")
PUBLISHED_AGAIN = {
    "POST packages",
    "PUT file",
    "PUT packages",
    "PUT packageConfigurations",
    "POST submissions",
}
"""Writing requests of a run after `Clone.change_template`."""


@dataclass(frozen=True)
class Clone:
    """A copy of the checkout, and the emulator that it starts."""

    folder: Path
    emulator: Emulator

    def make(self, *arguments: str) -> CommandResult:
        """Run `make` with a clean environment: no variables of this process or of an outer `make`."""
        return self._run(["make", f"PYTHON={sys.executable}", *arguments])

    def pulumi(self, *arguments: str) -> CommandResult:
        """Run `pulumi` as in an activated environment, without other variables."""
        environment = self.folder / ".venv" / "bin"
        return self._run(["pulumi", *arguments], PATH=f"{environment}{os.pathsep}{os.environ['PATH']}")

    def _run(self, command: list[str], **env: str) -> CommandResult:
        inherited = {name: os.environ[name] for name in KEPT if name in os.environ} | env
        done = subprocess.run(
            [shutil.which(command[0], path=inherited["PATH"]) or command[0], *command[1:]],
            cwd=self.folder,
            env=inherited,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=2 * HANG_SECONDS,  # `make` may install packages
            check=False,
        )
        return CommandResult(done.returncode, done.stdout)

    def without_azure(self, stack: str) -> None:
        """Remove the Azure resources from a stack's configuration."""
        settings = self.folder / "stacks" / f"Pulumi.{stack}.yaml"
        settings.write_text(settings.read_text().replace("infrastructure:own", "infrastructure:none"))

    def change_template(self) -> None:
        """Change a template of the managed application, and its version."""
        self._edit("assets/archive-app/mainTemplate.json", '"retentionInDays": 90', '"retentionInDays": 120')
        self._edit("managed_application.py", 'VERSION = "1.0.0"', 'VERSION = "1.0.1"')

    def _edit(self, name: str, old: str, new: str) -> None:
        path = self.folder / "stacks" / name
        text = path.read_text()
        assert old in text, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new))

    def emulator_state(self) -> dict[str, list[dict[str, Any]]]:
        """Return all documents of the emulator, by collection."""
        state = httpx.get(f"{self.emulator.address()}/_emulator/state", trust_env=False, timeout=HANG_SECONDS)
        documents: dict[str, list[dict[str, Any]]] = state.raise_for_status().json()
        return documents

    def written(self) -> list[str]:
        """Return the writing requests in the emulator's log, as `PUT listings`, and clear the log."""
        log = f"{self.emulator.address()}/_emulator/requests"
        requests = httpx.get(log, trust_env=False, timeout=HANG_SECONDS).json()
        httpx.delete(log, trust_env=False, timeout=HANG_SECONDS).raise_for_status()
        return writing_requests(requests)


@contextmanager
def cloned(folder: Path, *, infrastructure: bool = False) -> Iterator[Clone]:
    """Create a copy in a new folder, with or without the SDKs of Azure resources; stop what it started at the end."""
    made_by_make = shutil.ignore_patterns(".*", "__pycache__")
    shutil.copytree(CHECKOUT, folder, ignore=made_by_make)
    _link_environment(folder)
    if infrastructure:
        _link_packages(folder)
    emulator = Emulator(folder / ".emulator")
    try:
        yield Clone(folder, emulator)
    finally:
        RehearsedService(folder / ".emulator" / "service").stop()
        emulator.stop()


def _link_environment(folder: Path) -> None:
    """Create a link to the checkout's environment, with the copy's package in place of the checkout's."""
    shutil.copytree(CHECKOUT / ".venv", folder / ".venv", symlinks=True, copy_function=os.link)
    (folder / ".venv" / "bin" / "pulumi").unlink()
    (editable,) = (folder / ".venv").glob("lib/python*/site-packages/_editable_impl_*.pth")
    editable.unlink()
    editable.write_text(f"{folder / 'provider'}\n")


def _link_packages(folder: Path) -> None:
    """Link the environment with Azure's SDKs: its many files are not copied, but the package can be installed again."""
    original, environment = CHECKOUT / ".infrastructure", folder / ".infrastructure"
    assert original.exists(), f"{original} is not there: run `make infrastructure`"
    (packages,) = original.glob("lib/python*/site-packages")
    own = environment / packages.relative_to(original)
    own.mkdir(parents=True)
    for package in packages.iterdir():
        if package.name.startswith("_editable_impl_"):
            (own / package.name).write_text(f"{folder / 'provider'}\n")
        elif package.name.startswith("pulumi_partnercenter"):
            shutil.copytree(package, own / package.name)
        else:
            (own / package.name).symlink_to(package)
    shutil.copytree(original / "bin", environment / "bin", symlinks=True)
    for name in ("pyvenv.cfg", ".packages.sha256", ".project.sha256"):
        shutil.copy(original / name, environment)
