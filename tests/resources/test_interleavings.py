"""Some of the cases of `interleavings.py`: two concurrent runs over files and packages, and the commands after them."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.interleavings import SCENARIOS, Interleaving

SEEDS = range(6)
"""Seeds of the tested cases; `make soak` runs all."""


@pytest.mark.sample(1)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_of_two_interleaved_runs_succeeds_or_its_message_names_the_repair(
    scenario: str, emulator: RunningEmulator
) -> None:
    cases = Interleaving(emulator)
    outcomes = [cases.outcome(scenario, seed) for seed in SEEDS]
    assert not [f"seed {outcome.seed}: {outcome.problem}" for outcome in outcomes if outcome.problem]


@pytest.mark.sample(1)
@pytest.mark.parametrize("scenario", ["both make different things", "one exchanges what the other finds"])
def test_the_sampled_seeds_contain_failing_runs(scenario: str, emulator: RunningEmulator) -> None:
    """Otherwise no test would follow the advice of an error message."""
    cases = Interleaving(emulator)
    assert any(cases.outcome(scenario, seed).error_messages for seed in SEEDS)
