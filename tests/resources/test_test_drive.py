from __future__ import annotations

from typing import Any, ClassVar

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, Card, assert_readable, write_requests
from tests.resources.examples import OFFERS, OTHER_OFFER
from tests.resources.harness import Declaration, Ref, Stack

from pulumi_partnercenter import NotFound

# Pytest would collect a class whose name begins with Test.
from pulumi_partnercenter import TestDrive as Drive

TENANT = "11111111-2222-4333-8444-aaaaaaaaaaaa"
APPLICATION = "22222222-3333-4444-8555-bbbbbbbbbbbb"
SUBSCRIPTION = "33333333-4444-4555-8666-cccccccccccc"


class TestTestDrive(Card):
    kind = Drive
    parents = OFFERS
    other_parents = OTHER_OFFER
    first: ClassVar[dict[str, Any]] = {
        "offer": Ref("offer"),
        "subscription": SUBSCRIPTION,
        "tenant": TENANT,
        "application": APPLICATION.upper(),
        "application_key": "k3y-of-contoso",
        "duration_hours": 4,
        "regions": ["westeurope", "eastus"],
        "hot_instances": 1,
        "warm_instances": 2,
        "cold_instances": 3,
    }
    second = {
        "subscription": TENANT,
        "tenant": SUBSCRIPTION,
        "application": TENANT,
        "application_key": "k3y-of-fabrikam",
        "duration_hours": 8,
        "regions": ["eastus"],
        "hot_instances": 0,
        "warm_instances": 0,
        "cold_instances": 30,
    }
    immutable_changes = {"offer": Ref("other_offer")}
    members = {
        "subscription": ("azureSubscriptionID", TENANT),
        "tenant": ("azureActiveDirectoryTenantID", None),
        "application": ("azureActiveDirectoryApplicationID", TENANT),
        "duration_hours": ("testDriveDuration", 1),
        "regions": ("regions", []),
        "hot_instances": ("hotInstances", None),
        "warm_instances": ("warmInstances", 9),
        "cold_instances": ("coldInstances", 0),
    }
    unreadable = {"application_key": "azureActiveDirectoryApplicationKey"}
    collection = "packageConfigurations"
    is_singleton = True

    @pytest.fixture(autouse=True)
    def legacy(self, emulator: RunningEmulator) -> None:
        self.prepare_emulator(emulator)

    def prepare_emulator(self, emulator: RunningEmulator) -> None:
        """Offers are created as in the years when they had test drives."""
        emulator.legacy_test_drive()

    def document(self, emulator: RunningEmulator, stack: Stack) -> dict[str, Any]:
        product = stack.state[SUBJECT].id
        (row,) = [
            row
            for row in emulator.state()[self.collection]
            if row["productID"] == product and row.get("variantID") == "testdrive"
        ]
        return row

    def test_a_fresh_test_drive_is_adopted(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.parents)
        emulator.clear()
        assert stack.up(self.program())[SUBJECT] == "create"
        assert [request["method"] for request in write_requests(emulator)] == ["PUT"]
        document = self.document(emulator, stack)
        assert document["azureActiveDirectoryApplicationKey"] == "k3y-of-contoso"
        assert (document["testDriveDuration"], document["regions"]) == (4, ["westeurope", "eastus"])


class TestMissingTestDrive:
    def test_a_test_drive_of_an_offer_without_is_refused_with_the_reason(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        program = {**OFFERS, "drive": Declaration(Drive, {"offer": Ref("offer"), "duration_hours": 4})}
        with pytest.raises(NotFound, match=r"(?s)has none.*deprecated.*\n  next: leave out") as refusal:
            stack.up(program)
        assert_readable(refusal.value)
        assert list(stack.state) == ["offer"]
        assert [request["method"] for request in write_requests(emulator)] == ["POST"]

    def test_a_test_drive_removed_by_the_service_is_noticed(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        emulator.legacy_test_drive()
        stack.up({**OFFERS, "drive": Declaration(Drive, {"offer": Ref("offer"), "duration_hours": 4})})
        emulator.fault("/branches/", status=200, body={"value": []}, times=0)
        emulator.fault("/variants", status=200, body={"value": []}, times=0)
        assert stack.refresh() == {"drive": ["gone"]}
