"""The portal's offer as a subject of fault injection (`tests/resources/faults.py`)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from tests.resources.card import Operation, Subject
from tests.resources.harness import Declaration, Program, Stack
from tests.resources.portal.portal_offers import GATEWAY

from pulumi_partnercenter import portal
from pulumi_partnercenter.api.portal.system import PORTAL


def program(**changes: Any) -> Program:
    arguments: Mapping[str, Any] = copy.deepcopy({**GATEWAY, **changes})
    return {"gateway": Declaration(portal.Offer, arguments)}


class PortalOffer(Subject):
    """A whole offer: its three plans, listing and images are one document."""

    kind, system = portal.Offer, PORTAL
    unconditional_operations = ("create",)

    def operations(self) -> dict[str, Operation]:
        changed = program(alias="Quick Gateway", plans=GATEWAY["plans"][:2])
        return {
            "create": Operation.between({}, program()),
            "update": Operation.between(program(), changed),
            "read": Operation(lambda stack: stack.up(program()), Stack.refresh),
            "delete": Operation.between(program(), {}),
        }
