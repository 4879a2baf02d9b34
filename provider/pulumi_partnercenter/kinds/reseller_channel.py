"""Which cloud solution providers may resell an offer. Source: Partner Center submission API."""

from __future__ import annotations

from typing import Annotated, Literal

from ..api.submission import SubmissionApi
from ..api.submission.models import ResellerConfiguration
from ..kind import Current
from ..markers import Configured, Immutable
from ..model import Arguments, Outputs
from ._drafts import Document, DraftKind
from ._rules import Guid, OfferReference, as_set


def _some_partners_are_named(desired: ResellerChannelArguments) -> str | None:
    if desired.state == "PartialOptIn" and not desired.tenants:
        return "tenants: PartialOptIn needs the tenants of the partners that may resell"
    if desired.state != "PartialOptIn" and desired.tenants:
        return f"tenants: are for PartialOptIn; with {desired.state} leave them out"
    return None


class ResellerChannelArguments(Arguments):
    """What a program may set."""

    rules = (_some_partners_are_named,)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    state: Annotated[Literal["Enabled", "Disabled", "PartialOptIn"], Configured]
    """Any partner may resell, none, or those of `tenants`. To publish, one has to be chosen, `Disabled` too."""
    tenants: Annotated[list[Guid], as_set] = []
    """Tenants of partners, GUIDs, with `PartialOptIn`. A set."""


class ResellerChannelOutputs(Outputs):
    """What the service decides: only the `id`."""


ResellerChannelCurrent = Current[ResellerChannelOutputs]


class ResellerChannelKind(
    DraftKind[ResellerChannelArguments, ResellerChannelOutputs, "ResellerConfiguration"]
):
    """Who may resell an offer; its `id` is the offer's. Deleting it leaves the choice."""

    noun, id_form, parent = "reseller channel", "<product>", "offer"
    arguments, outputs = ResellerChannelArguments, ResellerChannelOutputs

    def document(self, api: SubmissionApi) -> Document[ResellerConfiguration]:
        return api.resellers

    def current(self, id: str, draft: ResellerConfiguration) -> ResellerChannelCurrent:
        arguments = {"state": draft.reseller_channel_state, "tenants": draft.tenant_ids}
        return self.build_current(id, arguments, {"offer": id, "state": "Disabled"})

    def wanted(
        self,
        desired: ResellerChannelArguments,
        draft: ResellerConfiguration,  # noqa: ARG002
    ) -> ResellerConfiguration:
        return ResellerConfiguration(
            resource_type="ResellerConfiguration",
            reseller_channel_state=desired.state,
            tenant_ids=desired.tenants,
        )

    def find(self, api: SubmissionApi, desired: ResellerChannelArguments) -> ResellerChannelCurrent | None:
        """A fresh one counts as none: an offer cannot be published before somebody chose."""
        current = self.read(api, desired.offer)
        return None if current.is_fresh else current

    def create(self, api: SubmissionApi, desired: ResellerChannelArguments) -> ResellerChannelCurrent:
        return self.update(api, desired.offer, desired)
