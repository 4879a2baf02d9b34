"""The publisher's pages in a real browser: accessible in every language, on a phone, by keyboard, without a script."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from provider.tools.browser import Look, look
from tests.browser.service_pages import READING, check, list_languages, look_at, read_cookie, serve_pages
from tests.saas.deployment import Deployment
from tests.saas.publisher import OPERATOR, add_everything, add_subscriptions, sign_in

from pulumi_partnercenter.saas.languages import LANGUAGES
from pulumi_partnercenter.saas.tables import Access

pytestmark = pytest.mark.usefixtures("browser")
HOSTILE = (
    "\"'><script>alert(1)</script><img src=x onerror=alert(2)><a href=javascript:alert(3)>x</a>{{ 7 * 7 }}"
)
LONG = "Fabrikam-" + "x" * 200


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with serve_pages(tmp_path_factory.mktemp("publisher")) as deployment:
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
    deployment.read(id, access=Access.ACTIVE)
    return id


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
        "/usage/1/resend",
        "/nothing",
    ]


def check_pages(deployment: Deployment, paths: list[str], languages: list[str], role: str) -> list[str]:
    """Check pages, each in a language. Return their texts."""
    cookies = read_cookie(sign_in(deployment.service, role))
    pages = [
        (f"{deployment.url}/publisher{path}", language, cookies)
        for path, language in zip(paths, languages, strict=True)
    ]
    observations = look_at(pages)
    for language, observation in zip(languages, observations, strict=True):
        check(observation, language)
    return [observation.values["text"] for observation in observations]


def test_every_page_is_accessible_runs_nothing_and_fits_a_phone(deployment, subscription):
    paths = list_pages(subscription)
    texts = check_pages(deployment, paths, list_languages(len(paths)), OPERATOR)
    assert sum(HOSTILE in text for text in texts) >= 3


@pytest.mark.soak
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_accessible_in_every_language(language, deployment, subscription):
    paths = list_pages(subscription)
    check_pages(deployment, paths, [language] * len(paths), OPERATOR)
    check_pages(deployment, ["/subscriptions"], [language], "Subscriptions.Other")


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
    page, cookies = (
        f"{deployment.url}/publisher/subscriptions",
        read_cookie(sign_in(deployment.service, OPERATOR)),
    )
    (observation,) = look(Look(page, READING, steps=steps, cookies=cookies))
    assert "The cancellation has been requested" in observation.values["text"]
    deployment.run_jobs()
    assert deployment.marketplace.status(subscription) == "Unsubscribed"
