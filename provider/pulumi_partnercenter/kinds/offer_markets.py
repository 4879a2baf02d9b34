"""The markets of an offer that has no prices of its own. Source: reports of Business Central's clients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from annotated_types import MinLen

from ..api.submission.offer_types import DYNAMICS
from ..api.submission.pricing_models import FeatureAvailability
from ..errors import InputError
from ..kind import Current
from ..markers import Immutable
from ..model import Arguments, Outputs
from ._drafts import Document, DraftKind
from ._markets import enabled_markets, market_states
from ._rules import ImpliedOfferType, Markets, OfferReference
from ._submission_api import SubmissionApi


def _offers_with_markets(desired: OfferMarketsArguments) -> str | None:
    if not desired.offer_type or desired.offer_type in DYNAMICS:
        return None
    return f"offer: {desired.offer_type} offers have no markets of their own; each plan has them in its PlanPricing"


class OfferMarketsArguments(Arguments):
    """Arguments of the markets of an offer."""

    rules = (_offers_with_markets,)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    markets: Annotated[Markets, MinLen(1)]
    """Codes of the markets, `["US", "CA"]`, or `"all"` for all 141. A set."""
    offer_type: ImpliedOfferType = ""
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged once the service is asked."""


class OfferMarketsKind(DraftKind[OfferMarketsArguments, FeatureAvailability]):
    """Markets of an offer of Dynamics 365: Business Central, Customer Engagement, Operations; its `id` is the offer's.

    Deleting the resource keeps the markets.
    """

    noun, id_form, parent = "offer markets", "<product>", "offer"
    arguments = OfferMarketsArguments
    fresh = {"markets": []}

    def document(self, api: SubmissionApi) -> Document[FeatureAvailability]:
        return api.markets

    def list_ids(self, api: SubmissionApi, offer: str) -> Iterable[str]:
        return super().list_ids(api, offer) if api.offers.get(offer).resource_type in DYNAMICS else []

    def find(self, api: SubmissionApi, desired: OfferMarketsArguments) -> Current[Outputs] | None:
        # Without this check, `up` would wait for a document that never appears.
        offer_type = api.offers.get(desired.offer).resource_type
        if sentence := _offers_with_markets(desired.replace(offer_type=offer_type)):
            raise InputError(f"offer markets {desired.offer}: {sentence}")
        return super().find(api, desired)

    def read_arguments(self, id: str, draft: FeatureAvailability) -> dict[str, Any]:  # noqa: ARG002
        return {"markets": enabled_markets(draft)}

    def build_document(
        self, desired: OfferMarketsArguments, draft: FeatureAvailability
    ) -> FeatureAvailability:
        states = market_states(desired.markets, draft)
        return draft.merge_members(
            FeatureAvailability(resource_type="FeatureAvailability", market_states=states)
        )
