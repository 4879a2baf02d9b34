"""The customers' pages in a real browser: accessible in every language, in every state of a subscription."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.browser.service_pages import check, list_languages, look_at, read_cookie, serve_pages
from tests.saas.deployment import Deployment
from tests.saas.publisher import PERSON, build_subscription, sign_in, subscription_id

from pulumi_partnercenter.emulator.entra import TENANT
from pulumi_partnercenter.saas.languages import LANGUAGES
from pulumi_partnercenter.saas.tables import Access

pytestmark = pytest.mark.usefixtures("browser")
HOSTILE = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{ 7 * 7 }}"
STATES = {
    "pending": ("PendingFulfillmentStart", Access.NONE),
    "progress": ("PendingFulfillmentStart", Access.PROVISIONING),
    "failed": ("PendingFulfillmentStart", Access.FAILED),
    "suspended": ("Suspended", Access.RESTRICTED),
    "cancelled": ("Unsubscribed", Access.REMOVED),
}
"""Status and access by the page that they have."""


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    with serve_pages(tmp_path_factory.mktemp("customer")) as deployment:
        yield deployment


@pytest.fixture(scope="module")
def addresses(deployment: Deployment) -> list[str]:
    """Every page of a customer who has a subscription in each state."""
    service = deployment.service
    own = {"beneficiary_object_id": PERSON, "beneficiary_tenant_id": TENANT, "name": HOSTILE}
    active = deployment.marketplace.subscribe("team", quantity=5, name="Fabrikam seats")
    deployment.read(active, access=Access.ACTIVE, beneficiary_object_id=PERSON, beneficiary_tenant_id=TENANT)
    with service.database.transaction() as session:
        for number, (status, access) in enumerate(STATES.values()):
            session.add(build_subscription(number, status=status, access=access, plan_id=HOSTILE, **own))
    landing = str(deployment.marketplace.buy("team", quantity=5, name=HOSTILE)["landing_page"])
    paths = [
        "/",
        *(f"/account/{subscription_id(number)}" for number in range(len(STATES))),
        f"/account/{active}",
        f"/account/{active}/change",
        f"/account/{active}/cancel",
        f"/account/{subscription_id(77)}",
        "/landing/nothing",
        "/?token=%25",
        "/sign-in/customer/callback?code=1&state=2",
    ]
    return [landing, *(f"{deployment.url}{path}" for path in paths)]


def check_pages(deployment: Deployment, addresses: list[str], languages: list[str]) -> list[str]:
    """Check pages, each in a language. Return their texts."""
    cookies = read_cookie(sign_in(deployment.service, audience="customer"))
    observations = look_at([*zip(addresses, languages, [cookies] * len(addresses), strict=True)])
    for language, observation in zip(languages, observations, strict=True):
        check(observation, language)
    return [observation.values["text"] for observation in observations]


def test_every_page_is_accessible_runs_nothing_and_fits_a_phone(deployment, addresses):
    landing, *others = check_pages(deployment, addresses, list_languages(len(addresses)))
    assert HOSTILE in landing
    assert "token" not in landing
    assert sum(HOSTILE in text for text in others) > len(STATES)


@pytest.mark.soak
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_accessible_in_every_language(language, deployment, addresses):
    check_pages(deployment, addresses[1:], [language] * (len(addresses) - 1))
    (observation,) = look_at([(f"{deployment.url}/", language, {})])
    check(observation, language)
