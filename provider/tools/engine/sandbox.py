"""Run Pulumi on a stack of this checkout; for `sandbox` and `rehearsal` with an emulator in the background.

    .venv/bin/python -m provider.tools.engine.sandbox up|preview|down [--stack sandbox] [--infrastructure] [arguments…]

`up` starts the emulator or reuses it. `down` stops it after destroying all resources, unless the other stack of the
emulator has resources. `preview` needs no emulator. The emulator belongs to the checkout: data, log, process id and
address are in `.emulator/`. `PARTNERCENTER_ENDPOINT` replaces it if set. Other stacks never get an emulator or an
address. Further arguments go to Pulumi.

With `--infrastructure` program and plugins run in `.infrastructure`, which has the SDKs of Azure resources. Azure is
simulated only for `rehearsal`, by plugins in a Pulumi home that no other stack uses.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path

from provider.tools.echo.install import NoSdk, install

from .environment import INFRASTRUCTURE, LOCKED

CHECKOUT = Path(__file__).parents[3]
STACK = "sandbox"
REHEARSAL = "rehearsal"
REHEARSAL_HOME = CHECKOUT / ".pulumi" / "rehearsal"
PORT = 4010
"""Port at which `stacks/Pulumi.sandbox.yaml` and `stacks/Pulumi.rehearsal.yaml` expect the emulator."""
ENDPOINT = "PARTNERCENTER_ENDPOINT"


class DidNotStart(Exception):
    """The emulator ended, or was silent until the time limit; the message is its last line."""


class Emulator:
    """The emulator of a checkout.

    Its process holds a lock on `.emulator/lock` as long as it lives, so that a process id in a file is never mistaken
    for an emulator that has ended.
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

    def start(self) -> str:
        """Start the emulator unless it runs and answers. Return its address. Raises: DidNotStart."""
        if self.lives():
            if _answers(self.address()):
                return self.address()
            self.stop()
        self.folder.mkdir(exist_ok=True)
        # Another checkout may take the port after the check.
        address = (self._start_on(PORT) if _is_free(PORT) else "") or self._start_on(0)
        if not address:
            raise DidNotStart(self.log.read_text().strip().rpartition("\n")[2] or "nothing within 20 s")
        (self.folder / "address").write_text(f"{address}\n")
        return address

    def stop(self) -> None:
        """End the process, if it runs; by force if that takes longer than five seconds."""
        for how in (signal.SIGTERM, signal.SIGKILL):
            if self.lives():
                with suppress(ProcessLookupError):  # the process has just ended by itself
                    os.kill(int((self.folder / "pid").read_text()), how)
                _wait_until(lambda: not self.lives(), seconds=5)
        if not self.lives():
            (self.folder / "pid").unlink(missing_ok=True)

    def _start_on(self, port: int) -> str:
        """Start a process on a port. Return the address that it announces; if there is none, end it and return ""."""
        command = [sys.executable, "-m", "pulumi_partnercenter.emulator", "--port", str(port)]
        with (self.folder / "lock").open("w") as lock, self.log.open("w") as log:
            fcntl.flock(lock, fcntl.LOCK_EX)
            process = subprocess.Popen(
                [*command, "--data", str(self.folder)],
                cwd=CHECKOUT,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=[lock.fileno()],  # the emulator inherits the lock
            )
        (self.folder / "pid").write_text(f"{process.pid}\n")
        _wait_until(lambda: process.poll() is not None or bool(self._announced()), seconds=20)
        address = self._announced()
        if not address or process.poll() is not None:
            self.stop()
            return ""
        return address

    def _announced(self) -> str:
        first = self.log.read_text().partition("\n")[0]
        return first.removeprefix("listening on ") if first.startswith("listening on ") else ""


