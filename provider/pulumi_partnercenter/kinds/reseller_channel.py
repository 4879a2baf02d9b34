"""Which cloud solution providers may resell an offer. Source: Partner Center submission API."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Literal

from ..api.submission.models import ResellerConfiguration
from ..api.submission.offer_types import BUSINESS_CENTRAL
from ..kind import Current
from ..markers import Configured, Immutable, Wire
from ..model import Arguments, Outputs
from ._drafts import Document, DraftKind, build_document
from ._rules import Guid, ImpliedOfferType, OfferReference, as_set
from ._submission_api import SubmissionApi


def _some_partners_are_named(desired: ResellerChannelArguments) -> str | None:
    if desired.state == "PartialOptIn" and not desired.tenants:
        return "tenants: PartialOptIn needs the tenants of the partners that may resell"
    if desired.state != "PartialOptIn" and desired.tenants:
        return f"tenants: are for PartialOptIn; with {desired.state} leave them out"
    return None


def _types_with_resellers(desired: ResellerChannelArguments) -> str | None:
    if desired.offer_type == BUSINESS_CENTRAL:
        return f"offer: {BUSINESS_CENTRAL} offers have no reseller channel; leave this resource out"
    return None


class ResellerChannelArguments(Arguments):
    """Arguments of a reseller channel."""

    rules = (_types_with_resellers, _some_partners_are_named)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    state: Annotated[
        Literal["Enabled", "Disabled", "PartialOptIn"], Configured, Wire("reseller_channel_state")
    ]
    """Any partner may resell, none, or those of `tenants`. Required to publish, `Disabled` too."""
    tenants: Annotated[list[Guid], as_set, Wire("tenant_ids")] = []
    """Tenants of partners, GUIDs, with `PartialOptIn`. A set."""
    offer_type: ImpliedOfferType = ""
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the service."""


class ResellerChannelKind(DraftKind[ResellerChannelArguments, ResellerConfiguration]):
    """The partners that may resell an offer; its `id` is the offer's. Deleting the resource keeps the choice."""

    noun, id_form, parent = "reseller channel", "<product>", "offer"
    fresh = {"state": "Disabled"}
    arguments = ResellerChannelArguments

    def list_ids(self, api: SubmissionApi, offer: str) -> Iterable[str]:
        has_channel = api.offers.get(offer).resource_type != BUSINESS_CENTRAL
        return super().list_ids(api, offer) if has_channel else []

    def document(self, api: SubmissionApi) -> Document[ResellerConfiguration]:
        return api.resellers

    def build_document(
        self, desired: ResellerChannelArguments, draft: ResellerConfiguration
    ) -> ResellerConfiguration:
        return build_document(desired, draft, resource_type="ResellerConfiguration")

    def find(self, api: SubmissionApi, desired: ResellerChannelArguments) -> Current[Outputs] | None:
        """An unchanged one counts as none until it was published, because publishing requires a write."""
        current = self.read(api, desired.offer)
        is_chosen = not current.is_fresh or desired.offer in api.submissions.published(desired.offer)
        return current if is_chosen else None

    def create(self, api: SubmissionApi, desired: ResellerChannelArguments) -> Current[Outputs]:
        return self.update(api, desired.offer, desired)
