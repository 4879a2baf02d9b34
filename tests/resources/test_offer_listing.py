from __future__ import annotations

from typing import Any, ClassVar

from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import Ref, Stack
from tests.resources.listing_card import ListingCard

from pulumi_partnercenter import OfferListing

SUPPORT = {
    "type": "CustomerSupport",
    "name": "Desk",
    "email": "desk@contoso.example.com",
    "phone": "+1 555 0100",
    "uri": "https://contoso.example.com/support",
}
ENGINEERING = {
    "type": "Engineering",
    "name": "Team",
    "email": "team@contoso.example.com",
    "phone": "+1 555 0101",
    "uri": "",
}
PRIVACY = {"type": "PrivacyUri", "uri": "https://contoso.example.com/privacy", "text": "", "subtype": ""}
GUIDE = {"type": "Link", "uri": "https://contoso.example.com/guide", "text": "Guide", "subtype": ""}


def wire_link(link: dict[str, str]) -> dict[str, str]:
    return {"type": link["type"], "subtype": link["subtype"], "displayText": link["text"], "uri": link["uri"]}


class TestOfferListing(ListingCard):
    kind = OfferListing
    parents = OFFERS
    other_parents = OTHER_OFFER
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "title": "Contoso Backup",
        "summary": "Backs up.",
        "short_description": "Backs up what matters.",
        "description": "<p>Backs up what matters.</p>",
        "keywords": ["backup", "restore"],
        "contacts": [SUPPORT, ENGINEERING],
        "links": [PRIVACY, GUIDE],
        "getting_started": "Open it.",
        "publisher_name": "Contoso",
        "display_name": "Contoso Backup 365",
        "access_information": "Sign in.",
        "allows_only_managed_disks": True,
        "compatible_products": ["Fabrikam Vault", "Fabrikam Store"],
    }
    second = {
        "title": "Contoso Backup Plus",
        "summary": "",
        "short_description": "Backs up more.",
        "description": "<p>Backs up more.</p>",
        "keywords": ["backup"],
        "contacts": [SUPPORT | {"phone": "+1 555 0199"}],
        "links": [GUIDE],
        "getting_started": "Open it again.",
        "publisher_name": "Contoso Ltd",
        "display_name": "",
        "access_information": "Sign in first.",
        "allows_only_managed_disks": False,
        "compatible_products": [],
    }
    immutable_changes = {"offer": Ref("other_offer"), "language": "fr-fr"}
    members = {
        "title": ("title", "By the portal"),
        "summary": ("summary", "By the portal."),
        "short_description": ("shortDescription", "By the portal."),
        "description": ("description", "<p>By the portal.</p>"),
        "keywords": ("keywords", ["portal"]),
        "contacts": ("listingContacts", [ENGINEERING, SUPPORT | {"name": "Portal"}]),
        "links": ("listingUris", [wire_link(GUIDE), wire_link(PRIVACY)]),
        "getting_started": ("gettingStartedInstructions", ""),
        "publisher_name": ("publisherName", "Portal"),
        "display_name": ("productDisplayName", None),
        "access_information": ("accessInformation", "By the portal."),
        "allows_only_managed_disks": ("allowOnlyManagedDiskDeployments", None),
        "compatible_products": ("compatibleProducts", ["Portal"]),
    }
    collection = "listings"
    element_keys: ClassVar[dict[str, tuple[str, ...]]] = {
        "listingContacts": ("type",),
        "listingUris": ("type", "subtype", "uri"),
    }
    ordered_members = ("listingUris",)
    is_singleton = True

    def document(self, emulator: RunningEmulator, stack: Stack) -> dict[str, Any]:
        product, language = stack.state[SUBJECT].id.split("/")
        (row,) = [
            listing
            for listing in emulator.state()["listings"]
            if listing["productID"] == product and listing["languageCode"].lower() == language
        ]
        return row

    def test_unmodelled_members_of_a_contact_survive_its_update(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        contacts = [
            contact | {"portal": contact["type"]}
            for contact in self.document(emulator, stack)["listingContacts"]
        ]
        emulator.portal(self.path(emulator, stack), listingContacts=contacts)
        stack.up(self.program(contacts=[ENGINEERING, SUPPORT | {"phone": "+1 555 0199"}]))
        changed_contacts = self.document(emulator, stack)["listingContacts"]
        assert [(contact["type"], contact["phone"], contact["portal"]) for contact in changed_contacts] == [
            ("Engineering", "+1 555 0101", "Engineering"),
            ("CustomerSupport", "+1 555 0199", "CustomerSupport"),
        ]


class TestFurtherLanguage(TestOfferListing):
    first: ClassVar[dict[str, Any]] = TestOfferListing.first | {"language": "de-de"}
    is_singleton = False

    def test_a_further_language_leaves_the_default_listing_unchanged(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.parents)
        before = [listing for listing in emulator.state()["listings"] if listing["languageCode"] == "en-us"]
        stack.up(self.program())
        stack.up(self.parents)
        assert emulator.state()["listings"] == before
