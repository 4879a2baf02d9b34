"""The checkout's environment: `.venv`, made from `provider/requirements.lock` and nothing else.

    python3 -m tests.engine.environment

With uv where it is on PATH, else with venv and pip. Every package is checked against its hash; pip is one of them
(the language host asks it for the packages of the environment). The package itself is installed from the checkout
as it stands (editable) with the locked build back end. Made anew when the lock has changed; when only
`pyproject.toml` has, the package alone is installed again. A making that was interrupted is begun again.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from .progress import CommandFailed, Status, tidy_when_ended, watch

CHECKOUT = Path(__file__).parents[2]
ENVIRONMENT = CHECKOUT / ".venv"
LOCK = CHECKOUT / "provider" / "requirements.lock"
PROJECT = CHECKOUT / "pyproject.toml"
PYTHON = ENVIRONMENT / "bin" / "python"


def make() -> None:
    """Bring `.venv` up to date; raises `CommandFailed`."""
    with LOCK.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second `make` waits for the first
        packages, project = Stamp("packages", LOCK), Stamp("project", PROJECT)
        uv = shutil.which("uv")
        if not (packages.holds() and os.access(PYTHON, os.X_OK)):
            print(
                f"making .venv with {'uv' if uv else 'pip (uv would be faster)'}", file=sys.stderr, flush=True
            )
            shutil.rmtree(ENVIRONMENT, ignore_errors=True)
            _make_empty(uv)
            _install(uv, "--require-hashes", "-r", str(LOCK))
            packages.put()
        if not project.holds():
            _install(uv, "--no-deps", "--no-build-isolation", "-e", str(CHECKOUT))
            project.put()
            # Where PYTHONDONTWRITEBYTECODE is set the package would be compiled by every program and plugin anew.
            _run([str(PYTHON), "-m", "compileall", "-q", str(CHECKOUT / "provider")])


class Stamp:
    """Says inside the environment from which content of a file a step was finished."""

    def __init__(self, step: str, source: Path) -> None:
        self._path = ENVIRONMENT / f".{step}.sha256"
        self._digest = hashlib.sha256(source.read_bytes()).hexdigest()

    def holds(self) -> bool:
        return self._path.is_file() and self._path.read_text() == self._digest

    def put(self) -> None:
        self._path.write_text(self._digest)


def _make_empty(uv: str | None) -> None:
    if uv:
        _run([uv, "venv", "--python", sys.executable, str(ENVIRONMENT)])
    else:
        _run([sys.executable, "-m", "venv", str(ENVIRONMENT)])


def _install(uv: str | None, *arguments: str) -> None:
    if uv:
        _run([uv, "pip", "install", "--python", str(PYTHON), "--compile-bytecode", *arguments])
    else:
        options = ["--compile", "--no-input", "--disable-pip-version-check"]
        _run([str(PYTHON), "-m", "pip", "install", *options, *arguments])


def _run(command: Sequence[str]) -> None:
    total = LOCK.read_text().count("==")

    def described(lines: Sequence[str]) -> str:
        collected = sum(
            line.startswith("Collecting ") for line in lines
        )  # pip says so, uv is quick and does not
        return f"{collected} of at most {total} packages" if collected else "environment"

    watch(command, described, Status(), env=os.environ, cwd=CHECKOUT)


def main() -> None:
    """Exit code 1 and what the tool said when a step fails."""
    tidy_when_ended()
    try:
        make()
    except CommandFailed as error:
        following = "install python3-venv, or uv" if "-venv" in error.said else error.next
        sys.exit(f"making .venv: {error}\n  it said: {error.said}\n  next: {following}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
