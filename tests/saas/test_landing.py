"""The landing page and the customer's account: purchase, activation, management. What others try: `attacks.py`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import httpx
import pytest
from sqlalchemy import event
from tests.saas.deployment import ON_SQLITE, Deployment, open_visitor, serve_deployment
from tests.saas.notifications import settle
from tests.saas.visitors import arrive, confirm, read_form

from pulumi_partnercenter.fulfillment import SubscriptionStatus
from pulumi_partnercenter.saas import Handlers, Refused, tables
from pulumi_partnercenter.saas.activation import request_activation
from pulumi_partnercenter.saas.handlers import Event

DANA, LEE, ROBIN = "dana@fabrikam.example", "lee@fabrikam.example", "robin@example.com"
RESELLER = "orders@reseller.example"
ROBIN_IDENTITY = {
    "email": ROBIN,
    "object_id": "00000000-0000-0000-8888-888888888888",
    "tenant_id": "9188040d-6c67-4c5b-b112-36a304b66dad",
}


class RecordingHandlers(Handlers):
    """Handlers that record their events. `provision` raises the given errors, one a call."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.provisioned = [*errors], list[Event]()

    def provision(self, event: Event) -> None:
        self.provisioned.append(event)
        if self.errors:
            raise self.errors.pop(0)


def subscribe(deployment: Deployment, plan: str = "basic", account: str = DANA, **members: Any) -> str:
    """Buy, confirm and activate; the id of the subscription."""
    deployment.use_account(account)
    purchase = deployment.marketplace.buy(plan, **members)
    confirm(deployment, arrive(deployment, purchase))
    deployment.run_jobs()
    return str(purchase["subscription"]["id"])


def count_activations(deployment: Deployment) -> int:
    paths = [entry["path"].partition("?")[0] for entry in deployment.emulator.requests()]
    return sum(path.endswith("/activate") for path in paths)


