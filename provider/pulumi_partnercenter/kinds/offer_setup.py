"""How an offer is sold: through Microsoft, or listed only. Source: Partner Center submission API."""

from __future__ import annotations

from typing import Annotated, Literal

from ..api.submission import SubmissionApi
from ..api.submission.models import Setup
from ..kind import Current
from ..markers import Boolean, Immutable
from ..model import Arguments, Outputs
from ._drafts import Document, DraftKind
from ._rules import OfferReference, WebAddress, advising


def _only_listed_offers_call_to_action(desired: OfferSetupArguments) -> str | None:
    if desired.sells_through_microsoft and desired.call_to_action:
        return "call_to_action: is for offers that are listed only; set sells_through_microsoft=False"
    return None


def _free_trials_have_an_address(desired: OfferSetupArguments) -> str | None:
    if desired.call_to_action == "free-trial" and not desired.trial_url:
        return "trial_url: a free trial needs the address where it begins"
    return None


class OfferSetupArguments(Arguments):
    """What a program may set. The reseller channel is a `ResellerChannel`."""

    rules = (_only_listed_offers_call_to_action, _free_trials_have_an_address)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    sells_through_microsoft: Boolean = True
    """Microsoft sells and bills; False lists only. Fixed once published."""
    call_to_action: Literal["", "free", "free-trial", "contact-me"] = ""
    """What customers are offered when it is listed only."""
    trial_url: WebAddress = ""
    """Where the free trial begins; needed with `free-trial`."""


class OfferSetupOutputs(Outputs):
    """What the service decides: only the `id`."""


OfferSetupCurrent = Current[OfferSetupOutputs]
_OPTIONS = {True: "ListAndSell", False: "ListingOnly"}


class OfferSetupKind(DraftKind[OfferSetupArguments, OfferSetupOutputs, "Setup"]):
    """How an offer is sold; its `id` is the offer's. Deleting it leaves it."""

    noun, id_form, parent = "offer setup", "<product>", "offer"
    arguments, outputs = OfferSetupArguments, OfferSetupOutputs

    def document(self, api: SubmissionApi) -> Document[Setup]:
        return api.setup

    def current(self, id: str, draft: Setup) -> OfferSetupCurrent:
        arguments = {
            "sells_through_microsoft": draft.selling_option != _OPTIONS[False],
            "call_to_action": draft.call_to_action,
            "trial_url": draft.trial_uri,
        }
        return self.build_current(id, arguments, {"offer": id})

    def wanted(self, desired: OfferSetupArguments, draft: Setup) -> Setup:  # noqa: ARG002
        return Setup(
            selling_option=_OPTIONS[desired.sells_through_microsoft],
            call_to_action=desired.call_to_action,
            trial_uri=desired.trial_url,
        )

    def update(self, api: SubmissionApi, id: str, desired: OfferSetupArguments) -> OfferSetupCurrent:
        with advising("if the offer has been published: whether Microsoft sells it is fixed"):
            return super().update(api, id, desired)