def run(verb: str, stack: str, arguments: list[str], *, infrastructure: bool = False) -> int:
    """Run `up`, `preview` or `down` on `stack`. Return Pulumi's exit code. Raises: DidNotStart, NoSdk."""
    pulumi = (INFRASTRUCTURE if infrastructure else LOCKED).folder / "bin" / "pulumi"
    ours = stack in {STACK, REHEARSAL} and not os.environ.get(ENDPOINT)
    emulator = Emulator(CHECKOUT / ".emulator")
    env = dict(os.environ)
    if stack == REHEARSAL:
        env |= play_azure(REHEARSAL_HOME)
    if ours:
        env |= {
            ENDPOINT: "",
            "PARTNERCENTER_ACCESS_TOKEN": "emulator",
        }  # the emulator must not receive a real token
        address = emulator.address() if verb == "preview" else emulator.start()
        if address and address != f"http://127.0.0.1:{PORT}":
            env[ENDPOINT] = address

    selected = _pulumi(pulumi, ["stack", "select", "--create", stack, "--non-interactive"], env, quiet=True)
    if selected:
        return selected
    commands = {"up": ["up", "--yes"], "preview": ["preview"], "down": ["destroy", "--yes"]}
    code = _pulumi(pulumi, [*commands[verb], "--stack", stack, *arguments], env)
    if ours and verb == "down" and code == 0:
        if deployed := other_deployed_stacks(pulumi, stack, env):
            print(f"the emulator goes on, for stack {' and '.join(deployed)}")
        else:
            emulator.stop()
            print("the emulator has been stopped; its data stays in .emulator/")
    elif ours and verb == "up":
        print(
            f"the emulator serves at {emulator.address()} (log: .emulator/log); `make down` destroys and stops"
        )
        if env[ENDPOINT]:
            print(f"port {PORT} is taken; for plain `pulumi`: export {ENDPOINT}={env[ENDPOINT]}")
    return code


def other_deployed_stacks(pulumi: Path, stack: str, env: Mapping[str, str]) -> list[str]:
    """Return the other stacks of the emulator that have resources; all other stacks if Pulumi cannot list them."""
    others = {STACK, REHEARSAL} - {stack}
    listed = subprocess.run(
        [pulumi, "stack", "ls", "--json"], cwd=CHECKOUT, env=env, stdout=subprocess.PIPE, check=False
    )
    if listed.returncode:
        return sorted(others)
    counts = {other["name"]: other.get("resourceCount", 0) for other in json.loads(listed.stdout)}
    return sorted(name for name in others if counts.get(name))


def play_azure(home: Path) -> dict[str, str]:
    """Install the plugins that simulate Azure, print a message, and return the environment for them. Raises: NoSdk."""
    install(home, INFRASTRUCTURE.folder)
    print("simulated: Azure is played by plugins, nothing of it is real", flush=True)
    return {"PULUMI_HOME": str(home), "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true"}


def _pulumi(pulumi: Path, arguments: list[str], env: Mapping[str, str], *, quiet: bool = False) -> int:
    done = subprocess.run(
        [pulumi, *arguments], cwd=CHECKOUT, env=env, capture_output=quiet, text=True, check=False
    )
    if quiet and done.returncode:
        print(done.stdout + done.stderr, file=sys.stderr, end="")
    return done.returncode


def _answers(address: str) -> bool:
    """Return whether an HTTP server answers at the address, with any status."""
    try:
        urllib.request.urlopen(f"{address}/_emulator/", timeout=5).close()
    except urllib.error.HTTPError as answer:
        answer.close()
    except (OSError, HTTPException, ValueError):
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _wait_until(true: Callable[[], bool], *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description="Run Pulumi on a stack of this checkout.")
    parser.add_argument("verb", choices=["up", "preview", "down"])
    parser.add_argument("--stack", default=STACK)
    parser.add_argument("--infrastructure", action="store_true", help="with the SDKs of Azure's resources")
    options, arguments = parser.parse_known_args()
    try:
        sys.exit(run(options.verb, options.stack, arguments, infrastructure=options.infrastructure))
    except DidNotStart as error:
        sys.exit(f"the emulator did not start\n  it said: {error}\n  next: see .emulator/log")
    except NoSdk as error:
        sys.exit(f"Azure cannot be played\n  why: {error}\n  next: make infrastructure")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
