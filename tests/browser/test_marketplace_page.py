"""Page of the emulated marketplace in a real browser: a customer's way, by keyboard too."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from provider.tools.browser import Look, look
from provider.tools.emulators import serve
from tests.contract.webhook_receiver import (
    DECISION_SECONDS,
    GOLD,
    OFFER,
    VERSION,
    Marketplace,
    serve_receiver,
)

pytestmark = pytest.mark.usefixtures("browser")
ROOT = "/_emulator/marketplace"
HOSTILE = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)><a href=javascript:alert(3)>x</a>{{ 7 * 7 }}"
)
SCRIPTS = """() => [...document.querySelectorAll('*')].flatMap(element => [
    ...element.getAttributeNames().filter(name => name.startsWith('on') || name === 'style'),
    ...(element.matches('script, iframe, object, embed, base, style') ? [element.tagName] : []),
])"""
TEXT = "() => document.body.innerText"
WIDER_THAN_SCREEN = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
READING = {"scripts": SCRIPTS, "text": TEXT, "wide": WIDER_THAN_SCREEN}


@pytest.fixture
def marketplace() -> Iterator[Marketplace]:
    with serve(seed=1) as emulator, serve_receiver() as receiver:
        yield Marketplace(emulator, receiver)


def press(key: str, times: int = 1) -> list[list[str]]:
    return [["keyboard.press", key]] * times


def test_a_purchase_by_keyboard_leads_to_the_landing_page_with_a_token_of_the_subscription(marketplace):
    root, receiver = f"{marketplace.emulator.url}{ROOT}", marketplace.receiver
    steps = [
        *press("Tab", 5),  # past the skip link and the three of the navigation
        *press("Enter"),
        ["wait_for_url", f"**/offers/{OFFER}"],
        *press("Tab", 5),
        ["keyboard.type", "Fabrikam by keyboard"],
        *press("Tab"),
        ["keyboard.type", "7"],
        *press("Enter"),
        ["wait_for_url", "**/subscriptions/*?done=bought"],
        *press("Tab", 5),
        *press("Enter"),
        ["wait_for_url", f"{receiver.url}/landing?token=*"],
    ]
    (observation,) = look(Look(root, steps=steps))
    assert observation.requests == [observation.address]
    (token,) = parse_qs(urlsplit(observation.address).query)["token"]
    answer = marketplace.emulator.client.post(
        "/api/saas/subscriptions/resolve", params=VERSION, headers={"x-ms-marketplace-token": token}
    ).json()
    assert (answer["subscriptionName"], answer["quantity"]) == ("Fabrikam by keyboard", 7)


def test_every_page_is_accessible_runs_nothing_and_shows_hostile_names_as_they_are(marketplace):
    root, subscription = f"{marketplace.emulator.url}{ROOT}", marketplace.subscribe()
    purchase = {"offer_id": OFFER, "plan_id": GOLD, "name": HOSTILE}
    hostile = marketplace.control("POST", "purchase", purchase)["subscription"]["id"]
    marketplace.do("cancel", hostile)
    marketplace.deliveries()
    changing = [
        ["select_option", "#plan-id", GOLD],
        ["click", "text=Change the plan"],
        ["wait_for_url", "**?done=plan"],
        ["click", "text=Change the seats"],  # refused: the other change is under way
        ["wait_for_selector", "[role=alert]"],
    ]
    changed, *pages = look(
        Look(f"{root}/subscriptions/{subscription}", READING, steps=changing),
        Look(f"{root}/subscriptions", READING, is_dark=True),
        Look(f"{root}/subscriptions/{hostile}", READING),
        Look(f"{root}/deliveries", READING, width=360),
        Look(root, READING),
        Look(f"{root}/offers/{OFFER}", READING, width=360),
        Look(f"{root}/offers/nothing", READING),
    )
    assert "locked by the pending ChangePlan" in changed.values["text"]
    for observation in (changed, *pages):
        assert observation.violations == [], observation.address
        messages = [text for text in observation.console if "status of 4" not in text]
        assert (observation.requests, observation.dialogs, messages) == ([], [], [])
        assert observation.values["scripts"] == [], observation.address
        assert not observation.values["wide"], observation.address
    for observation in pages[:3]:
        assert HOSTILE in observation.values["text"], observation.address
    marketplace.emulator.advance(DECISION_SECONDS)
    assert marketplace.plan(subscription) == GOLD


@pytest.mark.soak
def test_seats_are_changed_and_a_subscription_is_cancelled(marketplace):
    subscription = marketplace.subscribe()
    address = f"{marketplace.emulator.url}{ROOT}/subscriptions/{subscription}"
    changing = [
        ["fill", "#quantity", "9"],
        ["click", "text=Change the seats"],
        ["wait_for_url", "**?done=seats"],
    ]
    look(Look(address, steps=changing))
    marketplace.emulator.advance(DECISION_SECONDS)
    assert marketplace.api("GET", subscription)["quantity"] == 9
    cancelling = [
        ["click", "text=Cancel this subscription"],
        ["click", "text=Cancel it for good"],
        ["wait_for_url", "**?done=cancel"],
    ]
    (observation,) = look(Look(address, READING, steps=cancelling))
    assert marketplace.status(subscription) == "Unsubscribed"
    assert "Cancel this subscription" not in observation.values["text"]
    marketplace.deliveries()
    assert marketplace.receiver.actions() == ["ChangeQuantity", "Unsubscribe"]
