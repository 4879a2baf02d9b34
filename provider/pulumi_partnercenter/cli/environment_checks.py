"""Checks of the engine, of this Python, and of the Python in which the engine starts the plugin."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

__all__ = [
    "LEAST_ENGINE",
    "engine_version",
    "environment_activation",
    "package_location",
    "plugin_python",
    "python_description",
    "read_project",
]

LEAST_ENGINE = (3, 216)
COMMAND_SECONDS = 30


def python_description() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("pulumi", "pulumi-partnercenter"))
    return f"{platform.python_version()} ({sys.executable}), {packages}"


def environment_activation() -> str:
    """Return the script that activates this Python's environment, if the environment has an engine; otherwise ""."""
    folder = Path(sys.executable).parent
    has_engine = (folder / "pulumi").exists() and (folder / "activate").exists()
    return str(folder / "activate") if has_engine else ""


def engine_version(pulumi: str) -> tuple[int, int, str] | None:
    """Return major, minor and whole version of an engine; None if it does not run."""
    match = re.match(r"v?(\d+)\.(\d+)\S*", _first_line([pulumi, "version"]))
    return (int(match[1]), int(match[2]), match[0]) if match else None


def plugin_python(pulumi: str) -> str:
    """Return the Python in which the engine runs the plugin; "" if there is none.

    First the project's `virtualenv`, relative to the program's folder. Then the environment of the `pulumi` command,
    which
    such a command puts first on PATH. Last the first `python3` on PATH.
    """
    folder, options = read_project()
    if options.get("virtualenv"):
        return str(folder / str(options["virtualenv"]) / "bin" / "python")
    beside = Path(pulumi).parent / "python3"
    if (Path(pulumi).parents[1] / "pyvenv.cfg").exists() and beside.exists():
        return str(beside)
    return shutil.which("python3") or ""


def package_location(python: str) -> str:
    """Return the folder of this package in the environment of a Python; "" if it is not installed."""
    program = (
        "import importlib.util as u; print(u.find_spec('pulumi_partnercenter').submodule_search_locations[0])"
    )
    return _first_line([python, "-c", program])


def read_project() -> tuple[Path, dict[str, Any]]:
    """Return the program's folder and `runtime.options` of the project around the working directory."""
    import yaml  # type: ignore[import-untyped]

    working_directory = Path.cwd()
    for folder in (working_directory, *working_directory.parents):
        for file in (folder / "Pulumi.yaml", folder / "Pulumi.yml"):
            if file.is_file():
                try:
                    project = yaml.safe_load(file.read_text(encoding="utf-8"))
                except (OSError, ValueError, yaml.YAMLError):
                    return folder, {}
                project = project if isinstance(project, dict) else {}
                runtime = project.get("runtime")
                options = runtime.get("options") if isinstance(runtime, dict) else None
                return folder / str(project.get("main") or "."), options if isinstance(options, dict) else {}
    return working_directory, {}


def _first_line(command: list[str]) -> str:
    """Return the first line of a command's output; "" if it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command line, no shell
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return next(iter(done.stdout.splitlines()), "").strip() if done.returncode == 0 else ""
