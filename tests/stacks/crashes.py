"""Kills of any process of a real run, at any request: the user's next commands converge.

    python -m tests.stacks.crashes [--only PROGRAM …] [--times 50] [--seed 1]

prints for each run the killed process, the request, the messages, the commands after the kill, and the result. The
programs are the shipped stack `sandbox`, an offer of the portal, and a release of an app, that go live. The emulator
holds the chosen request and all later ones until all processes of the run are dead.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
from provider.tools.emulators import RunningEmulator, serve
from provider.tools.generate.pages import EXAMPLES, example_of
from provider.tools.hangs import HANG_SECONDS
from rich.console import Console
from rich.table import Table
from tests.resources.card import comparable_content
from tests.stacks.cli import CommandResult, Project

from pulumi_partnercenter import AppRelease, portal
from pulumi_partnercenter.emulator.state import Snapshot

__all__ = ["PROGRAMS", "Baseline", "Crash", "CrashLab", "Outcome", "crash_lab", "pending"]

HOLD_SECONDS = 600
PROCESS_PATTERNS = {
    "plugin": r"-m pulumi\.dynamic",
    "program": r"pulumi-language-python-exec",
    "language host": r"pulumi-language-python ",
    "pulumi": "",
}
"""Text in the command line of each process; `pulumi` is the parent of all others."""
VERBS: Mapping[str, tuple[str, ...]] = {
    "up": ("up", "--yes", "--skip-preview"),
    "refresh": ("refresh", "--yes", "--skip-preview"),
    "destroy": ("destroy", "--yes", "--skip-preview"),
}


@dataclass(frozen=True)
class KilledProgram:
    """`create` makes a project in a folder, for an endpoint. `request_margin` is the number of requests that a run may
    save in comparison with the measured run.
    """

    create: Callable[[Path, str], Project]
    request_margin: int


def _create_portal_project(folder: Path, endpoint: str) -> Project:
    """Create a project with the example of a publication, on the way to live."""
    program = example_of(portal.Publication).read_text()
    return Project.of(folder, program.replace('target="preview"', 'target="live"'), endpoint)


def _create_release_project(folder: Path, endpoint: str) -> Project:
    """Create a project with the example of a release, to live. Its offer is incomplete, so validations are decided."""
    for _ in range(10):
        decision = {"stage": "validation", "outcome": "pass"}
        httpx.post(
            f"{endpoint}/_emulator/decide", json=decision, trust_env=False, timeout=HANG_SECONDS
        ).raise_for_status()
    program = example_of(AppRelease).read_text().replace('"preview"', '"live"')
    kept = "opts=pulumi.ResourceOptions(retain_on_delete=True)"  # a published offer cannot be deleted
    program = f"import pulumi\n{program.replace('alias=', f'{kept}, alias=')}"
    project = Project.of(folder, program, endpoint)
    shutil.copytree(EXAMPLES / "assets", folder / "assets")
    return project


PROGRAMS: Mapping[str, KilledProgram] = {
    "sandbox": KilledProgram(Project.shipped, request_margin=3),
    "portal": KilledProgram(_create_portal_project, request_margin=0),
    "release": KilledProgram(_create_release_project, request_margin=0),
}


@dataclass(frozen=True)
class Crash:
    """`request` counts from 1. `is_done`: the service processes the request, but the client receives no response."""

    verb: str
    process_name: str
    request: int
    is_done: bool

    def __str__(self) -> str:
        moment = "answer lost" if self.is_done else "on its way"
        return f"{self.verb}: {self.process_name} at request {self.request}, {moment}"


@dataclass(frozen=True)
class Outcome:
    """`commands` follow the kill. `pending` is the number of operations that the state then calls pending."""

    crash: Crash
    commands: tuple[str, ...] = ()
    pending: int = 0
    problem: str = ""
    """Problems after recovery; empty if the run converged."""


@dataclass
class Baseline:
    """Start of a verb, as a project's folder and the emulator's content, and its result without a kill."""

    folder: Path
    before: Snapshot
    requests: int = 0
    expected: Mapping[str, list[str]] = field(default_factory=dict)


class CrashLab:
    """Runs of a program with one emulator. Each starts from a copy of its baseline."""

    def __init__(self, folder: Path, emulator: RunningEmulator, program: KilledProgram) -> None:
        self.folder, self.emulator, self._runs, self._program = folder, emulator, 0, program
        fresh = program.create(folder / "fresh", emulator.url).select()
        self._baselines = {"up": Baseline(fresh.folder, emulator.snapshot())}
        self._measure(self._baselines["up"], "up")
        self._deployed = Baseline(self.last.folder, emulator.snapshot())

    def baseline(self, verb: str) -> Baseline:
        """Return the start of a verb. Refresh and destroy start from the result of an undisturbed `up`."""
        if verb not in self._baselines:
            self._baselines[verb] = replace(self._deployed)
            self._measure(self._baselines[verb], verb)
        return self._baselines[verb]

    def crashes(self, times: int, seed: int) -> list[Crash]:
        """Return seeded kills. Three of five are in `up`; other verbs run no program that could be killed."""
        random_source = random.Random(seed)
        crashes = []
        for number in range(times):
            verb = ("up", "up", "refresh", "up", "destroy")[number % 5]
            process_names = list(PROCESS_PATTERNS) if verb == "up" else ["plugin", "pulumi"]
            request = random_source.randint(
                1, max(1, self.baseline(verb).requests - self._program.request_margin)
            )
            crashes.append(
                Crash(verb, random_source.choice(process_names), request, random_source.random() < 0.5)
            )
        return crashes

    def outcome(self, crash: Crash) -> Outcome:
        """Kill a run, recover as a user would, and check the result."""
        project = self._begin(crash.verb)
        self._run_and_kill(project, crash)
        self.emulator.unfault()
        commands, result = self._recover(project, crash.verb)
        outcome = Outcome(crash, tuple(commands), pending(project))
        if result.code:
            return replace(outcome, problem=f"{commands[-1]}: {_errors(result)}")
        return replace(outcome, problem=self._difference(project, crash.verb))

    def _measure(self, baseline: Baseline, verb: str) -> None:
        project = self._begin(verb)
        project.run(*VERBS[verb]).expect_success()
        baseline.requests = len(self.emulator.requests())
        baseline.expected = comparable_content(self.emulator.state())

    def _begin(self, verb: str) -> Project:
        """Return the project of the baseline in a new folder, after restoring the emulator's content."""
        baseline = self.baseline(verb)  # may run `pulumi` to create the baseline
        self._runs += 1
        self.emulator.restore(baseline.before)
        project_folder = shutil.copytree(baseline.folder, self.folder / str(self._runs))
        self.last = Project(project_folder, self.emulator.url, {"PULUMI_STACK": "sandbox"})
        return self.last

    def _run_and_kill(self, project: Project, crash: Crash) -> None:
        """Run until the kill, and end all remaining processes of the run."""
        requests_before = crash.request - 1
        if crash.is_done:
            self.emulator.fault(".", after=requests_before, drop="after")
        self.emulator.fault(".", after=requests_before, times=0, delay_seconds=HOLD_SECONDS, drop="before")
        command, env = project.command(*VERBS[crash.verb])
        output_file = project.folder / "said"
        with (
            output_file.open("w") as output,
            subprocess.Popen(
                command,
                cwd=project.folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as process,
        ):
            self._until(process, crash.request + crash.is_done, output_file)
            command_lines = _process_tree(process.pid)
            os.kill(_find_process(command_lines, process.pid, crash.process_name), signal.SIGKILL)
            if crash.process_name != "pulumi":  # pulumi ends by itself as soon as no request is held
                self.emulator.unfault()
                process.wait(HANG_SECONDS)
            for pid in command_lines:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _until(self, process: subprocess.Popen[bytes], requests: int, output_file: Path) -> None:
        while len(self.emulator.requests()) < requests:
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.05)
                raise AssertionError(f"pulumi ended before request {requests}: {output_file.read_text()}")

    def _recover(self, project: Project, verb: str) -> tuple[list[str], CommandResult]:
        """Run the command again. First do what its message asks for: remove a lock, or delete an empty file beside the
        state, which Pulumi's file backend leaves if it is killed while it writes.
        """
        commands = [f"pulumi {verb}"]
        result = project.run(*VERBS[verb])
        if "failed to load checkpoint: EOF" in result.text:
            (attributes_file,) = project.folder.glob(".pulumi/stacks/*/sandbox.json.attrs")
            assert not attributes_file.stat().st_size
            attributes_file.unlink()
            commands += [f"rm {attributes_file.name}", f"pulumi {verb}"]
            result = project.run(*VERBS[verb])
        if "currently locked" in result.text:
            project.run("cancel", "--yes").expect_success()
            commands += ["pulumi cancel", f"pulumi {verb}"]
            result = project.run(*VERBS[verb])
        return commands, result

    def _difference(self, project: Project, verb: str) -> str:
        if (content := comparable_content(self.emulator.state())) != self.baseline(verb).expected:
            return f"the service holds something else: {_differences(content, self.baseline(verb).expected)}"
        self.emulator.clear()
        if verb == "destroy":
            result = project.run(*VERBS[verb])
            return "" if result.code == 0 and not project.state() else f"not destroyed: {result.text[-400:]}"
        result = project.run("up", "--yes", "--expect-no-changes")  # this command also makes a preview
        if result.code:
            return f"a further up finds changes: {result.text[-600:]}"
        return f"{len(requests)} requests for no change" if (requests := self.emulator.requests()) else ""


