"""Live documents of the submission API's offers, as customers can buy them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..state import Store
from . import automaton
from .automaton import Content
from .scopes import scope, within_product

__all__ = ["LiveOffer", "LivePlan", "list_live"]


@dataclass(frozen=True)
class LivePlan:
    """Bodies of a plan's live documents; {} for a document that does not exist."""

    variant: dict[str, Any]
    listing: dict[str, Any]
    availability: dict[str, Any]


@dataclass(frozen=True)
class LiveOffer:
    """Bodies of an offer's live documents; {} for a document that does not exist."""

    product: dict[str, Any]
    listing: dict[str, Any]
    configuration: dict[str, Any]
    plans: list[LivePlan]


def list_live(store: Store, offer_type: str) -> Iterator[LiveOffer]:
    """Iterate over the offers of a type that are live."""
    for product in store.select("product"):
        if product.body["resourceType"] == offer_type:
            automaton.settle(store, product.id)
            for publication in store.select("publication", **within_product(product.id), stage="live"):
                yield _read(store, product.id, product.body, publication.body["content"])


def _read(store: Store, product: str, body: dict[str, Any], content: Content) -> LiveOffer:
    def read(kind: str, module: str, variant: str = "") -> dict[str, Any]:
        instance = content.get(variant, {}).get(module, "")
        documents = store.select(kind, scope=scope(product, variant, instance)) if instance else []
        return documents[0].body if documents else {}

    plans = [
        LivePlan(
            variant.body, read("listing", "Listing", id), read("featureavailability", "Availability", id)
        )
        for id in content
        if id and (variant := store.find("variant", id)) and variant.body.get("state") == "Active"
    ]
    return LiveOffer(body, read("listing", "Listing"), read("packageconfiguration", "Package"), plans)
