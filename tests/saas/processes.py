"""The service as real processes: started, killed, stopped."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

import httpx
from provider.tools.engine.environment import CHECKOUT

from pulumi_partnercenter.emulator.server import listen

__all__ = ["ServiceProcess", "find_port"]

COMMAND = [str(CHECKOUT / ".venv" / "bin" / "partnercenter"), "saas", "serve"]
START_SECONDS, STOP_SECONDS = 120.0, 120.0
"""Only for a process that hangs."""
TICK_SECONDS = 0.05


def find_port() -> int:
    """Return a port that is free now."""
    with listen("127.0.0.1", 0) as listener:
        port: int = listener.getsockname()[1]
        return port


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
        for _ in range(int(START_SECONDS / TICK_SECONDS)):
            if self.wait(TICK_SECONDS):
                raise AssertionError(f"the service has ended: {self.log.read_text()[-2000:]}")
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=5):
                    pass
                if httpx.get(f"{self.url}/readyz", trust_env=False, timeout=30).is_success:
                    return
            except (OSError, httpx.TransportError):
                continue
        raise AssertionError(f"the service does not start: {self.log.read_text()[-2000:]}")

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
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the service does not stop: {self.log.read_text()[-2000:]}") from None
