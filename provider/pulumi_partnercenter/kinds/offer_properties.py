"""An offer's categories, legal terms and version. Source: Partner Center submission API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from annotated_types import MaxLen, MinLen

from ..api.submission import SubmissionApi
from ..api.submission.models import Property
from ..kind import Current
from ..markers import Boolean, Immutable, Meaning, Secret, Unordered
from ..model import Arguments, Outputs
from ._amendments import CustomAmendments, Terms, amendment_arguments, amendments_wanted
from ._drafts import Document, DraftKind
from ._rules import OfferReference, Text, advising, as_set
from ._vocabularies import CATEGORIES, subcategory_remarks


def _key(value: str) -> str:
    if not re.fullmatch(r"[^\s,;]+", value):
        raise ValueError("must be a key such as storage-azure-apps, and not the title that customers read")
    return value


Category = Annotated[str, Meaning(_key), CATEGORIES]
Subcategories = Annotated[list[Annotated[str, Meaning(_key)]], MaxLen(2), as_set]
Verticals = Annotated[list[str], as_set]


def _own_terms_or_the_standard_contract(desired: OfferPropertiesArguments) -> str | None:
    if desired.uses_standard_contract and desired.terms_of_use:
        return "terms_of_use: the offer has the standard contract; leave out one of the two"
    return None


def _amendments_amend_the_standard_contract(desired: OfferPropertiesArguments) -> str | None:
    given = {"amendment": bool(desired.amendment), "custom_amendments": bool(desired.custom_amendments)}
    if not desired.uses_standard_contract and any(given.values()):
        names = ", ".join(name for name, is_given in given.items() if is_given)
        return f"{names}: amends the standard contract; set uses_standard_contract=True"
    return None


class OfferPropertiesArguments(Arguments):
    """What a program may set. Keys are the service's own and are not judged: read them from an offer of the portal."""

    rules = (_own_terms_or_the_standard_contract, _amendments_amend_the_standard_contract)

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    categories: Annotated[dict[Category, Subcategories], MaxLen(2)] = {}
    """`{"storage-azure-apps": ["backup-and-recovery"]}`: to publish 1 or 2, each with at most 2 subcategories."""
    uses_standard_contract: Boolean = False
    """Microsoft's Standard Contract instead of own terms; no way back once published."""
    terms_of_use: Terms = ""
    """Own terms, at most 10,000 characters (an address, for some types of offers)."""
    amendment: Terms = ""
    """What amends the standard contract for everybody, at most 10,000 characters."""
    custom_amendments: Annotated[CustomAmendments, Unordered] = []
    """For some tenants, at most 10: `[{"name": …, "terms": …, "tenants": [{"id": …, "description": …}]}]`."""
    app_version: Text = ""
    """The version that customers see (AppSource offers)."""
    marketing_only: Boolean = False
    """The next publication changes marketing only (Dynamics 365 offers)."""
    industries: Annotated[list[Annotated[str, MinLen(1)]], Unordered] = []
    """Industries (AppSource offers)."""
    leveled_industries: dict[str, Verticals] = {}
    """Industries and their verticals, as the portal writes them (AppSource offers)."""
    appsource_categories: Annotated[list[str], Unordered] = []
    """Categories without subcategories (AppSource offers)."""
    additional_categories: Annotated[list[str], Unordered] = []
    """Further ones of these."""
    hide_keys: Annotated[list[str], Unordered, Secret] = []
    """Keys that open the preview (AppSource offers)."""
    product_tags: Annotated[list[str], Unordered] = []
    """Tags, opaque."""


class OfferPropertiesOutputs(Outputs):
    """What the service decides: only the `id`."""


OfferPropertiesCurrent = Current[OfferPropertiesOutputs]
_MEMBERS = {
    "categories": "leveled_categories",
    "uses_standard_contract": "use_enterprise_contract",
    "terms_of_use": "terms_of_use",
    "amendment": "global_amendment_terms",
    "app_version": "app_version",
    "marketing_only": "marketing_only_change",
    "industries": "industries",
    "leveled_industries": "leveled_industries",
    "appsource_categories": "categories",
    "additional_categories": "additional_categories",
    "hide_keys": "hide_keys",
    "product_tags": "product_tags",
}
"""The document's member behind each argument that means the same there."""


class OfferPropertiesKind(DraftKind[OfferPropertiesArguments, OfferPropertiesOutputs, "Property"]):
    """Categories, terms and version of an offer; its `id` is the offer's. Deleting it leaves them."""

    noun, id_form, parent = "offer properties", "<product>", "offer"
    arguments, outputs = OfferPropertiesArguments, OfferPropertiesOutputs

    def describe_change(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        if was.get("categories") == desired["categories"]:
            return []
        return [f"{self.noun}: {remark}" for remark in subcategory_remarks(desired["categories"])]

    def document(self, api: SubmissionApi) -> Document[Property]:
        return api.properties

    def current(self, id: str, draft: Property) -> OfferPropertiesCurrent:
        arguments = {name: getattr(draft, member) for name, member in _MEMBERS.items()}
        # azpc leaves an empty industry, which means none
        arguments["industries"] = [industry for industry in draft.industries if industry]
        arguments["custom_amendments"] = amendment_arguments(draft.custom_amendments)
        return self.build_current(id, arguments, {"offer": id})

    def wanted(self, desired: OfferPropertiesArguments, draft: Property) -> Property:
        members = {member: getattr(desired, name) for name, member in _MEMBERS.items()}
        amendments = amendments_wanted(desired.custom_amendments, draft.custom_amendments)
        return Property(**members, custom_amendments=amendments)

    def update(
        self, api: SubmissionApi, id: str, desired: OfferPropertiesArguments
    ) -> OfferPropertiesCurrent:
        with advising(
            "if the offer has been published with the standard contract: it cannot go back to own terms"
        ):
            return super().update(api, id, desired)
