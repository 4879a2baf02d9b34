"""Where the documentation, the live service and Microsoft's own emulator of it differ: one switch for all rows.

`ROWS` says what each of the three does in a case. What is unknown of one is filled in with what is closest.
`--saas-behaviour` and `POST /_emulator/saas/behaviour` choose which of them this emulator follows.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from ..state import Store

__all__ = ["BEHAVIOURS", "ROWS", "Behaviour", "Row", "Settings", "change", "is_so", "read", "reset", "start"]

Behaviour: TypeAlias = Literal["documented", "live", "microsoft"]
BEHAVIOURS: tuple[Behaviour, ...] = get_args(Behaviour)
PAGE_SIZE = 100
REAL_DELAY_SECONDS = 3.0
"""Seconds until reads show a change, and until an operation ends by itself, under `--pace real`."""
_KEPT = "saas.settings"


@dataclass(frozen=True)
class Row:
    """What happens in a case, in each behaviour. The first value that a behaviour names is the one it has."""

    case: str
    documented: str
    live: str
    microsoft: str


ROWS: Mapping[str, Row] = {
    "activate_another_plan": Row("activate with another planId", "refused", "accepted", "refused"),
    "activate_wrong_quantity": Row("activate with a wrong quantity", "refused", "refused", "accepted"),
    "activate_subscribed": Row("activate when Subscribed", "refused", "accepted", "accepted"),
    "activate_suspended": Row("activate when Suspended", "refused", "refused", "accepted"),
    "operations_of_unknown": Row("list operations, unknown subscription", "404", "200", "404"),
    "get_unknown_operation": Row("get operation, unknown", "404", "400", "404"),
    "update_unknown_operation": Row("update operation, unknown", "404", "400", "404"),
    "update_any_status": Row("update operation, any other status", "refused", "accepted", "refused"),
    "update_partner_operation": Row("update operation of the publisher's own", "accepted", "500", "500 text"),
    "update_notification": Row("update a Renew, Suspend or Unsubscribe", "409", "409", "400"),
    "update_decided": Row("update operation, decided already", "409", "409 request id", "409 given id"),
    "operations_body": Row("body of the list of operations", "object", "object", "array"),
    "plans_of_unknown": Row("available plans, unknown subscription", "empty", "empty", "array"),
    "list_paging": Row("pages of the list of subscriptions", "paged", "paged", "whole"),
    "csp_enforced": Row("CSP: the publisher changes or cancels", "refused", "refused", "accepted"),
    "partner_webhook": Row("webhook of the publisher's own change or cancel", "sent", "sent", "omitted"),
    # Beyond that comparison, as recorded of Microsoft's emulator.
    "empty_list": Row("list of no subscriptions", "empty", "object", "object"),
    "empty_answers": Row("body of 200 and 202 without content", "empty", "empty", "text"),
    "foreign_subscription": Row("subscription of another publisher", "403", "403", "404"),
    "source_member": Row(
        "member for who began an operation",
        "operationRequestSource",
        "operationRequestSource",
        "operationRequestedSource",
    ),
    "reinstate": Row("a Reinstate waits for the publisher", "InProgress", "InProgress", "Succeeded"),
    "revert": Row("a change that the publisher rejected", "notified", "notified", "silent"),
    "cancel_again": Row("cancel when Unsubscribed", "200", "200", "202"),
    "cancel_pending": Row("cancel when pending", "cancelled", "cancelled", "stays"),
    "fresh_operations": Row("fresh operations, where changes show late", "at once", "late", "at once"),
    "created_member": Row("member for the time of purchase", "shown", "shown", "omitted"),
    "webhook_form": Row("members of a webhook", "documented", "documented", "operation"),
    "seat_limits": Row("limits of seats", "enforced", "enforced", "ignored"),
}


@dataclass(frozen=True)
class Settings:
    """How the services answer. `delay_seconds`: until reads show a change, and an operation ends by itself.

    `odd_members` pads texts, writes numbers as texts and adds members, as documented samples do.
    """

    behaviour: Behaviour = "live"
    page_size: int = PAGE_SIZE
    delay_seconds: float = 0.0
    odd_members: bool = False


def read(store: Store) -> Settings:
    """Return the settings: those of the control plane over those of the start."""
    pace_delay = REAL_DELAY_SECONDS if store.options.get("pace") == "real" else 0.0
    settings = Settings(delay_seconds=pace_delay)
    return replace(settings, **json.loads(store.memory.get(_KEPT, "{}")))


def change(store: Store, members: Mapping[str, Any]) -> Settings:
    kept = json.loads(store.memory.get(_KEPT, "{}"))
    store.memory[_KEPT] = json.dumps({**kept, **members})
    return read(store)


def start(store: Store) -> None:
    """Let the option of this start replace what an earlier run has kept."""
    if behaviour := store.options.get("saas_behaviour"):
        change(store, {"behaviour": behaviour})


def reset(store: Store) -> None:
    """Forget what the control plane set; the option of the start stays."""
    store.memory.pop(_KEPT, None)
    start(store)


def is_so(store: Store, row: str, value: str) -> bool:
    """Whether the present behaviour has this value in a case of `ROWS`."""
    return bool(asdict(ROWS[row])[read(store).behaviour] == value)
