"""The real console script `partnercenter`, in a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).parents[2]
COMMAND = CHECKOUT / ".venv" / "bin" / "partnercenter"


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    def well(self) -> Ran:
        assert self.code == 0, self.out + self.err
        return self

    def badly(self, code: int = 1) -> Ran:
        """It failed, and in words."""
        assert self.code == code, self.out + self.err
        assert "Traceback" not in self.out + self.err
        return self

    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Command:
    """`partnercenter` against an emulator; of the caller's environment only PATH and HOME come in."""

    endpoint: str = ""
    folder: Path = Path()

    def __call__(self, *arguments: str | Path, **env: str) -> Ran:
        """An empty value in `env` unsets the variable."""
        done = subprocess.run(
            [COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment(**env),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def started(self, *arguments: str, **env: str) -> Iterator[subprocess.Popen[str]]:
        """Running, with its output piped; ended at the latest with the context."""
        with subprocess.Popen(
            [COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment(**env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=interruptible,  # noqa: PLW1509 - it takes no lock
        ) as running:
            try:
                yield running
            finally:
                running.kill()

    def on_a_terminal(self, *arguments: str, **env: str) -> Ran:
        """With everything on one pseudo terminal; `out` is what it shows, escape sequences included."""
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [COMMAND, *arguments],
            cwd=self.folder,
            env=self.environment(TERM="xterm-256color", **env),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        ) as running:
            os.close(theirs)
            shown = b"".join(_read(ours))
        os.close(ours)
        return Ran(running.returncode, shown.decode(), "")

    def environment(self, **env: str) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        own = {
            "COLUMNS": "100",
            "PYTHONPATH": str(CHECKOUT / "provider"),
            "PARTNERCENTER_ENDPOINT": self.endpoint,
            "PARTNERCENTER_ACCESS_TOKEN": "emulator" if self.endpoint else "",
        }
        return {name: value for name, value in (inherited | own | env).items() if value}


def interruptible() -> None:
    """Let a child end at SIGINT, as in a terminal: what a script starts with & ignores it, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _read(terminal: int) -> Iterator[bytes]:
    """Until the other end is closed, which Linux tells by an error."""
    with contextlib.suppress(OSError):
        while data := os.read(terminal, 4096):
            yield data
