"""A few of the kills that `python -m tests.stacks.kills` makes by the dozen: of the plugin and of pulumi."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.stacks.kills import Grounds, Kill, grounds, pending

KILLS = [
    Kill("up", "plugin", 18, is_done=True),
    Kill("up", "pulumi", 64, is_done=True),
    Kill("up", "pulumi", 4, is_done=True),
    Kill("refresh", "plugin", 25, is_done=True),
    Kill("destroy", "plugin", 3, is_done=False),
]


@pytest.fixture(scope="module")
def ground() -> Iterator[Grounds]:
    with grounds() as made:
        yield made


@pytest.mark.sample(1)
@pytest.mark.parametrize("kill", KILLS, ids=str)
def test_what_a_user_types_next_converges(kill: Kill, ground: Grounds) -> None:
    outcome = ground.outcome(kill)
    assert not outcome.why
    assert outcome.typed[1:2] == (("pulumi cancel",) if kill.victim != "plugin" else ())


@pytest.mark.soak
def test_what_stayed_pending_goes_with_one_command(ground: Grounds) -> None:
    outcome = ground.outcome(Kill("up", "pulumi", 40, is_done=True))
    assert outcome.pending
    assert not outcome.why
    ground.last.run("refresh", "--clear-pending-creates", "--yes").well()
    assert pending(ground.last) == 0
