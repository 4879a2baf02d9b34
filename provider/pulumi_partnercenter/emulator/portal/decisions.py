"""Decisions of the control plane about steps of operations, kept until an operation comes to the step."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from ..state import Document, Store

__all__ = ["HOLDS", "KIND", "OUTCOMES", "Decision", "forget", "keep", "list_decisions", "take"]

KIND = "portaldecision"
HOLDS = {"hold": "inProgress", "block": "blocked", "approval": "waitingForApproval"}
"""Outcomes that leave a step as it is until a later decision, and the step's status meanwhile."""
OUTCOMES = ("pass", "fail", "reject", *HOLDS)


class Decision(TypedDict):
    """Outcome of a stage. `offer` is `publisher/offer`, "" for any; `messages` are texts of errors."""

    offer: str
    stage: str
    outcome: str
    messages: list[str]


def keep(store: Store, decision: Decision) -> None:
    """Keep a decision for the next operation that comes to the stage."""
    store.save(Document(KIND, store.ids.guid(), cast("dict[str, Any]", decision), stage=""))


def list_decisions(store: Store) -> list[Decision]:
    """Return the unused decisions, oldest first."""
    return [cast("Decision", document.body) for document in store.select(KIND)]


def forget(store: Store) -> None:
    store.delete(kind=KIND)


def take(store: Store, offer: str, stage: str) -> Decision | None:
    """Remove and return the oldest decision about a stage of this offer."""
    for document in store.select(KIND):
        decision = cast("Decision", document.body)
        if decision["stage"] == stage and decision["offer"].lower() in ("", offer.lower()):
            store.delete(kind=KIND, id=document.id)
            return decision
    return None
