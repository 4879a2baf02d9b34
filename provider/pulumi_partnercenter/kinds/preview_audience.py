"""Who sees the preview of an offer. Source: Partner Center submission API."""

from __future__ import annotations

from typing import Annotated, Any

from annotated_types import MaxLen

from ..api.submission.models import AudienceMember, PreviewGroup, ProductAvailability
from ..markers import Immutable, Secret, Wire
from ..model import Arguments
from ._drafts import Document, DraftKind, build_document, read_arguments
from ._rules import Email, Guid, OfferReference, as_set
from ._submission_api import SubmissionApi


class PreviewAudienceArguments(Arguments):
    """Arguments of a preview audience. Its members see every plan of the preview, private plans too."""

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    subscriptions: Annotated[list[Guid], MaxLen(100), as_set] = []
    """Azure subscriptions, GUIDs, at most 100; required to publish an Azure application. A set."""
    emails: Annotated[list[Email], as_set] = []
    """E-mail addresses of Microsoft accounts (SaaS and AppSource offers). A set, compared without case."""
    hide_key: Annotated[str, Secret, Wire("hide_key_audience")] = ""
    """The key in links to the preview (AppSource offers)."""


_GROUP = "PreviewMarketplaceGroup"


def _groups(draft: ProductAvailability) -> list[PreviewGroup]:
    """Return the groups of subscriptions, including those without a type."""
    return [group for group in draft.audiences if group.type.casefold() == _GROUP.casefold()]


class PreviewAudienceKind(DraftKind[PreviewAudienceArguments, ProductAvailability]):
    """The audience of an offer's preview; its `id` is the offer's. Deleting the resource keeps the audience."""

    noun, id_form, parent = "preview audience", "<product>", "offer"
    arguments = PreviewAudienceArguments

    def document(self, api: SubmissionApi) -> Document[ProductAvailability]:
        return api.audiences

    def read_arguments(self, id: str, draft: ProductAvailability) -> dict[str, Any]:  # noqa: ARG002
        return {
            **read_arguments(self.arguments, draft),
            "subscriptions": [value for group in _groups(draft) for value in group.values],
            "emails": [member.id for member in draft.email_audiences],
        }

    def build_document(
        self, desired: PreviewAudienceArguments, draft: ProductAvailability
    ) -> ProductAvailability:
        """Build a single group of subscriptions. Groups of other types and labels of e-mail addresses stay."""
        ours = _groups(draft)
        group = (ours or [PreviewGroup(type=_GROUP)])[0].merge(PreviewGroup(values=desired.subscriptions))
        others = [other for other in draft.audiences if other not in ours]
        return build_document(
            desired,
            draft,
            resource_type="ProductAvailability",
            audiences=[*([group] if desired.subscriptions else []), *others],
            email_audiences=[AudienceMember(id=address) for address in desired.emails],
        )