@contextmanager
def crash_lab(program: str) -> Iterator[CrashLab]:
    with tempfile.TemporaryDirectory(prefix="kills-") as folder, serve(seed=1) as emulator:
        yield CrashLab(Path(folder), emulator, PROGRAMS[program])


def _process_tree(root: int) -> dict[int, str]:
    """Return the command lines of a process and all its descendants, by process id."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        if rest := _text(stat).rpartition(")")[2].split():
            parents[int(stat.parent.name)] = int(rest[1])
    pids = [root]
    for parent_pid in pids:
        pids += [pid for pid, parent in parents.items() if parent == parent_pid]
    return {pid: _text(Path(f"/proc/{pid}/cmdline")).replace("\0", " ") for pid in pids}


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:  # the process ended meanwhile
        return ""


def _find_process(family: Mapping[int, str], root: int, name: str) -> int:
    if not PROCESS_PATTERNS[name]:
        return root
    return next(pid for pid, line in family.items() if re.search(PROCESS_PATTERNS[name], line))


def pending(project: Project) -> int:
    (file,) = project.folder.glob(".pulumi/stacks/*/sandbox.json")
    latest = json.loads(file.read_text())["checkpoint"]["latest"]
    return len(latest.get("pending_operations") or [])


def _errors(result: CommandResult) -> str:
    return " / ".join(re.findall(r"error: .*(?:\n  .*)*", result.text))[:900] or result.text[-600:]


def _differences(actual: Mapping[str, list[str]], expected: Mapping[str, list[str]]) -> dict[str, Any]:
    return {
        name: sorted(set(actual[name]) ^ set(expected[name]))[:2]
        for name in actual
        if actual[name] != expected.get(name)
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.stacks.crashes", description="Kill real runs at random moments."
    )
    parser.add_argument("--only", nargs="+", choices=PROGRAMS, default=[*PROGRAMS], metavar="PROGRAM")
    parser.add_argument("--times", type=int, default=50, help="number of kills of each program")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    table = Table(title=f"Kills, seed {options.seed}", title_justify="left")
    for name in ("program", "killed", "then typed", "pending", "converged"):
        table.add_column(name)
    outcomes = []
    for program in options.only:
        with crash_lab(program) as lab:
            for number, crash in enumerate(lab.crashes(options.times, options.seed), 1):
                outcomes.append(outcome := lab.outcome(crash))
                result = outcome.problem or "converged"
                print(f"{program} {number}/{options.times} {crash}: {result}", file=sys.stderr, flush=True)
                commands, problem = ", ".join(outcome.commands), outcome.problem or "yes"
                table.add_row(program, str(crash), commands, str(outcome.pending), problem)
    Console(width=150).print(table)
    converged = sum(not outcome.problem for outcome in outcomes)
    print(f"{converged} of {len(outcomes)} converge")
    sys.exit(converged < len(outcomes))


if __name__ == "__main__":
    main()
