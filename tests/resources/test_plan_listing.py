from __future__ import annotations

from typing import Any, ClassVar

from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT
from tests.resources.examples import OTHER_PLAN, PLANS
from tests.resources.harness import Ref, Stack
from tests.resources.listing_card import ListingCard

from pulumi_partnercenter import PlanListing


class TestPlanListing(ListingCard):
    kind = PlanListing
    parents = PLANS
    other_parents = OTHER_PLAN
    first: ClassVar[dict[str, Any]] = {
        "plan": Ref("plan"),
        "title": "Gold plan",
        "summary": "For large teams.",
        "description": "<p>For large teams.</p>",
    }
    second = {"title": "Golden plan", "summary": "For huge teams.", "description": ""}
    immutable_changes = {"plan": Ref("other_plan"), "language": "fr-fr"}
    members = {
        "title": ("title", "By the portal"),
        "summary": ("shortDescription", "By the portal."),
        "description": ("description", None),
    }
    collection = "listings"
    is_singleton = True

    def document(self, emulator: RunningEmulator, stack: Stack) -> dict[str, Any]:
        _, variant, language = stack.state[SUBJECT].id.split("/")
        (row,) = [
            listing
            for listing in emulator.state()["listings"]
            if listing.get("variantID") == variant and listing["languageCode"].lower() == language
        ]
        return row

    def test_a_plan_listing_leaves_all_other_listings_unchanged(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.parents)
        before = emulator.state()["listings"]
        stack.up(self.program())
        own_id = self.document(emulator, stack)["id"]
        after = emulator.state()["listings"]
        assert [row for row in after if row["id"] != own_id] == [row for row in before if row["id"] != own_id]


class TestFurtherLanguage(TestPlanListing):
    first: ClassVar[dict[str, Any]] = TestPlanListing.first | {"language": "de-de"}
    is_singleton = False
