"""The service as real processes: started, killed, stopped."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import httpx
from provider.tools.engine.environment import CHECKOUT
from provider.tools.hangs import HANG_SECONDS, wait_until

from pulumi_partnercenter.emulator.server import listen

__all__ = ["ServiceProcess", "find_port"]

COMMAND = [str(CHECKOUT / ".venv" / "bin" / "partnercenter"), "saas", "serve"]
PORTS = range(20_000, 32_000)
"""No system gives these ports to a program that asks for any free one."""


def find_port() -> int:
    """Return a port that is free, and that nobody else takes by chance until a service listens on it."""
    for port in random.SystemRandom().sample(PORTS, 100):
        with suppress(OSError), listen("127.0.0.1", port):
            return port
    raise AssertionError("no port is free")


class ServiceProcess:
    """`partnercenter saas serve` on a port, with this environment. Its output goes to a file."""

    def __init__(self, port: int, environment: Mapping[str, str], log: Path) -> None:
        self.port, self.log = port, log
        self.url = f"http://127.0.0.1:{port}"
        paths = {"PYTHONPATH": f"{CHECKOUT}{os.pathsep}{CHECKOUT / 'provider'}"}
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*COMMAND, "--host", "127.0.0.1", "--port", str(port)],
                env={**inherited, **paths, **environment},
                cwd=log.parent,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )

    def wait_until_ready(self) -> None:
        """Wait until the service is ready to be called."""
        if not wait_until(lambda: self.wait(0) or self._is_ready()):
            raise AssertionError(f"the service does not start: {self.log.read_text()[-2000:]}")
        if self.wait(0):
            raise AssertionError(f"the service has ended: {self.log.read_text()[-2000:]}")

    def _is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz", trust_env=False, timeout=HANG_SECONDS).is_success
        except httpx.TransportError:
            return False

    def wait(self, seconds: float) -> bool:
        """Wait for the end of the process, so long at most. Return whether it has ended."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def kill(self) -> None:
        """`kill -9`."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """Stop it as a platform does. Return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(HANG_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the service does not stop: {self.log.read_text()[-2000:]}") from None
