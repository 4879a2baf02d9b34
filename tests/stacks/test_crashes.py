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
    with crash_lab() as lab:
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
