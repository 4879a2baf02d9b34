from __future__ import annotations

from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, UnversionedCard, write_requests
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import Declaration, Ref, Stack

from pulumi_partnercenter import Invalid, Offer, OfferSetup

CENTRAL = "AzureDynamics365BusinessCentral"
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
        "offer_type": "AzureApplication",
    }
    drift_tests: ClassVar[dict[str, str]] = {
        "package_type": "test_a_package_type_that_is_not_given_stays_as_it_is"
    }
    companions = {"sells_through_microsoft": {"call_to_action": ""}}
    immutable_changes = {"offer": Ref("other_offer")}
    members = {
        "sells_through_microsoft": ("sellingOption", "ListAndSell"),
        "call_to_action": ("callToAction", "free"),
        "trial_url": ("trialUri", ""),
    }
    collection, segment = "setups", "setup"

    @classmethod
    def arguments_in(cls, group: str) -> list[str]:
        """Leave out `package_type`, which these offers do not have."""
        return [name for name in super().arguments_in(group) if group != "field" or name in cls.second]

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

    def test_a_package_type_that_is_not_given_stays_as_it_is(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        offer = {"offer_id": "contoso-app", "offer_type": CENTRAL, "alias": "Contoso"}
        arguments = {"offer": Ref("offer"), "offer_type": CENTRAL, "sells_through_microsoft": False}

        def program(**more: Any) -> dict[str, Declaration]:
            return {
                "offer": Declaration(Offer, offer),
                SUBJECT: Declaration(OfferSetup, {**arguments, **more}),
            }

        stack.up(program())
        assert self.document(emulator, stack)["packageType"] == "AddOn"
        emulator.portal(self.path(emulator, stack), packageType="Connect")
        assert stack.refresh() == {}
        assert stack.up(program(call_to_action="free")) == {SUBJECT: "update"}
        assert self.document(emulator, stack)["packageType"] == "Connect"
        assert stack.up(program(call_to_action="free", package_type="AddOn")) == {SUBJECT: "update"}
        assert self.document(emulator, stack)["packageType"] == "AddOn"
        emulator.portal(self.path(emulator, stack), packageType="Connect")
        assert stack.refresh() == {SUBJECT: ["package_type"]}

    @pytest.mark.parametrize("offer_type", [CENTRAL, "AzureDynamics365ForCustomerEngagement"])
    def test_the_setup_of_a_new_offer_that_is_only_listed_is_taken_over(
        self, offer_type: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        offer = Declaration(Offer, {"offer_id": "contoso-app", "offer_type": offer_type, "alias": "Contoso"})
        arguments = {"offer": Ref("offer"), "sells_through_microsoft": False, "call_to_action": "free"}
        setup = Declaration(OfferSetup, {**arguments, "offer_type": offer_type})
        assert stack.up({"offer": offer, SUBJECT: setup}) == {"offer": "create", SUBJECT: "create"}

    def test_a_refused_selling_option_mentions_the_publication(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        emulator.fault("POST .*/setup", status=400, body={"message": "SellingOption cannot be changed."})
        with pytest.raises(Invalid, match=r"(?s)SellingOption.*\n  next: .*published"):
            stack.up(self.program(**self.change("sells_through_microsoft")))
