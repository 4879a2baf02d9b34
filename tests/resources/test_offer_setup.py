from __future__ import annotations

from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, UnversionedCard, write_requests
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import Declaration, Ref, Stack

from pulumi_partnercenter import Invalid, OfferSetup

TRIAL = "https://contoso.example.com/trial"


class TestOfferSetup(UnversionedCard):
    kind = OfferSetup
    parents = OFFERS
    other_parents = OTHER_OFFER
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "sells_through_microsoft": False,
        "call_to_action": "free-trial",
        "trial_url": TRIAL,
    }
    second = {
        "sells_through_microsoft": True,
        "call_to_action": "",
        "trial_url": "https://fabrikam.example.com",
    }
    companions = {"sells_through_microsoft": {"call_to_action": ""}}
    immutable_changes = {"offer": Ref("other_offer")}
    members = {
        "sells_through_microsoft": ("sellingOption", "ListAndSell"),
        "call_to_action": ("callToAction", "free"),
        "trial_url": ("trialUri", ""),
    }
    collection, segment = "setups", "setup"

    def test_a_fresh_offer_setup_equal_to_the_arguments_is_not_written(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.parents)
        emulator.clear()
        setup = Declaration(OfferSetup, {"offer": Ref("offer")})
        assert stack.up({**self.parents, SUBJECT: setup}) == {SUBJECT: "create"}
        assert write_requests(emulator) == []

    def test_an_offer_setup_is_stored_as_declared(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.parents)
        (fresh_document,) = emulator.state()["setups"]
        stack.up(self.program())
        members = {"sellingOption": "ListingOnly", "callToAction": "free-trial", "trialUri": TRIAL}
        assert self.document(emulator, stack) == fresh_document | members

    def test_a_refused_selling_option_mentions_the_publication(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        emulator.fault("POST .*/setup", status=400, body={"message": "SellingOption cannot be changed."})
        with pytest.raises(Invalid, match=r"(?s)SellingOption.*\n  next: .*published"):
            stack.up(self.program(**self.change("sells_through_microsoft")))
