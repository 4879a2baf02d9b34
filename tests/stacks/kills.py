"""`kill -9` of any process of a real run, at any request: what a user types next converges.

    python -m tests.stacks.kills [--times 50] [--seed 1]

prints who was killed when, what the user then saw and typed, and how it ended. The program is the shipped stack
`sandbox`. Moments are requests at the emulator, which holds that one and all later ones until everybody is dead.
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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from provider.tools.emulators import Serving, serve
from rich.console import Console
from rich.table import Table
from tests.resources.card import comparable_content
from tests.stacks.cli import Project, Ran

from pulumi_partnercenter.emulator.state import Snapshot

__all__ = ["Ground", "Grounds", "Kill", "Outcome", "grounds", "pending"]

HELD_SECONDS = 600
VICTIMS = {
    "plugin": r"-m pulumi\.dynamic",
    "program": r"pulumi-language-python-exec",
    "language host": r"pulumi-language-python ",
    "pulumi": "",
}
"""What tells each in its command line; `pulumi` is the root of them all."""
VERBS: Mapping[str, tuple[str, ...]] = {
    "up": ("up", "--yes", "--skip-preview"),
    "refresh": ("refresh", "--yes", "--skip-preview"),
    "destroy": ("destroy", "--yes", "--skip-preview"),
}
SPARE = 3
"""How many requests fewer than usual a run may take."""


@dataclass(frozen=True)
class Kill:
    """`request` counts from 1. `is_done`: the service does its work, and nobody hears the answer."""

    verb: str
    victim: str
    request: int
    is_done: bool

    def __str__(self) -> str:
        moment = "answer lost" if self.is_done else "on its way"
        return f"{self.verb}: {self.victim} at request {self.request}, {moment}"


@dataclass(frozen=True)
class Outcome:
    """`typed` are the commands after the kill; `pending` the operations that the state still called pending then."""

    kill: Kill
    typed: tuple[str, ...] = ()
    pending: int = 0
    why: str = ""
    """What did not converge; empty: everything did."""


@dataclass
class Ground:
    """Where a verb begins: a project's folder and the emulator's content; and where it leads undisturbed."""

    folder: Path
    before: Snapshot
    requests: int = 0
    expected: Mapping[str, list[str]] = field(default_factory=dict)


class Grounds:
    """Runs of the shipped stack against one emulator, each from a copy of its ground."""

    def __init__(self, folder: Path, emulator: Serving) -> None:
        self.folder, self.emulator, self._runs = folder, emulator, 0
        fresh = Project.shipped(folder / "fresh", emulator.url).select()
        self._grounds = {"up": Ground(fresh.folder, emulator.snapshot())}
        self._measure(self._grounds["up"], "up")
        self._made = Ground(self.last.folder, emulator.snapshot())

    def ground(self, verb: str) -> Ground:
        """Refresh and destroy begin where an undisturbed `up` ended."""
        if verb not in self._grounds:
            self._grounds[verb] = replace(self._made)
            self._measure(self._grounds[verb], verb)
        return self._grounds[verb]

    def kills(self, times: int, seed: int) -> list[Kill]:
        """Three of five in `up`; in the others no program runs that could be killed."""
        chance = random.Random(seed)
        found = []
        for number in range(times):
            verb = ("up", "up", "refresh", "up", "destroy")[number % 5]
            victims = list(VICTIMS) if verb == "up" else ["plugin", "pulumi"]
            request = chance.randint(1, max(1, self.ground(verb).requests - SPARE))
            found.append(Kill(verb, chance.choice(victims), request, chance.random() < 0.5))
        return found

    def outcome(self, kill: Kill) -> Outcome:
        """Kill, type what a user would type, and look."""
        project = self._begin(kill.verb)
        self._run_and_kill(project, kill)
        self.emulator.unfault()
        typed, ended = self._recover(project, kill.verb)
        outcome = Outcome(kill, tuple(typed), pending(project))
        if ended.code:
            return replace(outcome, why=f"{typed[-1]}: {_errors(ended)}")
        return replace(outcome, why=self._difference(project, kill.verb))

    def _measure(self, ground: Ground, verb: str) -> None:
        project = self._begin(verb)
        project.run(*VERBS[verb]).well()
        ground.requests = len(self.emulator.requests())
        ground.expected = comparable_content(self.emulator.state())

    def _begin(self, verb: str) -> Project:
        """The ground's project in a folder of its own, its emulator's content restored."""
        ground = self.ground(verb)  # which may make runs of its own
        self._runs += 1
        self.emulator.restore(ground.before)
        copied = shutil.copytree(ground.folder, self.folder / str(self._runs))
        self.last = Project(copied, self.emulator.url, {"PULUMI_STACK": "sandbox"})
        return self.last

    def _run_and_kill(self, project: Project, kill: Kill) -> None:
        """Nothing that the run began is left when this returns."""
        before = kill.request - 1
        if kill.is_done:
            self.emulator.fault(".", after=before, drop="after")
        self.emulator.fault(".", after=before, times=0, delay_seconds=HELD_SECONDS, drop="before")
        command, env = project.command(*VERBS[kill.verb])
        said = project.folder / "said"
        with (
            said.open("w") as output,
            subprocess.Popen(
                command,
                cwd=project.folder,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            ) as running,
        ):
            self._until(running, kill.request + kill.is_done, said)
            family = _family(running.pid)
            os.kill(_victim(family, running.pid, kill.victim), signal.SIGKILL)
            if kill.victim != "pulumi":  # which then ends by itself, once nothing is held any more
                self.emulator.unfault()
                running.wait(120)
            for pid in family:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    def _until(self, running: subprocess.Popen[bytes], requests: int, said: Path) -> None:
        while len(self.emulator.requests()) < requests:
            with suppress(subprocess.TimeoutExpired):
                running.wait(0.05)
                raise AssertionError(f"pulumi ended before request {requests}: {said.read_text()}")

    def _recover(self, project: Project, verb: str) -> tuple[list[str], Ran]:
        """The same command again. What it says may name something to do first: a lock; an empty file beside the state,
        which Pulumi's file backend leaves when it is killed in that moment.
        """
        typed = [f"pulumi {verb}"]
        ended = project.run(*VERBS[verb])
        if "failed to load checkpoint: EOF" in ended.text:
            (beside,) = project.folder.glob(".pulumi/stacks/*/sandbox.json.attrs")
            assert not beside.stat().st_size
            beside.unlink()
            typed += [f"rm {beside.name}", f"pulumi {verb}"]
            ended = project.run(*VERBS[verb])
        if "currently locked" in ended.text:
            project.run("cancel", "--yes").well()
            typed += ["pulumi cancel", f"pulumi {verb}"]
            ended = project.run(*VERBS[verb])
        return typed, ended

    def _difference(self, project: Project, verb: str) -> str:
        if (told := comparable_content(self.emulator.state())) != self.ground(verb).expected:
            return f"the service holds something else: {_differing(told, self.ground(verb).expected)}"
        self.emulator.clear()
        if verb == "destroy":
            again = project.run(*VERBS[verb])
            return "" if again.code == 0 and not project.state() else f"not destroyed: {again.text[-400:]}"
        ended = project.run("up", "--yes", "--expect-no-changes")  # its preview comes first
        if ended.code:
            return f"a further up finds changes: {ended.text[-600:]}"
        return f"{len(asked)} requests for no change" if (asked := self.emulator.requests()) else ""


@contextmanager
def grounds() -> Iterator[Grounds]:
    with tempfile.TemporaryDirectory(prefix="kills-") as folder, serve(seed=1) as emulator:
        yield Grounds(Path(folder), emulator)


def _family(root: int) -> dict[int, str]:
    """Command lines of a process and everything below it."""
    parents: dict[int, int] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        if rest := _text(stat).rpartition(")")[2].split():
            parents[int(stat.parent.name)] = int(rest[1])
    found = [root]
    for each in found:
        found += [pid for pid, parent in parents.items() if parent == each]
    return {pid: _text(Path(f"/proc/{pid}/cmdline")).replace("\0", " ") for pid in found}


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:  # ended meanwhile
        return ""


def _victim(family: Mapping[int, str], root: int, name: str) -> int:
    if not VICTIMS[name]:
        return root
    return next(pid for pid, line in family.items() if re.search(VICTIMS[name], line))


def pending(project: Project) -> int:
    (file,) = project.folder.glob(".pulumi/stacks/*/sandbox.json")
    latest = json.loads(file.read_text())["checkpoint"]["latest"]
    return len(latest.get("pending_operations") or [])


def _errors(ended: Ran) -> str:
    return " / ".join(re.findall(r"error: .*(?:\n  .*)*", ended.text))[:900] or ended.text[-600:]


def _differing(one: Mapping[str, list[str]], other: Mapping[str, list[str]]) -> dict[str, Any]:
    return {
        name: sorted(set(one[name]) ^ set(other[name]))[:2] for name in one if one[name] != other.get(name)
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.stacks.kills", description="Kill real runs at random moments."
    )
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    table = Table(title=f"Kills, seed {options.seed}", title_justify="left")
    for name in ("killed", "then typed", "pending", "converged"):
        table.add_column(name)
    with grounds() as ground:
        outcomes = []
        for number, kill in enumerate(ground.kills(options.times, options.seed), 1):
            outcomes.append(outcome := ground.outcome(kill))
            print(
                f"{number}/{options.times} {kill}: {outcome.why or 'converged'}", file=sys.stderr, flush=True
            )
    for each in outcomes:
        table.add_row(str(each.kill), ", ".join(each.typed), str(each.pending), each.why or "yes")
    Console(width=150).print(table)
    converged = sum(not each.why for each in outcomes)
    print(f"{converged} of {len(outcomes)} converge")
    sys.exit(converged < len(outcomes))


if __name__ == "__main__":
    main()
