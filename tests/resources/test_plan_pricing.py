from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

import httpx
import pytest
from provider.tools.emulators import Serving
from tests.resources.card import SUBJECT, Card, assert_readable, writes
from tests.resources.examples import MANAGED, OTHER_PLAN, PLANS
from tests.resources.harness import Declared, Ref, Stack

from pulumi_partnercenter import Invalid, PlanPricing

CONTOSO = "11111111-2222-4333-8444-555555555555"
FABRIKAM = "22222222-3333-4444-8555-666666666666"
STORED = {
    "id": "gb",
    "name": "Stored",
    "unit": "GB",
    "price_in_usd": 0.1,
    "included": [{"per": "month", "quantity": 100}, {"per": "year", "is_infinite": True}],
}
SENT = {"id": "sent", "name": "Sent", "unit": "GB", "price_in_usd": 0.25}
EURO = {"amount": 45, "currency": "EUR", "markets": ["DE", "FR"]}
EURO_YEARLY = EURO | {"amount": 450, "per": "year"}
AMOUNTS = (0.1 + 0.2, 19.990000000000002, "49.90", 1e-7, "0.000000123456789", 123456789012.35, "1e16")
"""Decimals that no binary fraction is, small ones, and large ones."""
PLACES: dict[
    str, tuple[Callable[[float | str], dict[str, Any]], Callable[[Any], Any], Callable[[Any], str]]
] = {
    "price": (
        lambda amount: {"prices": [{"amount": amount, "per": "use"}]},
        lambda document: document["priceSchedules"][0]["schedules"][0]["retailPrice"]["openPrice"],
        lambda outputs: outputs["prices"][0]["amount"],
    ),
    "meter": (
        lambda amount: {"meters": [SENT | {"price_in_usd": amount}]},
        lambda document: document["customMeters"][0]["priceInUsd"],
        lambda outputs: outputs["meters"][0]["price_in_usd"],
    ),
    "quantity": (
        lambda amount: {"meters": [SENT | {"included": [{"per": "month", "quantity": amount}]}]},
        lambda document: document["customMeters"][0]["includedBaseQuantities"][0]["quantity"],
        lambda outputs: outputs["meters"][0]["included"][0]["quantity"],
    ),
}
"""By place of an amount: arguments with it, and where the document and the state have it."""


def _base(schedule: dict[str, Any]) -> dict[str, Any]:
    return {"isBaseSchedule": True, "friendlyName": "Default", "schedules": [schedule]}


def _markets(info: dict[str, Any]) -> list[str]:
    return [] if info["isBaseSchedule"] else info.get("marketCodes", [])


def _key(element: dict[str, Any]) -> str:
    """What tells an element of a member from the others."""
    markets = _markets(element) if "isBaseSchedule" in element else ""
    return element.get("ID") or element.get("marketCode") or str(markets)


def _monthly(amount: float) -> dict[str, Any]:
    return {
        "retailPrice": {"openPrice": amount, "currencyCode": "USD"},
        "pricingModel": "Recurring",
        "priceCadence": {"type": "Month", "value": 1},
    }


