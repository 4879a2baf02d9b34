"""The publisher's pages in a real browser: accessible in every language, on a phone, by keyboard, without a script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from provider.tools.browser import Look, NoBrowser, Observation, find_browser, look
from provider.tools.emulators import serve
from tests.saas.deployment import Deployment, MovableClock, serve_deployment
from tests.saas.publisher import OPERATOR, add_everything, add_subscriptions, sign_in

from pulumi_partnercenter.saas import subscriptions
from pulumi_partnercenter.saas.database import Database
from pulumi_partnercenter.saas.languages import LANGUAGES
from pulumi_partnercenter.saas.tables import Access

HOSTILE = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)><a href=javascript:alert(3)>x</a>{{ 7 * 7 }}"
)
LONG = "Fabrikam-" + "x" * 200
SCRIPTS = """() => [...document.querySelectorAll('*')].flatMap(element => [
    ...element.getAttributeNames().filter(name => name.startsWith('on') || name === 'style'),
    ...(element.matches('script, iframe, object, embed, base, style') ? [element.tagName] : []),
])"""
TABLES = "() => [...document.querySelectorAll('table')].every(t => t.caption && t.querySelector('th[scope]'))"
READING = {
    "scripts": SCRIPTS,
    "tables": TABLES,
    "language": "() => document.documentElement.lang",
    "text": "() => document.body.innerText",
    "wide": "() => document.documentElement.scrollWidth > document.documentElement.clientWidth",
}
SIZES = {"en": (1000, False), "de": (360, False), "ja": (700, True)}
"""Width of the window and whether it is dark, by language: German has the longest words."""
OTHER_PROBLEMS = "status of"
"""The browser's message about an answer that is an error on purpose."""


@pytest.fixture(scope="module", autouse=True)
def browser() -> str:
    """A browser, or these tests are skipped."""
    try:
        return find_browser()
    except NoBrowser as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    clock = MovableClock()
    url = f"sqlite:///{tmp_path_factory.mktemp('publisher')}/saas.db"
    database = Database(url)
    database.migrate()
    database.close()
    with serve(now=clock) as emulator, serve_deployment(emulator, clock, url, runs_jobs=False) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def subscription(deployment: Deployment) -> str:
    """A subscription that is active, beside many others and one whose texts are hostile."""
    service, id = (
        deployment.service,
        deployment.marketplace.subscribe("team", quantity=5, name="Fabrikam seats"),
    )
    add_subscriptions(service.database, 3)
    add_everything(service.database, HOSTILE, number=101)
    add_everything(service.database, LONG, number=102)
    answer = service.client.get_subscription(id)
    with service.database.transaction() as session:
        subscriptions.save(session, answer, now=service.now()).access = Access.ACTIVE
    return id


def cookies(deployment: Deployment, *roles: str) -> dict[str, str]:
    name, _, value = sign_in(deployment.service, *roles).partition("=")
    return {name: value}


def list_pages(subscription: str) -> list[str]:
    own, hostile = f"/subscriptions/{subscription}", "/subscriptions/00000000-0000-4000-8000-000000000101"
    return [
        "/subscriptions",
        "/subscriptions?status=Suspended&search=nothing",
        "/webhooks",
        "/jobs?state=dead",
        "/usage",
        "/history",
        own,
        hostile,
        f"{own}/operations",
        f"{own}/activate",
        f"{own}/plan",
        f"{own}/quantity",
        f"{own}/quantity?quantity=7",
        f"{own}/cancel",
        "/webhooks/operation-101",
        "/jobs/1",
        "/usage/1",
        "/nothing",
    ]


def check(observation: Observation, language: str) -> None:
    address = observation.address
    assert observation.violations == [], address
    messages = [text for text in observation.console if OTHER_PROBLEMS not in text]
    assert (observation.requests, observation.dialogs, messages) == ([], [], []), address
    assert observation.values["scripts"] == [], address
    assert observation.values["tables"], address
    assert observation.values["language"] == language, address
    assert not observation.values["wide"], address


def look_at(deployment: Deployment, pages: list[tuple[str, str]], *roles: str) -> list[Observation]:
    """Look at pages, each in a language; one start of the browser for all."""
    looks = []
    for path, language in pages:
        width, is_dark = SIZES[language]
        own = {**cookies(deployment, *roles), "__Host-language": language}
        page = f"{deployment.url}/publisher{path}"
        looks.append(Look(page, READING, width=width, is_dark=is_dark, cookies=own))
    return look(*looks)


def test_every_page_is_accessible_runs_nothing_and_fits_a_phone(deployment, subscription):
    codes = [*LANGUAGES]
    pages = [(path, codes[number % 3]) for number, path in enumerate(list_pages(subscription))]
    observations = look_at(deployment, pages, OPERATOR)
    for (_, language), observation in zip(pages, observations, strict=True):
        check(observation, language)
    texts = [observation.values["text"] for observation in observations]
    assert sum(HOSTILE in text for text in texts) >= 3


@pytest.mark.soak
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_accessible_in_every_language(language, deployment, subscription):
    for observation in look_at(deployment, [(path, language) for path in list_pages(subscription)], OPERATOR):
        check(observation, language)
    (refused,) = look_at(deployment, [("/subscriptions", language)], "Subscriptions.Other")
    check(refused, language)


def press(key: str, times: int = 1) -> list[list[str]]:
    return [["keyboard.press", key]] * times


CONTENT = [*press("Tab"), *press("Enter")]
"""The skip link."""


def test_a_subscription_is_searched_and_cancelled_by_keyboard(deployment, subscription):
    steps = [
        *CONTENT,
        *press("Tab", 2),  # past the failed jobs, into the search
        ["keyboard.type", "fabrikam seats"],
        *press("Enter"),
        ["wait_for_url", "**search=fabrikam+seats**"],
        *CONTENT,
        *press("Tab", 9),  # failed jobs, the search, four filters, two links beside them, the first row
        *press("Enter"),
        ["wait_for_url", f"**/subscriptions/{subscription}"],
        *CONTENT,
        *press("Tab", 3),  # plan, seats, cancellation
        *press("Enter"),
        ["wait_for_url", "**/cancel"],
        *CONTENT,
        *press("Tab", 2),
        *press("Space"),
        *press("Tab"),
        *press("Enter"),
        ["wait_for_url", "**?done=cancel*"],
    ]
    page = f"{deployment.url}/publisher/subscriptions"
    (observation,) = look(Look(page, READING, steps=steps, cookies=cookies(deployment, OPERATOR)))
    assert "The cancellation has been requested" in observation.values["text"]
    deployment.run_jobs()
    assert deployment.marketplace.status(subscription) == "Unsubscribed"
