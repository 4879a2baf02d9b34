"""Who sees the preview of an offer. Source: submission API 5.4, limits 9.1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import pulumi
from annotated_types import MaxLen
from pulumi import Input

from .._resource import Immutable, Inputs, Outputs, Provider, Resource, Secret, Seen
from ._drafts import Document, DraftKind
from ._rules import Email, Guid, OfferReference, as_set

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.models import PreviewGroup, ProductAvailability

__all__ = ["PreviewAudience"]


class PreviewAudienceInputs(Inputs):
    """What a program may set. Whoever is in it sees every plan of the preview, private ones too."""

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    subscriptions: Annotated[list[Guid], MaxLen(100), as_set] = []
    """Azure subscriptions, GUIDs, at most 100; an Azure application needs one to be published. A set."""
    emails: Annotated[list[Email], as_set] = []
    """E-mail addresses of Microsoft accounts (SaaS and AppSource offers). A set; upper and lower case are one."""
    hide_key: Annotated[str, Secret] = ""
    """The key in links to the preview (AppSource offers)."""


class PreviewAudienceOutputs(Outputs):
    """What the service decides: only the `id`."""


PreviewAudienceSeen = Seen[PreviewAudienceOutputs]
_GROUP = "PreviewMarketplaceGroup"


def _groups(draft: ProductAvailability) -> list[PreviewGroup]:
    """The groups of subscriptions; one whose type the service leaves out is one too."""
    return [each for each in draft.audiences if each.type.casefold() == _GROUP.casefold()]


class PreviewAudienceKind(DraftKind[PreviewAudienceInputs, PreviewAudienceOutputs, "ProductAvailability"]):
    noun, id_form, parent = "preview audience", "<product>", "offer"
    inputs, outputs = PreviewAudienceInputs, PreviewAudienceOutputs

    def document(self, api: SubmissionApi) -> Document[ProductAvailability]:
        return api.audiences

    def seen(self, id: str, draft: ProductAvailability) -> PreviewAudienceSeen:
        told = {
            "subscriptions": [value for group in _groups(draft) for value in group.values],
            "emails": [each.id for each in draft.email_audiences],
            "hide_key": draft.hide_key_audience,
        }
        return self.as_seen(id, told, {"offer": id})

    def wanted(self, want: PreviewAudienceInputs, draft: ProductAvailability) -> ProductAvailability:
        """One group of subscriptions; groups of another type and labels of e-mail addresses stay."""
        from ..api.submission.models import AudienceMember, PreviewGroup, ProductAvailability
        from ..api.wire import overlaid

        ours = _groups(draft)
        group = (ours or [PreviewGroup(type=_GROUP)])[0].over(PreviewGroup(values=want.subscriptions))
        others = [each for each in draft.audiences if each not in ours]
        emails = [AudienceMember(id=each) for each in want.emails]
        return ProductAvailability(
            resource_type="ProductAvailability",
            audiences=[*([group] if want.subscriptions else []), *others],
            email_audiences=overlaid(draft.email_audiences, emails, key=lambda each: each.id.casefold()),
            hide_key_audience=want.hide_key,
        )


class PreviewAudienceProvider(Provider):
    kind, known_as = PreviewAudienceKind(), "PreviewAudience"


class PreviewAudience(Resource, module="partnercenter", name="PreviewAudience"):
    """Who sees an offer's preview; its `id` is the offer's. Deleting it leaves them in.
    Arguments: `PreviewAudienceInputs`.
    """

    provider = PreviewAudienceProvider

    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        subscriptions: Input[Sequence[Input[str]]] | None = None,
        emails: Input[Sequence[Input[str]]] | None = None,
        hide_key: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        arguments = {
            "offer": offer,
            "subscriptions": subscriptions,
            "emails": emails,
            "hide_key": hide_key,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
