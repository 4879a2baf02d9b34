"""Pages of the emulated portal: what they show of an offer, no scripts, no changes."""

from __future__ import annotations

import html

import pytest
from provider.tools.emulators import RunningEmulator
from tests.contract.portal.cpp import CORE_VM, PUBLISHER, CppApi, definition, image, plan
from tests.contract.test_marketplace_forms import Elements

ROOT = "/_emulator/offers"
OFFER = f"{ROOT}/{PUBLISHER}/gateway-vm"
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}"


@pytest.fixture
def cpp(emulator: RunningEmulator) -> CppApi:
    return CppApi(emulator)


def read(cpp: CppApi, path: str) -> str:
    """The page, as text with its names unescaped."""
    answer = cpp.emulator.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert not Elements(answer.text).names & {"script", "img", "style", "onerror", "iframe", "form"}
    return html.unescape(answer.text)


def test_an_empty_emulator_says_how_an_offer_is_made(cpp):
    assert "POST /_emulator/portal/sample" in read(cpp, ROOT)
    assert cpp.emulator.client.get(OFFER).status_code == 404


def test_the_list_has_every_offer_with_its_status_and_the_way_to_it(cpp):
    cpp.control("sample", {})
    page = read(cpp, ROOT)
    for text in ("edge-gateway-vm", "old-router-vm", "succeeded", "neverPublished", "Partner Center"):
        assert text in page
    assert f'href="{ROOT}/{PUBLISHER}/edge-gateway-vm"' in page


def test_an_offer_shows_its_plans_slots_steps_messages_and_operations(cpp):
    individually = {"coreMultiplier": {"currency": "USD", "individually": {"1core": 1}}}
    regional = {"regionPrices": {"US": {"currency": "USD", "price": {"1core": 1}}}}
    audience = {"manualEntries": [{"type": "subscriptionId", "id": "0f6a3c52-7b1e-4f1d-9d0e-2f6f0a5b8c11"}]}
    plans = [
        plan("core", vmImages={"1.0.1": image("a"), "1.0.2": image("b")}),
        plan("free", {"coreMultiplier": {"currency": "USD", "single": 0}}),
        plan("licence", {"isByol": True}) | {"restrictedAudience": audience},
        plan("size", individually),
        plan("region", regional) | {"regions": [f"A{letter}" for letter in "ABCDEFGHIJKLMN"]},
        plan("sheet", {"spreadSheetPricing": {"uri": "https://files.fabrikam.example/a.xlsx"}}),
    ]
    cpp.make("gateway-vm", definition=definition("Gateway", *plans), published="live", version=6)
    cpp.control("publish", {"publisher": PUBLISHER, "offer_id": "gateway-vm", "target": "preview"})
    page = read(cpp, OFFER)
    for text in (
        "USD 0.12 per core and hour",
        "free",
        "bring your own licence",
        "by core size",
        "by region",
        "by spreadsheet",
        "14 regions",
        "US, DE",
        "1.0.1, 1.0.2",
        "private",
        "waitingForPublisherReview",
        "version 8",
        "goLive",
    ):
        assert text in page, text


def test_a_failed_step_shows_its_message_as_text(cpp):
    cpp.make("gateway-vm", definition=definition())
    cpp.emulator.decide("portal_certification", "reject", messages=["The <b>logo</b> is hard to read."])
    cpp.publish("gateway-vm")
    page = cpp.emulator.client.get(OFFER).text
    assert "The &lt;b&gt;logo&lt;/b&gt; is hard to read." in page
    assert "rejected" in page


def test_names_of_people_run_nothing(cpp):
    hostile = definition(HOSTILE, plan("std", skuTitle=HOSTILE, vmImages={HOSTILE: image("a")}))
    cpp.make("gateway-vm", definition=hostile)
    cpp.emulator.decide("portal_validation", "block", messages=[HOSTILE])
    cpp.control("publish", {"publisher": PUBLISHER, "offer_id": "gateway-vm", "target": "preview"})
    for path in (ROOT, OFFER):
        assert HOSTILE in read(cpp, path)


@pytest.mark.parametrize(
    "pricing", [[], "x", 1, {"coreMultiplier": [], "regionPrices": 3}, {"isByol": "yes"}]
)
def test_an_offer_of_another_type_with_any_members_has_a_page(cpp, pricing):
    odd = {"planId": "std", "virtualMachinePricing": pricing, "regions": "x", f"{CORE_VM}.skuTitle": 5}
    cpp.make("gateway-vm", offer_type=CORE_VM, definition={"plans": [odd]})
    assert "std" in read(cpp, OFFER)


def test_a_page_takes_no_changes(cpp):
    cpp.make("gateway-vm", definition=definition())
    for path in (ROOT, OFFER):
        for method in ("POST", "PUT", "DELETE"):
            assert cpp.emulator.client.request(method, path).status_code in (405, 501)
