from __future__ import annotations

from typing import Any, ClassVar

import pytest
from provider.tools.emulators import Serving
from tests.resources.card import SUBJECT, UnversionedCard, writes
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import Declared, Ref, Stack

from pulumi_partnercenter import Invalid, OfferSetup

TRIAL = "https://contoso.example.com/trial"


class TestOfferSetup(UnversionedCard):
    kind = OfferSetup
    parents = OFFERS
    beside = OTHER_OFFER
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
    together = {"sells_through_microsoft": {"call_to_action": ""}}
    others = {"offer": Ref("other_offer")}
    members = {
        "sells_through_microsoft": ("sellingOption", "ListAndSell"),
        "call_to_action": ("callToAction", "free"),
        "trial_url": ("trialUri", ""),
    }
    collection, segment = "setups", "setup"

    def test_a_fresh_one_needs_no_write_when_it_is_what_is_wanted(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.parents)
        emulator.clear()
        setup = Declared(OfferSetup, {"offer": Ref("offer")})
        assert stack.up({**self.parents, SUBJECT: setup}) == {SUBJECT: "create"}
        assert writes(emulator) == []

    def test_what_is_sent_is_what_was_said(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.parents)
        (fresh,) = emulator.state()["setups"]
        stack.up(self.program())
        said = {"sellingOption": "ListingOnly", "callToAction": "free-trial", "trialUri": TRIAL}
        assert self.document(emulator, stack) == fresh | said

    def test_a_refusal_tells_what_publishing_fixed(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        emulator.fault("POST .*/setup", status=400, body={"message": "SellingOption cannot be changed."})
        with pytest.raises(Invalid, match=r"(?s)SellingOption.*\n  next: .*published"):
            stack.up(self.program(**self.change("sells_through_microsoft")))
