"""A customer's way through marketplace, Entra ID and service in a real browser: buy, sign in, confirm, manage."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from provider.tools.browser import Look, NoBrowser, Observation, find_browser, look
from provider.tools.emulators import serve
from tests.saas.deployment import Deployment, MovableClock, serve_deployment

from pulumi_partnercenter.saas.database import Database

MARKETPLACE = "/_emulator/marketplace"
READING = {
    "scripts": "() => [...document.querySelectorAll('script, iframe, [style], style')].length",
    "heading": "() => document.querySelector('h1').innerText",
    "text": "() => document.body.innerText",
    "wide": "() => document.documentElement.scrollWidth > document.documentElement.clientWidth",
}


@pytest.fixture(scope="module", autouse=True)
def browser() -> str:
    """A browser, or these tests are skipped."""
    try:
        return find_browser()
    except NoBrowser as error:
        pytest.skip(str(error))


@pytest.fixture
def deployment(tmp_path) -> Iterator[Deployment]:
    clock, url = MovableClock(), f"sqlite:///{tmp_path / 'saas.db'}"
    database = Database(url)
    database.migrate()
    database.close()
    with serve(now=clock) as emulator, serve_deployment(emulator, clock, url) as deployment:
        yield deployment


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

    to_account = [["click", "text=Sign in as Dana Fabrikam"], ["wait_for_url", f"**/account/{id}"]]
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
