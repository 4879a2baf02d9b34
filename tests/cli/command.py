"""The real console script `partnercenter`, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = Path(__file__).parents[2] / ".venv" / "bin" / "partnercenter"


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
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
        own = {
            "COLUMNS": "100",
            "PARTNERCENTER_ENDPOINT": self.endpoint,
            "PARTNERCENTER_ACCESS_TOKEN": "emulator" if self.endpoint else "",
        }
        merged = {name: value for name, value in (inherited | own | env).items() if value}
        done = subprocess.run(
            [COMMAND, *arguments],
            cwd=self.folder,
            env=merged,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)
