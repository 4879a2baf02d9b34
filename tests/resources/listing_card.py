"""What the listings of offers and of plans have in common beyond the acceptance card."""

from __future__ import annotations

import pytest
from provider.tools.emulators import Serving
from tests.resources.card import SUBJECT, Card, writes
from tests.resources.harness import Stack

from pulumi_partnercenter import AdoptionRefused


class ListingCard(Card):
    """The service makes the listing in the default language by itself; further ones are made."""

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
