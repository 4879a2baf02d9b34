"""Decisions of the control plane, kept until the validation or certification that they apply to."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from ..state import Document, Store
from .scopes import scope

__all__ = ["OUTCOMES", "PHASES", "Decision", "forget", "keep", "list_decisions", "take"]

PHASES = {"validation": "validating", "certification": "certifying"}
OUTCOMES = ("pass", "fail", "hold")


class Decision(TypedDict):
    """Outcome of a stage. `product` is its id, "" for any; `items` are a validation's items; `report` is text."""

    product: str
    stage: str
    outcome: str
    items: list[dict[str, Any]]
    report: str


def keep(store: Store, decision: Decision) -> None:
    """Keep a decision for the next submission that reaches the stage."""
    id = store.ids.guid()
    store.save(Document("decision", id, cast("dict[str, Any]", decision), scope(decision["product"])))


def list_decisions(store: Store) -> list[Decision]:
    """Return the unused decisions, oldest first."""
    return [cast("Decision", document.body) for document in store.select("decision")]


def forget(store: Store) -> None:
    store.delete(kind="decision")


def take(store: Store, product: str, phase: str) -> Decision | None:
    """Remove and return the oldest decision for a phase of this product."""
    for document in store.select("decision"):
        decision = cast("Decision", document.body)
        if PHASES[decision["stage"]] == phase and decision["product"] in ("", product):
            store.delete(kind="decision", id=document.id)
            return decision
    return None
