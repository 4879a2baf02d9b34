"""Page of the emulated marketplace, over HTTP: what it answers to forms, whoever wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from provider.tools.emulators import RunningEmulator, serve
from tests.contract.webhook_receiver import GOLD, OFFER, SILVER, Marketplace, Receiver, serve_receiver

ROOT = "/_emulator/marketplace"
PAGES = ("", "/offers/contoso-seats", "/subscriptions", "/subscriptions/{id}", "/deliveries", "/offers/none")
HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


@pytest.fixture(scope="module")
def running_emulator() -> Iterator[RunningEmulator]:
    with serve() as emulator:
        yield emulator


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with serve_receiver() as receiver:
        yield receiver


@pytest.fixture
def marketplace(running_emulator: RunningEmulator, receiver: Receiver) -> Marketplace:
    running_emulator.reset()
    return Marketplace(running_emulator, receiver)


def post(marketplace: Marketplace, path: str, **form: object) -> httpx.Response:
    return marketplace.emulator.client.post(f"{ROOT}{path}", data=form)


class Elements(HTMLParser):
    """Names of the elements and attributes of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names = set[str]()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {tag, *(name for name, _ in attrs)}


def test_a_purchase_answers_with_a_redirect_to_the_subscription(marketplace):
    answer = post(marketplace, f"/offers/{OFFER}", plan_id=GOLD, quantity=3, name="Fabrikam")
    (subscription,) = marketplace.emulator.state()["saasSubscriptions"]
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{ROOT}/subscriptions/{subscription['id']}?done=bought"
    assert (subscription["planId"], subscription["quantity"], subscription["autoRenew"]) == (GOLD, 3, False)


def test_the_account_is_configured_at_the_landing_page_and_only_there(marketplace, receiver):
    subscription = marketplace.subscribe()
    page = marketplace.emulator.client.get(f"{ROOT}/subscriptions/{subscription}")
    assert page.headers["content-security-policy"].endswith(f"form-action 'self' {receiver.url}")
    answer = post(marketplace, f"/subscriptions/{subscription}/account")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"{receiver.url}/landing?token=")


@pytest.mark.parametrize(
    ("event", "status"), [("suspend", "Suspended"), ("renew", "Subscribed"), ("cancel", "Unsubscribed")]
)
def test_what_the_marketplace_does_by_itself_is_a_button(marketplace, receiver, event, status):
    subscription = marketplace.subscribe()
    assert post(marketplace, f"/subscriptions/{subscription}/{event}").status_code == 303
    assert marketplace.status(subscription) == status
    marketplace.deliveries()
    assert len(receiver.notifications) == 1


def test_a_delivery_is_repeated_by_a_button(marketplace, receiver):
    marketplace.do("renew", marketplace.subscribe())
    assert post(marketplace, f"/deliveries/{marketplace.delivery()['id']}").status_code == 303
    assert marketplace.statuses() == [200, 200]


@pytest.mark.parametrize(
    ("path", "form", "problem"),
    [
        ("/offers/contoso-seats", {}, "plan_id: must be given"),
        ("/offers/contoso-seats", {"plan_id": "bronze"}, "plan_id: must be one of silver, gold"),
        ("/offers/contoso-seats", {"plan_id": SILVER, "quantity": "51"}, "quantity: must be from 1 to 50"),
        ("/offers/contoso-seats", {"plan_id": SILVER, "quantity": "²"}, "quantity: must be a whole number"),
        ("/subscriptions/{id}/plan", {}, "plan_id: must be given"),
        ("/subscriptions/{id}/plan", {"plan_id": SILVER}, "plan_id: it is silver already"),
        ("/subscriptions/{id}/seats", {"quantity": "-1"}, "quantity: must be a whole number"),
        ("/subscriptions/{id}/reinstate", {}, "subscription: it is Subscribed, and must be Suspended"),
    ],
)
def test_what_cannot_be_done_is_explained_on_the_page(marketplace, path, form, problem):
    answer = post(marketplace, path.format(id=marketplace.subscribe()), **form)
    assert answer.status_code == 400
    assert problem in answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/offers/none"),
        ("POST", "/offers/none"),
        ("GET", "/subscriptions/none"),
        ("POST", "/subscriptions/none/cancel"),
        ("POST", "/subscriptions/none/account"),
        ("POST", "/subscriptions/none/explode"),
        ("POST", "/deliveries/none"),
    ],
)
def test_what_is_not_on_the_page_is_not_found(marketplace, method, path):
    answer = marketplace.emulator.client.request(method, f"{ROOT}{path}", data={"plan_id": SILVER})
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")


def test_no_page_has_a_script_whatever_names_say_and_the_policy_allows_none(marketplace):
    marketplace.configure(offer_id="contoso-seats", display_name=HOSTILE, publisher_id=HOSTILE)
    answer = post(marketplace, f"/offers/{OFFER}", plan_id=GOLD, quantity=3, name=HOSTILE)
    id = answer.headers["location"].split("/")[-1].partition("?")[0]
    marketplace.api("POST", f"{id}/activate", {"planId": GOLD, "quantity": 3})
    marketplace.do("renew", id)
    marketplace.deliveries()
    for path in PAGES:
        page = marketplace.emulator.client.get(f"{ROOT}{path.format(id=id)}")
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src data:; base-uri 'none';")
        assert "unsafe" not in policy
        assert not Elements(page.text).names & {"script", "img", "style", "onerror", "iframe"}, path


def test_a_form_of_another_site_is_refused(marketplace):
    subscription = marketplace.subscribe()
    for headers in ({"Origin": "https://elsewhere.example.com"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = marketplace.emulator.client.post(
            f"{ROOT}/subscriptions/{subscription}/cancel", headers=headers
        )
        assert answer.status_code == 403
    assert marketplace.status(subscription) == "Subscribed"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    form=st.dictionaries(
        st.sampled_from(["plan_id", "quantity", "name", "term_unit", "free_trial"]),
        st.sampled_from([SILVER, GOLD, "P1M", "3", ""]) | st.text(max_size=20),
    ),
    content=st.binary(max_size=50),
)
def test_any_form_buys_or_is_refused_in_words(marketplace, form, content):
    for answer in (
        post(marketplace, f"/offers/{OFFER}", **form),
        marketplace.emulator.client.post(f"{ROOT}/offers/{OFFER}", content=content),
    ):
        assert answer.status_code in (303, 400)
    for path in ("", "/subscriptions"):
        assert marketplace.emulator.client.get(f"{ROOT}{path}").status_code == 200
