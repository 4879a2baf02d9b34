"""The command `partnercenter`: its console script in this process, or installed, in a process of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from provider.tools.hangs import HANG_SECONDS

from pulumi_partnercenter import messages
from pulumi_partnercenter.cli import main

CHECKOUT = Path(__file__).parents[2]
COMMAND = CHECKOUT / ".venv" / "bin" / "partnercenter"


@dataclass(frozen=True)
class CommandResult:
    """Exit code and output of a command."""

    code: int
    out: str
    err: str

    def expect_success(self) -> CommandResult:
        assert self.code == 0, self.out + self.err
        return self

    def expect_failure(self, code: int = 1) -> CommandResult:
        """Assert the exit code, and an error without a traceback."""
        assert self.code == code, self.out + self.err
        assert "Traceback" not in self.out + self.err
        return self

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Command:
    """`partnercenter` against an emulator. Inherits only PATH and HOME from the caller's environment."""

    endpoint: str = ""
    folder: Path = Path()

    def __call__(self, *arguments: str | Path, stdin: str = "", **env: str) -> CommandResult:
        """Run the command in this process, with this standard input. An empty value in `env` unsets the variable."""
        argv = ["partnercenter", *map(str, arguments)]
        stdin_stream, out, err = (
            io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8") for text in (stdin, "", "")
        )
        with (
            contextlib.chdir(self.folder),
            mock.patch.dict(os.environ, self.environment(**env), clear=True),
            mock.patch.multiple(sys, argv=argv, stdin=stdin_stream, stdout=out, stderr=err),
            mock.patch.object(messages, "_secrets", messages._Secrets()),  # it has read no secret of the test
        ):
            code = _exit_code()
        return CommandResult(code, _read_text(out), _read_text(err))

    def run_process(self, *arguments: str | Path, stdin: str = "", **env: str) -> CommandResult:
        """Run the installed command. For what belongs to a process: its locale, its `BROWSER`, its `TMPDIR`."""
        process = subprocess.run(
            [COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment(**env),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=HANG_SECONDS,
            check=False,
        )
        return CommandResult(process.returncode, process.stdout, process.stderr)

    @contextmanager
    def start(self, *arguments: str, **env: str) -> Iterator[subprocess.Popen[str]]:
        """Start the command with piped output, and kill it when the context ends."""
        with subprocess.Popen(
            [COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=interruptible,  # noqa: PLW1509 - it takes no lock
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def run_on_terminal(
        self, *arguments: str, keys: str = "", interrupt_at: str = "", **env: str
    ) -> CommandResult:
        """Run the command on a pseudo terminal; `out` is all that its screen gets.

        `keys` are pressed there at once. The command is interrupted when its screen has the text `interrupt_at`.
        """
        controller, terminal = pty.openpty()
        with subprocess.Popen(
            [COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment(TERM="xterm-256color", **env),
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            preexec_fn=interruptible,  # noqa: PLW1509 - it takes no lock
        ) as process:
            os.close(terminal)
            os.write(controller, keys.encode())
            output = b""
            for data in _read(controller):
                output += data
                if interrupt_at and interrupt_at.encode() in output:
                    interrupt_at = ""
                    process.send_signal(signal.SIGINT)
                    os.write(controller, b"\n")  # a read that has not begun yet would not end by the signal
        os.close(controller)
        return CommandResult(process.returncode, output.decode(), "")

    def environment(self, **env: str) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        own = {
            "COLUMNS": "100",
            "PYTHONPATH": str(CHECKOUT / "provider"),
            "PARTNERCENTER_ENDPOINT": self.endpoint,
            "PARTNERCENTER_ACCESS_TOKEN": "emulator" if self.endpoint else "",
        }
        return {name: value for name, value in (inherited | own | env).items() if value}


def _exit_code() -> int:
    """Run the console script, and return the exit code of a process that ends with it."""
    try:
        main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    raise AssertionError("the console script did not exit")


def _read_text(stream: io.TextIOWrapper) -> str:
    """Return what was written, with the line ends of a text file."""
    stream.flush()
    stream.seek(0)
    return stream.read()


def interruptible() -> None:
    """Restore the default SIGINT handler in a child process: background jobs of a script ignore SIGINT."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _read(terminal: int) -> Iterator[bytes]:
    """Read until the other end is closed; Linux reports that as an OSError."""
    with contextlib.suppress(OSError):
        while data := os.read(terminal, 4096):
            yield data
