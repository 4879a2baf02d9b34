"""A customer's way through marketplace, Entra ID and service in a real browser: from the purchase to the end."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from provider.tools.browser import Look, Observation, look
from tests.saas.deployment import ON_SQLITE, Deployment

pytestmark = pytest.mark.usefixtures("browser")
MARKETPLACE = "/_emulator/marketplace"
READING = {
    "scripts": "() => [...document.querySelectorAll('script, iframe, [style], style')].length",
    "heading": "() => document.querySelector('h1').innerText",
    "text": "() => document.body.innerText",
    "wide": "() => document.documentElement.scrollWidth > document.documentElement.clientWidth",
}


def check(deployment: Deployment, observation: Observation) -> Observation:
    """A page breaks no rule of axe, has no script, and loads from the service and the emulator only."""
    own = (deployment.url, deployment.emulator.url)
    assert observation.violations == [], observation.address
    assert observation.console == []
    assert all(address.startswith(own) for address in observation.requests)
    assert observation.values["scripts"] == 0
    assert not observation.values["wide"], observation.address
    return observation


def open_account(deployment: Deployment, id: str, *steps: Sequence[str]) -> Observation:
    """Open the account from the marketplace's page as a visitor without cookies, and go on."""
    page = f"{deployment.emulator.url}{MARKETPLACE}/subscriptions/{id}"
    button = ["click", "form[action$='/account'] button"]
    (observation,) = look(Look(page, steps=[button, *steps], expressions=READING))
    return check(deployment, observation)


def sign_in_steps(id: str) -> list[list[str]]:
    """Return the steps of the buyer from Entra ID to the account."""
    return [["click", "text=Sign in as Dana Fabrikam"], ["wait_for_url", f"**/account/{id}"]]


def act_in_marketplace(deployment: Deployment, id: str, *steps: Sequence[str]) -> None:
    """Take steps on the marketplace's page of a subscription, and let the service do what follows."""
    page = f"{deployment.emulator.url}{MARKETPLACE}/subscriptions/{id}"
    look(Look(page, steps=[*steps, ["wait_for_url", "**?done=*"]]))
    settle(deployment)


def settle(deployment: Deployment) -> None:
    """Let webhooks arrive and jobs run until nothing is left to do."""
    deployment.run_jobs()
    deployment.advance(minutes=1)
    deployment.run_jobs()


@ON_SQLITE
def test_a_customer_buys_signs_in_confirms_and_manages(deployment):
    buying = [
        ["fill", "#name-1", "Fabrikam by browser"],
        ["fill", "#seats-1", "7"],
        ["click", "section:first-of-type form button"],
        ["wait_for_url", "**/subscriptions/*?done=bought"],
    ]
    offer = f"{deployment.emulator.url}{MARKETPLACE}/offers/contoso-seats"
    configure = [["click", "form[action$='/account'] button"], ["wait_for_url", "**/authorize?*"]]
    (sign_in,) = look(Look(offer, steps=[*buying, *configure], expressions=READING))
    assert "Choose an account" in check(deployment, sign_in).values["text"]
    ((id,),) = [[entry["id"]] for entry in deployment.emulator.state()["saasSubscriptions"]]

    as_dana = [["click", "text=Sign in as Dana Fabrikam"], ["wait_for_url", "**/landing/*"]]
    confirmation = open_account(deployment, id, *as_dana)
    assert "Fabrikam by browser" in confirmation.values["text"]
    assert "token" not in confirmation.address

    by_keyboard = [
        ["focus", "#contact-1"],
        ["keyboard.press", "Tab"],
        ["keyboard.press", "Enter"],
        ["wait_for_url", f"**/account/{id}"],
    ]
    progress = open_account(deployment, id, *as_dana, *by_keyboard)
    assert "being set up" in progress.values["heading"]
    deployment.run_jobs()
    assert deployment.row(id).access == "active"

    to_account = sign_in_steps(id)
    manage = open_account(deployment, id, *to_account)
    assert manage.values["heading"] == "Your subscription"
    seats = [
        ["click", "text=Change plan or seats"],
        ["fill", "#quantity", "9"],
        ["click", "text=Change the seats"],
        ["wait_for_url", "**?done=requested"],
    ]
    assert "A change is under way" in open_account(deployment, id, *to_account, *seats).values["text"]
    deployment.run_jobs()
    deployment.advance(minutes=1)
    deployment.run_jobs()
    assert deployment.row(id).quantity == 9


@pytest.mark.soak
def test_a_whole_life_from_the_purchase_to_the_cancellation(deployment):
    purchase = deployment.marketplace.buy("team", quantity=12)
    id = purchase["subscription"]["id"]
    confirm = [
        ["click", "text=Sign in as Dana Fabrikam"],
        ["wait_for_url", "**/landing/*"],
        ["click", "text=Confirm and activate"],
        ["wait_for_url", f"**/account/{id}"],
    ]
    assert "being set up" in open_account(deployment, id, *confirm).values["heading"]
    settle(deployment)
    to_account = sign_in_steps(id)
    assert open_account(deployment, id, *to_account).values["heading"] == "Your subscription"

    change = [*to_account, ["click", "text=Change plan or seats"], ["select_option", "#plan", "company"]]
    change += [["click", "text=Change the plan"], ["wait_for_url", "**?done=requested"]]
    open_account(deployment, id, *change)
    settle(deployment)
    assert deployment.row(id).plan_id == "company"
    act_in_marketplace(
        deployment, id, ["select_option", "#plan-id", "team"], ["click", "text=Change the plan"]
    )
    act_in_marketplace(deployment, id, ["fill", "#quantity", "4"], ["click", "text=Change the seats"])
    row = deployment.row(id)
    assert (row.plan_id, row.quantity, row.access) == ("team", 4, "active")

    act_in_marketplace(deployment, id, ["click", "text=Payment fails"])
    assert deployment.row(id).access == "restricted"
    assert "suspended" in open_account(deployment, id, *to_account).values["heading"]
    act_in_marketplace(deployment, id, ["click", "text=Payment is made up"])
    assert deployment.row(id).access == "active"

    cancel = [*to_account, ["click", "text=Cancel the subscription"], ["wait_for_url", "**/cancel"]]
    cancel += [["click", "button.danger"], ["wait_for_url", "**?done=requested"]]
    open_account(deployment, id, *cancel)
    settle(deployment)
    row = deployment.row(id)
    assert (row.status, row.access) == ("Unsubscribed", "removed")
    history = deployment.history(id)
    milestones = ["activated", "plan changed", "plan changed", "quantity changed", "suspended", "reinstated"]
    assert [action for action in history if action in {*milestones, "unsubscribed"}] == [
        *milestones,
        "unsubscribed",
    ]
