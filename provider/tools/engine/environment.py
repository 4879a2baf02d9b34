"""The checkout's environment: `.venv`, made from `provider/requirements.lock` and nothing else.

    python3 -m provider.tools.engine.environment [--lowest | --infrastructure | --browser | --mutation]

With uv where it is on PATH, else with venv and pip. Every package is checked against its hash; pip is one of them
(the language host asks it for the packages of the environment). The package itself is installed from the checkout
as it stands (editable) with the locked build back end. Made anew when the lock has changed; when only
`pyproject.toml` has, the package alone is installed again. A making that was interrupted is begun again.

With `--lowest` it is `.lowest`, with the oldest versions that `pyproject.toml` allows, from
`provider/requirements.lowest.lock`. With `--infrastructure` it is `.infrastructure`, for stacks that have Azure
resources too, with the SDKs of those, from `provider/requirements.infrastructure.lock`: 360 MB, and two packages whose
presence alone makes each command of the engine look for a plugin. With `--browser` it is `.browser`, with what drives a
browser, from `provider/requirements.browser.lock`: 190 MB, without the package and the browser itself. With
`--mutation` it is `.mutation`, with the tool of `make mutants`, from `provider/requirements.mutation.lock`.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .progress import CommandFailed, Status, tidy_when_ended, watch

CHECKOUT = Path(__file__).parents[3]
PROJECT = CHECKOUT / "pyproject.toml"


@dataclass(frozen=True)
class Environment:
    """A folder with a Python of its own, and the lock that says what is in it beside the package itself."""

    folder: Path
    lock: Path
    has_package: bool = True

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"


LOCKED = Environment(CHECKOUT / ".venv", CHECKOUT / "provider" / "requirements.lock")
LOWEST = Environment(CHECKOUT / ".lowest", CHECKOUT / "provider" / "requirements.lowest.lock")
INFRASTRUCTURE = Environment(
    CHECKOUT / ".infrastructure", CHECKOUT / "provider" / "requirements.infrastructure.lock"
)
BROWSER = Environment(
    CHECKOUT / ".browser", CHECKOUT / "provider" / "requirements.browser.lock", has_package=False
)
MUTATION = Environment(CHECKOUT / ".mutation", CHECKOUT / "provider" / "requirements.mutation.lock")


def make(environment: Environment = LOCKED) -> None:
    """Bring an environment up to date; raises `CommandFailed`."""
    with environment.lock.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second `make` waits for the first
        packages = Stamp(environment.folder, "packages", environment.lock)
        project = Stamp(environment.folder, "project", PROJECT)
        uv = shutil.which("uv")
        if not (packages.holds() and os.access(environment.python, os.X_OK)):
            tool = "uv" if uv else "pip (uv would be faster)"
            print(f"making {environment.folder.name} with {tool}", file=sys.stderr, flush=True)
            shutil.rmtree(environment.folder, ignore_errors=True)
            _make_empty(environment, uv)
            _install(environment, uv, "--require-hashes", "-r", str(environment.lock))
            packages.put()
        if environment.has_package and not project.holds():
            _install(environment, uv, "--no-deps", "--no-build-isolation", "-e", str(CHECKOUT))
            project.put()
            # Where PYTHONDONTWRITEBYTECODE is set the package would be compiled by every program and plugin anew.
            package = (
                CHECKOUT / "provider" / "pulumi_partnercenter"
            )  # not the template: it is copied as it stands
            _run(environment, [str(environment.python), "-m", "compileall", "-q", str(package)])


class Stamp:
    """Says inside the environment from which content of a file a step was finished."""

    def __init__(self, folder: Path, step: str, source: Path) -> None:
        self._path = folder / f".{step}.sha256"
        self._digest = hashlib.sha256(source.read_bytes()).hexdigest()

    def holds(self) -> bool:
        return self._path.is_file() and self._path.read_text() == self._digest

    def put(self) -> None:
        self._path.write_text(self._digest)


def _make_empty(environment: Environment, uv: str | None) -> None:
    if uv:
        _run(environment, [uv, "venv", "--python", sys.executable, str(environment.folder)])
    else:
        _run(environment, [sys.executable, "-m", "venv", str(environment.folder)])


def _install(environment: Environment, uv: str | None, *arguments: str) -> None:
    if uv:
        _run(
            environment,
            [uv, "pip", "install", "--python", str(environment.python), "--compile-bytecode", *arguments],
        )
    else:
        options = ["--compile", "--no-input", "--disable-pip-version-check"]
        _run(environment, [str(environment.python), "-m", "pip", "install", *options, *arguments])


def _run(environment: Environment, command: Sequence[str]) -> None:
    total = environment.lock.read_text().count("==")

    def described(lines: Sequence[str]) -> str:
        collected = sum(
            line.startswith("Collecting ") for line in lines
        )  # pip says so, uv is quick and does not
        return f"{collected} of at most {total} packages" if collected else "environment"

    watch(command, described, Status(), env=os.environ, cwd=CHECKOUT)


def main() -> None:
    """Exit code 1 and what the tool said when a step fails."""
    parser = argparse.ArgumentParser(description="Make the checkout's environment.")
    which = parser.add_mutually_exclusive_group()
    for option, choice, description in (
        ("--lowest", LOWEST, "with the lowest versions that are allowed"),
        ("--infrastructure", INFRASTRUCTURE, "with the SDKs of Azure's resources"),
        ("--browser", BROWSER, "with what drives a browser, for the tests that look at a page"),
        ("--mutation", MUTATION, "with the tool that changes the code, for `make mutants`"),
    ):
        which.add_argument(option, dest="environment", action="store_const", const=choice, help=description)
    environment = parser.parse_args().environment or LOCKED
    tidy_when_ended()
    try:
        make(environment)
    except CommandFailed as error:
        following = "install python3-venv, or uv" if "-venv" in error.output else error.next
        sys.exit(f"making {environment.folder.name}: {error}\n  it said: {error.output}\n  next: {following}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
