"""Outcomes that the control plane ordered, until the validation or certification comes that they are for."""

from __future__ import annotations

from typing import Any, TypedDict, cast

from ..state import Document, Store
from .scopes import scope

__all__ = ["OUTCOMES", "PHASES", "Decision", "forget", "keep", "list_decisions", "take"]

PHASES = {"validation": "validating", "certification": "certifying"}
OUTCOMES = ("pass", "fail", "hold")


class Decision(TypedDict):
    """How a stage ends. `product` is its id, empty for any; `items` are what validations show; `report` is text."""

    product: str
    stage: str
    outcome: str
    items: list[dict[str, Any]]
    report: str


def keep(store: Store, decision: Decision) -> None:
    """For the next that comes to the stage."""
    id = store.ids.guid()
    store.save(Document("decision", id, cast("dict[str, Any]", decision), scope(decision["product"])))


def list_decisions(store: Store) -> list[Decision]:
    """Those that are left, oldest first."""
    return [cast("Decision", document.body) for document in store.select("decision")]


def forget(store: Store) -> None:
    store.delete(kind="decision")


def take(store: Store, product: str, phase: str) -> Decision | None:
    """The oldest that is for a phase of this product, which is thereby used up."""
    for document in store.select("decision"):
        decision = cast("Decision", document.body)
        if PHASES[decision["stage"]] == phase and decision["product"] in ("", product):
            store.delete(kind="decision", id=document.id)
            return decision
    return None
