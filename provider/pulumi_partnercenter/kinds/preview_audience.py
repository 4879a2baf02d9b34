"""Who sees the preview of an offer. Source: Partner Center submission API."""

from __future__ import annotations

from typing import Annotated

from annotated_types import MaxLen

from ..api.submission import SubmissionApi
from ..api.submission.models import AudienceMember, PreviewGroup, ProductAvailability
from ..api.wire import merge_lists
from ..kind import Current
from ..markers import Immutable, Secret
from ..model import Arguments, Outputs
from ._drafts import Document, DraftKind
from ._rules import Email, Guid, OfferReference, as_set


class PreviewAudienceArguments(Arguments):
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


PreviewAudienceCurrent = Current[PreviewAudienceOutputs]
_GROUP = "PreviewMarketplaceGroup"


def _groups(draft: ProductAvailability) -> list[PreviewGroup]:
    """The groups of subscriptions, those without a type included."""
    return [group for group in draft.audiences if group.type.casefold() == _GROUP.casefold()]


class PreviewAudienceKind(DraftKind[PreviewAudienceArguments, PreviewAudienceOutputs, "ProductAvailability"]):
    """Who sees an offer's preview; its `id` is the offer's. Deleting it leaves them in."""

    noun, id_form, parent = "preview audience", "<product>", "offer"
    arguments, outputs = PreviewAudienceArguments, PreviewAudienceOutputs

    def document(self, api: SubmissionApi) -> Document[ProductAvailability]:
        return api.audiences

    def current(self, id: str, draft: ProductAvailability) -> PreviewAudienceCurrent:
        arguments = {
            "subscriptions": [value for group in _groups(draft) for value in group.values],
            "emails": [member.id for member in draft.email_audiences],
            "hide_key": draft.hide_key_audience,
        }
        return self.build_current(id, arguments, {"offer": id})

    def wanted(self, desired: PreviewAudienceArguments, draft: ProductAvailability) -> ProductAvailability:
        """One group of subscriptions; groups of another type and labels of e-mail addresses stay."""
        ours = _groups(draft)
        group = (ours or [PreviewGroup(type=_GROUP)])[0].merge(PreviewGroup(values=desired.subscriptions))
        others = [other for other in draft.audiences if other not in ours]
        emails = [AudienceMember(id=address) for address in desired.emails]
        return ProductAvailability(
            resource_type="ProductAvailability",
            audiences=[*([group] if desired.subscriptions else []), *others],
            email_audiences=merge_lists(
                draft.email_audiences, emails, key=lambda member: member.id.casefold()
            ),
            hide_key_audience=desired.hide_key,
        )
