"""The public module `portal`: look-ups of offers, what constructors take, and what an import loads."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi
import pytest
from provider.tools.emulators import RunningEmulator
from pulumi.runtime import config
from tests.resources.examples import emulator_config
from tests.resources.harness import Declaration, Stack
from tests.resources.mocked import register_program

import pulumi_partnercenter
from pulumi_partnercenter import Forbidden, InputError, NotFound, PartnerCenterError, portal


@pytest.fixture(autouse=True)
def stack_configuration(emulator: RunningEmulator) -> Iterator[None]:
    """The stack's configuration, and an emulator with a live and an unpublished offer."""
    emulator.client.post("/_emulator/portal/sample").raise_for_status()
    emulator.clear()
    config.set_all_config(emulator_config(emulator), ["partnercenter:accessToken"])
    yield
    config.set_all_config({}, [])


def test_an_offer_is_read_with_its_plans_by_one_request(emulator: RunningEmulator) -> None:
    offer = portal.get_offer("fabrikam-labs", "edge-gateway-vm")
    assert (offer.id, offer.offer_type) == (
        "fabrikam-labs/edge-gateway-vm",
        "microsoft-azure-virtualmachines",
    )
    assert (offer.alias, offer.status, offer.is_migrated) == ("Edge Gateway", "succeeded", True)
    assert offer.plan_ids == ("gateway-std",)
    assert offer.version > 0
    assert len(emulator.requests()) == 1


def test_the_members_of_an_offer_are_shown_by_nothing_and_secret_as_an_output() -> None:
    offer = portal.get_offer("fabrikam-labs", "old-router-vm")
    assert "sig=" in json.dumps(offer.members)
    assert "sig=" not in repr(offer)
    secrecies: list[bool] = []
    tasks = []

    def program() -> None:
        async def note() -> None:
            secrecies.append(await pulumi.Output.is_secret(offer.definition))

        tasks.append(asyncio.ensure_future(note()))

    register_program(program)
    assert secrecies == [True]


def test_offers_of_a_publisher_are_listed_by_offer_id_and_type(emulator: RunningEmulator) -> None:
    assert [offer.id for offer in portal.list_offers("fabrikam-labs")] == [
        "fabrikam-labs/edge-gateway-vm",
        "fabrikam-labs/old-router-vm",
    ]
    machines = portal.list_offers("fabrikam-labs", "microsoft-azure-virtualmachines")
    assert [offer.is_migrated for offer in machines] == [True, False]
    assert portal.list_offers("fabrikam-labs", "microsoft-azure-corevm") == []
    assert len(emulator.requests()) == 3


def test_look_ups_of_the_submission_api_find_the_product_of_a_migrated_offer_only() -> None:
    (product,) = pulumi_partnercenter.list_offers("AzureThirdPartyVirtualMachine")
    assert (product.offer_id, product.alias) == ("edge-gateway-vm", "edge-gateway-vm")
    assert pulumi_partnercenter.get_offer("edge-gateway-vm") == product
    with pytest.raises(NotFound):
        pulumi_partnercenter.get_offer("old-router-vm")


def test_the_submission_api_refuses_to_manage_a_migrated_offer_and_writes_nothing(
    stack: Stack, emulator: RunningEmulator
) -> None:
    product = {"offer_id": "edge-gateway-vm", "offer_type": "AzureThirdPartyVirtualMachine"}
    offer = Declaration(pulumi_partnercenter.Offer, {**product, "alias": "edge-gateway-vm", "adopt": True})
    with pytest.raises(PartnerCenterError, match="whose offer belongs to another service"):
        stack.up({"offer": offer})
    assert {request["method"] for request in emulator.requests()} == {"GET"}


def test_an_offer_that_does_not_exist_and_a_foreign_publisher_are_errors(emulator: RunningEmulator) -> None:
    with pytest.raises(NotFound, match=r"portal\.list_offers") as missing:
        portal.get_offer("fabrikam-labs", "no-such-offer")
    assert isinstance(missing.value, pulumi.RunError)
    body = {"publisher": "contoso-other", "has_rights": False}
    emulator.client.post("/_emulator/portal/publishers", json=body).raise_for_status()
    with pytest.raises(Forbidden, match="enterprise application"):
        portal.list_offers("contoso-other")


@pytest.mark.parametrize(
    ("publisher", "offer_id"), [("", "a"), ("a/b", "a"), ("a", "a'b"), ("a", None), ("a", pulumi.Output)]
)
def test_ids_that_are_none_are_refused_before_any_request(
    publisher: Any, offer_id: Any, emulator: RunningEmulator
) -> None:
    with pytest.raises(InputError):
        portal.get_offer(publisher, offer_id)
    assert emulator.requests() == []


def test_a_publication_gets_fingerprint_name_and_id_of_its_offer() -> None:
    def program() -> None:
        gateway = portal.Offer("gateway", publisher="contoso", offer_id="contoso-gateway")
        portal.Publication("gateway-live", offer=gateway.id, publishes=[gateway], target="live")

    registrations = register_program(program)
    inputs = registrations["gateway-live"].inputs
    assert inputs["sends"] == ["portal.Offer gateway"]
    (published,) = inputs["published"]
    assert (published["kind"], published["name"]) == ("portal.Offer", "gateway")
    assert published["id"] == inputs["offer"]
    assert len(inputs["publishes"]) == 1


def test_what_is_no_resource_cannot_be_published() -> None:
    def program() -> None:
        wrong: Any = ["contoso/contoso-gateway"]
        portal.Publication("gateway", offer="contoso/contoso-gateway", publishes=wrong, target="preview")

    with pytest.raises(
        pulumi.RunError, match=r"Publication 'gateway': publishes\[0\]: 'contoso/contoso-gateway'"
    ):
        register_program(program)


def test_the_resources_of_the_portal_load_with_their_first_use() -> None:
    script = (
        "import json, sys, pulumi_partnercenter as partnercenter\n"
        "partnercenter.Offer\n"
        "before = [name for name in sys.modules if 'portal' in name]\n"
        "partnercenter.portal.Offer\n"
        "after = [name for name in sys.modules if 'portal' in name or name in ('httpx', 'pydantic', 'openpyxl')]\n"
        "print(json.dumps([before, after]))"
    )
    folder = Path(pulumi_partnercenter.__file__).parents[1]
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    before, after = json.loads(ran.stdout)
    assert before == []
    assert {name for name in after if not name.startswith("pulumi_partnercenter.resources.portal")} == {
        "pulumi_partnercenter.portal"
    }
