from __future__ import annotations

from typing import Any, ClassVar

from provider.tools.emulators import Serving
from tests.resources.card import SUBJECT
from tests.resources.examples import OTHER_PLAN, PLANS
from tests.resources.harness import Ref, Stack
from tests.resources.listing_card import ListingCard

from pulumi_partnercenter import PlanListing


class TestPlanListing(ListingCard):
    kind = PlanListing
    parents = PLANS
    beside = OTHER_PLAN
    first: ClassVar[dict[str, Any]] = {
        "plan": Ref("plan"),
        "title": "Gold plan",
        "summary": "For large teams.",
        "description": "<p>For large teams.</p>",
    }
    second = {"title": "Golden plan", "summary": "For huge teams.", "description": ""}
    others = {"plan": Ref("other_plan"), "language": "fr-fr"}
    members = {
        "title": ("title", "By the portal"),
        "summary": ("shortDescription", "By the portal."),
        "description": ("description", None),
    }
    collection = "listings"
    is_singleton = True

    def document(self, emulator: Serving, stack: Stack) -> dict[str, Any]:
        _, variant, language = stack.state[SUBJECT].id.split("/")
        (found,) = [
            each
            for each in emulator.state()["listings"]
            if each.get("variantID") == variant and each["languageCode"].lower() == language
        ]
        return found

    def test_the_listings_of_offer_and_other_plans_are_untouched(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.parents)
        before = emulator.state()["listings"]
        stack.up(self.program())
        mine = self.document(emulator, stack)["id"]
        after = emulator.state()["listings"]
        assert [each for each in after if each["id"] != mine] == [
            each for each in before if each["id"] != mine
        ]


class TestFurtherLanguage(TestPlanListing):
    first: ClassVar[dict[str, Any]] = TestPlanListing.first | {"language": "de-de"}
    is_singleton = False
