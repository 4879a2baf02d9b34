"""What customers read about an offer, its logos and contacts, in the document of the Cloud Partner Portal API."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from annotated_types import MaxLen, MinLen

from ...markers import Boolean, Meaning, Vocabulary, Wire
from ...model import Part
from .._rules import ContactEmail, PublicAddress, Text, as_set, once_by, trimmed
from .._signed_addresses import comparable_address
from ._members import as_list, as_mapping, document_key, read_members, write_members

__all__ = [
    "Listing",
    "TestDrive",
    "comparable_listing",
    "comparable_test_drive",
    "read_listing",
    "read_test_drive",
    "remember_listing",
    "remember_test_drive",
    "size_remarks",
    "write_listing",
    "write_test_drive",
]

_CATEGORY, _SUBCATEGORIES = "categoryL1", "categoryL2-{}"
_CATEGORIES = (
    "ai-plus-machine-learning analytics analytics-amp analytics-azure-apps blockchain compute"
    " compute-azure-apps containers database databases developer-tools developer-tools-azure-apps devops"
    " identity integration internet-of-things internet-of-things-azure-apps it-and-management-tools"
    " it-and-management-tools-azure-apps media migration mixed-reality monitoring-and-diagnostics"
    " networking security storage storage-azure-apps web"
)
CATEGORIES = Vocabulary("category", _CATEGORIES.split())
"""Of virtual machines, and those of applications that are called otherwise."""
Category = Annotated[str, CATEGORIES]
Subcategories = Annotated[list[Annotated[str, MinLen(1)]], as_set]
_CONTACTS = {
    "ChannelManager": "type.managerContact",
    "CustomerSupport": "marketplace.supportContact",
    "Engineering": "marketplace.engineeringContact",
}
"""By type of a contact: the beginning of its three members."""
_LOGOS = {
    "small": "marketplace.smallLogo",
    "medium": "marketplace.mediumLogo",
    "large": "marketplace.largeLogo",
    "wide": "marketplace.wideLogo",
    "hero": "marketplace.heroLogo",
}
_SCREENSHOTS = "marketplace.screenshots"
_FORM_LIMITS = {"title": 50, "description": 3000}
"""Limits of the portal's former forms, where they are below those of Partner Center."""


class Contact(Part):
    """Whom customers or Microsoft reach. To publish, `CustomerSupport` and `Engineering` are needed."""

    type: Literal["CustomerSupport", "Engineering", "ChannelManager"]
    name: Text = ""
    email: ContactEmail = ""
    phone: Text = ""


class Link(Part):
    """A link of the listing."""

    uri: Annotated[PublicAddress, MinLen(1), Wire("linkUrl")]
    text: Annotated[str, MinLen(1), MaxLen(255), trimmed, Wire("linkTitle")]


class Logos(Part):
    """Addresses of PNG pictures. The service downloads a picture when its address changes."""

    small: PublicAddress = ""
    """48×48."""
    medium: PublicAddress = ""
    """90×90."""
    large: PublicAddress = ""
    """216×216."""
    wide: PublicAddress = ""
    """255×115."""
    hero: PublicAddress = ""
    """815×290; cannot be removed, and is not returned for migrated offers."""


def _by_type(contacts: list[Contact]) -> list[Contact]:
    given = [contact for contact in contacts if contact.name or contact.email or contact.phone]
    return sorted(given, key=lambda contact: contact.type)


NO_LOGOS: Any = {}


