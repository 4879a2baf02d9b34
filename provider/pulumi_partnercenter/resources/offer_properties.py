"""OfferProperties: see `kinds/offer_properties.py`."""

# Made by `make generate` from kinds/offer_properties.py; changes here are lost.
from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from ._implied import imply_offer_properties
from .types import CustomAmendmentArgsDict


class OfferProperties(Resource, module="partnercenter", name="OfferProperties"):
    """Categories, terms and version of an offer; its `id` is the offer's. Deleting the resource keeps
    them.
    """

    schema = Schema(
        known_as="OfferProperties",
        arguments=(
            "adopt",
            "offer",
            "categories",
            "uses_standard_contract",
            "terms_of_use",
            "amendment",
            "custom_amendments",
            "app_version",
            "marketing_only",
            "industries",
            "leveled_industries",
            "appsource_categories",
            "additional_categories",
            "hide_keys",
            "product_tags",
            "unmanaged",
            "offer_type",
        ),
        computed=("fingerprint",),
        secrets=("hide_keys",),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    categories: pulumi.Output[dict[str, list[str]]]
    """`{"storage-azure-apps": ["backup-and-recovery"]}`: to publish 1 or 2, each with at most 2
    subcategories."""
    uses_standard_contract: pulumi.Output[bool]
    """Whether Microsoft's Standard Contract replaces own terms. Cannot be undone once published."""
    terms_of_use: pulumi.Output[str]
    """Own terms, at most 10,000 characters (an address, for some types of offers)."""
    amendment: pulumi.Output[str]
    """Amendment of the standard contract for all customers, at most 10,000 characters."""
    custom_amendments: pulumi.Output[list[dict[str, Any]]]
    """Amendments for tenants, at most 10: `[{"name": …, "terms": …, "tenants": [{"id": …, "description":
    …}]}]`."""
    app_version: pulumi.Output[str]
    """The version that customers see (AppSource offers)."""
    marketing_only: pulumi.Output[bool]
    """The next publication changes marketing only (Dynamics 365 offers)."""
    industries: pulumi.Output[list[str]]
    """Industries (AppSource offers)."""
    leveled_industries: pulumi.Output[dict[str, list[str]]]
    """Industries and their verticals, as the portal writes them (AppSource offers)."""
    appsource_categories: pulumi.Output[list[str]]
    """Categories without subcategories (AppSource offers)."""
    additional_categories: pulumi.Output[list[str]]
    """Further categories without subcategories (AppSource offers)."""
    hide_keys: pulumi.Output[list[str]]
    """Keys that open the preview (AppSource offers)."""
    product_tags: pulumi.Output[list[str]]
    """Tags, opaque."""
    unmanaged: pulumi.Output[list[str]]
    """Arguments that are not given: what the offer has stays, and is no drift."""
    offer_type: pulumi.Output[str]
    """Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the service."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        categories: Input[Mapping[str, Input[Sequence[Input[str]]]]] | None = None,
        uses_standard_contract: Input[bool] | None = None,
        terms_of_use: Input[str] | None = None,
        amendment: Input[str] | None = None,
        custom_amendments: Input[Sequence[Input[CustomAmendmentArgsDict]]] | None = None,
        app_version: Input[str] | None = None,
        marketing_only: Input[bool] | None = None,
        industries: Input[Sequence[Input[str]]] | None = None,
        leveled_industries: Input[Mapping[str, Input[Sequence[Input[str]]]]] | None = None,
        appsource_categories: Input[Sequence[Input[str]]] | None = None,
        additional_categories: Input[Sequence[Input[str]]] | None = None,
        hide_keys: Input[Sequence[Input[str]]] | None = None,
        product_tags: Input[Sequence[Input[str]]] | None = None,
        offer_type: Input[str] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            categories: `{"storage-azure-apps": ["backup-and-recovery"]}`: to publish 1 or 2, each with at
                most 2 subcategories.
            uses_standard_contract: Whether Microsoft's Standard Contract replaces own terms. Cannot be
                undone once published.
            terms_of_use: Own terms, at most 10,000 characters (an address, for some types of offers).
            amendment: Amendment of the standard contract for all customers, at most 10,000 characters.
            custom_amendments: Amendments for tenants, at most 10: `[{"name": …, "terms": …, "tenants":
                [{"id": …, "description": …}]}]`.
            app_version: The version that customers see (AppSource offers).
            marketing_only: The next publication changes marketing only (Dynamics 365 offers).
            industries: Industries (AppSource offers).
            leveled_industries: Industries and their verticals, as the portal writes them (AppSource
                offers).
            appsource_categories: Categories without subcategories (AppSource offers).
            additional_categories: Further categories without subcategories (AppSource offers).
            hide_keys: Keys that open the preview (AppSource offers).
            product_tags: Tags, opaque.
            offer_type: Type of the offer; taken from the `Offer` whose `.id` is given. Empty: judged by the
                service.
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "categories": categories,
            "uses_standard_contract": uses_standard_contract,
            "terms_of_use": terms_of_use,
            "amendment": amendment,
            "custom_amendments": custom_amendments,
            "app_version": app_version,
            "marketing_only": marketing_only,
            "industries": industries,
            "leveled_industries": leveled_industries,
            "appsource_categories": appsource_categories,
            "additional_categories": additional_categories,
            "hide_keys": hide_keys,
            "product_tags": product_tags,
            "offer_type": offer_type,
            "adopt": adopt,
        }
        super().__init__(resource_name, imply_offer_properties(resource_name, arguments), opts)
