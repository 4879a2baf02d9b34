"""The background emulator of `make up`: it outlives its starter, is reused, and stops only its own process."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from provider.tools.engine.sandbox import CHECKOUT, PORT, Emulator, other_deployed_stacks
from provider.tools.hangs import HANG_SECONDS


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    emulator = Emulator(tmp_path / ".emulator")
    yield emulator
    emulator.stop()


def _start(emulator: Emulator) -> str:
    """Start the emulator from a process that ends at once, as `make up` does. Return its address."""
    program = (
        "import sys, pathlib; from provider.tools.engine.sandbox import Emulator;"
        "print(Emulator(pathlib.Path(sys.argv[1])).start())"
    )
    command = [sys.executable, "-c", program, str(emulator.folder)]
    result = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def _process(emulator: Emulator) -> int:
    return int((emulator.folder / "pid").read_text())


def test_the_background_emulator_outlives_its_starter_and_is_reused(emulator: Emulator) -> None:
    address = _start(emulator)
    process = _process(emulator)
    assert httpx.get(f"{address}/_emulator/state", trust_env=False, timeout=HANG_SECONDS).status_code == 200
    assert _start(emulator) == address
    assert _process(emulator) == process


def test_the_background_emulator_takes_another_port_where_its_own_is_taken(emulator: Emulator) -> None:
    with closing(socket.socket()) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", PORT))
            other.listen()
        except OSError:
            pass  # another process has the port already
        address = _start(emulator)
        assert not address.endswith(f":{PORT}")
        assert _start(emulator) == address == emulator.address()


def test_a_background_emulator_that_was_killed_is_started_again(emulator: Emulator) -> None:
    _start(emulator)
    first = _process(emulator)
    os.kill(first, signal.SIGKILL)
    address = _start(emulator)
    assert _process(emulator) != first
    assert httpx.get(f"{address}/_emulator/state", trust_env=False, timeout=HANG_SECONDS).status_code == 200


def test_a_background_emulator_that_does_not_answer_is_replaced(emulator: Emulator) -> None:
    _start(emulator)
    first = _process(emulator)
    (emulator.folder / "address").write_text("http://127.0.0.1:9\n")
    assert (
        httpx.get(f"{_start(emulator)}/_emulator/state", trust_env=False, timeout=HANG_SECONDS).status_code
        == 200
    )
    assert _process(emulator) != first


def test_stopping_the_background_emulator_ends_no_other_process(emulator: Emulator) -> None:
    _start(emulator)
    emulator.stop()
    assert not emulator.lives()
    assert not (emulator.folder / "pid").exists()
    (emulator.folder / "pid").write_text(f"{os.getpid()}\n")  # the process id now belongs to another process
    emulator.stop()
    assert not emulator.lives()


@pytest.mark.parametrize(
    ("script", "others"),
    [
        ("""echo '[{"name": "rehearsal", "resourceCount": 55}, {"name": "sandbox"}]'""", ["rehearsal"]),
        (
            """echo '[{"name": "rehearsal", "resourceCount": 0}, {"name": "sandbox", "resourceCount": 3}]'""",
            [],
        ),
        ("""echo '[{"name": "dev", "resourceCount": 42}]'""", []),
        ("exit 255", ["rehearsal"]),
    ],
)
def test_the_background_emulator_goes_on_for_another_stack_that_has_resources(
    tmp_path: Path, script: str, others: list[str]
) -> None:
    pulumi = tmp_path / "pulumi"
    pulumi.write_text(f"#!/bin/sh\n{script}\n")
    pulumi.chmod(0o755)
    assert other_deployed_stacks(pulumi, "sandbox", {}) == others