class Listing(Part):
    """What customers read. The default is empty: text that was written in the portal is cleared. Videos stay."""

    title: Annotated[str, MaxLen(200), trimmed, Wire("marketplace.title")] = ""
    """Public name, at most 200 characters (in the former portal 50)."""
    summary: Annotated[str, MaxLen(100), trimmed, Wire("marketplace.summary")] = ""
    """Search results summary, at most 100 characters."""
    short_description: Annotated[str, MaxLen(256), trimmed, Wire("marketplace.longSummary")] = ""
    """Short description, at most 256 characters."""
    description: Annotated[str, MaxLen(5000), trimmed, Wire("marketplace.description")] = ""
    """HTML with basic formatting, at most 5,000 characters (in the former portal 3,000)."""
    categories: dict[Category, Subcategories] = {}
    """`{"networking": ["firewalls"]}`: to publish 1 or 2."""
    contacts: Annotated[list[Contact], once_by("type"), Meaning(_by_type)] = []
    """`[{"type": "CustomerSupport", "name": …, "email": …, "phone": …}]`."""
    links: Annotated[list[Link], Wire("marketplace.usefulLinks")] = []
    """`[{"uri": "https://…", "text": …}]`."""
    privacy_policy_url: Annotated[PublicAddress, Wire("marketplace.privacyURL")] = ""
    """Address of the privacy policy; needed to publish."""
    support_url: Annotated[PublicAddress, Wire("marketplace.publicAzureSupportUrl")] = ""
    """Address of support for customers."""
    government_support_url: Annotated[PublicAddress, Wire("marketplace.fairfaxSupportUrl")] = ""
    """Address of support for customers of Azure Government."""
    marketing_id: Annotated[str, MaxLen(50), trimmed, Wire("marketplace.offerMarketingUrlIdentifier")] = ""
    """Last part of the listing's public address, at most 50 characters."""
    logos: Logos = NO_LOGOS
    """Addresses of logos: `{"small": …, "medium": …, "large": …, "wide": …}`."""
    screenshots: Annotated[list[Annotated[PublicAddress, MinLen(1)]], MaxLen(5)] = []
    """Addresses of pictures of 533×324, at most 5."""


class TestDrive(Part):
    """A test drive. Its deployment, and its videos, stay as they are."""

    enabled: Annotated[Boolean, Wire("testdrive.enabled")] = False
    description: Annotated[Text, Wire("testdrive.description")] = ""
    access_information: Annotated[Text, Wire("testdrive.accessInformation")] = ""
    """How customers get into it."""
    user_manual: Annotated[PublicAddress, Wire("testdrive.userManual")] = ""
    """Address of its manual."""


def read_listing(offer: Mapping[str, Any], offer_type: str) -> dict[str, Any]:
    """Return the canonical listing of the offer-level members. Addresses of pictures have no signature."""
    return {
        **read_members(Listing, offer, offer_type),
        "categories": _read_categories(offer.get(document_key("marketplace.categoryMap", offer_type))),
        "contacts": [
            contact for contact in _read_contacts(offer, offer_type) if any([*contact.values()][1:])
        ],
        "logos": {
            name: comparable_address(str(offer.get(document_key(key, offer_type)) or ""))
            for name, key in _LOGOS.items()
        },
        "screenshots": list(
            map(comparable_address, _screenshots(offer.get(document_key(_SCREENSHOTS, offer_type))))
        ),
    }


def _read_categories(elements: object) -> dict[str, list[str]]:
    return {
        str(element[_CATEGORY]): sorted(
            {str(key) for key in as_list(element.get(_SUBCATEGORIES.format(element[_CATEGORY])))}
        )
        for element in as_list(elements)
        if isinstance(element, Mapping) and _CATEGORY in element
    }


def _read_contacts(offer: Mapping[str, Any], offer_type: str) -> Iterator[dict[str, str]]:
    for type, beginning in _CONTACTS.items():
        members = {
            member.lower(): str(offer.get(document_key(beginning + member, offer_type)) or "").strip()
            for member in ("Name", "Email", "Phone")
        }
        yield {"type": type, **members}


def _screenshots(elements: object) -> list[str]:
    """Return addresses of screenshots: strings, or objects with an address."""
    rows = [
        list(element.values()) if isinstance(element, Mapping) else [element] for element in as_list(elements)
    ]
    return [value for row in rows for value in row if isinstance(value, str) and "://" in value]


