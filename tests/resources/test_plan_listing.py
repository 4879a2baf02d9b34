from __future__ import annotations

from typing import Any, ClassVar

import pytest
from tests.resources.card import SUBJECT, Card, writes
from tests.resources.examples import OTHER_PLAN, PLANS
from tests.resources.harness import Ref, Stack
from tests.serving import Serving

from pulumi_partnercenter import AdoptionRefused, PlanListing


class TestPlanListing(Card):
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
            if each.get("variantID") == variant and each["languageCode"] == language
        ]
        return found

    def test_a_title_that_somebody_wrote_is_not_overwritten(self, stack: Stack, emulator: Serving) -> None:
        if "language" in self.first:
            pytest.skip("a further language is made, not taken over")
        stack.up(self.parents)
        (listing,) = [
            each
            for each in emulator.state()["listings"]
            if bool(each.get("variantID")) == (self.kind.__name__ == "PlanListing")
        ]
        path = f"/v1.0/ingestion/products/{listing['productID']}/listings/{listing['id']}"
        emulator.portal(path, title="Written by a person")
        with pytest.raises(AdoptionRefused, match="Written by a person"):
            stack.up(self.program())

    def test_a_fresh_one_is_taken_over_unasked(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.parents)
        emulator.clear()
        assert stack.up(self.program())[SUBJECT] == "create"
        assert [each["method"] for each in writes(emulator)] == ["PUT" if self.is_singleton else "POST"]

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
