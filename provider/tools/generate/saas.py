"""Tables of the emulated fulfillment and metering services: operations with evidence, and cases that differ."""

from __future__ import annotations

from pulumi_partnercenter.emulator.fulfillment import FULFILLMENT, METERING
from pulumi_partnercenter.emulator.fulfillment.behaviour import ROWS

__all__ = ["sections"]


def sections() -> dict[str, str]:
    """Text of each generated part of the page about the emulator, by its name."""
    return {"saas-operations": _operations(), "saas-behaviours": _behaviours()}


def _operations() -> str:
    rows = [
        f"| {operation.work.__name__.replace('_', ' ')} | `{operation.method} {service.base}{operation.path}` |"
        f" {operation.evidence} |"
        for service in (FULFILLMENT, METERING)
        for operation in service.operations
    ]
    return "\n".join(["| Operation | Request | Evidence |", "|---|---|---|", *rows])


def _behaviours() -> str:
    rows = [f"| {row.case} | {row.documented} | {row.live} | {row.microsoft} |" for row in ROWS.values()]
    return "\n".join(["| Case | `documented` | `live` | `microsoft` |", "|---|---|---|---|", *rows])