def remember_listing(current: dict[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """Complete the service's listing by the given addresses of pictures: the service stores them elsewhere."""
    logos, given = current["logos"], last["logos"]
    screenshots, given_screenshots = current["screenshots"], last["screenshots"]
    return {
        **current,
        "logos": {
            # The service may not return the hero, and nobody can remove it
            name: given[name] if name == "hero" or (address and given[name]) else address
            for name, address in logos.items()
        },
        "screenshots": given_screenshots if len(screenshots) == len(given_screenshots) else screenshots,
    }


def comparable_listing(listing: Mapping[str, Any]) -> dict[str, Any]:
    """Return a canonical listing with addresses without signatures."""
    return {
        **listing,
        "logos": {name: comparable_address(address) for name, address in listing["logos"].items()},
        "screenshots": list(map(comparable_address, listing["screenshots"])),
    }


def write_listing(
    offer: dict[str, Any], desired: Mapping[str, Any], last: Mapping[str, Any], offer_type: str
) -> None:
    """Write the desired listing. `last`: the listing of the last run, empty for a new offer."""
    current = read_listing(offer, offer_type)
    write_members(Listing, offer, desired, offer_type)
    if current["categories"] != desired["categories"]:
        key = document_key("marketplace.categoryMap", offer_type)
        offer[key] = _build_categories(offer.get(key), desired["categories"])
    if current["contacts"] != desired["contacts"]:
        _write_contacts(offer, desired["contacts"], offer_type)
    fresh, before = comparable_listing(desired), comparable_listing(last) if last else {"logos": {}}
    for name, key in _LOGOS.items():
        is_changed = fresh["logos"][name] != before["logos"].get(name, "")
        is_missing = not current["logos"][name] and name != "hero"
        if (
            is_changed
            or (desired["logos"][name] and is_missing)
            or (not desired["logos"][name] and current["logos"][name] and name != "hero")
        ):
            offer[document_key(key, offer_type)] = desired["logos"][name]
    is_count_same = len(current["screenshots"]) == len(desired["screenshots"])
    if fresh["screenshots"] != before.get("screenshots", []) or not is_count_same:
        offer[document_key(_SCREENSHOTS, offer_type)] = list(desired["screenshots"])


def _build_categories(elements: object, desired: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """Return the categories to write. Equal ones, and their other members, stay.

    New ones follow in alphabetical order: the engine hands over objects in any order.
    """
    existing = {
        str(element[_CATEGORY]): dict(element)
        for element in as_list(elements)
        if isinstance(element, Mapping) and _CATEGORY in element
    }
    current = _read_categories(elements)
    ordered = [*(key for key in existing if key in desired), *sorted(desired.keys() - existing.keys())]
    return [
        existing[key]
        if current.get(key) == desired[key]
        else {**existing.get(key, {_CATEGORY: key}), _SUBCATEGORIES.format(key): desired[key]}
        for key in ordered
    ]


def _write_contacts(offer: dict[str, Any], desired: list[dict[str, str]], offer_type: str) -> None:
    by_type = {contact["type"]: contact for contact in desired}
    for current in _read_contacts(offer, offer_type):
        contact = by_type.get(current["type"], {"name": "", "email": "", "phone": ""})
        for member in ("Name", "Email", "Phone"):
            if current[member.lower()] != contact[member.lower()]:
                key = document_key(_CONTACTS[current["type"]] + member, offer_type)
                offer[key] = contact[member.lower()]


def read_test_drive(offer: Mapping[str, Any], offer_type: str) -> dict[str, Any]:
    """Return the canonical test drive. The address of its manual has no signature."""
    return comparable_test_drive(read_members(TestDrive, offer, offer_type))


def comparable_test_drive(test_drive: Mapping[str, Any]) -> dict[str, Any]:
    """Return a canonical test drive whose manual's address has no signature."""
    return {**test_drive, "user_manual": comparable_address(test_drive["user_manual"])}


def remember_test_drive(current: Mapping[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """Complete the service's test drive by the given address of the same manual."""
    is_same = comparable_test_drive(last)["user_manual"] == current["user_manual"]
    return {**current, "user_manual": last["user_manual"]} if is_same else dict(current)


def write_test_drive(offer: dict[str, Any], desired: Mapping[str, Any], offer_type: str) -> None:
    """Write the desired test drive. An address of the same manual stays as the service has it."""
    stored = read_members(TestDrive, offer, offer_type)
    is_same = comparable_address(stored["user_manual"]) == comparable_address(desired["user_manual"])
    kept = {"user_manual": stored["user_manual"]} if is_same else {}
    write_members(TestDrive, offer, {**desired, **kept}, offer_type)


def size_remarks(listing: object) -> list[str]:
    """Return a remark for each text that is longer than the portal's former forms allowed."""
    members = as_mapping(listing)
    return [
        f"listing.{name}: {len(members[name])} characters; the portal's forms allowed {limit}"
        for name, limit in _FORM_LIMITS.items()
        if isinstance(members.get(name), str) and len(members[name]) > limit
    ]
