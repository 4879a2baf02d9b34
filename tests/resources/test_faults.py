"""Every resource, every operation, trouble at any request: the run goes on by itself where it should (`goes_on`), and
else the next one converges. `faults.py` has the whole table.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from provider.tools.emulators import Serving
from tests.resources.faults import Case, guarded, subjects, world

import pulumi_partnercenter
from pulumi_partnercenter.resources import Resource

SUBJECTS = subjects()
EACH = [(name, operation) for name, subject in SUBJECTS.items() for operation in subject().operations()]
SIGNED_IN = [("Offer", "create"), ("PlanPricing", "update"), ("Logo", "exchange"), ("Publishing", "update")]
"""Signing in is the same for all, and dear: the table of `python -m tests.resources.faults` has it everywhere."""

MOST = 40
"""Of the cases of one operation; the rest is for `make soak`."""


@pytest.mark.sample(4)
@pytest.mark.parametrize(("name", "operation"), EACH, ids=map(" ".join, EACH))
def test_after_trouble_at_any_request_the_next_run_converges(
    name: str, operation: str, emulator: Serving
) -> None:
    with world(emulator) as here:
        assert_converged(here.cases(SUBJECTS[name](), operation, MOST))


@pytest.mark.sample(1)
@pytest.mark.parametrize(("name", "operation"), SIGNED_IN, ids=map(" ".join, SIGNED_IN))
def test_so_it_does_where_the_run_has_to_sign_in(name: str, operation: str) -> None:
    """Trouble at the sign-in as well, and tokens that end before any request."""
    with guarded() as (emulator, login), world(emulator, login) as here:
        assert_converged(here.cases(SUBJECTS[name](), operation, MOST))


def test_no_resource_is_left_out() -> None:
    public = [getattr(pulumi_partnercenter, name) for name in pulumi_partnercenter.__all__]
    resources = {
        each
        for each in public
        if isinstance(each, type) and issubclass(each, Resource) and each is not Resource
    }
    assert resources == {each.kind for each in SUBJECTS.values()}


def assert_converged(cases: Iterator[Case]) -> None:
    found = list(cases)
    assert not [f"{each.request}, {each.trouble}: {each.why}" for each in found if each.why]
