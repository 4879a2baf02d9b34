"""Who sees the preview of an offer. Source: Partner Center submission API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from annotated_types import MaxLen

from ..api.submission.models import AudienceMember, PreviewGroup, ProductAvailability
from ..api.submission.offer_types import BUSINESS_CENTRAL
from ..markers import Immutable, Secret, Wire
from ..model import Arguments
from ._drafts import Document, DraftKind, build_document, read_arguments
from ._rules import Email, Guid, ImpliedOfferType, OfferReference, as_set
from ._submission_api import SubmissionApi

CENTRAL_KEY = re.compile(r"[a-z0-9]*")
"""Form of a hide key of Business Central offers. Source: documentation of the portal."""


def _keys_of_business_central(desired: PreviewAudienceArguments) -> str | None:
    """Refuse a key of another form. The message leaves out the value, a secret."""
    if desired.offer_type != BUSINESS_CENTRAL or CENTRAL_KEY.fullmatch(desired.hide_key):
        return None
    return f"hide_key: has lowercase letters and digits only in {BUSINESS_CENTRAL} offers"


class PreviewAudienceArguments(Arguments):
    """Arguments of a preview audience. Its members see every plan of the preview, private plans too."""

    rules = (_keys_of_business_central,)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    subscriptions: Annotated[list[Guid], MaxLen(100), as_set] = []
    """Azure subscriptions, GUIDs, at most 100; required to publish an Azure application. A set."""
    emails: Annotated[list[Email], as_set] = []
    """E-mail addresses of Microsoft accounts (SaaS and AppSource offers). A set, compared without case."""
    hide_key: Annotated[str, Secret, Wire("hide_key_audience")] = ""
    """The key in links to the preview (AppSource offers); lowercase letters and digits in Business Central offers."""
    offer_type: ImpliedOfferType = ""
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the service."""


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

    def describe_change(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:  # noqa: ARG002
        """Remark an audience without members: the service's validation refuses an offer with it."""
        if any(desired[name] for name in ("subscriptions", "emails", "hide_key")):
            return []
        return [f"{self.noun}: has no member; subscriptions, emails or a hide_key are needed to publish"]

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
