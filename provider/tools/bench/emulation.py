"""An emulator in a separate process, so that its work is not measured."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
from provider.tools.bench.stack import scrubbed
from provider.tools.emulators import TOKEN, RunningEmulator
from provider.tools.engine.engine import CHECKOUT

LATENCY_SECONDS = 0.05
SIDE_BY_SIDE = 8
EVERYTHING = ""


@contextmanager
def emulation() -> Iterator[RunningEmulator]:
    """An empty emulator without delays."""
    command = [sys.executable, "-m", "pulumi_partnercenter.emulator", "--port", "0", "--strict"]
    with subprocess.Popen(
        command, cwd=CHECKOUT, env=scrubbed(), stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        try:
            url = process.stdout.readline().strip().removeprefix("listening on ")
            headers = {"Authorization": f"Bearer {TOKEN}"}
            with httpx.Client(base_url=url, headers=headers, timeout=30, trust_env=False) as client:
                yield RunningEmulator(url, client)
        finally:
            process.terminate()


def delay(emulator: RunningEmulator) -> None:
    """Delay the response of every further request by `LATENCY_SECONDS`."""
    emulator.fault(EVERYTHING, delay_seconds=LATENCY_SECONDS, times=0)


def verified_delay(emulator: RunningEmulator) -> dict[str, float]:
    """Delay the emulator. Return the milliseconds of a single request, and of several concurrent requests.

    Raises: RuntimeError if a request is not delayed, or if the concurrent requests wait for each other.
    """
    delay(emulator)
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        # Opens the connections, which are not measured.
        list(pool.map(lambda _: _ask(emulator), range(SIDE_BY_SIDE)))
        single = _milliseconds(lambda: _ask(emulator))
        several = _milliseconds(lambda: list(pool.map(lambda _: _ask(emulator), range(SIDE_BY_SIDE))))
    emulator.unfault()
    emulator.clear()
    ordered = LATENCY_SECONDS * 1000
    if not (single >= ordered and several < ordered * SIDE_BY_SIDE / 2):
        raise RuntimeError(
            f"{ordered:.0f} ms were ordered: one took {single:.0f}, {SIDE_BY_SIDE} took {several:.0f}"
        )
    return {"one": single, f"{SIDE_BY_SIDE} at once": several}


def _ask(emulator: RunningEmulator) -> None:
    emulator.client.get("/v1.0/ingestion/products").raise_for_status()


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000
