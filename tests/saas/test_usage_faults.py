"""Usage under faults: a sample of the table in `usage_faults.py`."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.saas.deployment import MovableClock
from tests.saas.usage_faults import FAULTS, run_case


@pytest.mark.sample(2)
@pytest.mark.parametrize("fault", [*reversed(FAULTS)])
def test_every_report_is_charged_once_whatever_fails(
    emulator: RunningEmulator, clock: MovableClock, database_url: str, fault: str
) -> None:
    case = run_case(emulator, clock, database_url, fault, count=30, seed=7, hours=2)
    assert (case.lost, case.doubled, case.unsettled) == (0, 0, 0)
    assert case.reports == 30
    assert case.faulty > 0 or fault in ("none", "killed")
