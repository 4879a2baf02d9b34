"""Card of listings of offers and plans."""

from __future__ import annotations

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, Card, write_requests
from tests.resources.harness import Stack

from pulumi_partnercenter import AdoptionRefused


class ListingCard(Card):
    """Card of listings. The service creates the default language; resources create further languages."""

    def test_a_title_written_in_the_portal_is_not_overwritten(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        if "language" in self.first:
            pytest.skip("a further language is made, not taken over")
        stack.up(self.parents)
        (listing,) = [
            row
            for row in emulator.state()["listings"]
            if bool(row.get("variantID")) == (self.kind.__name__ == "PlanListing")
        ]
        path = f"/v1.0/ingestion/products/{listing['productID']}/listings/{listing['id']}"
        emulator.portal(path, title="Written by a person")
        with pytest.raises(AdoptionRefused, match="Written by a person"):
            stack.up(self.program())

    def test_a_fresh_listing_is_adopted(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.parents)
        emulator.clear()
        assert stack.up(self.program())[SUBJECT] == "create"
        assert [request["method"] for request in write_requests(emulator)] == [
            "PUT" if self.is_singleton else "POST"
        ]
