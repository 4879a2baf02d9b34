"""An offer that has moved to Partner Center becomes a program of the submission API that creates nothing twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from provider.tools.emulators import RunningEmulator
from tests.cli.adoption import adopt_program, group_by_class
from tests.cli.command import Command
from tests.resources.card import write_requests
from tests.resources.examples import emulator_config
from tests.resources.harness import Declaration, Program, Ref, Stack
from tests.resources.portal.portal_offers import SUBSCRIPTION, document

from pulumi_partnercenter import Offer, OfferListing, OfferProperties, Plan, PlanListing, PreviewAudience
from pulumi_partnercenter.export.portal_migration import COUNTERPARTS, WITHOUT_COUNTERPART
from pulumi_partnercenter.kinds.portal._portal_listing import Listing
from pulumi_partnercenter.kinds.portal._vm_plans import Plan as PortalPlan
from pulumi_partnercenter.kinds.portal.offer import OfferArguments

PRODUCT: Program = {
    "offer": Declaration(
        Offer,
        {
            "offer_id": "contoso-gateway",
            "offer_type": "AzureThirdPartyVirtualMachine",
            "alias": "contoso-gateway",
        },
    ),
    "properties": Declaration(
        OfferProperties, {"offer": Ref("offer"), "categories": {"networking": ["firewalls"]}}
    ),
    "listing": Declaration(OfferListing, {"offer": Ref("offer"), "title": "Contoso Gateway"}),
    "audience": Declaration(PreviewAudience, {"offer": Ref("offer"), "subscriptions": [SUBSCRIPTION]}),
    "plan": Declaration(Plan, {"offer": Ref("offer"), "plan_id": "branch", "name": "Branches"}),
    "plan_listing": Declaration(PlanListing, {"plan": Ref("plan"), "title": "Branches", "summary": "Many"}),
}


def make_portal_offer(emulator: RunningEmulator, *, is_migrated: bool) -> None:
    """Make the offer in the portal's API. The emulator has contents of products of core virtual machines only."""
    definition = document()["definition"]
    core = {
        name.replace("-virtualmachines.", "-corevm."): value for name, value in definition["plans"][0].items()
    }
    del core["virtualMachinePricingV2"], core["microsoft-azure-corevm.vmImages"]
    images = {"1.0.0": {"osVhdUrl": "https://contoso.blob.core.windows.net/disks/1.vhd", "lunVhdDetails": []}}
    core["microsoft-azure-corevm.vmImagesPublicAzure"] = images
    offer = {"microsoft-azure-corevm.title": "Contoso Gateway"}
    body = {
        "publisher": "contoso",
        "offer_id": "contoso-gateway",
        "offer_type": "microsoft-azure-corevm",
        "is_migrated": is_migrated,
        "definition": {"displayText": "Gateway", "offer": offer, "plans": [core]},
    }
    emulator._control("POST", "portal/offers", body)


@pytest.mark.parametrize("offer_id", ["contoso-gateway", "contoso/contoso-gateway"])
def test_a_migrated_offer_becomes_a_program_that_creates_nothing_twice(
    offer_id: str,
    emulator: RunningEmulator,
    partnercenter: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    original = Stack(emulator_config(emulator))
    original.up(PRODUCT)
    make_portal_offer(emulator, is_migrated=True)
    before = emulator.state()
    emulator.clear()
    report = partnercenter("portal", "migrate", offer_id, "--json").expect_success().json()
    assert report["refused"] == report["plainSecrets"] == []
    assert {"Offer", "OfferListing", "OfferProperties", "Plan", "PlanListing"} <= report["resources"].keys()
    assert "Submission" not in report["resources"]
    without = report["withoutCounterpart"]
    assert "Product Ingestion API" in without["plans[branch].images"]
    assert "PlanPricing" in without["plans[branch].pricing"]
    assert "listing.title" not in without
    stack = adopt_program(emulator, tmp_path / "contoso-gateway", monkeypatch)
    assert write_requests(emulator) == []
    assert emulator.state() == before
    (adopted,) = group_by_class(stack)["Offer"]
    assert adopted.id == original.state["offer"].id
    text = partnercenter("portal", "migrate", offer_id, "--output", "again").expect_success().out
    assert "plans[branch].images: only the Product Ingestion API has it" in text
    files = [(tmp_path / folder / "__main__.py").read_text() for folder in ("contoso-gateway", "again")]
    assert files[0] == files[1]


def test_an_offer_that_has_not_moved_is_refused(emulator: RunningEmulator, partnercenter: Command) -> None:
    make_portal_offer(emulator, is_migrated=False)
    result = partnercenter("portal", "migrate", "contoso-gateway").expect_failure()
    assert "it has not moved to Partner Center" in result.err
    assert not (partnercenter.folder / "contoso-gateway").exists()


def test_an_offer_that_one_of_the_services_lacks_is_an_error(
    emulator: RunningEmulator, partnercenter: Command
) -> None:
    assert "there is no such offer" in partnercenter("portal", "migrate", "contoso-none").expect_failure().err
    make_portal_offer(emulator, is_migrated=True)
    result = partnercenter("portal", "migrate", "contoso-gateway").expect_failure()
    assert "the submission API does not list it" in result.err
    assert not (partnercenter.folder / "contoso-gateway").exists()


def test_every_argument_of_an_offer_has_a_counterpart_or_a_reason() -> None:
    tables = [*COUNTERPARTS, *WITHOUT_COUNTERPART]
    offer = {*OfferArguments.arguments()} - {"listing", "plans"}
    listing = {f"listing.{name}" for name in Listing.names()}
    plans = {f"plans.{name}" for name in PortalPlan.names()}
    assert sorted(tables) == sorted(offer | listing | plans)
