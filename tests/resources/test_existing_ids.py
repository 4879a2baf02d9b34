"""Existing objects whose id or link is not allowed for new offers: adoption, changes and look-ups work."""

from __future__ import annotations

import re

import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import assert_readable
from tests.resources.examples import MANAGED, OFFERS
from tests.resources.harness import Declaration, Program, Ref, Stack

from pulumi_partnercenter import InputError, Offer, OfferListing, Plan, get_offer, get_plan
from pulumi_partnercenter.emulator.submission import products, variants

OFFER_ID, PLAN_ID, LINK = "CentOS-HPC", "7.5", "http://contoso.example.com/privacy"
OLD_OFFER = Declaration(Offer, {**OFFERS["offer"].arguments, "offer_id": OFFER_ID})
OLD_PROGRAM: Program = {
    "offer": OLD_OFFER,
    "plan": Declaration(
        Plan, {"offer": Ref("offer"), "plan_id": PLAN_ID, "name": "Gold", "subtype": MANAGED}
    ),
}


@pytest.fixture
def account(stack: Stack, emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """A stack without state. The account has an offer and a plan from a year when the service accepted other ids."""
    monkeypatch.setattr(products, "OFFER_ID_FORM", re.compile(".+"))
    monkeypatch.setattr(variants, "PLAN_ID_FORM", re.compile(".+"))
    offer, plan = OLD_OFFER.arguments, OLD_PROGRAM["plan"].arguments
    response = emulator.client.post(
        "/v1.0/ingestion/products",
        json={
            "resourceType": offer["offer_type"],
            "name": offer["alias"],
            "externalIDs": [{"type": "AzureOfferId", "value": OFFER_ID}],
            "isModularPublishing": True,
        },
    )
    body = {"externalID": PLAN_ID, "friendlyName": plan["name"], "subType": MANAGED}
    offer_path = f"/v1.0/ingestion/products/{response.json()['id']}"
    emulator.client.post(
        f"{offer_path}/variants", json={"resourceType": "AzureSkuVariant", **body}
    ).raise_for_status()
    return stack


def write_paths(emulator: RunningEmulator) -> list[str]:
    return [request["path"] for request in emulator.requests() if request["method"] != "GET"]


def test_an_offer_with_an_old_id_is_adopted_without_a_write(
    account: Stack, emulator: RunningEmulator
) -> None:
    emulator.clear()
    assert account.preview(OLD_PROGRAM) == {"offer": "create", "plan": "create"}
    account.up(OLD_PROGRAM)
    assert write_paths(emulator) == []
    assert account.refresh() == {}
    assert account.up(OLD_PROGRAM) == {}


def test_a_plan_with_an_old_id_is_changed_in_place(account: Stack) -> None:
    account.up(OLD_PROGRAM)
    changed_program = {
        **OLD_PROGRAM,
        "plan": Declaration(Plan, {**OLD_PROGRAM["plan"].arguments, "name": "Gold, yearly"}),
    }
    assert account.up(changed_program) == {"plan": "update"}
    assert account.refresh() == {}


def test_an_offer_with_an_old_id_is_found_by_look_ups(
    account: Stack, emulator: RunningEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PARTNERCENTER_ENDPOINT", emulator.url)
    monkeypatch.setenv("PARTNERCENTER_ACCESS_TOKEN", "emulator")
    offer = get_offer(OFFER_ID)
    assert (offer.offer_id, get_plan(offer.id, PLAN_ID).plan_id) == (OFFER_ID, PLAN_ID)


@pytest.mark.parametrize(
    ("program", "label"),
    [
        ({"offer": OLD_OFFER}, f"offer '{OFFER_ID}'"),
        ({**OFFERS, "plan": OLD_PROGRAM["plan"]}, f"plan '{PLAN_ID}'"),
    ],
    ids=["offer", "plan"],
)
def test_a_new_offer_or_plan_is_refused_an_old_id(
    program: Program, label: str, stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
) -> None:
    """A preview cannot know whether the object exists, so it warns. `up` refuses before it sends anything."""
    stack.preview(program)
    assert f"{label}: only" in capfd.readouterr().out
    with pytest.raises(InputError, match=f"{label}: .* lowercase") as refusal:
        stack.up(program)
    assert_readable(refusal.value)
    assert not [path for path in write_paths(emulator) if path.endswith("variants")]
    assert not [product for product in emulator.state()["products"] if OFFER_ID in str(product)]


def test_an_old_id_in_the_state_causes_no_further_remark(
    account: Stack, capfd: pytest.CaptureFixture[str]
) -> None:
    account.up(OLD_PROGRAM)
    capfd.readouterr()
    account.up(
        {**OLD_PROGRAM, "plan": Declaration(Plan, {**OLD_PROGRAM["plan"].arguments, "name": "Gold, yearly"})}
    )
    assert "only" not in capfd.readouterr().out


def listing_program(**changes: object) -> Program:
    links = [{"type": "PrivacyUri", "uri": LINK, "text": "Privacy"}]
    arguments = {"offer": Ref("offer"), "title": "Contoso Backup", "links": links}
    return {**OFFERS, "listing": Declaration(OfferListing, {**arguments, **changes})}


def test_an_http_link_is_accepted_with_a_single_remark(
    stack: Stack, emulator: RunningEmulator, capfd: pytest.CaptureFixture[str]
) -> None:
    stack.preview(listing_program())
    assert f"{LINK} is not protected" in capfd.readouterr().out
    stack.up(listing_program())
    assert emulator.state()["listings"][0]["listingUris"][0]["uri"] == LINK
    stack.forget()
    emulator.clear()
    stack.up(listing_program())
    assert write_paths(emulator) == []
    capfd.readouterr()
    assert stack.up(listing_program(summary="Backs up")) == {"listing": "update"}
    assert "not protected" not in capfd.readouterr().out
