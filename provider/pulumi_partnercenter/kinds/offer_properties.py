"""An offer's categories, legal terms and version. Source: Partner Center submission API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from annotated_types import MaxLen, MinLen

from ..api.submission.models import Property
from ..api.submission.offer_types import BUSINESS_CENTRAL
from ..content.apps import version_of
from ..errors import InputError
from ..kind import Current
from ..markers import Boolean, Derived, Immutable, Local, Meaning, Secret, Unordered, Wire
from ..model import Arguments, Outputs, Part
from ._audiences import Audience, AudienceMember
from ._drafts import Document, DraftKind, build_attributes, read_arguments
from ._rules import ImpliedOfferType, OfferReference, Text, as_set, once_by, trimmed
from ._submission_api import SubmissionApi
from ._vocabularies import CATEGORIES, subcategory_remarks


def _key(value: str) -> str:
    if not re.fullmatch(r"[^\s,;]+", value):
        raise ValueError("must be a key such as storage-azure-apps, and not the title that customers read")
    return value


Terms = Annotated[str, MaxLen(10_000), trimmed]


def _by_id(tenants: list[AudienceMember]) -> list[AudienceMember]:
    return sorted(tenants, key=lambda tenant: tenant.id)


class CustomAmendment(Part):
    """Terms for at most 20 tenants, a set: GUIDs, or `{"id": …, "description": …}`."""

    name: Annotated[str, MinLen(1), trimmed]
    terms: Annotated[str, MinLen(1), MaxLen(10_000), trimmed]
    tenants: Annotated[list[Audience], MaxLen(20), Meaning(_by_id)] = []


CustomAmendments = Annotated[list[CustomAmendment], MaxLen(10), once_by("name")]


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


def _own_terms_of_business_central(desired: OfferPropertiesArguments) -> str | None:
    if desired.offer_type != BUSINESS_CENTRAL or not desired.uses_standard_contract:
        return None
    return f"uses_standard_contract: {BUSINESS_CENTRAL} offers have own terms; give terms_of_use instead"


class OfferPropertiesArguments(Arguments):
    """Arguments of an offer's properties. One that is not given stays as the offer has it; `""`, `[]`, `{}` or `False`
    clears it. Keys of categories are not checked: read them from an offer of the portal.
    """

    rules = (
        _own_terms_or_the_standard_contract,
        _own_terms_of_business_central,
        _amendments_amend_the_standard_contract,
    )

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    categories: Annotated[dict[Category, Subcategories], MaxLen(2), Wire("leveled_categories")] = {}
    """`{"storage-azure-apps": ["backup-and-recovery"]}`: to publish 1 or 2, each with at most 2 subcategories."""
    uses_standard_contract: Annotated[Boolean, Wire("use_enterprise_contract")] = False
    """Whether Microsoft's Standard Contract replaces own terms. Cannot be undone once published."""
    terms_of_use: Annotated[Terms, Wire("terms_of_use")] = ""
    """Own terms, at most 10,000 characters (an address, for some types of offers)."""
    amendment: Annotated[Terms, Wire("global_amendment_terms")] = ""
    """Amendment of the standard contract for all customers, at most 10,000 characters."""
    custom_amendments: Annotated[CustomAmendments, Unordered, Wire("custom_amendments")] = []
    """Amendments for tenants, at most 10: `[{"name": …, "terms": …, "tenants": [{"id": …, "description": …}]}]`."""
    app_version: Annotated[Text, Wire("app_version")] = ""
    """The version that customers see (AppSource offers)."""
    marketing_only: Annotated[Boolean, Wire("marketing_only_change")] = False
    """The next publication changes marketing only (Dynamics 365 offers)."""
    industries: Annotated[list[Annotated[str, MinLen(1)]], Unordered, Wire("industries")] = []
    """Industries (AppSource offers)."""
    leveled_industries: Annotated[dict[str, Verticals], Wire("leveled_industries")] = {}
    """Industries and their verticals, as the portal writes them (AppSource offers)."""
    appsource_categories: Annotated[list[str], Unordered, Wire("categories")] = []
    """Categories without subcategories (AppSource offers)."""
    additional_categories: Annotated[list[str], Unordered, Wire("additional_categories")] = []
    """Further categories without subcategories (AppSource offers)."""
    hide_keys: Annotated[list[str], Unordered, Secret, Wire("hide_keys")] = []
    """Keys that open the preview (AppSource offers)."""
    product_tags: Annotated[list[str], Unordered, Wire("product_tags")] = []
    """Tags, opaque."""
    unmanaged: Annotated[list[str], Derived, Local] = []
    """Arguments that are not given: what the offer has stays, and is no drift."""
    offer_type: ImpliedOfferType = ""
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the service."""

    @classmethod
    def completed(cls, props: Mapping[str, Any], olds: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG003
        return {**props, "unmanaged": [name for name in cls.compared() if name not in props]}

    @classmethod
    def merge_unreadable(cls, current: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
        """Complete the service's values. What is not managed has its default, so that a change of it is no drift."""
        unmanaged = {name: cls.default(name) for name in _list_unmanaged(last)}
        return {**super().merge_unreadable(current, last), **unmanaged}

    @classmethod
    def differing(cls, left: Mapping[str, Any], right: Mapping[str, Any]) -> list[str]:
        """Names of the arguments that differ. An argument differs too when it becomes managed: its value is unknown."""
        changed = super().differing(left, right)
        managed = [name for name in _list_unmanaged(left) if name not in {*_list_unmanaged(right), *changed}]
        return [*changed, *managed]