def test_a_purchase_is_confirmed_activated_and_managed(deployment):
    deployment.use_account(DANA)
    purchase = deployment.marketplace.buy("team", quantity=5, name="Fabrikam seats")
    id = purchase["subscription"]["id"]
    first = deployment.http.get(purchase["landing_page"])
    assert first.status_code == 303
    assert "token" not in first.headers["location"]
    page = arrive(deployment, purchase)
    assert page.status_code == 200
    for text in ("Fabrikam seats", "contoso-seats", "team", "5", DANA):
        assert text in page.text
    assert deployment.service.client.get_subscription(id).status == "PendingFulfillmentStart"
    answer = confirm(deployment, page, **{"contact-0": "Dana", "contact-1": "billing@fabrikam.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/account/{id}")
    progress = deployment.http.get(f"/account/{id}")
    assert "being set up" in progress.text
    assert int(progress.headers["refresh"]) > 0
    still = deployment.http.get(f"{progress.url}?refresh=off")
    assert "refresh" not in still.headers, "nobody is forced to read a page that reloads itself"
    deployment.run_jobs()
    assert deployment.service.client.get_subscription(id).status == "Subscribed"
    row = deployment.row(id)
    assert (row.access, row.contact) == ("active", {"name": "Dana", "email": "billing@fabrikam.example"})
    manage = deployment.http.get(f"/account/{id}")
    assert "Your subscription" in manage.text
    assert "refresh" not in manage.headers
    assert deployment.history(id) == ["added", "activation requested", "activated"]


def test_the_token_stays_on_the_server_and_is_kept_encrypted(deployment):
    deployment.use_account(DANA)
    purchase = deployment.marketplace.buy("basic")
    token = purchase["token"]
    page = arrive(deployment, purchase)
    assert token not in page.text
    assert all(token not in str(answer.headers) for answer in page.history)
    (visit,) = deployment.rows(tables.LandingVisit)
    assert token not in str(vars(visit))
    assert visit.subscription_id == purchase["subscription"]["id"]


@ON_SQLITE
def test_a_purchase_is_activated_once_however_often_it_is_confirmed(emulator, clock, database_url):
    handlers = RecordingHandlers()
    with serve_deployment(emulator, clock, database_url, handlers=handlers, runs_jobs=False) as deployment:
        deployment.use_account(DANA)
        purchase = deployment.marketplace.buy("basic")
        id = purchase["subscription"]["id"]
        first = arrive(deployment, purchase)
        second = arrive(deployment, purchase)  # another tab, the same link
        for page in (first, first, second):
            assert confirm(deployment, page).headers["location"] == f"/account/{id}"
        deployment.run_jobs()
        assert confirm(deployment, second).headers["location"] == f"/account/{id}"
        deployment.run_jobs()
        assert arrive(deployment, purchase).url.path == f"/account/{id}"
        assert len(handlers.provisioned) == 1
        assert deployment.history(id).count("activated") == 1
        assert count_activations(deployment) == 1


def test_only_the_first_of_two_requests_begins_an_activation(deployment):
    purchase = deployment.marketplace.buy("basic")
    deployment.use_account(DANA)
    arrive(deployment, purchase)
    id = purchase["subscription"]["id"]
    request = partial(request_activation, deployment.service, id, "customer")
    assert [request(), request()] == [True, False]
    deployment.run_jobs()
    assert (request(), deployment.row(id).access) == (False, "active")
    assert deployment.history(id).count("activation requested") == 1


@ON_SQLITE
def test_a_handler_that_fails_is_asked_again_with_the_same_event(emulator, clock, database_url):
    handlers = RecordingHandlers(RuntimeError("the disk is full"), RuntimeError("still"))
    with serve_deployment(emulator, clock, database_url, handlers=handlers, runs_jobs=False) as deployment:
        id = subscribe(deployment)
        assert deployment.row(id).access == "provisioning"
        assert "being set up" in deployment.http.get(f"/account/{id}").text
        deployment.advance(hours=1)
        deployment.run_jobs()
        deployment.advance(hours=1)
        deployment.run_jobs()
        assert deployment.row(id).access == "active"
        assert len({event.id for event in handlers.provisioned}) == 1
        assert len(handlers.provisioned) == 3


@ON_SQLITE
def test_a_refused_customer_learns_it_without_the_reason_and_can_be_let_in_later(
    emulator, clock, database_url
):
    handlers = RecordingHandlers(Refused("on the list of sanctions"))
    with serve_deployment(emulator, clock, database_url, handlers=handlers, runs_jobs=False) as deployment:
        id = subscribe(deployment)
        page = deployment.http.get(f"/account/{id}")
        assert "could not be set up" in page.text
        assert "sanctions" not in page.text
        assert deployment.row(id).access == "failed"
        assert deployment.service.client.get_subscription(id).status == "PendingFulfillmentStart"
        (entry,) = deployment.rows(tables.HistoryEntry, action="activation refused")
        assert entry.details == {"reason": "on the list of sanctions"}
        address, fields = read_form(page)
        assert deployment.http.post(address, data=fields).status_code == 303
        deployment.run_jobs()
        assert deployment.row(id).access == "active"


@ON_SQLITE
def test_a_refused_customer_of_a_plan_that_activates_by_itself_learns_that_it_is_billed(
    emulator, clock, database_url
):
    handlers = RecordingHandlers(Refused("on the list of sanctions"))
    with serve_deployment(emulator, clock, database_url, handlers=handlers, runs_jobs=False) as deployment:
        deployment.use_account(DANA)
        purchase = deployment.marketplace.buy("instant")
        settle(deployment)
        arrive(deployment, purchase)
        page = deployment.http.get(f"/account/{purchase['subscription']['id']}").text
        assert "could not be set up" in page
        assert "nothing is billed" not in page
        assert "bills it" in page


@ON_SQLITE
def test_an_activation_that_fails_for_good_says_so_and_can_be_begun_again(emulator, clock, database_url):
    handlers = RecordingHandlers(*[RuntimeError("down")] * 12)
    with serve_deployment(emulator, clock, database_url, handlers=handlers, runs_jobs=False) as deployment:
        id = subscribe(deployment)
        for _ in range(11):
            deployment.advance(hours=2)
            deployment.run_jobs()
        assert deployment.row(id).access == "failed"
        page = deployment.http.get(f"/account/{id}")
        address, fields = read_form(page)
        deployment.http.post(address, data=fields)
        deployment.run_jobs()
        assert deployment.row(id).access == "active"
        assert len(deployment.rows(tables.Job, kind="activate")) == 1


@ON_SQLITE
@pytest.mark.parametrize("fault", [{"status": 500}, {"drop": "after"}, {"drop": "before"}])
def test_an_activation_survives_a_marketplace_that_does_not_answer(emulator, clock, database_url, fault):
    handlers = RecordingHandlers()
    with serve_deployment(emulator, clock, database_url, handlers=handlers, runs_jobs=False) as deployment:
        emulator.fault("POST .*/activate", times=8, **fault)
        id = subscribe(deployment)
        emulator.unfault()
        deployment.advance(hours=2)
        deployment.run_jobs()
        assert deployment.row(id).access == "active"
        assert deployment.history(id).count("activated") == 1
        assert len(handlers.provisioned) == 1


@ON_SQLITE
def test_an_activation_that_the_marketplace_shows_late_is_sent_once_and_one_that_it_lost_again(
    emulator, clock, database_url
):
    with serve_deployment(emulator, clock, database_url, runs_jobs=False) as deployment:
        client = deployment.service.client
        get, pending = client.get_subscription, SubscriptionStatus.PENDING
        client.get_subscription = lambda key: get(key).model_copy(update={"status": pending})
        id = subscribe(deployment)
        for _ in range(9):
            deployment.advance(minutes=6)
            deployment.run_jobs()
        assert count_activations(deployment) == 1
        deployment.advance(minutes=20)
        deployment.run_jobs()
        assert count_activations(deployment) == 2
        client.get_subscription = get
        deployment.advance(minutes=20)
        deployment.run_jobs()
        assert (deployment.row(id).access, count_activations(deployment)) == ("active", 2)


@ON_SQLITE
@pytest.mark.parametrize(
    ("address", "status", "text"),
    [
        ("/", 200, "Welcome"),
        ("/?utm_source=mail", 200, "Welcome"),
        ("/?token=", 400, "not complete"),
        ("/?token=%0A", 400, "not complete"),
        ("/?token=guessed", 400, "too old"),
        ("/landing/guessed", 404, "does not work here"),
        ("/account/00000000-0000-4000-8000-000000000000", 404, "no such page"),
        ("/?token=" + "a" * 20_000, 414, "too long"),
    ],
)
def test_a_missing_or_wrong_token_gets_a_page_that_says_what_to_do(deployment, address, status, text):
    deployment.use_account(DANA)
    answer = deployment.http.get(address, headers={"accept": "text/html"}, follow_redirects=True)
    assert answer.status_code == status
    assert text in answer.text


@pytest.mark.parametrize("address", ["/account/%00", "/landing/a%00b"])
def test_an_address_that_no_database_can_look_up_is_no_page(deployment, address):
    deployment.use_account(DANA)
    arrive(deployment, deployment.marketplace.buy("basic"))
    assert deployment.http.get(address).status_code == 404


@ON_SQLITE
def test_an_expired_token_gets_a_page_that_says_where_a_new_one_comes_from(deployment):
    deployment.use_account(DANA)
    purchase = deployment.marketplace.buy("basic")
    deployment.advance(hours=25)
    answer = arrive(deployment, purchase)
    assert answer.status_code == 400
    assert "Azure portal" in answer.text
    assert deployment.rows(tables.Subscription) == []


@ON_SQLITE
def test_a_marketplace_that_does_not_answer_is_no_reason_to_lose_the_visit(deployment):
    deployment.use_account(DANA)
    purchase = deployment.marketplace.buy("basic")
    deployment.emulator.fault("POST .*/resolve", status=503, times=0, headers={"Retry-After": "0"})
    answer = arrive(deployment, purchase)
    assert answer.status_code == 503
    deployment.emulator.unfault()
    assert "Confirm your subscription" in deployment.http.get(str(answer.url)).text


@ON_SQLITE
def test_a_colleague_and_a_stranger_with_the_link_are_warned_and_may_go_on(deployment):
    for account, warning, sees_buyer in (
        (LEE, "Another person of your organisation", True),
        (ROBIN, "bought for another account", False),
    ):
        purchase = deployment.marketplace.buy("basic")
        deployment.use_account(account)
        with open_visitor(deployment.url) as visitor:
            page = arrive(deployment, purchase, visitor)
            assert warning in page.text
            assert (DANA in page.text) is sees_buyer
            assert confirm(deployment, page, visitor, **{"contact-1": account}).status_code == 303
            deployment.run_jobs()
            id = purchase["subscription"]["id"]
            assert "Your subscription" in visitor.get(f"/account/{id}").text
            arrive(deployment, purchase, visitor)
        assert deployment.history(id).count("opened by another person") == 1


@ON_SQLITE
def test_a_personal_account_buys_too(deployment):
    id = subscribe(deployment, account=ROBIN, beneficiary=ROBIN_IDENTITY, purchaser=ROBIN_IDENTITY)
    page = deployment.http.get(f"/account/{id}")
    assert page.status_code == 200
    assert "Another person" not in page.text
    assert deployment.row(id).access == "active"


@ON_SQLITE
def test_a_subscription_of_a_reseller_shows_that_the_partner_changes_it(deployment):
    id = subscribe(deployment, "team", csp=True, quantity=3)
    page = deployment.http.get(f"/account/{id}")
    assert "The partner who sold this subscription" in page.text
    assert deployment.http.get(f"/account/{id}/change").headers["location"] == f"/account/{id}"
    token = read_form(deployment.http.get("/"))[1]["form_token"]
    deployment.http.post(f"/account/{id}/cancel", data={"form_token": token})
    assert deployment.rows(tables.Job, kind="change") == []


def change(deployment: Deployment, id: str, path: str = "change", **fields: str) -> httpx.Response:
    token = read_form(deployment.http.get("/"))[1]["form_token"]
    return deployment.http.post(f"/account/{id}/{path}", data={"form_token": token, **fields})


def test_a_customer_changes_plan_and_seats_both_ways_and_cancels(deployment):
    id = subscribe(deployment, "team", quantity=20)
    page = deployment.http.get(f"/account/{id}/change")
    assert "company" in page.text
    steps: list[tuple[dict[str, str], Callable[[tables.Subscription], object], object]] = [
        ({"quantity": "30"}, lambda row: row.quantity, 30),
        ({"quantity": "15"}, lambda row: row.quantity, 15),
        ({"plan_id": "company"}, lambda row: row.plan_id, "company"),
        ({"plan_id": "team"}, lambda row: row.plan_id, "team"),
    ]
    for fields, read, expected in steps:
        assert change(deployment, id, **fields).headers["location"].endswith("?done=requested")
        deployment.run_jobs()
        deployment.advance(minutes=1)
        deployment.run_jobs()
        assert read(deployment.row(id)) == expected
    change(deployment, id, "cancel")
    deployment.run_jobs()
    deployment.advance(minutes=1)
    deployment.run_jobs()
    assert deployment.row(id).status == "Unsubscribed"
    assert "is cancelled" in deployment.http.get(f"/account/{id}").text


@ON_SQLITE
@pytest.mark.parametrize(
    "fields",
    [
        {"quantity": "1"},
        {"quantity": "51"},
        {"quantity": "many"},
        {"quantity": "-3"},
        {"plan_id": "secret"},
        {"plan_id": "team"},
        {},
    ],
)
def test_a_change_that_the_plan_does_not_allow_is_refused_on_the_page(deployment, fields):
    id = subscribe(deployment, "team", quantity=20)
    answer = change(deployment, id, **fields)
    assert answer.status_code == 400
    assert "Choose one of the plans" in answer.text
    assert deployment.rows(tables.Job, kind="change") == []


@ON_SQLITE
def test_a_suspended_and_a_cancelled_subscription_have_pages_of_their_own(deployment):
    id = subscribe(deployment)
    deployment.marketplace.control("suspend", {"subscription": id})
    link = deployment.marketplace.control("token", {"subscription": id})
    assert "is suspended" in arrive(deployment, link).text
    deployment.marketplace.control("cancel", {"subscription": id})
    assert "is cancelled" in arrive(deployment, link).text


@ON_SQLITE
def test_a_plan_that_the_marketplace_activates_is_set_up_from_the_landing_page(deployment):
    deployment.use_account(DANA)
    purchase = deployment.marketplace.buy("instant")
    page = arrive(deployment, purchase)
    assert "being set up" in page.text
    deployment.run_jobs()
    assert deployment.row(purchase["subscription"]["id"]).access == "active"


@ON_SQLITE
@pytest.mark.parametrize(
    "email", ["", "nobody", "@fabrikam.example", "a b@fabrikam.example", "a" * 201 + "@b.example"]
)
def test_a_contact_without_a_usable_address_is_asked_for_again(deployment, email):
    deployment.use_account(DANA)
    purchase = deployment.marketplace.buy("basic")
    answer = confirm(deployment, arrive(deployment, purchase), **{"contact-1": email})
    assert answer.status_code == 400
    assert deployment.row(purchase["subscription"]["id"]).access == "none"


@ON_SQLITE
def test_an_account_reads_its_session_its_visit_and_its_subscription_once(deployment):
    id = subscribe(deployment)
    statements = list[str]()

    def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
        statements.append(statement)

    event.listen(deployment.service.database._reading_engine, "before_cursor_execute", note)
    assert "Your subscription" in deployment.http.get(f"/account/{id}").text
    for table in ("sessions", "landing_visits", "subscriptions"):
        assert sum(f"FROM {table} " in statement for statement in statements) == 1, table


@ON_SQLITE
def test_every_page_has_the_headers_that_protect_it(deployment):
    id = subscribe(deployment)
    for address in ("/", f"/account/{id}", "/account/unknown", "/landing/unknown"):
        headers = deployment.http.get(address).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'; img-src 'self'")
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"


@ON_SQLITE
def test_large_and_frequent_requests_are_refused(deployment):
    assert deployment.http.post("/sign-out", data={"form_token": "x" * 100_000}).status_code == 413
    chunks = (b"x" * 10_000 for _ in range(10))
    assert deployment.http.post("/sign-out", content=chunks).status_code == 413
    statuses = [deployment.http.get("/sign-in/customer/callback").status_code for _ in range(61)]
    assert statuses.count(429) == 1
    assert deployment.http.get("/healthz").status_code == 200
