"""A stack outside the checkout with its own project, file backend and Pulumi home; its operations are measured."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from provider.tools.bench.shapes import Declaration
from provider.tools.engine.engine import CHECKOUT

PULUMI = CHECKOUT / ".venv" / "bin" / "pulumi"
PROGRAMS = Path(__file__).with_name("programs")
STRANGERS = ("AZURE_", "ARM_", "ACTIONS_ID_TOKEN_", "PARTNERCENTER_", "PULUMI_", "PYTHON")
TRUSTS = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
DEADLINE_SECONDS = 600

OPERATIONS: Mapping[str, Sequence[str]] = {
    "preview new": ["preview"],
    "up create": ["up", "--skip-preview", "--yes"],
    "preview same": ["preview", "--expect-no-changes"],
    "up same": ["up", "--skip-preview", "--yes", "--expect-no-changes"],
    "refresh": ["refresh", "--skip-preview", "--yes", "--expect-no-changes"],
    "destroy": ["destroy", "--skip-preview", "--yes"],
}
"""Operations in their order. Those without expected changes fail if there are changes."""


class Failed(Exception):
    """A measured command failed; the message has its last lines."""


@dataclass(frozen=True)
class Cost:
    """Seconds: elapsed, and CPU of the whole process tree."""

    wall: float
    cpu: float


def scrubbed() -> dict[str, str]:
    """Return this process's environment without logins, endpoints, authorities and settings of Python and Pulumi.

    This removes PYTHONDONTWRITEBYTECODE: the first operation then writes byte code, as an installation does.
    """
    return {
        name: v for name, v in os.environ.items() if not name.startswith(STRANGERS) and name not in TRUSTS
    }


def measure(command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, report: Path) -> Cost:
    """Run `command` to its end. Raises: Failed."""
    report.unlink(missing_ok=True)
    runner: list[str | Path] = [sys.executable, "-IS", Path(__file__).with_name("measured.py"), report]
    with subprocess.Popen(
        [*runner, *command],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=DEADLINE_SECONDS)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        raise Failed(f"{' '.join(map(str, command))}: exit code {process.returncode}: {_excerpt(output)}")
    return Cost(**json.loads(report.read_text()))


def _excerpt(output: str) -> str:
    """Return the engine's diagnostics, or the last lines of the output if there are none, on one line."""
    _, _, diagnostics = output.partition("Diagnostics:")
    lines = [line.strip() for line in (diagnostics or output).splitlines() if line.strip()]
    return " / ".join(lines[:8] if diagnostics else lines[-8:])


class Stack:
    """`pulumi` on one stack. `prepare` puts `Pulumi.yaml` and the program into a folder."""

    def __init__(
        self, folder: Path, prepare: Callable[[Path], None], *, name: str = "bench", endpoint: str = ""
    ) -> None:
        self.name, self._folder, self._project = name, folder, folder / "project"
        for directory in (self._project, folder / "backend", folder / "home"):
            directory.mkdir(parents=True)
        prepare(self._project)
        self._env = scrubbed() | {
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # program and plugin import the floor's module and this checkout's package
            "PYTHONPATH": f"{PROGRAMS}{os.pathsep}{CHECKOUT / 'provider'}",
            **(
                {"PARTNERCENTER_ENDPOINT": endpoint, "PARTNERCENTER_ACCESS_TOKEN": "emulator"}
                if endpoint
                else {}
            ),
        }
        self._pulumi("stack", "select", "--create", name)

    def run(self, operation: str) -> Cost:
        """Run one of `OPERATIONS`. Raises: Failed."""
        return self._pulumi(*OPERATIONS[operation], "--stack", self.name)

    def state(self) -> bytes:
        """Return the content of the state file."""
        (file,) = (self._folder / "backend" / ".pulumi" / "stacks").glob(f"*/{self.name}.json")
        return file.read_bytes()

    def resources(self) -> int:
        """Return the number of dynamic resources in the state."""
        latest = json.loads(self.state())["checkpoint"]["latest"] or {}
        return sum(resource["type"].startswith("pulumi-python:") for resource in latest.get("resources", []))

    def _pulumi(self, *arguments: str) -> Cost:
        command: list[str | Path] = [PULUMI, *arguments, "--non-interactive"]
        return measure(command, env=self._env, cwd=self._project, report=self._folder / "report.json")


def declaring(program: str, declared: list[Declaration]) -> Callable[[Path], None]:
    """Return a function that prepares a project which runs `programs/<program>.py` with these declarations."""

    def prepare(project: Path) -> None:
        (project / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
        shutil.copy(PROGRAMS / f"{program}.py", project / "__main__.py")
        (project / "declared.json").write_text(json.dumps(declared))

    return prepare


def complete(plans: int) -> Callable[[Path], None]:
    """Return a function that prepares a project which publishes a complete offer with this many plans to preview."""

    def prepare(project: Path) -> None:
        (project / "Pulumi.yaml").write_text("name: bench\nruntime: python\n")
        shutil.copy(PROGRAMS / "complete.py", project / "__main__.py")
        shutil.copytree(CHECKOUT / "stacks" / "assets", project / "assets")
        (project / "plans.json").write_text(json.dumps(plans))

    return prepare


def checkout_stacks(project: Path) -> None:
    """Copy the checkout's project, because selecting a stack may write into its configuration."""
    shutil.copy(CHECKOUT / "Pulumi.yaml", project)
    shutil.copytree(CHECKOUT / "stacks", project / "stacks", ignore=shutil.ignore_patterns("__pycache__"))
