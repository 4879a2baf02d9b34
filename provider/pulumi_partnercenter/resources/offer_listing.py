"""An offer's listing in one language: what customers read. Source: submission API 5.6, limits 9.1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pulumi
from annotated_types import MaxLen, MinLen
from pulumi import Input

from .._resource import Immutable, Inputs, Kind, Outputs, Part, Provider, Resource, Seen, Unordered
from ._drafts import sparing
from ._rules import (
    DEFAULT_LANGUAGE,
    ContactEmail,
    Language,
    OfferReference,
    PublicAddress,
    Text,
    Word,
    trimmed,
    unguarded,
)

if TYPE_CHECKING:
    from ..api.submission import SubmissionApi
    from ..api.submission.models import Listing

__all__ = ["OfferListing"]


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
    text: Annotated[str, MaxLen(255), trimmed] = ""
    subtype: str = ""


class OfferListingInputs(Inputs):
    """What a program may set. What it leaves out is empty, also when the portal had written something there."""

    offer: Annotated[OfferReference, Immutable]
    """`.id` of the offer."""
    language: Annotated[Language, Immutable] = DEFAULT_LANGUAGE
    """Language code; every offer has `en-us` from the start."""
    title: Annotated[str, MinLen(1), MaxLen(200), trimmed]
    """Public name, at most 200 characters."""
    summary: Annotated[str, MaxLen(100), trimmed] = ""
    """Search results summary, at most 100 characters."""
    short_description: Annotated[str, MaxLen(256), trimmed] = ""
    """Short description, at most 256 characters."""
    description: Annotated[str, MaxLen(5000), trimmed] = ""
    """HTML with basic formatting, at most 5,000 characters with its tags."""
    keywords: Annotated[list[Annotated[Text, MinLen(1)]], Unordered, MaxLen(3)] = []
    """Search keywords, at most 3."""
    contacts: Annotated[list[Contact], Unordered] = []
    """`[{"type": "CustomerSupport", "name": …, "email": …, "phone": …, "uri": …}]`."""
    links: list[Link] = []
    """`[{"type": "PrivacyUri", "uri": "https://…", "text": …}]`; texts at most 255 characters."""
    getting_started: Text = ""
    """Instructions that customers see after they bought."""
    publisher_name: Text = ""
    """Publisher name of the draft; customers see the account's."""
    display_name: Text = ""
    """Product display name (Dynamics 365 offers)."""
    access_information: Text = ""
    """How to get at the product (Dynamics 365 offers)."""
    allows_only_managed_disks: bool = False
    """Deploy with managed disks only (virtual machine offers)."""
    compatible_products: Annotated[list[Text], Unordered] = []
    """Products that it works with (Dynamics 365 offers)."""


class OfferListingOutputs(Outputs):
    """What the service decides: only the `id`."""


OfferListingSeen = Seen[OfferListingOutputs]


def _seen(offer: str, listing: Listing) -> OfferListingSeen:
    fresh = {"offer": offer, "language": listing.language_code, "title": listing.title}
    told = OfferListingInputs.canonical(
        fresh
        | {
            "summary": listing.summary,
            "short_description": listing.short_description,
            "description": listing.description,
            "keywords": listing.keywords,
            "contacts": [
                {name: getattr(each, name) for name in Contact.names()} for each in listing.listing_contacts
            ],
            "links": [
                {"type": each.type, "uri": each.uri, "text": each.display_text, "subtype": each.subtype}
                for each in listing.listing_uris
            ],
            "getting_started": listing.getting_started_instructions,
            "publisher_name": listing.publisher_name,
            "display_name": listing.product_display_name,
            "access_information": listing.access_information,
            "allows_only_managed_disks": bool(listing.allow_only_managed_disk_deployments),
            "compatible_products": listing.compatible_products,
        }
    )
    untouched = told == OfferListingInputs.canonical(fresh)
    return OfferListingSeen(f"{offer}/{told['language']}", told, OfferListingOutputs(), untouched)


