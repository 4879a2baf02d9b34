"""How an offer is sold: through Microsoft, or listed only. Source: Partner Center submission API."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from ..api.submission.models import Setup
from ..api.submission.offer_types import BUSINESS_CENTRAL, DYNAMICS, LISTED_ONLY
from ..kind import Current
from ..markers import Boolean, Immutable, Retained, Wire
from ..model import Arguments, Outputs
from ._drafts import Document, DraftKind, build_document, read_arguments
from ._rules import ImpliedOfferType, OfferReference, WebAddress
from ._submission_api import SubmissionApi


def _only_listed_offers_call_to_action(desired: OfferSetupArguments) -> str | None:
    if desired.sells_through_microsoft and desired.call_to_action:
        return "call_to_action: is for offers that are listed only; set sells_through_microsoft=False"
    return None


def _listed_types_are_not_sold(desired: OfferSetupArguments) -> str | None:
    if desired.offer_type in LISTED_ONLY and desired.sells_through_microsoft:
        return f"sells_through_microsoft: {desired.offer_type} offers are listed only; set it to False"
    return None


def _package_types_are_of_business_central(desired: OfferSetupArguments) -> str | None:
    if desired.package_type and desired.offer_type not in ("", BUSINESS_CENTRAL):
        return f"package_type: {desired.offer_type} offers have none; it is for {BUSINESS_CENTRAL} offers"
    return None


def _free_trials_have_an_address(desired: OfferSetupArguments) -> str | None:
    if desired.call_to_action == "free-trial" and not desired.trial_url:
        return "trial_url: a free trial needs the address where it begins"
    return None


class OfferSetupArguments(Arguments):
    """Arguments of an offer's setup. The reseller channel is a resource of its own, `ResellerChannel`."""

    rules = (
        _listed_types_are_not_sold,
        _only_listed_offers_call_to_action,
        _free_trials_have_an_address,
        _package_types_are_of_business_central,
    )

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    sells_through_microsoft: Boolean = True
    """Whether Microsoft sells and bills. False: the offer is listed only, as all of Business Central and Operations
    are. Cannot change once published."""
    call_to_action: Annotated[Literal["", "free", "free-trial", "contact-me"], Wire("call_to_action")] = ""
    """Action for customers of an offer that is listed only."""
    trial_url: Annotated[WebAddress, Wire("trial_uri")] = ""
    """Address of the free trial; required with `free-trial`."""
    package_type: Annotated[Literal["AddOn", "Connect", ""], Retained, Wire("package_type")] = ""
    """Type of the product (Business Central): an app, or a service that connects. Not given: as it is in the
    service."""
    offer_type: ImpliedOfferType = ""
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the service."""


_OPTIONS = {True: "ListAndSell", False: "ListingOnly"}


class OfferSetupKind(DraftKind[OfferSetupArguments, Setup]):
    """How an offer is sold; its `id` is the offer's. Deleting the resource keeps the setup."""

    noun, id_form, parent = "offer setup", "<product>", "offer"
    arguments = OfferSetupArguments
    refusal_advice = "if the offer has been published: whether Microsoft sells it is fixed"

    def document(self, api: SubmissionApi) -> Document[Setup]:
        return api.setup

    def find(self, api: SubmissionApi, desired: OfferSetupArguments) -> Current[Outputs] | None:
        """A new offer of Dynamics 365 is listed only, a new one of another type is sold."""
        current = self.read(api, desired.offer)
        chosen = ("sells_through_microsoft", "call_to_action", "trial_url")
        if any(current.arguments[name] for name in chosen):
            return current
        return replace(current, is_fresh=api.offers.get(desired.offer).resource_type in DYNAMICS)

    def read_arguments(self, id: str, draft: Setup) -> dict[str, Any]:  # noqa: ARG002
        is_sold = draft.selling_option != _OPTIONS[False]
        return {**read_arguments(self.arguments, draft), "sells_through_microsoft": is_sold}

    def build_document(self, desired: OfferSetupArguments, draft: Setup) -> Setup:
        option = _OPTIONS[desired.sells_through_microsoft]
        return build_document(desired, draft, selling_option=option)
