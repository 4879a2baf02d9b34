from __future__ import annotations

from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, Card, write_requests
from tests.resources.harness import CheckFailed, Declaration, Ref, Stack

from pulumi_partnercenter import InputError, Offer, OfferMarkets


def declare_offer(
    offer_id: str = "contoso-app", offer_type: str = "AzureDynamics365BusinessCentral"
) -> Declaration:
    return Declaration(Offer, {"offer_id": offer_id, "offer_type": offer_type, "alias": offer_id})


class TestOfferMarkets(Card):
    kind = OfferMarkets
    parents = {"offer": declare_offer()}
    other_parents = {"other_offer": declare_offer("fabrikam-app")}
    first: ClassVar[dict[str, Any]] = {"offer": Ref("offer"), "markets": ["US", "DK", "it"]}
    second = {"markets": ["CA"], "offer_type": "AzureDynamics365BusinessCentral"}
    immutable_changes = {"offer": Ref("other_offer")}
    members = {"markets": ("marketStates", [{"marketCode": "DE", "state": "Enabled"}])}
    element_keys: ClassVar[dict[str, tuple[str, ...]]] = {"marketStates": ("marketCode",)}
    fixed_members = ("marketCode",)
    collection = "featureAvailabilities"
    is_singleton = True

    def significant_value(self, member: str, value: Any) -> Any:
        """Return the markets in which the offer is available."""
        return sorted(state["marketCode"] for state in value if state["state"] == "Enabled")

    def test_markets_of_an_offer_are_stored_as_declared_and_nothing_else_changes(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.parents)
        (fresh_document,) = emulator.state()["featureAvailabilities"]
        emulator.clear()
        assert stack.up(self.program()) == {SUBJECT: "create"}
        assert [request["method"] for request in write_requests(emulator)] == ["PUT"]
        document = self.document(emulator, stack)
        assert self.significant_value("", document["marketStates"]) == ["DK", "IT", "US"]
        assert len(document["marketStates"]) == 141
        changed = {name for name in document if document[name] != fresh_document.get(name)}
        assert changed == {"marketStates", "@odata.etag"}
        assert "variantID" not in document

    def test_all_markets_are_named_by_a_word(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.program(markets="all"))
        states = self.document(emulator, stack)["marketStates"]
        assert {state["state"] for state in states} == {"Enabled"}
        assert stack.refresh() == {}

    def test_an_offer_has_at_least_one_market(self, stack: Stack) -> None:
        with pytest.raises(CheckFailed, match="markets"):
            stack.up(self.program(markets=[]))

    @pytest.mark.parametrize("offer_type", ["AzureApplication", "SoftwareAsAService"])
    def test_an_offer_type_without_markets_of_its_own_is_refused_immediately(
        self, offer_type: str, stack: Stack, pauses: list[float]
    ) -> None:
        offer = {"offer": declare_offer(offer_type=offer_type)}
        stack.up(offer)
        pauses.clear()
        markets = {"offer": Ref("offer"), "markets": ["US"]}
        with pytest.raises(InputError, match=f"{offer_type} offers have no markets of their own"):
            stack.up({**offer, SUBJECT: Declaration(OfferMarkets, markets)})
        with pytest.raises(CheckFailed, match="PlanPricing"):
            stack.preview({**offer, SUBJECT: Declaration(OfferMarkets, markets | {"offer_type": offer_type})})
        assert pauses == []
