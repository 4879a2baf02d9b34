"""What runs here: the engine, this Python, and the Python that the engine starts the plugin with."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

__all__ = ["LEAST_ENGINE", "engine_version", "here", "own_activation", "owner_of", "plugin_python"]

LEAST_ENGINE = (3, 216)
PATIENCE_SECONDS = 30


def here() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("pulumi", "pulumi-partnercenter"))
    return f"{platform.python_version()} ({sys.executable}), {packages}"


def own_activation() -> str:
    """What activates this Python's environment, if that has an engine; else ""."""
    folder = Path(sys.executable).parent
    there = (folder / "pulumi").exists() and (folder / "activate").exists()
    return str(folder / "activate") if there else ""


def engine_version(pulumi: str) -> tuple[int, int, str] | None:
    """Major, minor and the whole, as `pulumi version` tells them; None when it does not run."""
    found = re.match(r"v?(\d+)\.(\d+)\S*", _told([pulumi, "version"]))
    return (int(found[1]), int(found[2]), found[0]) if found else None


def plugin_python(pulumi: str) -> str:
    """The Python of the plugin, "" when there is none. Source: the engine's rules for Python, 2.3.

    The project's `virtualenv`, which the plugin takes relative to the program's folder; else what an environment's own
    `pulumi` puts first on PATH; else the first `python3` there.
    """
    folder, options = _project()
    if options.get("virtualenv"):
        return str(folder / str(options["virtualenv"]) / "bin" / "python")
    beside = Path(pulumi).parent / "python3"
    if (Path(pulumi).parents[1] / "pyvenv.cfg").exists() and beside.exists():
        return str(beside)
    return shutil.which("python3") or ""


def owner_of(python: str) -> str:
    """Where that Python has this package, "" when it has not."""
    program = (
        "import importlib.util as u; print(u.find_spec('pulumi_partnercenter').submodule_search_locations[0])"
    )
    return _told([python, "-c", program])


def _project() -> tuple[Path, dict[str, Any]]:
    """The program's folder and its `runtime.options`, of the project that this folder is in."""
    import yaml  # type: ignore[import-untyped]

    at = Path.cwd()
    for folder in (at, *at.parents):
        for file in (folder / "Pulumi.yaml", folder / "Pulumi.yml"):
            if file.is_file():
                try:
                    said = yaml.safe_load(file.read_text(encoding="utf-8"))
                except (OSError, ValueError, yaml.YAMLError):
                    return folder, {}
                said = said if isinstance(said, dict) else {}
                runtime = said.get("runtime")
                options = runtime.get("options") if isinstance(runtime, dict) else None
                return folder / str(said.get("main") or "."), options if isinstance(options, dict) else {}
    return at, {}


def _told(command: list[str]) -> str:
    """The first line of what a command prints, "" when it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command line, no shell
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return next(iter(done.stdout.splitlines()), "").strip() if done.returncode == 0 else ""
