"""A fault at any request of the fulfillment client: the call recovers, or the next one does.

`fulfillment_faults.py` has the whole table.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.contract.fulfillment_faults import OPERATIONS, FaultLab, open_lab

from pulumi_partnercenter.fulfillment import FulfillmentClient

SAMPLE = {
    "activate": ("blocking", "live"),
    "change_plan": ("asynchronous", "live, late"),
    "cancel": ("blocking", "documented"),
    "update_operation": ("asynchronous", "live"),
    "report_usage_batch": ("blocking", "microsoft"),
}
FAULTS = ("cut after", "slower")
"""An answer is lost; a request is late."""


@pytest.fixture(scope="module")
def lab() -> Iterator[FaultLab]:
    with open_lab() as lab:
        yield lab


@pytest.mark.parametrize("name", SAMPLE)
def test_an_operation_recovers_from_a_fault_at_any_request(lab: FaultLab, name: str):
    kind, behaviour = SAMPLE[name]
    cases = list(lab.cases(name, behaviour, kind, FAULTS))
    assert cases
    problems = [f"{case.fault}, request {case.request}: {case.problem}" for case in cases if case.problem]
    assert not problems, "\n".join(problems)


def test_every_operation_has_faults():
    methods = {
        name for name, member in vars(FulfillmentClient).items() if callable(member) and name[0] != "_"
    }
    assert methods - {"close"} == set(OPERATIONS)
