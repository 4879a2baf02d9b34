"""The emulator has all operations of the submission API, of fulfillment and metering, and of the portal, in order."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conformance import operations

from pulumi_partnercenter.emulator.fulfillment import FULFILLMENT, METERING
from pulumi_partnercenter.emulator.portal import PORTAL
from pulumi_partnercenter.emulator.submission import SERVICE

CONTRACT = Path(__file__).parents[1] / "contract"
DOCUMENTED = (CONTRACT / "operations.txt").read_text().splitlines()
SAAS_DOCUMENTED = (CONTRACT / "saas_operations.txt").read_text().splitlines()
PORTAL_DOCUMENTED = (CONTRACT / "portal_operations.txt").read_text().splitlines()


def test_all_78_operations_are_emulated():
    assert len(SERVICE.operations) == len(DOCUMENTED) == 78


def test_method_and_path_of_every_operation_are_those_of_the_service():
    """Case of letters, which the service ignores, and names of parameters are not compared."""
    operations_of_emulator = [f"{operation.method} {operation.path}" for operation in SERVICE.operations]
    assert list(map(normalized, operations_of_emulator)) == list(map(normalized, DOCUMENTED))


def test_all_13_operations_of_fulfillment_and_metering_are_emulated():
    operations_of_emulator = [
        f"{operation.method} {service.base.removeprefix('/api')}{operation.path}"
        for service in (FULFILLMENT, METERING)
        for operation in service.operations
    ]
    documented = [operation.removesuffix("/") for operation in SAAS_DOCUMENTED]
    assert list(map(normalized, operations_of_emulator)) == list(map(normalized, documented))
    assert len(documented) == 13


def test_all_14_operations_of_the_portal_are_emulated_and_deletion_is_refused():
    operations_of_emulator = [f"{operation.method} {operation.path}" for operation in PORTAL.operations]
    documented = [operation.removesuffix("/") for operation in PORTAL_DOCUMENTED]
    assert list(map(normalized, operations_of_emulator[:-1])) == list(map(normalized, documented))
    assert len(documented) == 14
    assert operations_of_emulator[-1].startswith("DELETE ")


def normalized(operation: str) -> str:
    return re.sub(r"\{\w+\}", "{}", operation).lower()


def test_the_table_of_operations_is_current():
    assert operations.MODULE.read_text() == operations.render_module(), (
        "run python -m tests.conformance.operations"
    )
