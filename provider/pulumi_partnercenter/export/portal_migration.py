"""An offer that has moved from the Cloud Partner Portal to Partner Center, as a program of the submission API.

The submission API has the product, its listing, audience and plans. What only the portal's API has is listed, and stays
as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from ..directory.offers import FoundOffer
from ..directory.portal_offers import PortalOffers
from ..directory.search import OfferDirectory
from ..directory.submission_offers import SubmissionOffers
from ..errors import InputError, NotFound
from ..model import Part
from ..registry import exportable_kinds
from .collect import ExportedResource
from .exported_publication import ExportedPublication
from .submission_exporter import SubmissionExporter

__all__ = [
    "COUNTERPARTS",
    "WITHOUT_COUNTERPART",
    "MigrationExporter",
    "find_migrated",
    "list_without_counterpart",
]

OFFER = "portal.Offer"
COUNTERPARTS = {
    "offer_id": "Offer",
    "offer_type": "Offer",
    "alias": "Offer",
    "listing.title": "OfferListing",
    "listing.summary": "OfferListing",
    "listing.short_description": "OfferListing",
    "listing.description": "OfferListing",
    "listing.contacts": "OfferListing",
    "listing.links": "OfferListing",
    "listing.privacy_policy_url": "OfferListing",
    "listing.support_url": "OfferListing",
    "listing.government_support_url": "OfferListing",
    "listing.categories": "OfferProperties",
    "listing.logos": "ListingImage",
    "listing.screenshots": "ListingImage",
    "uses_standard_contract": "OfferProperties",
    "terms_of_use": "OfferProperties",
    "amendment": "OfferProperties",
    "preview_audience": "PreviewAudience",
    "csp_opt_in": "ResellerChannel",
    "lead_destination": "LeadDestination",
    "plans.plan_id": "Plan",
    "plans.clouds": "Plan",
    "plans.title": "PlanListing",
    "plans.summary": "PlanListing",
    "plans.description": "PlanListing",
    "plans.is_hidden": "PlanPricing",
    "plans.markets": "PlanPricing",
    "plans.subscriptions": "PlanPricing",
}
"""By argument of a portal.Offer: the resource of the submission API that holds it."""
_MACHINE = "only the Product Ingestion API has it, for which this package has no resource yet"
WITHOUT_COUNTERPART = {
    "publisher": "the submission API takes it from the login",
    "listing.marketing_id": "the submission API has no such member",
    "test_drive": "the submission API refuses test drives of virtual machines",
    "plans.subscriptions_file": "PlanPricing takes subscriptions as a list",
    "plans.operating_system": _MACHINE,
    "plans.recommended_sizes": _MACHINE,
    "plans.open_ports": _MACHINE,
    "plans.features": _MACHINE,
    "plans.images": _MACHINE,
    "plans.generations": _MACHINE,
    "plans.pricing": "PlanPricing has prices by month or year, and none by core and hour",
}
"""By argument of a portal.Offer: why no resource of the submission API holds it."""


class MigrationExporter(SubmissionExporter):
    """Export of products of offers that have moved. It declares no Submission: that API does not publish machines."""

    def export_publication(
        self,
        offer: str,  # noqa: ARG002
        resources: Sequence[ExportedResource],  # noqa: ARG002
        defaults: Sequence[ExportedResource],  # noqa: ARG002
    ) -> ExportedPublication:
        return ExportedPublication(
            reason="the submission API does not publish virtual machines: a portal.Publication does"
        )


def find_migrated(
    portal: PortalOffers, products: SubmissionOffers, offer_id: str
) -> tuple[FoundOffer, FoundOffer]:
    """Return the offer in the portal, and its product.

    Raises NotFound, or InputError for an offer that has not moved to Partner Center.
    """
    offer = OfferDirectory([portal]).find(offer_id)
    kind = exportable_kinds(portal.service)[OFFER]
    if not kind.read(portal.client, offer.id).outputs.is_migrated:
        raise InputError(
            f"offer {offer.label}: it has not moved to Partner Center, so that a program of the submission API would"
            " make another offer",
            next="go on with portal.Offer until Microsoft has moved it",
        )
    matches = products.find(offer.offer_id)
    if not matches:
        raise NotFound(
            f"offer {offer.label}: it has moved to Partner Center, and the submission API does not list it",
            next="check that the login has a role in the same account (`partnercenter doctor`)",
            status=404,
        )
    return offer, matches[0]


def list_without_counterpart(
    portal: PortalOffers, offer: FoundOffer, classes: Collection[str]
) -> dict[str, str]:
    """Return the reason for each member of the offer that no resource of the program holds, by its place.

    `classes`: the resources of the program.
    """
    kind = exportable_kinds(portal.service)[OFFER]
    current = kind.read(portal.client, offer.id)
    reasons = dict[str, str]()
    arguments = kind.program_arguments(portal.client, current)
    for name, place in _iterate_given(kind.arguments, arguments, "", ""):
        counterpart = COUNTERPARTS.get(name)
        if counterpart is None:
            reasons[place] = WITHOUT_COUNTERPART[name]
        elif counterpart not in classes:
            reasons[place] = f"{counterpart} holds it, and is as Partner Center created it: compare it there"
    for member in kind.members_without_argument(portal.client, current):
        reasons[member] = "no argument of either API holds it"
    return reasons


def _iterate_given(
    part: type[Part], values: Mapping[str, Any], name: str, place: str
) -> Iterator[tuple[str, str]]:
    """Yield name and place of each argument of the tables that is not at its default: `plans.images`,
    `plans[basic].images`.
    """
    for member, value in values.items():
        inner, path, where = part.part_in(member), f"{name}{member}", f"{place}{member}"
        if member == "adopt" or value in (None, part.default(member)):
            continue
        if path in COUNTERPARTS or path in WITHOUT_COUNTERPART:
            yield path, where
        elif inner and isinstance(value, Mapping):
            yield from _iterate_given(inner, value, f"{path}.", f"{where}.")
        elif inner:
            for element in value:
                yield from _iterate_given(inner, element, f"{path}.", f"{where}[{element['plan_id']}].")
