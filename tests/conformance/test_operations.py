"""The submission API's 78 operations: each one is accounted for, under its own number, method and path."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.conformance import operations as written

from pulumi_partnercenter.emulator.submission import SERVICE

LISTED = (Path(__file__).parents[1] / "contract" / "operations.txt").read_text().splitlines()


def test_all_78_are_emulated():
    assert len(SERVICE.operations) == len(LISTED) == 78


@pytest.mark.parametrize("number", range(1, 79))
def test_method_and_path_are_the_services(number):
    """Letters' case apart, which the service ignores, and the names of parameters."""
    operation = SERVICE.operations[number - 1]
    assert plain(f"{operation.method} {operation.path}") == plain(LISTED[number - 1])


def plain(operation: str) -> str:
    return re.sub(r"\{\w+\}", "{}", operation).lower()


def test_the_table_is_current():
    assert written.MODULE.read_text() == written.current(), "run python -m tests.conformance.operations"
