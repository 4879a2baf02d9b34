"""A sample of the kills of `python -m tests.stacks.crashes`: of the plugin and of pulumi."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.stacks.crashes import Crash, CrashLab, crash_lab, pending

CRASHES = [
    Crash("up", "plugin", 18, is_done=True),
    Crash("up", "pulumi", 64, is_done=True),
    Crash("up", "pulumi", 4, is_done=True),
    Crash("refresh", "plugin", 25, is_done=True),
    Crash("destroy", "plugin", 3, is_done=False),
]


@pytest.fixture(scope="module")
def lab() -> Iterator[CrashLab]:
    with crash_lab("sandbox") as lab:
        yield lab


@pytest.fixture(scope="module")
def portal_lab() -> Iterator[CrashLab]:
    with crash_lab("portal") as lab:
        yield lab


@pytest.mark.sample(1)
@pytest.mark.parametrize("crash", CRASHES, ids=str)
def test_what_a_user_types_next_converges(crash: Crash, lab: CrashLab) -> None:
    outcome = lab.outcome(crash)
    assert not outcome.problem
    assert outcome.commands[1:2] == (("pulumi cancel",) if crash.process_name != "plugin" else ())


@pytest.mark.soak
def test_what_stayed_pending_goes_with_one_command(lab: CrashLab) -> None:
    outcome = lab.outcome(Crash("up", "pulumi", 40, is_done=True))
    assert outcome.pending
    assert not outcome.problem
    lab.last.run("refresh", "--clear-pending-creates", "--yes").expect_success()
    assert pending(lab.last) == 0


@pytest.mark.soak
@pytest.mark.parametrize(
    "crash",
    [
        Crash("up", "pulumi", 2, is_done=True),
        Crash("up", "plugin", 4, is_done=True),
        Crash("up", "pulumi", 7, is_done=True),
    ],
    ids=["writes the offer", "publishes", "goes live"],
)
def test_a_killed_run_of_a_portal_program_converges(crash: Crash, portal_lab: CrashLab) -> None:
    outcome = portal_lab.outcome(crash)
    assert not outcome.problem
