"""An offer's listing in one language: what customers read. Source: Partner Center submission API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from annotated_types import MaxLen, MinLen

from ..markers import Boolean, Immutable, Unordered, Wire
from ..model import Arguments, Part
from ._listings import ListingKind
from ._rules import (
    DEFAULT_LANGUAGE,
    ContactEmail,
    Language,
    OfferReference,
    PublicAddress,
    Text,
    Word,
    trimmed,
    unguarded_remarks,
)


class Contact(Part):
    """Whom customers or Microsoft reach. To publish, `CustomerSupport` and `Engineering` are needed."""

    type: Literal["CustomerSupport", "Engineering", "ChannelManager"]
    name: Text = ""
    email: ContactEmail = ""
    phone: Text = ""
    uri: PublicAddress = ""


class Link(Part):
    """A link of the listing: `PrivacyUri` (needed to publish), `PublicCloudSupport`, or what the portal offers."""

    type: Annotated[Word, MinLen(1)]
    uri: PublicAddress
    text: Annotated[str, MaxLen(255), trimmed, Wire("display_text")] = ""
    subtype: str = ""


class OfferListingArguments(Arguments):
    """Arguments of an offer's listing. The default is empty: text that was written in the portal is cleared."""

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    language: Annotated[Language, Immutable] = DEFAULT_LANGUAGE
    """Language code; every offer has `en-us` from the start."""
    title: Annotated[str, MinLen(1), MaxLen(200), trimmed, Wire("title")]
    """Public name, at most 200 characters."""
    summary: Annotated[str, MaxLen(100), trimmed, Wire("summary")] = ""
    """Search results summary, at most 100 characters."""
    short_description: Annotated[str, MaxLen(256), trimmed, Wire("short_description")] = ""
    """Short description, at most 256 characters."""
    description: Annotated[str, MaxLen(5000), trimmed, Wire("description")] = ""
    """HTML with basic formatting, at most 5,000 characters with its tags."""
    keywords: Annotated[list[Annotated[Text, MinLen(1)]], Unordered, MaxLen(3), Wire("keywords")] = []
    """Search keywords, at most 3."""
    contacts: Annotated[list[Contact], Unordered, Wire("listing_contacts")] = []
    """`[{"type": "CustomerSupport", "name": …, "email": …, "phone": …, "uri": …}]`."""
    links: Annotated[list[Link], Wire("listing_uris")] = []
    """`[{"type": "PrivacyUri", "uri": "https://…", "text": …}]`; texts at most 255 characters."""
    getting_started: Annotated[Text, Wire("getting_started_instructions")] = ""
    """Instructions that customers see after they bought."""
    publisher_name: Annotated[Text, Wire("publisher_name")] = ""
    """Publisher name of the draft; customers see the account's."""
    display_name: Annotated[Text, Wire("product_display_name")] = ""
    """Product display name (Dynamics 365 offers)."""
    access_information: Annotated[Text, Wire("access_information")] = ""
    """How customers get started with the product (Dynamics 365 offers)."""
    allows_only_managed_disks: Annotated[Boolean, Wire("allow_only_managed_disk_deployments")] = False
    """Deploy with managed disks only (virtual machine offers)."""
    compatible_products: Annotated[list[Text], Unordered, Wire("compatible_products")] = []
    """Compatible products (Dynamics 365 offers)."""


class OfferListingKind(ListingKind[OfferListingArguments]):
    """Texts about an offer for customers, in a language; its `id` is `<product>/<language>`."""

    noun, id_form, parent = "offer listing", "<product>/<language>", "offer"
    arguments = OfferListingArguments

    def describe_change(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        before, after = ([props.get(name) for name in ("links", "contacts")] for props in (was, desired))
        return unguarded_remarks(self.noun, before, after)