def _wanted(want: OfferListingInputs, draft: Listing) -> Listing:
    from ..api.submission.models import Listing, ListingContact, ListingUri
    from ..api.wire import overlaid

    contacts = [ListingContact(**each.plain()) for each in want.contacts]
    links = [ListingUri(type=e.type, uri=e.uri, display_text=e.text, subtype=e.subtype) for e in want.links]
    return Listing(
        resource_type="AzureListing",
        title=want.title,
        summary=want.summary,
        short_description=want.short_description,
        description=want.description,
        keywords=want.keywords,
        listing_contacts=overlaid(draft.listing_contacts, contacts, key=lambda each: each.type),
        listing_uris=overlaid(
            draft.listing_uris, links, key=lambda each: (each.type, each.subtype, each.uri)
        ),
        getting_started_instructions=want.getting_started,
        publisher_name=want.publisher_name,
        product_display_name=want.display_name,
        access_information=want.access_information,
        allow_only_managed_disk_deployments=want.allows_only_managed_disks,
        compatible_products=want.compatible_products,
    )


class OfferListingKind(Kind[OfferListingInputs, OfferListingOutputs]):
    noun, id_form, inputs, outputs = (
        "offer listing",
        "<product>/<language>",
        OfferListingInputs,
        OfferListingOutputs,
    )

    def ids_in(self, api: SubmissionApi, offer: str) -> list[str]:
        return [f"{offer}/{language}" for language in api.listings.languages(offer)]

    def find(self, api: SubmissionApi, want: OfferListingInputs) -> OfferListingSeen | None:
        """By its language."""
        listing = api.listings.find(want.offer, want.language)
        if listing is None:
            return None
        return self._judged(api, _seen(want.offer, listing))

    def create(self, api: SubmissionApi, want: OfferListingInputs) -> OfferListingSeen:
        """A further language; the default one is always found."""
        from ..api.submission.models import Listing

        return _seen(want.offer, api.listings.create(want.offer, want.language, _wanted(want, Listing())))

    def read(self, api: SubmissionApi, id: str) -> OfferListingSeen:
        offer, language = id.split("/")
        return self._judged(api, _seen(offer, api.listings.get(offer, language)))

    def _judged(self, api: SubmissionApi, seen: OfferListingSeen) -> OfferListingSeen:
        """The service gives a fresh listing the offer's alias for a title (3.3); any other was written by somebody."""
        offer, language, title = (seen.inputs[name] for name in ("offer", "language", "title"))
        may_be = seen.is_fresh and language == DEFAULT_LANGUAGE
        return replace(seen, is_fresh=may_be and title == api.offers.get(offer).name)

    def update(self, api: SubmissionApi, id: str, want: OfferListingInputs) -> OfferListingSeen:
        offer, language = id.split("/")

        def change(draft: Listing) -> Listing:
            return sparing(want, _seen(offer, draft).inputs, draft, lambda each: _wanted(each, draft))

        return _seen(offer, api.listings.write(offer, language, change))

    def remarks(self, was: Mapping[str, Any], want: Mapping[str, Any]) -> list[str]:
        before, after = ([each.get(name) for name in ("links", "contacts")] for each in (was, want))
        return [
            f"offer listing: {address} is not protected: customers' browsers warn of http://"
            for address in unguarded(before, after)
        ]

    def delete(self, api: SubmissionApi, id: str) -> None:
        """Further languages go; the default language stays as it is, because an offer always has it."""
        offer, language = id.split("/")
        if language != DEFAULT_LANGUAGE:
            api.listings.delete(offer, language)


class OfferListingProvider(Provider):
    kind, known_as = OfferListingKind(), "OfferListing"


class OfferListing(Resource, module="partnercenter", name="OfferListing"):
    """What customers read about an offer; its `id` is `<product>/<language>`. Arguments: `OfferListingInputs`."""

    provider = OfferListingProvider

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
        contacts: Input[Sequence[Input[Mapping[str, Any]]]] | None = None,
        links: Input[Sequence[Input[Mapping[str, Any]]]] | None = None,
        getting_started: Input[str] | None = None,
        publisher_name: Input[str] | None = None,
        display_name: Input[str] | None = None,
        access_information: Input[str] | None = None,
        allows_only_managed_disks: Input[bool] | None = None,
        compatible_products: Input[Sequence[Input[str]]] | None = None,
        adopt: bool = False,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
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
