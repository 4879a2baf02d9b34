"""What can be bought: offers that the control plane configured, and the live SaaS offers of the submission API."""

from __future__ import annotations

from ..control_input import BadInput
from ..state import Document, Store
from .offers import Offer
from .published_offers import list_published

__all__ = ["KIND", "find_offer", "list_offers", "require_offer", "save_offer"]

KIND = "saasoffer"


def save_offer(store: Store, offer: Offer) -> None:
    """Configure an offer, in place of one with its id."""
    store.save(Document(KIND, offer.offer_id, offer.model_dump(), stage=""))


def list_offers(store: Store) -> list[Offer]:
    """Return what can be bought. A configured offer stands in for a live one with its id."""
    configured = [Offer.model_validate(document.body) for document in store.select(KIND)]
    names = {offer.offer_id.lower() for offer in configured}
    return [*configured, *(offer for offer in list_published(store) if offer.offer_id.lower() not in names)]


def find_offer(store: Store, offer_id: str) -> Offer | None:
    return next((offer for offer in list_offers(store) if offer.offer_id == offer_id), None)


def require_offer(store: Store, offer_id: str) -> Offer:
    """Return an offer that can be bought. Raises: BadInput."""
    offer = find_offer(store, offer_id)
    if offer is None:
        raise BadInput(f"offer_id: no offer {offer_id!r} is for sale; GET saas/offers lists them")
    return offer
