"""States of subscriptions by the clock: terms, renewals, trials, and the days after which a state ends."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from provider.tools.emulators import in_process
from tests.contract.marketplace import DAY, Marketplace

START = dt.datetime(2027, 1, 31, 10, 30, tzinfo=dt.UTC)


@contextmanager
def open_market(start: dt.datetime = START, **options: Any) -> Iterator[Marketplace]:
    """A marketplace whose clock stands still until it is moved."""
    with in_process(now=start.timestamp, **options) as emulator:
        market = Marketplace(emulator)
        market.sell()
        yield market


@pytest.fixture
def market() -> Iterator[Marketplace]:
    with open_market() as market:
        yield market


def read_term(market: Marketplace, id: str) -> tuple[str, str]:
    term = market.read(id)["term"]
    return term["startDate"][:10], term["endDate"][:10]


@pytest.mark.parametrize(
    ("state", "days", "end"), [("pending", 30, "Unsubscribed"), ("suspended", 30, "Unsubscribed")]
)
def test_a_state_that_waits_ends_with_a_cancellation(market, state, days, end):
    id = market.subscribe() if state == "suspended" else market.buy()["subscription"]["id"]
    if state == "suspended":
        market.control("suspend", {"subscription": id})
    before = market.status(id)
    market.emulator.advance(days * DAY - 1)
    assert market.status(id) == before
    market.emulator.advance(1)
    assert market.status(id) == end
    assert market.actions(id)[-1] == "Unsubscribe"


def test_a_reinstated_subscription_is_not_cancelled_and_renews(market):
    id = market.subscribe()
    market.control("suspend", {"subscription": id})
    market.emulator.advance(29 * DAY)
    market.control("reinstate", {"subscription": id})
    market.emulator.advance(10)
    assert market.status(id) == "Subscribed"
    market.emulator.advance(20 * DAY)
    assert market.status(id) == "Subscribed"
    assert market.actions(id) == ["Suspend", "Reinstate", "Renew"]


def test_a_term_begins_with_activation_and_renews_the_day_after_its_end(market):
    market.emulator.advance(0)
    id = market.subscribe()
    assert read_term(market, id) == ("2027-01-31", "2027-02-27")
    terms = []
    for _ in range(3):
        end = dt.datetime.fromisoformat(f"{read_term(market, id)[1]}T23:59:59+00:00").timestamp()
        market.emulator.advance(
            end - market.emulator.client.post("/_emulator/clock", json={"advance_seconds": 0}).json()["now"]
        )
        assert market.actions(id).count("Renew") == len(terms)
        market.emulator.advance(1)
        assert market.actions(id).count("Renew") == len(terms) + 1
        terms.append(read_term(market, id))
    assert terms == [("2027-02-28", "2027-03-30"), ("2027-03-31", "2027-04-29"), ("2027-04-30", "2027-05-30")]


@given(
    days=st.integers(0, 40_000),
    unit=st.sampled_from(["P1M", "P1Y"]),
    skips=st.lists(st.integers(0, 800), min_size=1, max_size=4),
)
def test_terms_follow_each_other_without_gaps_and_hold_today(days, unit, skips):
    start = dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC) + dt.timedelta(days=days)
    with open_market(start) as market:
        id = market.subscribe(term_unit=unit)
        today = start.date()
        for skip in skips:
            market.emulator.advance(skip * DAY)
            today += dt.timedelta(days=skip)
            begin, end = map(dt.date.fromisoformat, read_term(market, id))
            assert begin <= today <= end
            after = end + dt.timedelta(days=1)
            last_day = calendar.monthrange(after.year, after.month)[1]
            assert after.day == min(start.day, last_day)
            months = (after.year - begin.year) * 12 + after.month - begin.month
            assert months == (12 if unit == "P1Y" else 1)


def test_without_renewal_a_subscription_ends_with_its_term(market):
    id = market.subscribe(auto_renew=False)
    market.emulator.advance(27 * DAY)
    assert market.status(id) == "Subscribed"
    market.emulator.advance(DAY)
    assert market.status(id) == "Unsubscribed"
    assert market.actions(id) == ["Unsubscribe"]


def test_a_free_trial_lasts_its_term_and_is_paid_after_its_renewal(market):
    id = market.subscribe(free_trial=True, term_unit="P1Y")
    subscription = market.read(id)
    assert (subscription["isFreeTrial"], read_term(market, id)) == (True, ("2027-01-31", "2027-02-27"))
    market.emulator.advance(28 * DAY)
    subscription = market.read(id)
    assert (subscription["isFreeTrial"], subscription["term"]["termUnit"]) == (False, "P1Y")
    assert read_term(market, id) == ("2027-02-28", "2028-02-27")
    error = market.refusal("purchase", {"offer_id": "contoso-reports", "plan_id": "pro", "free_trial": True})
    assert error.startswith("free_trial: ")


def test_an_activating_plan_is_subscribed_at_its_purchase_and_says_so(market):
    purchase = market.buy("instant")
    id = purchase["subscription"]["id"]
    assert market.status(id) == "Subscribed"
    assert market.actions(id) == ["Subscribe"]
    assert market.resolve(purchase["token"]).status_code == 200
    operation = market.emulator.state()["saasOperations"][0]
    assert market.read_operation(id, operation["id"])["status"] == "Succeeded"


def test_a_renewal_before_its_time_begins_the_next_term(market):
    id = market.subscribe()
    operation = market.control("renew", {"subscription": id})
    assert (operation["action"], operation["status"]) == ("Renew", "Succeeded")
    assert read_term(market, id) == ("2027-02-28", "2027-03-30")
    market.emulator.advance(40 * DAY)
    assert market.actions(id) == ["Renew"]


def test_a_change_of_plan_keeps_the_term_and_takes_a_term_of_the_new_plan_at_renewal(market):
    id = market.subscribe(term_unit="P1Y")
    term = read_term(market, id)
    assert market.call("PATCH", f"/{id}", json={"planId": "pro"}).status_code == 202
    assert read_term(market, id) == term
    market.emulator.advance(366 * DAY)
    assert market.read(id)["term"]["termUnit"] == "P1M"


def test_centuries_pass_in_one_move(market):
    id = market.subscribe()
    market.emulator.advance(7000 * 365 * DAY)
    begin, end = read_term(market, id)
    now = market.emulator.client.post("/_emulator/clock", json={"advance_seconds": 0}).json()["now"]
    assert begin <= dt.datetime.fromtimestamp(now, dt.UTC).date().isoformat() <= end
    assert market.actions(id).count("Renew") <= 101


def test_the_data_folder_keeps_everything(tmp_path: Path):
    with open_market(data=tmp_path) as market:
        market.behave(behaviour="documented", page_size=2, odd_members=False)
        purchase = market.buy()
        active, seats = market.subscribe("pro"), market.subscribe("team", quantity=5)
        operation = market.control("change", {"subscription": seats, "quantity": 6})
        event = {
            "resourceId": active,
            "quantity": 1,
            "dimension": "exports",
            "planId": "pro",
            "effectiveStartTime": START.isoformat(),
        }
        assert market.send("POST", "/api/usageEvent", json=event).status_code == 200
        settings, state = market.control("behaviour", method="GET"), market.emulator.state()
    with in_process(now=START.timestamp, data=tmp_path) as emulator:
        market = Marketplace(emulator)
        assert emulator.state() == state
        assert market.control("behaviour", method="GET") == settings
        assert market.resolve(purchase["token"]).status_code == 200
        assert market.send("POST", "/api/usageEvent", json=event).status_code == 409
        emulator.advance(10)
        assert market.read_operation(seats, operation["id"])["status"] == "Succeeded"
        emulator.reset()
        assert not any(emulator.state().values())
        assert market.control("behaviour", method="GET")["behaviour"] == "live"
        assert market.resolve(purchase["token"]).status_code == 400
    with in_process(now=START.timestamp, data=tmp_path, saas_behaviour="microsoft") as emulator:
        assert Marketplace(emulator).control("behaviour", method="GET")["behaviour"] == "microsoft"
