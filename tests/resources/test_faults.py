"""A fault at any request of any operation of any resource: the run recovers where it should (`is_recoverable`);
otherwise the next run converges. `faults.py` has the whole table.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from provider.tools.emulators import RunningEmulator
from provider.tools.generate.pages import resources
from tests.resources.faults import Case, emulator_with_sign_in, fault_lab, subjects

SUBJECTS = subjects()
OPERATIONS = [(name, operation) for name, subject in SUBJECTS.items() for operation in subject().operations()]
OPERATIONS_WITH_SIGN_IN = [
    ("Offer", "create"),
    ("PlanPricing", "update"),
    ("Logo", "exchange"),
    ("Publishing", "update"),
]
"""Operations tested with sign-in. It is slow and always the same, so `faults.py` covers the others."""

SAMPLE_SIZE = 40
"""Maximum number of tested cases of an operation; `make soak` runs all."""


@pytest.mark.sample(2)
@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=map(" ".join, OPERATIONS))
def test_the_next_run_converges_after_a_fault_at_any_request(
    name: str, operation: str, emulator: RunningEmulator
) -> None:
    with fault_lab(emulator) as lab:
        assert_converged(lab.cases(SUBJECTS[name](), operation, SAMPLE_SIZE))


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    ("name", "operation"), OPERATIONS_WITH_SIGN_IN, ids=map(" ".join, OPERATIONS_WITH_SIGN_IN)
)
def test_the_next_run_converges_after_a_fault_at_the_sign_in(name: str, operation: str) -> None:
    """Includes faults at the sign-in, and tokens that expire before any request."""
    with emulator_with_sign_in() as (emulator, login), fault_lab(emulator, login) as lab:
        assert_converged(lab.cases(SUBJECTS[name](), operation, SAMPLE_SIZE))


def test_every_resource_has_fault_cases() -> None:
    assert {*resources()} == {subject.kind for subject in SUBJECTS.values()}


def assert_converged(cases: Iterator[Case]) -> None:
    case_list = list(cases)
    assert not [f"{case.request}, {case.fault}: {case.problem}" for case in case_list if case.problem]
