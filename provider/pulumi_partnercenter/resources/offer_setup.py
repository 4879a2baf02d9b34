"""How an offer is sold: through Microsoft, or listed only. Source: submission API 5.2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import pulumi
from pulumi import Input

from .._resource import Immutable, Inputs, Outputs, Provider, Resource, Seen
from ._drafts import Document, DraftKind
from ._rules import OfferReference, WebAddress, advising

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.models import Setup

__all__ = ["OfferSetup"]


def _only_listed_offers_call_to_action(want: OfferSetupInputs) -> str | None:
    if want.sells_through_microsoft and want.call_to_action:
        return "call_to_action: is for offers that are listed only; set sells_through_microsoft=False"
    return None


def _free_trials_have_an_address(want: OfferSetupInputs) -> str | None:
    if want.call_to_action == "free-trial" and not want.trial_url:
        return "trial_url: a free trial needs the address where it begins"
    return None


class OfferSetupInputs(Inputs):
    """What a program may set. The reseller channel, which the document tells too, is a `ResellerChannel`."""

    rules = (_only_listed_offers_call_to_action, _free_trials_have_an_address)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    sells_through_microsoft: bool = True
    """Microsoft sells and bills; False lists only. Fixed once published."""
    call_to_action: Literal["", "free", "free-trial", "contact-me"] = ""
    """What customers are offered when it is listed only."""
    trial_url: WebAddress = ""
    """Where the free trial begins; needed with `free-trial`."""


class OfferSetupOutputs(Outputs):
    """What the service decides: only the `id`."""


OfferSetupSeen = Seen[OfferSetupOutputs]
_OPTIONS = {True: "ListAndSell", False: "ListingOnly"}


class OfferSetupKind(DraftKind[OfferSetupInputs, OfferSetupOutputs, "Setup"]):
    noun, id_form, parent = "offer setup", "<product>", "offer"
    inputs, outputs = OfferSetupInputs, OfferSetupOutputs

    def document(self, api: SubmissionApi) -> Document[Setup]:
        return api.setup

    def seen(self, id: str, draft: Setup) -> OfferSetupSeen:
        told = {
            "sells_through_microsoft": draft.selling_option != _OPTIONS[False],
            "call_to_action": draft.call_to_action,
            "trial_url": draft.trial_uri,
        }
        return self.as_seen(id, told, {"offer": id})

    def wanted(self, want: OfferSetupInputs, draft: Setup) -> Setup:  # noqa: ARG002
        from ..api.submission.models import Setup

        return Setup(
            selling_option=_OPTIONS[want.sells_through_microsoft],
            call_to_action=want.call_to_action,
            trial_uri=want.trial_url,
        )

    def update(self, api: SubmissionApi, id: str, want: OfferSetupInputs) -> OfferSetupSeen:
        with advising("if the offer has been published: whether Microsoft sells it is fixed"):
            return super().update(api, id, want)


class OfferSetupProvider(Provider):
    kind, known_as = OfferSetupKind(), "OfferSetup"


class OfferSetup(Resource, module="partnercenter", name="OfferSetup"):
    """How an offer is sold; its `id` is the offer's. Deleting it leaves it. Arguments: `OfferSetupInputs`."""

    provider = OfferSetupProvider

    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        sells_through_microsoft: Input[bool] | None = None,
        call_to_action: Input[str] | None = None,
        trial_url: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments = {
            "offer": offer,
            "sells_through_microsoft": sells_through_microsoft,
            "call_to_action": call_to_action,
            "trial_url": trial_url,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
