"""Tables of emulated services: operations with evidence, and cases in which sources differ."""

from __future__ import annotations

from collections.abc import Sequence

from pulumi_partnercenter.emulator.fulfillment import FULFILLMENT, METERING
from pulumi_partnercenter.emulator.fulfillment.behaviour import ROWS
from pulumi_partnercenter.emulator.portal import OPERATIONS, PORTAL
from pulumi_partnercenter.emulator.service import Operation

__all__ = ["sections"]


def sections() -> dict[str, str]:
    """Text of each generated part of the page about the emulator, by its name."""
    saas = [
        (service.base, operation) for service in (FULFILLMENT, METERING) for operation in service.operations
    ]
    portal = [(PORTAL.base, operation) for operation in OPERATIONS]
    return {
        "saas-operations": _operations(saas),
        "saas-behaviours": _behaviours(),
        "portal-operations": _operations(portal),
    }


def _operations(operations: Sequence[tuple[str, Operation]]) -> str:
    """Render one row an operation, given with the base of its service."""
    rows = [
        f"| {operation.work.__name__.replace('_', ' ')} | `{operation.method} {base}{operation.path}` |"
        f" {operation.evidence} |"
        for base, operation in operations
    ]
    return "\n".join(["| Operation | Request | Evidence |", "|---|---|---|", *rows])


def _behaviours() -> str:
    rows = [f"| {row.case} | {row.documented} | {row.live} | {row.microsoft} |" for row in ROWS.values()]
    return "\n".join(["| Case | `documented` | `live` | `microsoft` |", "|---|---|---|---|", *rows])
