"""Servers of a checkout that outlive the command that starts them: one folder, one process."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from http.client import HTTPException
from pathlib import Path

from provider.tools.hangs import wait_until

CHECKOUT = Path(__file__).parents[3]
LONGEST_START_SECONDS = 180.0


class DidNotStart(Exception):
    """The server ended, or was silent until the time limit; the message is its last line."""

    def __init__(self, name: str, last_line: str, log: str) -> None:
        super().__init__(last_line)
        self.name, self.log = name, log


class Background:
    """A server with its process id, log and address in a folder.

    Its process holds a lock on the file `lock` as long as it lives, so that a process id in a file is never mistaken
    for a server that has ended.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "log"

    def address(self) -> str:
        """Return its present or last address; empty if it never ran."""
        file = self.folder / "address"
        return file.read_text().strip() if file.is_file() else ""

    def lives(self) -> bool:
        """Return whether its process exists."""
        lock = self.folder / "lock"
        if not lock.is_file():
            return False
        with lock.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def launch(
        self, command: Sequence[str], is_ready: Callable[[], bool], env: Mapping[str, str] | None = None
    ) -> bool:
        """Start the process. Return whether it is ready within three minutes; one that is not is ended."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock, self.log.open("w") as log:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = subprocess.Popen(
                command,
                cwd=CHECKOUT,
                env={**(os.environ if env is None else env), "PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[lock.fileno()],  # the process inherits the lock
            )
        (self.folder / "pid").write_text(f"{process.pid}\n")
        wait_until(lambda: process.poll() is not None or is_ready(), LONGEST_START_SECONDS)
        if process.poll() is None and is_ready():
            return True
        self.stop()
        return False

    def stop(self) -> None:
        """End the process, if it runs; by force if that takes longer than five seconds."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            if self.lives():
                with suppress(ProcessLookupError):  # the process has just ended by itself
                    os.kill(int((self.folder / "pid").read_text()), how)
                wait_until(lambda: not self.lives(), 5)
        if not self.lives():
            (self.folder / "pid").unlink(missing_ok=True)

    def keep_address(self, address: str) -> str:
        (self.folder / "address").write_text(f"{address}\n")
        return address

    def last_line(self) -> str:
        return self.log.read_text().strip().rpartition("\n")[2] or "nothing within three minutes"


def answers(url: str) -> bool:
    """Return whether an HTTP server answers at the address, with any status."""
    try:
        urllib.request.urlopen(url, timeout=5).close()
    except urllib.error.HTTPError as answer:
        answer.close()
    except (OSError, HTTPException, ValueError):
        return False
    return True


def is_free(port: int) -> bool:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