def _list_unmanaged(plain: Mapping[str, Any]) -> list[str]:
    """Return the names of the arguments that are not managed; states of older versions do not say."""
    unmanaged = plain.get("unmanaged")
    return [
        name
        for name in OfferPropertiesArguments.compared()
        if isinstance(unmanaged, list) and name in unmanaged
    ]


class OfferPropertiesKind(DraftKind[OfferPropertiesArguments, Property]):
    """Categories, terms and version of an offer; its `id` is the offer's. Deleting the resource keeps them."""

    noun, id_form, parent = "offer properties", "<product>", "offer"
    arguments = OfferPropertiesArguments
    refusal_advice = (
        "if the offer has been published with the standard contract: it cannot go back to own terms"
    )

    def describe_change(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        left = [
            name
            for name in _list_unmanaged(desired)
            if was.get(name) not in (None, self.arguments.default(name))
        ]
        remarks = [f"{', '.join(left)}: no longer given, stays as the offer has it"] if left else []
        if was.get("categories") != desired["categories"]:
            remarks += subcategory_remarks(desired["categories"])
        before, version = (version_of(str(plain.get("app_version"))) for plain in (was, desired))
        if () < version < before:
            remarks.append(
                f"warning: app_version: {desired['app_version']} is below {was['app_version']}, and Microsoft refuses a"
                " lower one; if an AppRelease of another stack raised it, leave out app_version, and the packages"
            )
        return [f"{self.noun}: {remark}" for remark in remarks]

    def find(self, api: SubmissionApi, desired: OfferPropertiesArguments) -> Current[Outputs] | None:
        """Every offer has this document from the start; it is as new until somebody changes what the program gives."""
        if (current := super().find(api, desired)) is None:
            return None
        unmanaged = {name: self.arguments.default(name) for name in desired.unmanaged}
        managed = self.build_current(current.id, {**current.arguments, **unmanaged}, {"offer": current.id})
        return replace(current, is_fresh=managed.is_fresh)

    def program_arguments(self, client: SubmissionApi, current: Current[Outputs]) -> dict[str, Any]:  # noqa: ARG002
        """Leave out what has no value, so that an exported program does not manage it."""
        defaults = {name: self.arguments.default(name) for name in current.arguments}
        return {name: value for name, value in current.arguments.items() if value != defaults[name]}

    def document(self, api: SubmissionApi) -> Document[Property]:
        return api.properties

    def build_document(self, desired: OfferPropertiesArguments, draft: Property) -> Property:
        keeps_contract = "uses_standard_contract" in desired.unmanaged and draft.use_enterprise_contract
        if desired.terms_of_use and keeps_contract:
            raise InputError(
                f"{self.noun} {desired.offer}: terms_of_use: the offer has the standard contract",
                next="set uses_standard_contract=False for own terms, or leave out terms_of_use",
            )
        kept = {desired.wire_attributes()[name] for name in desired.unmanaged}
        attributes = build_attributes(desired)
        written = {attribute: value for attribute, value in attributes.items() if attribute not in kept}
        return draft.merge_members(Property(**written))

    def read_arguments(self, id: str, draft: Property) -> dict[str, Any]:  # noqa: ARG002
        # The tool azpc writes an empty industry, which means none
        industries = [industry for industry in draft.industries if industry]
        return {**read_arguments(self.arguments, draft), "industries": industries}
