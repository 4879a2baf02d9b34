"""How an offer is sold: through Microsoft, or listed only. Source: Partner Center submission API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from ..api.submission.models import Setup
from ..markers import Boolean, Immutable, Wire
from ..model import Arguments
from ._drafts import Document, DraftKind, build_document, read_arguments
from ._rules import OfferReference, WebAddress
from ._submission_api import SubmissionApi


def _only_listed_offers_call_to_action(desired: OfferSetupArguments) -> str | None:
    if desired.sells_through_microsoft and desired.call_to_action:
        return "call_to_action: is for offers that are listed only; set sells_through_microsoft=False"
    return None


def _free_trials_have_an_address(desired: OfferSetupArguments) -> str | None:
    if desired.call_to_action == "free-trial" and not desired.trial_url:
        return "trial_url: a free trial needs the address where it begins"
    return None


class OfferSetupArguments(Arguments):
    """Arguments of an offer's setup. The reseller channel is a resource of its own, `ResellerChannel`."""

    rules = (_only_listed_offers_call_to_action, _free_trials_have_an_address)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    sells_through_microsoft: Boolean = True
    """Whether Microsoft sells and bills. False: the offer is listed only. Cannot change once published."""
    call_to_action: Annotated[Literal["", "free", "free-trial", "contact-me"], Wire("call_to_action")] = ""
    """Action for customers of an offer that is listed only."""
    trial_url: Annotated[WebAddress, Wire("trial_uri")] = ""
    """Address of the free trial; required with `free-trial`."""


_OPTIONS = {True: "ListAndSell", False: "ListingOnly"}


class OfferSetupKind(DraftKind[OfferSetupArguments, Setup]):
    """How an offer is sold; its `id` is the offer's. Deleting the resource keeps the setup."""

    noun, id_form, parent = "offer setup", "<product>", "offer"
    arguments = OfferSetupArguments
    refusal_advice = "if the offer has been published: whether Microsoft sells it is fixed"

    def document(self, api: SubmissionApi) -> Document[Setup]:
        return api.setup

    def read_arguments(self, id: str, draft: Setup) -> dict[str, Any]:  # noqa: ARG002
        is_sold = draft.selling_option != _OPTIONS[False]
        return {**read_arguments(self.arguments, draft), "sells_through_microsoft": is_sold}

    def build_document(self, desired: OfferSetupArguments, draft: Setup) -> Setup:
        option = _OPTIONS[desired.sells_through_microsoft]
        return build_document(desired, draft, selling_option=option)
