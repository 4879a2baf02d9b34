"""Progress of long commands: a status line while they run, their last lines if they fail."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

PLAIN_SECONDS = 10.0
"""Interval between lines if no line can be rewritten in place, e.g. in a CI log."""


class CommandFailed(Exception):
    """A command failed or took too long. `output` holds its last lines, `next` says how to see all."""

    def __init__(self, command: Sequence[str], cwd: Path, what: str, output: Sequence[str]) -> None:
        self.output = " / ".join([line.strip() for line in output if line.strip()][-3:]) or "nothing"
        self.next = f"for all of it: cd {shlex.quote(str(cwd))} && {shlex.join(command)}"
        super().__init__(f"`{' '.join([Path(command[0]).name, *command[1:3]])} …` {what}")


class Status:
    """A line on stderr: rewritten in place on a terminal, printed every ten seconds elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._began = self._printed = time.monotonic()

    def show(self, text: str) -> None:
        now = time.monotonic()
        minutes, seconds = divmod(int(now - self._began), 60)
        line = f"  {text}, {minutes}:{seconds:02d} min"
        if self._terminal:
            print(f"\r\x1b[K{line}", end="", file=sys.stderr, flush=True)
        elif now - self._printed >= PLAIN_SECONDS:
            print(line, file=sys.stderr, flush=True)
            self._printed = now

    def clear(self) -> None:
        if self._terminal:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def tidy_when_ended() -> None:
    """Turn SIGTERM and SIGHUP into exceptions, so that child processes end with this program."""
    for sign in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda number, _: sys.exit(128 + number))


def watch(
    command: Sequence[str],
    describe: Callable[[Sequence[str]], str],
    status: Status,
    *,
    env: Mapping[str, str],
    cwd: Path,
    deadline_seconds: float = 3600,
) -> list[str]:
    """Run `command` to its end and return its lines, stdout and stderr together.

    `describe` turns the lines so far into the status. Raises: CommandFailed. The command and its child processes have
    ended in any case.
    """
    lines: list[str] = []
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    reader = threading.Thread(target=lambda: lines.extend(map(str.rstrip, process.stdout or ())), daemon=True)
    try:  # a signal can come at any time, and `with process` would wait for its end
        reader.start()
        _wait(process, lambda: status.show(describe(lines)), deadline_seconds)
    except subprocess.TimeoutExpired:
        raise CommandFailed(command, cwd, f"did not end within {deadline_seconds:.0f} s", lines) from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if reader.ident is not None:
            reader.join()
        assert process.stdout is not None
        process.stdout.close()
        status.clear()
    if process.returncode:
        raise CommandFailed(command, cwd, f"ended with exit code {process.returncode}", lines)
    return lines


def _wait(process: subprocess.Popen[str], tick: Callable[[], None], deadline_seconds: float) -> None:
    """Wait for the end of `process`, and call `tick` twice a second. Raises: subprocess.TimeoutExpired."""
    deadline = time.monotonic() + deadline_seconds
    while True:
        try:
            process.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            if time.monotonic() > deadline:
                raise
            tick()
        else:
            return
