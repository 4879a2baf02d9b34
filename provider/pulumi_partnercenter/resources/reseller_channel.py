"""Which cloud solution providers may resell an offer. Source: submission API 5.15."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import pulumi
from pulumi import Input

from .._resource import Immutable, Inputs, Outputs, Provider, Resource, Seen
from ._drafts import Document, DraftKind
from ._rules import Guid, OfferReference, as_set

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.models import ResellerConfiguration

__all__ = ["ResellerChannel"]


def _some_partners_are_named(want: ResellerChannelInputs) -> str | None:
    if want.state == "PartialOptIn" and not want.tenants:
        return "tenants: PartialOptIn needs the tenants of the partners that may resell"
    if want.state != "PartialOptIn" and want.tenants:
        return f"tenants: are for PartialOptIn; with {want.state} leave them out"
    return None


class ResellerChannelInputs(Inputs):
    """What a program may set."""

    rules = (_some_partners_are_named,)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    state: Literal["Enabled", "Disabled", "PartialOptIn"]
    """Any partner may resell, none, or those of `tenants`. To publish, one has to be chosen, `Disabled` too."""
    tenants: Annotated[list[Guid], as_set] = []
    """Tenants of partners, GUIDs, with `PartialOptIn`. A set."""


class ResellerChannelOutputs(Outputs):
    """What the service decides: only the `id`."""


ResellerChannelSeen = Seen[ResellerChannelOutputs]


class ResellerChannelKind(DraftKind[ResellerChannelInputs, ResellerChannelOutputs, "ResellerConfiguration"]):
    noun, id_form, parent = "reseller channel", "<product>", "offer"
    inputs, outputs = ResellerChannelInputs, ResellerChannelOutputs

    def document(self, api: SubmissionApi) -> Document[ResellerConfiguration]:
        return api.resellers

    def seen(self, id: str, draft: ResellerConfiguration) -> ResellerChannelSeen:
        told = {"state": draft.reseller_channel_state, "tenants": draft.tenant_ids}
        return self.as_seen(id, told, {"offer": id, "state": "Disabled"})

    def wanted(self, want: ResellerChannelInputs, draft: ResellerConfiguration) -> ResellerConfiguration:  # noqa: ARG002
        from ..api.submission.models import ResellerConfiguration

        return ResellerConfiguration(
            resource_type="ResellerConfiguration",
            reseller_channel_state=want.state,
            tenant_ids=want.tenants,
        )

    def find(self, api: SubmissionApi, want: ResellerChannelInputs) -> ResellerChannelSeen | None:
        """A fresh one counts as none: what nobody chose cannot be published (8.1)."""
        seen = self.read(api, want.offer)
        return None if seen.is_fresh else seen

    def create(self, api: SubmissionApi, want: ResellerChannelInputs) -> ResellerChannelSeen:
        return self.update(api, want.offer, want)


class ResellerChannelProvider(Provider):
    kind, known_as = ResellerChannelKind(), "ResellerChannel"


class ResellerChannel(Resource, module="partnercenter", name="ResellerChannel"):
    """Who may resell an offer; its `id` is the offer's. Deleting it leaves the choice.
    Arguments: `ResellerChannelInputs`.
    """

    provider = ResellerChannelProvider

    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        state: Input[str],
        tenants: Input[Sequence[Input[str]]] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments = {"offer": offer, "state": state, "tenants": tenants, "adopt": adopt}
        super().__init__(resource_name, arguments, opts)
