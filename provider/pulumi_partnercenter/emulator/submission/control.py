"""The submission API's part of the control plane.

| Request | Does |
|---|---|
| `POST publish {"product": id}` | the portal publishes the present drafts: live at once, complete or not |
| `POST legacy_test_drive` | new applications get a test drive from now on, as until 2025 |
| `GET reports/<submission>` | the text behind a certification report's `fileUri` |

A decision: `stage` is `validation` or `certification`, `outcome` is `pass`, `fail` or `hold`. `product` is an id, any
product without. It applies at once to the submission at that stage, held or running; else once, to the next one that
comes to it. A hold lasts until a later `pass` or `fail`; validation of what passes is skipped. `items` are the items of
a failed validation: objects of `errorCode`, `severity`, `message`, `resource`, all strings. `report` is the text of the
certification report.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import PlainTextResponse, Response

from ..control_input import BadInput, allow_members, read_choice
from ..service import ControlCall, ControlRoute, Decisions
from ..state import Store
from . import automaton, completeness, decisions, drafts
from .decisions import Decision

__all__ = ["DECISIONS", "REPORTS", "ROUTES", "reset"]

REPORTS = "/_emulator/reports"


def reset(store: Store) -> None:
    """Forget that new applications get a test drive."""
    store.memory.pop(drafts.LEGACY_TEST_DRIVE, None)


def publish(call: ControlCall) -> None:
    allow_members(call.body, "product")
    product = _require_product(call)
    with call.store.transaction():
        automaton.settle(call.store, product)
        if automaton.is_busy(call.store, product):
            raise BadInput("product: one of its submissions is in progress")
        automaton.publish(call.store, product)


def enable_legacy_test_drive(call: ControlCall) -> None:
    allow_members(call.body)
    call.store.memory[drafts.LEGACY_TEST_DRIVE] = "on"


def get_report(call: ControlCall) -> Response:
    text = automaton.report(call.store, call.path["submission"])
    return PlainTextResponse(text or "No such report.", 200 if text else 404)


def decide(call: ControlCall) -> dict[str, Any]:
    body = call.body
    allow_members(body, *Decision.__annotations__)
    decision: Decision = {
        "product": _require_product(call) if "product" in body else "",
        "stage": read_choice(body, "stage", tuple(decisions.PHASES)),
        "outcome": read_choice(body, "outcome", decisions.OUTCOMES),
        "items": _read_items(body),
        "report": body.get("report", ""),
    }
    if not isinstance(decision["report"], str):
        raise BadInput("report: must be a string")
    automaton.decide(call.store, decision)
    return {**decision}


def _require_product(call: ControlCall) -> str:
    given = call.body.get("product", "")
    product = call.store.find("product", str(given))
    if product is None:
        raise BadInput(f"product: must be the id of a product that exists, not {call.body.get('product')!r}")
    return product.id


def _read_items(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    items, members = body.get("items", []), set(completeness.REFUSED)
    if not isinstance(items, list) or not all(
        isinstance(item, dict)
        and set(item) == members
        and all(isinstance(value, str) for value in item.values())
        for item in items
    ):
        raise BadInput(f"items: must be a list of objects of {', '.join(sorted(members))}, all text")
    return items


ROUTES = (
    ControlRoute("POST", "publish", publish),
    ControlRoute("POST", "legacy_test_drive", enable_legacy_test_drive),
    ControlRoute("GET", "reports/{submission}", get_report),
)
DECISIONS = Decisions(tuple(decisions.PHASES), decide, decisions.list_decisions, decisions.forget)
