"""What exists under an id or with a link that no new offer gets: taken over, changed and looked up as it is."""

from __future__ import annotations

import re

import pytest
from provider.tools.emulators import Serving
from tests.resources.card import assert_readable
from tests.resources.examples import MANAGED, OFFERS
from tests.resources.harness import Declared, Program, Ref, Stack

from pulumi_partnercenter import InputError, Offer, OfferListing, Plan, get_offer, get_plan
from pulumi_partnercenter.emulator.submission import products, variants

OFFER_ID, PLAN_ID, LINK = "CentOS-HPC", "7.5", "http://contoso.example.com/privacy"
OLD_OFFER = Declared(Offer, {**OFFERS["offer"].arguments, "offer_id": OFFER_ID})
OLD: Program = {
    "offer": OLD_OFFER,
    "plan": Declared(Plan, {"offer": Ref("offer"), "plan_id": PLAN_ID, "name": "Gold", "subtype": MANAGED}),
}


@pytest.fixture
def account(stack: Stack, emulator: Serving, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """An empty stack beside an offer and a plan of an earlier year, when the service took other ids."""
    monkeypatch.setattr(products, "OFFER_ID_FORM", re.compile(".+"))
    monkeypatch.setattr(variants, "PLAN_ID_FORM", re.compile(".+"))
    offer, plan = OLD_OFFER.arguments, OLD["plan"].arguments
    made = emulator.client.post(
        "/v1.0/ingestion/products",
        json={
            "resourceType": offer["offer_type"],
            "name": offer["alias"],
            "externalIDs": [{"type": "AzureOfferId", "value": OFFER_ID}],
            "isModularPublishing": True,
        },
    )
    body = {"externalID": PLAN_ID, "friendlyName": plan["name"], "subType": MANAGED}
    of_offer = f"/v1.0/ingestion/products/{made.json()['id']}"
    emulator.client.post(
        f"{of_offer}/variants", json={"resourceType": "AzureSkuVariant", **body}
    ).raise_for_status()
    return stack


def writes(emulator: Serving) -> list[str]:
    return [each["path"] for each in emulator.requests() if each["method"] != "GET"]


def test_an_old_id_is_taken_over_without_a_write(account: Stack, emulator: Serving) -> None:
    emulator.clear()
    assert account.preview(OLD) == {"offer": "create", "plan": "create"}
    account.up(OLD)
    assert writes(emulator) == []
    assert account.refresh() == {}
    assert account.up(OLD) == {}


def test_a_plan_with_an_old_id_is_changed_in_place(account: Stack) -> None:
    account.up(OLD)
    changed = {**OLD, "plan": Declared(Plan, {**OLD["plan"].arguments, "name": "Gold, yearly"})}
    assert account.up(changed) == {"plan": "update"}
    assert account.refresh() == {}


def test_an_old_id_is_looked_up(account: Stack, emulator: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARTNERCENTER_ENDPOINT", emulator.url)
    monkeypatch.setenv("PARTNERCENTER_ACCESS_TOKEN", "emulator")
    offer = get_offer(OFFER_ID)
    assert (offer.offer_id, get_plan(offer.id, PLAN_ID).plan_id) == (OFFER_ID, PLAN_ID)


@pytest.mark.parametrize(
    ("program", "told"),
    [
        ({"offer": OLD_OFFER}, f"offer '{OFFER_ID}'"),
        ({**OFFERS, "plan": OLD["plan"]}, f"plan '{PLAN_ID}'"),
    ],
    ids=["offer", "plan"],
)
def test_nothing_new_gets_such_an_id(
    program: Program, told: str, stack: Stack, emulator: Serving, capfd: pytest.CaptureFixture[str]
) -> None:
    """A preview cannot know whether it exists, and says what happens if not; `up` refuses before it sends anything."""
    stack.preview(program)
    assert f"{told}: only" in capfd.readouterr().out
    with pytest.raises(InputError, match=f"{told}: .* lowercase") as refused:
        stack.up(program)
    assert_readable(refused.value)
    assert not [each for each in writes(emulator) if each.endswith("variants")]
    assert not [each for each in emulator.state()["products"] if OFFER_ID in str(each)]


def test_what_is_in_the_state_is_not_remarked_again(
    account: Stack, capfd: pytest.CaptureFixture[str]
) -> None:
    account.up(OLD)
    capfd.readouterr()
    account.up({**OLD, "plan": Declared(Plan, {**OLD["plan"].arguments, "name": "Gold, yearly"})})
    assert "only" not in capfd.readouterr().out


def listing(**changes: object) -> Program:
    links = [{"type": "PrivacyUri", "uri": LINK, "text": "Privacy"}]
    arguments = {"offer": Ref("offer"), "title": "Contoso Backup", "links": links}
    return {**OFFERS, "listing": Declared(OfferListing, {**arguments, **changes})}


def test_an_unprotected_link_is_kept_and_remarked_once(
    stack: Stack, emulator: Serving, capfd: pytest.CaptureFixture[str]
) -> None:
    stack.preview(listing())
    assert f"{LINK} is not protected" in capfd.readouterr().out
    stack.up(listing())
    assert emulator.state()["listings"][0]["listingUris"][0]["uri"] == LINK
    stack.forget()
    emulator.clear()
    stack.up(listing())
    assert writes(emulator) == []
    capfd.readouterr()
    assert stack.up(listing(summary="Backs up")) == {"listing": "update"}
    assert "not protected" not in capfd.readouterr().out
