"""Exported offers of the Cloud Partner Portal API are adopted without a write, and hold no signature."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from provider.tools.emulators import RunningEmulator
from tests.cli.adoption import adopt_program, export_offers, group_by_class, run_export
from tests.cli.command import Command
from tests.resources.card import write_requests
from tests.resources.examples import OFFERS, emulator_config
from tests.resources.harness import Declaration, Program, Stack
from tests.resources.portal.portal_offers import (
    GATEWAY,
    LISTING,
    MARKETS,
    OTHER_SUBSCRIPTION,
    PLANS,
    SUBSCRIPTION,
    document,
    image,
    signed,
)
from tests.resources.portal.test_portal_story import program, up_until

from pulumi_partnercenter import portal

KEY = "QWNjb3VudEtleU9mQ29udG9zb0xlYWRz"
TABLE = f"DefaultEndpointsProtocol=https;AccountName=contosoleads;AccountKey={KEY}"
LEADS: dict[str, dict[str, Any]] = {
    "azure_table": {"azure_table": {"connection_string": TABLE}, "contact_email": "ann@contoso.example.com"},
    "azure_blob": {"azure_blob": {"connection_string": TABLE, "container": "leads"}},
    "https": {"https": {"url": signed("leads", signature=KEY)}},
    "dynamics": {
        "dynamics": {
            "url": "https://contoso.example.com",
            "authentication": "Password",
            "user_name": "ann",
            "password": KEY,
        }
    },
    "marketo": {
        "marketo": {"client_id": "c", "client_secret": KEY, "munchkin_account_id": "m", "form_id": "1"}
    },
    "salesforce": {"salesforce": {"object_identifier": "00D000000000001"}},
}
PRICES: dict[str, dict[str, Any]] = {
    "free": {"free": True},
    "byol": {"byol": True, "trial_months": 3},
    "per core": {"per_core": 0.12, "trial_months": 1},
    "per size": {"per_size": {"1core": 0.05, "2core": "0.1"}},
    "per market": {"per_market": {market: {"1core": "0.05"} for market in MARKETS}},
    "per market in other currencies": {
        "per_market": {"US": {"1core": 1}, "DE": {"1core": 2.5}},
        "currencies": {"DE": "USD"},
    },
    "spreadsheet": {"spreadsheet": signed("prices/plans.xlsx")},
    "none": {},
}


def plan(plan_id: str, **members: Any) -> dict[str, Any]:
    return {"plan_id": plan_id, "title": plan_id.title(), "markets": ["US", "DE"], **members}


def offer_of(**arguments: Any) -> Program:
    given = {"publisher": "contoso", "offer_id": "contoso-gateway", "alias": "Gateway", **arguments}
    return {"offer": Declaration(portal.Offer, given)}


def assert_round_trip(
    emulator: RunningEmulator, folder: Path, monkeypatch: pytest.MonkeyPatch, *ids: str
) -> Stack:
    """Export twice, with the same files; adopt in a new stack without a write and with no change afterwards."""
    export_offers(emulator, folder / "first", *ids)
    export_offers(emulator, folder / "second", *ids)
    assert read_files(folder / "first") == read_files(folder / "second")
    text = "".join(read_files(folder / "first").values())
    assert "sig=" not in text
    assert KEY not in text
    emulator.clear()
    stack = adopt_program(emulator, folder / "first", monkeypatch)
    assert write_requests(emulator) == []
    return stack


def read_files(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.sample(4)
@pytest.mark.parametrize("is_migrated", [True, False], ids=["migrated", "not-migrated"])
@pytest.mark.parametrize("pricing", PRICES)
def test_an_exported_plan_with_any_kind_of_price_is_adopted_without_a_write(
    pricing: str,
    is_migrated: bool,
    emulator: RunningEmulator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    emulator._control("POST", "portal/behaviour", {"is_migrated": is_migrated})
    prices = PRICES[pricing]
    members: dict[str, Any] = {"pricing": prices} if prices else {}
    if "per_market" in prices:
        members["markets"] = sorted(prices["per_market"])
    plans = [
        plan("first", **members, images={"1.0.0": image("1.0.0"), "1.0.1": image("1.0.1")}),
        plan("private", **members, subscriptions=[SUBSCRIPTION, OTHER_SUBSCRIPTION]),
        plan("file", **members, subscriptions_file=signed("audience/customers.csv")),
        plan("disks", **members, images={"1.0.0": image("d", data_disks=[signed("disks/data.vhd")])}),
        plan("features", **members, features={"backup": True, "extensions": False}, markets=MARKETS)
        if "per_market" not in prices
        else plan("features", **members, features={"backup": True, "extensions": False}),
    ]
    original = Stack(emulator_config(emulator))
    original.up(offer_of(plans=plans))
    stack = assert_round_trip(emulator, tmp_path, monkeypatch, "contoso-gateway")
    (adopted,) = group_by_class(stack)["portal.Offer"]
    assert adopted.id == original.state["offer"].id
    assert [plan["plan_id"] for plan in adopted.outputs["plans"]] == sorted(plan["plan_id"] for plan in plans)


def test_images_of_generations_are_exported_and_adopted_without_a_write(
    emulator: RunningEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = "microsoft-azure-corevm"
    disk = {"osVhdUrl": signed("disks/gen2-1.0.0.vhd"), "label": "Gen 2", "showInGui": True}
    generations = [
        {"planId": "basic-gen2", "generation": "2", f"{core}.vmImagesPublicAzure": {"1.0.0": disk}},
        {"planId": "basic-arm64", f"{core}.vmImagesPublicAzure": {}},
    ]
    definition = {"plans": [{"planId": "basic", "diskGenerations": generations}]}
    offer = {"publisher": "contoso", "offer_id": "contoso-core", "offer_type": core, "definition": definition}
    emulator._control("POST", "portal/offers", offer)
    stack = assert_round_trip(emulator, tmp_path, monkeypatch, "contoso-core")
    (adopted,) = group_by_class(stack)["portal.Offer"]
    (basic,) = adopted.outputs["plans"]
    assert basic["generations"].keys() == {"basic-gen2"}
    assert basic["generations"]["basic-gen2"]["1.0.0"]["label"] == "Gen 2"


@pytest.mark.sample(3)
@pytest.mark.parametrize("destination", LEADS)
def test_secrets_of_leads_become_configuration(
    destination: str, emulator: RunningEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Stack(emulator_config(emulator))
    test_drive = {"enabled": True, "description": "Try it.", "user_manual": signed("manual.pdf")}
    original.up(offer_of(lead_destination=LEADS[destination], test_drive=test_drive, listing=LISTING))
    stack = assert_round_trip(emulator, tmp_path, monkeypatch, "contoso-gateway")
    (adopted,) = group_by_class(stack)["portal.Offer"]
    assert adopted.outputs["lead_destination"][destination] != {}
    report = json.loads(run_export(emulator, tmp_path / "third", "--json", "contoso-gateway").stdout)
    assert bool(report["secrets"]) is (destination != "salesforce")
    assert report["plainSecrets"] == []


def test_an_address_for_leads_that_is_not_given_survives_a_write_of_something_else(
    emulator: RunningEmulator,
) -> None:
    stack = Stack(emulator_config(emulator))
    stack.up(offer_of(lead_destination=LEADS["https"]))
    stack.forget()
    kept = {"https": {"url": ""}}
    stack.up(offer_of(lead_destination=kept))
    stack.up(offer_of(lead_destination=kept, alias="Another name"))
    assert stack.refresh() == {}
    assert KEY in json.dumps(emulator.state()["portalOffers"])


def test_another_signature_of_a_manual_is_no_change(emulator: RunningEmulator) -> None:
    stack = Stack(emulator_config(emulator))
    manuals = [
        signed("manual.pdf", signature=signature) for signature in ("c2lnbmF0dXJlLW9uZQ", "c2lnbmF0dXJl")
    ]
    drives = [{"enabled": True, "user_manual": manual} for manual in manuals]
    stack.up(offer_of(test_drive=drives[0]))
    assert stack.up(offer_of(test_drive=drives[1])) == {}
    assert stack.up(offer_of(test_drive={**drives[1], "user_manual": signed("other.pdf")})) != {}
    assert stack.refresh() == {}


def test_an_offer_that_people_made_is_adopted_and_keeps_members_without_an_argument(
    emulator: RunningEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = {"publisher": "contoso", "offer_id": "contoso-gateway", "is_migrated": True}
    definition = document()["definition"]
    definition["plans"][0]["virtualMachinePricingV2"]["freeTrialDurationInMonths"] = 1
    emulator._control("POST", "portal/offers", {**people, "definition": definition})
    stack = assert_round_trip(emulator, tmp_path, monkeypatch, "contoso-gateway")
    report = json.loads(run_export(emulator, tmp_path / "third", "--json", "contoso-gateway").stdout)
    left_out = "\n".join(report["leftOut"])
    for member in (
        "marketplace.videos",
        "plans[branch]: microsoft-azure-virtualmachines.generation",
        "extra",
    ):
        assert member in left_out
    assert "virtualMachinePricing" not in left_out
    ((name, adopted),) = stack.state.items()
    (before,) = emulator.state()["portalOffers"]
    stack.up({name: Declaration(portal.Offer, {**adopted.inputs, "alias": "Another name"})})
    (after,) = emulator.state()["portalOffers"]
    assert after["definition"].pop("displayText") == "Another name"
    del before["definition"]["displayText"]
    assert after["definition"] == before["definition"], "signatures included"


def test_a_published_offer_is_exported_with_its_publication(
    emulator: RunningEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Stack(emulator_config(emulator))
    up_until(original, emulator, program("preview"), "preview")
    for state in ("preview", "live"):
        up_until(original, emulator, program(state), state)
        stack = assert_round_trip(emulator, tmp_path / state, monkeypatch, "contoso/contoso-gateway")
        (publication,) = group_by_class(stack)["portal.Publication"]
        assert publication.outputs["state"] == state
    alias = {"alias": "Another name"}
    original.up({"offer": program("live", **alias)["offer"]})
    stack = assert_round_trip(emulator, tmp_path / "changed", monkeypatch, "contoso-gateway")
    assert "portal.Publication" not in group_by_class(stack)


def test_offers_of_both_services_are_exported_together(
    emulator: RunningEmulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = Stack(emulator_config(emulator))
    same_id = {"offer_id": "contoso-backup", "plans": PLANS[:1]}
    original.up({**OFFERS, "portal": Declaration(portal.Offer, {**GATEWAY, **same_id})})
    stack = assert_round_trip(emulator, tmp_path, monkeypatch, "--all")
    assert len(group_by_class(stack)["portal.Offer"]) == len(group_by_class(stack)["Offer"]) == 1
    report = json.loads(run_export(emulator, tmp_path / "one", "--json", "contoso-backup").stdout)
    assert report["offers"] == ["contoso-backup"]
    report = json.loads(run_export(emulator, tmp_path / "other", "--json", "contoso/contoso-backup").stdout)
    assert report["offers"] == ["contoso/contoso-backup"]


def test_all_offers_without_rights_in_the_portal_are_those_of_the_submission_api(
    emulator: RunningEmulator, tmp_path: Path
) -> None:
    emulator._control("POST", "portal/behaviour", {"is_migrated": True})
    Stack(emulator_config(emulator)).up({**OFFERS, "portal": offer_of()["offer"]})
    emulator.fault("GET /api/publishers", status=403, times=0)
    report = json.loads(run_export(emulator, tmp_path / "program", "--all", "--json").stdout)
    assert report["offers"] == ["contoso-backup"]
    left_out = "\n".join(report["leftOut"])
    assert "offers of the Cloud Partner Portal" in left_out
    assert "contoso-gateway: another service has its plans" in left_out


def test_an_offer_id_of_several_publishers_is_refused(
    emulator: RunningEmulator, partnercenter: Command
) -> None:
    for publisher in ("contoso", "fabrikam"):
        Stack(emulator_config(emulator)).up(offer_of(publisher=publisher))
    result = partnercenter("export", "contoso-gateway").expect_failure()
    assert "several publishers have it: contoso/contoso-gateway, fabrikam/contoso-gateway" in result.err
    partnercenter("export", "fabrikam/contoso-gateway").expect_success()
    assert (partnercenter.folder / "contoso-gateway" / "__main__.py").exists()


@pytest.mark.parametrize("offer_id", ["contoso-none", "contoso/none", "a/b/c", "con toso/x", "/"])
def test_an_offer_that_does_not_exist_is_an_error(offer_id: str, partnercenter: Command) -> None:
    result = partnercenter("export", offer_id).expect_failure()
    assert "there is no such offer" in result.err
