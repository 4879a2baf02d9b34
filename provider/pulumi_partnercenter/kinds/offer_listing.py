"""An offer's listing in one language: what customers read. Source: Partner Center submission API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from annotated_types import MaxLen, MinLen

from ..api.submission import SubmissionApi
from ..api.submission.models import Listing, ListingContact, ListingUri
from ..api.wire import merge_lists
from ..kind import Current
from ..markers import Boolean, Immutable, Unordered
from ..model import Arguments, Outputs, Part
from ._drafts import preserve_spelling
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
from ._submission_api import SubmissionApiKind


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


class OfferListingArguments(Arguments):
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
    allows_only_managed_disks: Boolean = False
    """Deploy with managed disks only (virtual machine offers)."""
    compatible_products: Annotated[list[Text], Unordered] = []
    """Products that it works with (Dynamics 365 offers)."""


class OfferListingOutputs(Outputs):
    """What the service decides: only the `id`."""


OfferListingCurrent = Current[OfferListingOutputs]


def _read_current(offer: str, listing: Listing) -> OfferListingCurrent:
    fresh = {"offer": offer, "language": listing.language_code, "title": listing.title}
    arguments = OfferListingArguments.canonical(
        fresh
        | {
            "summary": listing.summary,
            "short_description": listing.short_description,
            "description": listing.description,
            "keywords": listing.keywords,
            "contacts": [
                {name: getattr(contact, name) for name in Contact.names()}
                for contact in listing.listing_contacts
            ],
            "links": [
                {"type": link.type, "uri": link.uri, "text": link.display_text, "subtype": link.subtype}
                for link in listing.listing_uris
            ],
            "getting_started": listing.getting_started_instructions,
            "publisher_name": listing.publisher_name,
            "display_name": listing.product_display_name,
            "access_information": listing.access_information,
            "allows_only_managed_disks": bool(listing.allow_only_managed_disk_deployments),
            "compatible_products": listing.compatible_products,
        }
    )
    is_fresh = arguments == OfferListingArguments.canonical(fresh)
    return OfferListingCurrent(f"{offer}/{arguments['language']}", arguments, OfferListingOutputs(), is_fresh)


def _build_document(desired: OfferListingArguments, draft: Listing) -> Listing:
    contacts = [ListingContact(**contact.to_json()) for contact in desired.contacts]
    links = [
        ListingUri(type=link.type, uri=link.uri, display_text=link.text, subtype=link.subtype)
        for link in desired.links
    ]
    return Listing(
        resource_type="AzureListing",
        title=desired.title,
        summary=desired.summary,
        short_description=desired.short_description,
        description=desired.description,
        keywords=desired.keywords,
        listing_contacts=merge_lists(draft.listing_contacts, contacts, key=lambda contact: contact.type),
        listing_uris=merge_lists(
            draft.listing_uris, links, key=lambda link: (link.type, link.subtype, link.uri)
        ),
        getting_started_instructions=desired.getting_started,
        publisher_name=desired.publisher_name,
        product_display_name=desired.display_name,
        access_information=desired.access_information,
        allow_only_managed_disk_deployments=desired.allows_only_managed_disks,
        compatible_products=desired.compatible_products,
    )


class OfferListingKind(SubmissionApiKind[OfferListingArguments, OfferListingOutputs]):
    """What customers read about an offer; its `id` is `<product>/<language>`."""

    noun, id_form, arguments, outputs = (
        "offer listing",
        "<product>/<language>",
        OfferListingArguments,
        OfferListingOutputs,
    )

    def list_ids(self, api: SubmissionApi, offer: str) -> list[str]:
        return [f"{offer}/{language}" for language in api.listings.languages(offer)]

    def find(self, api: SubmissionApi, desired: OfferListingArguments) -> OfferListingCurrent | None:
        """By its language."""
        listing = api.listings.find(desired.offer, desired.language)
        if listing is None:
            return None
        return self._with_freshness(api, _read_current(desired.offer, listing))

    def create(self, api: SubmissionApi, desired: OfferListingArguments) -> OfferListingCurrent:
        """A further language; the default one is always found."""
        return _read_current(
            desired.offer,
            api.listings.create(desired.offer, desired.language, _build_document(desired, Listing())),
        )

    def read(self, api: SubmissionApi, id: str) -> OfferListingCurrent:
        offer, language = id.split("/")
        return self._with_freshness(api, _read_current(offer, api.listings.get(offer, language)))

    def _with_freshness(self, api: SubmissionApi, current: OfferListingCurrent) -> OfferListingCurrent:
        """Fresh only with the offer's alias for a title: the service gives it, and somebody wrote any other."""
        offer, language, title = (current.arguments[name] for name in ("offer", "language", "title"))
        may_be = current.is_fresh and language == DEFAULT_LANGUAGE
        return replace(current, is_fresh=may_be and title == api.offers.get(offer).name)

    def update(self, api: SubmissionApi, id: str, desired: OfferListingArguments) -> OfferListingCurrent:
        offer, language = id.split("/")

        def change(draft: Listing) -> Listing:
            return preserve_spelling(
                desired,
                _read_current(offer, draft).arguments,
                draft,
                lambda given: _build_document(given, draft),
            )

        return _read_current(offer, api.listings.write(offer, language, change))

    def describe_change(self, was: Mapping[str, Any], desired: Mapping[str, Any]) -> list[str]:
        before, after = ([props.get(name) for name in ("links", "contacts")] for props in (was, desired))
        return [
            f"offer listing: {address} is not protected: customers' browsers warn of http://"
            for address in unguarded(before, after)
        ]

    def delete(self, api: SubmissionApi, id: str) -> None:
        """Further languages go; the default language stays as it is, because an offer always has it."""
        offer, language = id.split("/")
        if language != DEFAULT_LANGUAGE:
            api.listings.delete(offer, language)