class TestPlanPricing(Card):
    kind = PlanPricing
    parents = PLANS
    beside = OTHER_PLAN
    first: ClassVar[dict[str, Any]] = {
        "plan": Ref("plan"),
        "visibility": "Private",
        "is_hidden": True,
        "markets": ["US", "CA", "DE", "FR"],
        "prices": [{"amount": 49.5}, {"amount": 490, "per": "year"}, EURO],
        "trial": {"type": "TimedAccess", "duration": 1, "unit": "Months"},
        "meters": [STORED, SENT],
        "subscriptions": [{"id": CONTOSO, "description": "Contoso"}, FABRIKAM],
        "tenants": [FABRIKAM],
        "subtype": MANAGED,
    }
    second = {
        "visibility": "Public",
        "is_hidden": False,
        "markets": "all",
        "prices": [{"amount": 59}, EURO],
        "trial": {},
        "meters": [STORED | {"price_in_usd": 0.2}],
        "subscriptions": [CONTOSO],
        "tenants": [],
        "subtype": "",
    }
    others = {"plan": Ref("other_plan")}
    members = {
        "visibility": ("visibility", "Public"),
        "is_hidden": ("isHidden", None),
        "markets": (
            "marketStates",
            [{"marketCode": code, "state": "Enabled"} for code in ("US", "DE", "FR")],
        ),
        "prices": ("priceSchedules", []),
        "trial": ("trial", {"type": "NoTrial"}),
        "meters": ("customMeters", []),
        "subscriptions": ("subscriptionAudiences", [{"ID": CONTOSO}]),
        "tenants": ("tenantAudiences", []),
    }
    fixed = ("marketCode",)
    keys: ClassVar[dict[str, tuple[str, ...]]] = {
        "priceSchedules": ("isBaseSchedule", "marketCodes", "pricingModel", "priceCadence"),
        "customMeters": ("ID", "recurringUnit"),
        "subscriptionAudiences": ("ID",),
        "tenantAudiences": ("ID",),
    }
    collection = "featureAvailabilities"
    is_singleton = True

    def document(self, emulator: Serving, stack: Stack) -> dict[str, Any]:
        variant = stack.state[SUBJECT].id.split("/")[1]
        (found,) = [each for each in emulator.state()[self.collection] if each["variantID"] == variant]
        return found

    def meaning(self, member: str, value: Any) -> Any:
        """Markets that are not sold in are one, and so are the names of schedules and what markets the base has."""
        if member == "marketStates":
            return {each["marketCode"] for each in value if each["state"] == "Enabled"}
        if member == "priceSchedules":
            return [
                {**each, "friendlyName": "", "isBaseSchedule": "", "marketCodes": _markets(each)}
                for each in value
            ]
        return value

    def test_a_fresh_one_is_taken_over_unasked(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.parents)
        emulator.clear()
        assert stack.up(self.program())[SUBJECT] == "create"
        assert [each["method"] for each in writes(emulator)] == ["PUT"]

    def test_what_is_sent_is_what_was_said(self, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        document = self.document(emulator, stack)
        sold = {each["marketCode"] for each in document["marketStates"] if each["state"] == "Enabled"}
        assert sold == {"US", "CA", "DE", "FR"}
        assert len(document["marketStates"]) == 141
        base, euro = document["priceSchedules"]
        assert base["isBaseSchedule"]
        assert [
            (each["retailPrice"], each["pricingModel"], each["priceCadence"]) for each in base["schedules"]
        ] == [
            ({"openPrice": 49.5, "currencyCode": "USD"}, "Recurring", {"type": "Month", "value": 1}),
            ({"openPrice": 490.0, "currencyCode": "USD"}, "Recurring", {"type": "Year", "value": 1}),
        ]
        assert euro["marketCodes"] == ["DE", "FR"]
        assert euro["schedules"][0]["retailPrice"] == {"openPrice": 45.0, "currencyCode": "EUR"}
        assert document["trial"] == {"type": "TimedAccess", "duration": 1, "durationType": "Months"}
        assert [each["ID"] for each in document["subscriptionAudiences"]] == [CONTOSO, FABRIKAM]
        assert document["customMeters"][0]["includedBaseQuantities"] == [
            {"recurringUnit": "Monthly", "isInfinite": False, "quantity": 100.0},
            {"recurringUnit": "Annual", "isInfinite": True},
        ]

    @pytest.mark.parametrize("part", ["prices", "meters", "subscriptions", "markets", "trial"])
    def test_what_the_portal_keeps_in_an_element_survives_its_change(
        self, part: str, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.program())
        member = self.members[part][0]
        marked = self.document(emulator, stack)[member]
        elements = [marked] if isinstance(marked, dict) else marked
        for element in elements:
            element["portal"] = f"kept in {_key(element)}"
        emulator.portal(self.path(emulator, stack), **{member: marked})
        changes = {
            "prices": [{"amount": 59}, EURO | {"amount": 40}],
            "meters": [SENT | {"name": "Out"}, STORED],
            "subscriptions": [FABRIKAM, {"id": CONTOSO, "description": "Them"}],
            "markets": ["US", "DE", "FR"],
            "trial": {"type": "TimedAccess", "duration": 3, "unit": "Months"},
        }
        stack.up(self.program(**{part: changes[part]}))
        after = self.document(emulator, stack)[member]
        assert after != marked
        for element in [after] if isinstance(after, dict) else after:
            assert element["portal"] == f"kept in {_key(element)}"

    def test_what_the_portal_keeps_in_a_price_survives_a_new_amount(
        self, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.program())
        schedules = self.document(emulator, stack)["priceSchedules"]
        for info in schedules:
            for schedule in info["schedules"]:
                schedule["portal"] = "kept"
        emulator.portal(self.path(emulator, stack), priceSchedules=schedules)
        assert stack.refresh() == {}
        stack.up(self.program(prices=[{"amount": 59}, {"amount": 490, "per": "year"}, EURO]))
        after = self.document(emulator, stack)["priceSchedules"]
        assert [each.get("portal") for info in after for each in info["schedules"]] == ["kept"] * 3

    def test_what_the_portal_keeps_in_a_price_per_use_stays_with_its_unit(
        self, stack: Stack, emulator: Serving
    ) -> None:
        def prices(*amounts: float) -> list[dict[str, Any]]:
            return [
                {"amount": amount, "per": "use", "units": [{"name": unit}]}
                for amount, unit in zip(amounts, ("sharedcore", "transactions"), strict=True)
            ]

        def kept(info: dict[str, Any]) -> dict[str, str]:
            return {schedule["pricingUnits"][0]["name"]: schedule["portal"] for schedule in info["schedules"]}

        stack.up(self.program(prices=prices(0.01, 0.02)))
        (info,) = self.document(emulator, stack)["priceSchedules"]
        for schedule in info["schedules"]:
            schedule["portal"] = f"kept in {schedule['pricingUnits'][0]['name']}"
        emulator.portal(self.path(emulator, stack), priceSchedules=[info])
        stack.up(self.program(prices=prices(0.04, 0.03)))
        (after,) = self.document(emulator, stack)["priceSchedules"]
        assert kept(after) == kept(info)

    @pytest.mark.parametrize("never", ["0001-01-01T00:00:00Z", "1601-01-01T00:00:00Z"])
    def test_a_time_that_means_never_is_none(self, never: str, stack: Stack, emulator: Serving) -> None:
        stack.up(self.program())
        schedules = self.document(emulator, stack)["priceSchedules"]
        moment = {"localizePerMarket": False, "dateTimeInUtc": never}
        for info in schedules:
            for schedule in info["schedules"]:
                schedule["dateTimeRange"] = {"startAt": moment, "endAt": moment}
        emulator.portal(self.path(emulator, stack), priceSchedules=schedules)
        assert stack.refresh() == {}
        assert stack.up(self.program()) == {}

    @pytest.mark.parametrize(
        "change",
        [{"is_hidden": False}, {"prices": [{"amount": 59}, EURO]}, {"markets": ["DE", "FR", "JP", "US"]}],
        ids=["hidden", "prices", "markets"],
    )
    def test_states_of_markets_that_are_not_declared_survive_every_write(
        self, change: dict[str, Any], stack: Stack, emulator: Serving
    ) -> None:
        """Of the 141 and beyond them: the program owns only whether a market is sold in."""
        stack.up(self.program())
        others = {"GB": "StopSelling", "XK": "StopSelling", "XX": "Preview"}
        states = self.market_states(emulator, stack) | others
        entries = [{"marketCode": code, "state": state} for code, state in states.items()]
        emulator.portal(self.path(emulator, stack), marketStates=entries)
        assert stack.refresh() == {}
        assert stack.up(self.program(**change)) == {SUBJECT: "update"}
        sold = dict.fromkeys(change.get("markets", self.first["markets"]), "Enabled")
        unsold = dict.fromkeys(set(self.first["markets"]) - sold.keys(), "Disabled")
        assert self.market_states(emulator, stack) == states | sold | unsold
        assert stack.refresh() == {}

    def market_states(self, emulator: Serving, stack: Stack) -> dict[str, str]:
        return {
            entry["marketCode"]: entry["state"] for entry in self.document(emulator, stack)["marketStates"]
        }

    @pytest.mark.parametrize(
        "prices",
        [
            [{"amount": 49.5}, {"amount": 490, "per": "year"}, EURO | {"amount": 40}, EURO_YEARLY],
            [{"amount": 59}, {"amount": 490, "per": "year"}, EURO, EURO_YEARLY],
        ],
        ids=["another amount in it", "another base price"],
    )
    def test_an_override_in_another_order_keeps_its_name_and_what_the_portal_keeps_in_it(
        self, prices: list[dict[str, Any]], stack: Stack, emulator: Serving
    ) -> None:
        """The order of overrides, of markets in one, and of its prices, on either side."""
        program = self.program(prices=[*self.first["prices"], EURO_YEARLY])
        stack.up(program)
        base, override = self.document(emulator, stack)["priceSchedules"]
        assert len(override["schedules"]) == 2
        override |= {
            "friendlyName": "Euro zone",
            "portal": "kept",
            "marketCodes": ["FR", "DE"],
            "schedules": [{**schedule, "portal": "kept"} for schedule in reversed(override["schedules"])],
        }
        emulator.portal(self.path(emulator, stack), priceSchedules=[override, base])
        assert stack.refresh() == {}
        reordered = [price | {"markets": ["FR", "DE"]} for price in (EURO_YEARLY, EURO)]
        before = self.document(emulator, stack)
        assert stack.up(self.program(prices=[*reordered, *reversed(self.first["prices"][:2])])) == {}
        assert self.document(emulator, stack) == before
        stack.up(self.program(prices=prices))
        (override,) = [
            info for info in self.document(emulator, stack)["priceSchedules"] if not info["isBaseSchedule"]
        ]
        assert (override["friendlyName"], override["portal"]) == ("Euro zone", "kept")
        assert sorted(override["marketCodes"]) == ["DE", "FR"]
        assert [schedule.get("portal") for schedule in override["schedules"]] == ["kept", "kept"]
        assert stack.refresh() == {}

    @pytest.mark.parametrize("amount", AMOUNTS, ids=repr)
    @pytest.mark.parametrize("place", PLACES)
    def test_money_keeps_its_digits(
        self,
        place: str,
        amount: float | str,
        stack: Stack,
        emulator: Serving,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """On the wire, at the service, in the state after a refresh, and in the writes of other arguments."""
        bodies: list[bytes] = []
        send = httpx.HTTPTransport.handle_request

        def handle_request(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            if request.method == "PUT":
                bodies.append(request.read())
            return send(transport, request)

        arguments, member_of, state_of = PLACES[place]
        program = self.program(**arguments(amount))
        stack.up(self.parents)
        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle_request)
        stack.up(program)
        created = stack.state[SUBJECT]
        assert stack.refresh() == {}
        assert stack.state[SUBJECT] == created
        assert stack.up(program) == {}
        stack.up(self.program(**arguments(amount), is_hidden=False))
        exact = Decimal(str(amount))
        sent = [member_of(json.loads(body, parse_float=Decimal)) for body in bodies]
        assert sent == [exact, exact]
        assert Decimal(str(member_of(self.document(emulator, stack)))) == exact
        assert Decimal(state_of(stack.state[SUBJECT].outputs)) == exact
        assert stack.refresh() == {}

    @pytest.mark.parametrize(
        "members",
        [
            {
                "priceSchedules": [
                    _base(
                        {
                            "retailPrice": {"openPrice": 1.5, "currencyCode": "USD"},
                            "priceCadence": {"type": "Week", "value": 1},
                        }
                    )
                ]
            },
            {"priceSchedules": [_base(_monthly(1)), _base(_monthly(2))]},
            {"priceSchedules": [{**_base(_monthly(1)), "isBaseSchedule": False, "marketCodes": ["XK"]}]},
            {
                "marketStates": [
                    {"marketCode": "XK", "state": "Enabled"},
                    {"marketCode": "US", "state": "StopSelling"},
                ]
            },
            {
                "customMeters": [
                    {
                        "ID": "gb",
                        "isEnabled": True,
                        "priceInUsd": 0.5,
                        "includedBaseQuantities": [{"recurringUnit": "Weekly"}],
                    }
                ]
            },
            {"trial": {"type": "NoTrial", "duration": 3, "durationType": "Days"}},
        ],
        ids=["cadence", "two prices", "foreign override", "foreign market", "meter", "trial"],
    )
    def test_what_the_service_holds_against_our_rules_is_drift_and_repaired(
        self, members: dict[str, Any], stack: Stack, emulator: Serving
    ) -> None:
        """Seen by refresh, refused when it is not ours, put right by the next run."""
        stack.up(self.program())
        emulator.portal(self.path(emulator, stack), **members)
        assert stack.refresh().keys() == {SUBJECT}
        assert stack.up(self.program()) == {SUBJECT: "update"}
        assert stack.refresh() == {}

    def test_a_solution_template_sends_no_prices(self, stack: Stack, emulator: Serving) -> None:
        template = Declared(
            self.parents["plan"].kind, {**self.parents["plan"].arguments, "subtype": "solution-template"}
        )
        pricing = {
            "plan": Ref("plan"),
            "visibility": "Private",
            "tenants": [CONTOSO],
            "subtype": "solution-template",
        }
        program = {**self.parents, "plan": template, SUBJECT: Declared(PlanPricing, pricing)}
        stack.up({**self.parents, "plan": template})
        emulator.clear()
        before = emulator.state()[self.collection]
        stack.up(program)
        document = self.document(emulator, stack)
        (fresh,) = [each for each in before if each["id"] == document["id"]]
        assert [each["ID"] for each in document["tenantAudiences"]] == [CONTOSO]
        assert [document[name] for name in ("marketStates", "priceSchedules", "trial")] == [
            fresh[name] for name in ("marketStates", "priceSchedules", "trial")
        ]
        assert stack.refresh() == {}
        assert stack.up(program) == {}

    @pytest.mark.parametrize(
        ("change", "word"),
        [
            ({"markets": ["US", "DE", "FR"]}, "MarketStates"),
            ({"prices": [{"amount": 50}, EURO]}, "PriceSchedules"),
            ({"visibility": "Private"}, "Visibility"),
        ],
    )
    def test_what_publishing_locked_is_refused_in_words(
        self, change: dict[str, Any], word: str, stack: Stack, emulator: Serving
    ) -> None:
        stack.up(self.program(visibility="Public"))
        emulator.publish(stack.state["offer"].id)
        with pytest.raises(Invalid, match=rf"(?s){word}.*\n  next: .*published") as refused:
            stack.up(self.program(**{"visibility": "Public"} | change))
        assert_readable(refused.value)
        assert stack.refresh() == {}
        assert stack.up(self.program(visibility="Public", is_hidden=False)) == {SUBJECT: "update"}
