from __future__ import annotations

from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, UnversionedCard, write_requests
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import Ref, Stack

from pulumi_partnercenter import ResellerChannel

CONTOSO = "11111111-2222-4333-8444-aaaaaaaaaaaa"
FABRIKAM = "22222222-3333-4444-8555-bbbbbbbbbbbb"


class TestResellerChannel(UnversionedCard):
    kind = ResellerChannel
    parents = OFFERS
    other_parents = OTHER_OFFER
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "state": "PartialOptIn",
        "tenants": [CONTOSO, FABRIKAM],
    }
    second = {"state": "Enabled", "tenants": [], "offer_type": "AzureApplication"}
    companions = {"state": {"tenants": []}, "tenants": {"state": "Enabled"}}
    immutable_changes = {"offer": Ref("other_offer")}
    members = {
        "state": ("resellerChannelState", "Enabled"),
        "tenants": ("tenantIds", [CONTOSO]),
    }
    required_arguments = ("tenants",)
    side_effects = {"setups": "channelStates"}
    collection, segment = "resellerConfigurations", "resellerConfiguration"

    @pytest.mark.parametrize("state", ["Disabled", "Enabled"])
    def test_a_reseller_state_is_sent_once_even_when_it_is_the_default(
        self, state: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        """A reseller configuration without any POST cannot be published."""
        program = self.program(state=state, tenants=[])
        stack.up(self.parents)
        emulator.clear()
        assert stack.up(program) == {SUBJECT: "create"}
        assert [request["method"] for request in write_requests(emulator)] == ["POST"]
        emulator.clear()
        assert stack.up(program) == {}
        assert emulator.requests() == []
        assert stack.refresh() == {}

    def test_changed_reseller_tenants_are_a_single_write(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        emulator.clear()
        assert stack.up(self.program(tenants=[FABRIKAM.upper(), CONTOSO])) == {}
        assert stack.up(self.program(tenants=[FABRIKAM])) == {SUBJECT: "update"}
        assert len(write_requests(emulator)) == 1
        assert self.document(emulator, stack)["tenantIds"] == [FABRIKAM]
