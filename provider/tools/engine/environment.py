"""Create the checkout's environment `.venv` from `provider/requirements.lock`.

    python3 -m provider.tools.engine.environment [--lowest | --infrastructure | --browser | --postgresql | --mutation |
                                                  --containerfile]

Uses uv if it is on PATH, otherwise venv and pip. Every package is checked against its hash. pip is also installed,
because the language host asks it for the packages of the environment. The package itself is installed from the
checkout (editable) with the locked build back end. A changed lock creates the environment again; if only
`pyproject.toml` changed, only the package is installed again. After an interruption, the next run starts again.

`--lowest` creates `.lowest` from `provider/requirements.lowest.lock`, with the oldest versions that `pyproject.toml`
allows. `--infrastructure` creates `.infrastructure` from `provider/requirements.infrastructure.lock`, with the SDKs
of Azure resources: they take 360 MB, and make every command of the engine look for three plugins. `--browser` creates
`.browser` from `provider/requirements.browser.lock`, with the driver of a browser (190 MB), without the package and the
browser itself. `--postgresql` creates `.postgresql` from `provider/requirements.postgresql.lock`, with the programs of
PostgreSQL (41 MB). `--mutation` creates `.mutation` from `provider/requirements.mutation.lock`, with the tool of
`make mutants`. `--containerfile` creates `.containerfile` from `provider/requirements.containerfile.lock`, with the
linter of Containerfiles (55 MB).
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
    """A folder with its own Python, and the lock of its packages."""

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
POSTGRESQL = Environment(
    CHECKOUT / ".postgresql", CHECKOUT / "provider" / "requirements.postgresql.lock", has_package=False
)
CONTAINERFILE = Environment(
    CHECKOUT / ".containerfile", CHECKOUT / "provider" / "requirements.containerfile.lock", has_package=False
)
MUTATION = Environment(CHECKOUT / ".mutation", CHECKOUT / "provider" / "requirements.mutation.lock")


def make(environment: Environment = LOCKED) -> None:
    """Bring an environment up to date. Raises: CommandFailed."""
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
            # With PYTHONDONTWRITEBYTECODE, every program and plugin would compile the package again.
            # Without the template: byte code in it would be copied into new projects.
            package = CHECKOUT / "provider" / "pulumi_partnercenter"
            _run(environment, [str(environment.python), "-m", "compileall", "-q", str(package)])


class Stamp:
    """Record in the environment of the content of a file for which a step was completed."""

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
        # pip prints these lines; uv prints none and needs no progress.
        collected = sum(line.startswith("Collecting ") for line in lines)
        return f"{collected} of at most {total} packages" if collected else "environment"

    watch(command, described, Status(), env=os.environ, cwd=CHECKOUT)


def main() -> None:
    """End with exit code 1 and the output of the failed step."""
    parser = argparse.ArgumentParser(description="Make the checkout's environment.")
    which = parser.add_mutually_exclusive_group()
    for option, choice, description in (
        ("--lowest", LOWEST, "with the lowest versions that are allowed"),
        ("--infrastructure", INFRASTRUCTURE, "with the SDKs of Azure's resources"),
        ("--browser", BROWSER, "with what drives a browser, for the tests that look at a page"),
        ("--postgresql", POSTGRESQL, "with the programs of PostgreSQL, for the tests of the SaaS service"),
        ("--containerfile", CONTAINERFILE, "with the linter of Containerfiles"),
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
