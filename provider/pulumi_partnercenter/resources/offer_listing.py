"""OfferListing: see `kinds/offer_listing.py`."""

# Made by `make generate` from kinds/offer_listing.py; changes here are lost.
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pulumi
from pulumi import Input

from ._base import Resource, Schema, friendly_type_errors
from .types import ContactArgsDict, LinkArgsDict


class OfferListing(Resource, module="partnercenter", name="OfferListing"):
    """Texts about an offer for customers, in a language; its `id` is `<product>/<language>`."""

    schema = Schema(
        known_as="OfferListing",
        arguments=(
            "adopt",
            "offer",
            "language",
            "title",
            "summary",
            "short_description",
            "description",
            "keywords",
            "contacts",
            "links",
            "getting_started",
            "publisher_name",
            "display_name",
            "access_information",
            "allows_only_managed_disks",
            "compatible_products",
        ),
        computed=("fingerprint",),
    )

    offer: pulumi.Output[str]
    """`.id` of the offer."""
    language: pulumi.Output[str]
    """Language code; every offer has `en-us` from the start."""
    title: pulumi.Output[str]
    """Public name, at most 200 characters."""
    summary: pulumi.Output[str]
    """Search results summary, at most 100 characters."""
    short_description: pulumi.Output[str]
    """Short description, at most 256 characters."""
    description: pulumi.Output[str]
    """HTML with basic formatting, at most 5,000 characters with its tags."""
    keywords: pulumi.Output[list[str]]
    """Search keywords, at most 3."""
    contacts: pulumi.Output[list[dict[str, Any]]]
    """`[{"type": "CustomerSupport", "name": …, "email": …, "phone": …, "uri": …}]`."""
    links: pulumi.Output[list[dict[str, Any]]]
    """`[{"type": "PrivacyUri", "uri": "https://…", "text": …}]`; texts at most 255 characters."""
    getting_started: pulumi.Output[str]
    """Instructions that customers see after they bought."""
    publisher_name: pulumi.Output[str]
    """Publisher name of the draft; customers see the account's."""
    display_name: pulumi.Output[str]
    """Product display name (Dynamics 365 offers)."""
    access_information: pulumi.Output[str]
    """How customers get started with the product (Dynamics 365 offers)."""
    allows_only_managed_disks: pulumi.Output[bool]
    """Deploy with managed disks only (virtual machine offers)."""
    compatible_products: pulumi.Output[list[str]]
    """Compatible products (Dynamics 365 offers)."""

    @friendly_type_errors
    def __init__(
        self,
        resource_name: str,
        *,
        offer: Input[str],
        title: Input[str],
        language: Input[str] | None = None,
        summary: Input[str] | None = None,
        short_description: Input[str] | None = None,
        description: Input[str] | None = None,
        keywords: Input[Sequence[Input[str]]] | None = None,
        contacts: Input[Sequence[Input[ContactArgsDict]]] | None = None,
        links: Input[Sequence[Input[LinkArgsDict]]] | None = None,
        getting_started: Input[str] | None = None,
        publisher_name: Input[str] | None = None,
        display_name: Input[str] | None = None,
        access_information: Input[str] | None = None,
        allows_only_managed_disks: Input[bool] | None = None,
        compatible_products: Input[Sequence[Input[str]]] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare one. Every argument may be an output of another resource, but `adopt`.

        Args:
            resource_name: Name in the program, which the engine's URN is made of.
            offer: `.id` of the offer.
            title: Public name, at most 200 characters.
            language: Language code; every offer has `en-us` from the start.
            summary: Search results summary, at most 100 characters.
            short_description: Short description, at most 256 characters.
            description: HTML with basic formatting, at most 5,000 characters with its tags.
            keywords: Search keywords, at most 3.
            contacts: `[{"type": "CustomerSupport", "name": …, "email": …, "phone": …, "uri": …}]`.
            links: `[{"type": "PrivacyUri", "uri": "https://…", "text": …}]`; texts at most 255 characters.
            getting_started: Instructions that customers see after they bought.
            publisher_name: Publisher name of the draft; customers see the account's.
            display_name: Product display name (Dynamics 365 offers).
            access_information: How customers get started with the product (Dynamics 365 offers).
            allows_only_managed_disks: Deploy with managed disks only (virtual machine offers).
            compatible_products: Compatible products (Dynamics 365 offers).
            adopt: Take over something different that exists under the same name, instead of refusing.
            opts: Options of the engine.

        """
        arguments = {
            "offer": offer,
            "title": title,
            "language": language,
            "summary": summary,
            "short_description": short_description,
            "description": description,
            "keywords": keywords,
            "contacts": contacts,
            "links": links,
            "getting_started": getting_started,
            "publisher_name": publisher_name,
            "display_name": display_name,
            "access_information": access_information,
            "allows_only_managed_disks": allows_only_managed_disks,
            "compatible_products": compatible_products,
            "adopt": adopt,
        }
        super().__init__(resource_name, arguments, opts)
