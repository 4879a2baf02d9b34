"""Two stacks whose programs declare the same offer run `pulumi up` at the same time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator
from tests.stacks.cli import Project
from tests.stacks.conftest import Baseline

pytestmark = pytest.mark.soak

EXPECTED_ERRORS = ("AdoptionRefused: ", "Conflict: ", "Stale: ")


def test_two_concurrent_ups_create_one_offer_and_the_next_ups_change_nothing(
    tmp_path: Path, new_baseline: Baseline, emulator: RunningEmulator
) -> None:
    projects = [new_baseline.copy(tmp_path / name, emulator) for name in ("one", "other")]
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(Project.up, projects))
    for result in results:
        assert result.code == 0 or any(f"error: {prefix}" in result.text for prefix in EXPECTED_ERRORS), (
            result.text
        )
        assert "Traceback" not in result.text
    for project in projects:
        project.up().expect_success()
    state = emulator.state()
    assert (len(state["products"]), len(state["variants"]), len(state["listings"])) == (1, 1, 2)
    emulator.clear()
    for project in projects:
        project.up("--expect-no-changes").expect_success()
    assert not emulator.requests()
