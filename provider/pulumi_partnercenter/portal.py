"""Offers of the Cloud Partner Portal API as code, and read-only look-ups of them.

    from pulumi_partnercenter import portal

    gateway = portal.get_offer("contoso", "contoso-gateway")

Look-ups send requests at once, as those of `pulumi_partnercenter` do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pulumi

from . import resources as _resources
from .lookups import open_lookup, require_id
from .resources.portal import *  # noqa: F403

__all__ = ["OfferInfo", "OfferSummary", "get_offer", "list_offers"]
__all__ += _resources.portal.__all__


@dataclass(frozen=True)
class OfferSummary:
    """An offer in a list. `id`, `<publisher>/<offer_id>`, is the argument `offer` of a portal.Publication."""

    id: str
    publisher: str
    offer_id: str
    offer_type: str
    alias: str
    status: str
    """Status of publishing as the service spells it: `neverPublished`, `running`, `waitingForPublisherReview`,
    `succeeded`, `canceled` or `failed`."""
    version: int
    """Number of the version; 0 before the first publication."""
    is_migrated: bool
    """Whether the offer has moved to Partner Center."""


@dataclass(frozen=True)
class OfferInfo(OfferSummary):
    """An offer with its plans."""

    plan_ids: tuple[str, ...]
    members: dict[str, Any] = field(repr=False)
    """The service's `definition`, with every member. Its addresses may have signatures: prefer `definition`."""

    @property
    def definition(self) -> pulumi.Output[dict[str, Any]]:
        """`members` as a secret."""
        return pulumi.Output.secret(self.members)


def get_offer(publisher: str, offer_id: str) -> OfferInfo:
    """The draft of the publisher's offer with this offer id. Raises NotFound."""
    require_id("publisher", publisher)
    require_id("offer_id", offer_id)
    with open_lookup("open_portal_offers") as service:
        offer: OfferInfo = service.get_offer(publisher, offer_id)
        return offer


def list_offers(publisher: str, offer_type: str = "") -> list[OfferSummary]:
    """All offers of the publisher, or those of a type such as `microsoft-azure-virtualmachines`, by offer id."""
    require_id("publisher", publisher)
    if offer_type != "":
        require_id("offer_type", offer_type)
    with open_lookup("open_portal_offers") as service:
        return sorted(service.list_offers(publisher, offer_type), key=lambda offer: offer.offer_id)
