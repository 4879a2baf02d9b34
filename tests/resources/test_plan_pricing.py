from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

import httpx
import pytest
from provider.tools.emulators import RunningEmulator
from tests.resources.card import SUBJECT, Card, assert_readable, write_requests
from tests.resources.examples import MANAGED, OTHER_PLAN, PLANS
from tests.resources.harness import Declaration, Ref, Stack

from pulumi_partnercenter import Invalid, PlanPricing

CONTOSO = "11111111-2222-4333-8444-555555555555"
FABRIKAM = "22222222-3333-4444-8555-666666666666"
STORED_METER = {
    "id": "gb",
    "name": "Stored",
    "unit": "GB",
    "price_in_usd": 0.1,
    "included": [{"per": "month", "quantity": 100}, {"per": "year", "is_infinite": True}],
}
SENT_METER = {"id": "sent", "name": "Sent", "unit": "GB", "price_in_usd": 0.25}
EURO = {"amount": 45, "currency": "EUR", "markets": ["DE", "FR"]}
EURO_YEARLY = EURO | {"amount": 450, "per": "year"}
AMOUNTS = (0.1 + 0.2, 19.990000000000002, "49.90", 1e-7, "0.000000123456789", 123456789012.35, "1e16")
"""Decimals without an exact binary fraction, small values and large values."""
AMOUNT_LOCATIONS: dict[
    str, tuple[Callable[[float | str], dict[str, Any]], Callable[[Any], Any], Callable[[Any], str]]
] = {
    "price": (
        lambda amount: {"prices": [{"amount": amount, "per": "use"}]},
        lambda document: document["priceSchedules"][0]["schedules"][0]["retailPrice"]["openPrice"],
        lambda outputs: outputs["prices"][0]["amount"],
    ),
    "meter": (
        lambda amount: {"meters": [SENT_METER | {"price_in_usd": amount}]},
        lambda document: document["customMeters"][0]["priceInUsd"],
        lambda outputs: outputs["meters"][0]["price_in_usd"],
    ),
    "quantity": (
        lambda amount: {"meters": [SENT_METER | {"included": [{"per": "month", "quantity": amount}]}]},
        lambda document: document["customMeters"][0]["includedBaseQuantities"][0]["quantity"],
        lambda outputs: outputs["meters"][0]["included"][0]["quantity"],
    ),
}
"""By place of an amount: arguments with it, and functions that return it from the document and from the outputs."""


def _base(schedule: dict[str, Any]) -> dict[str, Any]:
    return {"isBaseSchedule": True, "friendlyName": "Default", "schedules": [schedule]}


def _markets(info: dict[str, Any]) -> list[str]:
    return [] if info["isBaseSchedule"] else info.get("marketCodes", [])


def _key(element: dict[str, Any]) -> str:
    """Return the value that identifies an element of a member."""
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
    other_parents = OTHER_PLAN
    first: ClassVar[dict[str, Any]] = {
        "plan": Ref("plan"),
        "visibility": "Private",
        "is_hidden": True,
        "markets": ["US", "CA", "DE", "FR"],
        "prices": [{"amount": 49.5}, {"amount": 490, "per": "year"}, EURO],
        "trial": {"type": "TimedAccess", "duration": 1, "unit": "Months"},
        "meters": [STORED_METER, SENT_METER],
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
        "meters": [STORED_METER | {"price_in_usd": 0.2}],
        "subscriptions": [CONTOSO],
        "tenants": [],
        "subtype": "",
    }
    immutable_changes = {"plan": Ref("other_plan")}
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
    fixed_members = ("marketCode",)
    element_keys: ClassVar[dict[str, tuple[str, ...]]] = {
        "priceSchedules": ("isBaseSchedule", "marketCodes", "pricingModel", "priceCadence"),
        "customMeters": ("ID", "recurringUnit"),
        "subscriptionAudiences": ("ID",),
        "tenantAudiences": ("ID",),
    }
    collection = "featureAvailabilities"
    is_singleton = True

    def document(self, emulator: RunningEmulator, stack: Stack) -> dict[str, Any]:
        variant = stack.state[SUBJECT].id.split("/")[1]
        (row,) = [row for row in emulator.state()[self.collection] if row["variantID"] == variant]
        return row

    def significant_value(self, member: str, value: Any) -> Any:
        """Keep only enabled markets, and drop the names of schedules and the markets of the base schedule."""
        if member == "marketStates":
            return {
                market_state["marketCode"] for market_state in value if market_state["state"] == "Enabled"
            }
        if member == "priceSchedules":
            return [
                {**schedule, "friendlyName": "", "isBaseSchedule": "", "marketCodes": _markets(schedule)}
                for schedule in value
            ]
        return value

    def test_fresh_plan_pricing_is_adopted(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.parents)
        emulator.clear()
        assert stack.up(self.program())[SUBJECT] == "create"
        assert [request["method"] for request in write_requests(emulator)] == ["PUT"]

    def test_plan_pricing_is_stored_as_declared(self, stack: Stack, emulator: RunningEmulator) -> None:
        stack.up(self.program())
        document = self.document(emulator, stack)
        enabled_markets = {
            entry["marketCode"] for entry in document["marketStates"] if entry["state"] == "Enabled"
        }
        assert enabled_markets == {"US", "CA", "DE", "FR"}
        assert len(document["marketStates"]) == 141
        base, euro = document["priceSchedules"]
        assert base["isBaseSchedule"]
        assert [
            (schedule["retailPrice"], schedule["pricingModel"], schedule["priceCadence"])
            for schedule in base["schedules"]
        ] == [
            ({"openPrice": 49.5, "currencyCode": "USD"}, "Recurring", {"type": "Month", "value": 1}),
            ({"openPrice": 490.0, "currencyCode": "USD"}, "Recurring", {"type": "Year", "value": 1}),
        ]
        assert euro["marketCodes"] == ["DE", "FR"]
        assert euro["schedules"][0]["retailPrice"] == {"openPrice": 45.0, "currencyCode": "EUR"}
        assert document["trial"] == {"type": "TimedAccess", "duration": 1, "durationType": "Months"}
        assert [audience["ID"] for audience in document["subscriptionAudiences"]] == [CONTOSO, FABRIKAM]
        assert document["customMeters"][0]["includedBaseQuantities"] == [
            {"recurringUnit": "Monthly", "isInfinite": False, "quantity": 100.0},
            {"recurringUnit": "Annual", "isInfinite": True},
        ]

    @pytest.mark.parametrize("part_name", ["prices", "meters", "subscriptions", "markets", "trial"])
    def test_unmodelled_members_of_pricing_elements_survive_their_update(
        self, part_name: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        member = self.members[part_name][0]
        value = self.document(emulator, stack)[member]
        elements = [value] if isinstance(value, dict) else value
        for element in elements:
            element["portal"] = f"kept in {_key(element)}"
        emulator.portal(self.path(emulator, stack), **{member: value})
        changes = {
            "prices": [{"amount": 59}, EURO | {"amount": 40}],
            "meters": [SENT_METER | {"name": "Out"}, STORED_METER],
            "subscriptions": [FABRIKAM, {"id": CONTOSO, "description": "Them"}],
            "markets": ["US", "DE", "FR"],
            "trial": {"type": "TimedAccess", "duration": 3, "unit": "Months"},
        }
        stack.up(self.program(**{part_name: changes[part_name]}))
        changed_value = self.document(emulator, stack)[member]
        assert changed_value != value
        for element in [changed_value] if isinstance(changed_value, dict) else changed_value:
            assert element["portal"] == f"kept in {_key(element)}"

    def test_unmodelled_members_of_a_price_survive_a_new_amount(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        schedules = self.document(emulator, stack)["priceSchedules"]
        for price_schedule in schedules:
            for schedule in price_schedule["schedules"]:
                schedule["portal"] = "kept"
        emulator.portal(self.path(emulator, stack), priceSchedules=schedules)
        assert stack.refresh() == {}
        stack.up(self.program(prices=[{"amount": 59}, {"amount": 490, "per": "year"}, EURO]))
        changed_schedules = self.document(emulator, stack)["priceSchedules"]
        assert [
            schedule.get("portal")
            for price_schedule in changed_schedules
            for schedule in price_schedule["schedules"]
        ] == ["kept"] * 3

    def test_unmodelled_members_of_a_price_per_use_stay_with_its_unit(
        self, stack: Stack, emulator: RunningEmulator
    ) -> None:
        def prices(*amounts: float) -> list[dict[str, Any]]:
            return [
                {"amount": amount, "per": "use", "units": [{"name": unit}]}
                for amount, unit in zip(amounts, ("sharedcore", "transactions"), strict=True)
            ]

        def portal_members(price_schedule: dict[str, Any]) -> dict[str, str]:
            return {
                schedule["pricingUnits"][0]["name"]: schedule["portal"]
                for schedule in price_schedule["schedules"]
            }

        stack.up(self.program(prices=prices(0.01, 0.02)))
        (price_schedule,) = self.document(emulator, stack)["priceSchedules"]
        for schedule in price_schedule["schedules"]:
            schedule["portal"] = f"kept in {schedule['pricingUnits'][0]['name']}"
        emulator.portal(self.path(emulator, stack), priceSchedules=[price_schedule])
        stack.up(self.program(prices=prices(0.04, 0.03)))
        (changed_schedule,) = self.document(emulator, stack)["priceSchedules"]
        assert portal_members(changed_schedule) == portal_members(price_schedule)

    @pytest.mark.parametrize("timestamp", ["0001-01-01T00:00:00Z", "1601-01-01T00:00:00Z"])
    def test_a_minimum_timestamp_of_the_service_counts_as_no_time(
        self, timestamp: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program())
        schedules = self.document(emulator, stack)["priceSchedules"]
        wire_time = {"localizePerMarket": False, "dateTimeInUtc": timestamp}
        for price_schedule in schedules:
            for schedule in price_schedule["schedules"]:
                schedule["dateTimeRange"] = {"startAt": wire_time, "endAt": wire_time}
        emulator.portal(self.path(emulator, stack), priceSchedules=schedules)
        assert stack.refresh() == {}
        assert stack.up(self.program()) == {}

    @pytest.mark.sample(3)
    @pytest.mark.parametrize(
        "change",
        [{"is_hidden": False}, {"prices": [{"amount": 59}, EURO]}, {"markets": ["DE", "FR", "JP", "US"]}],
        ids=["hidden", "prices", "markets"],
    )
    def test_states_of_undeclared_markets_survive_every_write(
        self, change: dict[str, Any], stack: Stack, emulator: RunningEmulator
    ) -> None:
        """The program controls only whether a market is enabled, in the 141 standard markets and in others."""
        stack.up(self.program())
        other_states = {"GB": "StopSelling", "XK": "StopSelling", "XX": "Preview"}
        states = self.market_states(emulator, stack) | other_states
        entries = [{"marketCode": code, "state": state} for code, state in states.items()]
        emulator.portal(self.path(emulator, stack), marketStates=entries)
        assert stack.refresh() == {}
        assert stack.up(self.program(**change)) == {SUBJECT: "update"}
        enabled = dict.fromkeys(change.get("markets", self.first["markets"]), "Enabled")
        disabled = dict.fromkeys(set(self.first["markets"]) - enabled.keys(), "Disabled")
        assert self.market_states(emulator, stack) == states | enabled | disabled
        assert stack.refresh() == {}

    def market_states(self, emulator: RunningEmulator, stack: Stack) -> dict[str, str]:
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
    def test_a_reordered_price_override_keeps_its_name_and_unmodelled_members(
        self, prices: list[dict[str, Any]], stack: Stack, emulator: RunningEmulator
    ) -> None:
        """Tests the order of overrides, of markets in an override, and of prices, in the program and in the service."""
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
        reordered_prices = [price | {"markets": ["FR", "DE"]} for price in (EURO_YEARLY, EURO)]
        document = self.document(emulator, stack)
        assert stack.up(self.program(prices=[*reordered_prices, *reversed(self.first["prices"][:2])])) == {}
        assert self.document(emulator, stack) == document
        stack.up(self.program(prices=prices))
        (override,) = [
            price_schedule
            for price_schedule in self.document(emulator, stack)["priceSchedules"]
            if not price_schedule["isBaseSchedule"]
        ]
        assert (override["friendlyName"], override["portal"]) == ("Euro zone", "kept")
        assert sorted(override["marketCodes"]) == ["DE", "FR"]
        assert [schedule.get("portal") for schedule in override["schedules"]] == ["kept", "kept"]
        assert stack.refresh() == {}

    @pytest.mark.sample(6)
    @pytest.mark.parametrize("amount", AMOUNTS, ids=repr)
    @pytest.mark.parametrize("location", AMOUNT_LOCATIONS)
    def test_amounts_keep_all_their_digits(
        self,
        location: str,
        amount: float | str,
        stack: Stack,
        emulator: RunningEmulator,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Checks requests, the stored document, the state after a refresh, and writes of other arguments."""
        bodies: list[bytes] = []
        send = httpx.HTTPTransport.handle_request

        def handle_request(transport: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            if request.method == "PUT":
                bodies.append(request.read())
            return send(transport, request)

        arguments, member_of, state_of = AMOUNT_LOCATIONS[location]
        program = self.program(**arguments(amount))
        stack.up(self.parents)
        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle_request)
        stack.up(program)
        created_record = stack.state[SUBJECT]
        assert stack.refresh() == {}
        assert stack.state[SUBJECT] == created_record
        assert stack.up(program) == {}
        stack.up(self.program(**arguments(amount), is_hidden=False))
        expected_amount = Decimal(str(amount))
        sent_amounts = [member_of(json.loads(body, parse_float=Decimal)) for body in bodies]
        assert sent_amounts == [expected_amount, expected_amount]
        assert Decimal(str(member_of(self.document(emulator, stack)))) == expected_amount
        assert Decimal(state_of(stack.state[SUBJECT].outputs)) == expected_amount
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
    def test_values_that_break_pricing_rules_are_drift_and_repaired(
        self, members: dict[str, Any], stack: Stack, emulator: RunningEmulator
    ) -> None:
        """A refresh reads the invalid values, and the next run replaces them."""
        stack.up(self.program())
        emulator.portal(self.path(emulator, stack), **members)
        assert stack.refresh().keys() == {SUBJECT}
        assert stack.up(self.program()) == {SUBJECT: "update"}
        assert stack.refresh() == {}

    def test_a_solution_template_sends_no_prices(self, stack: Stack, emulator: RunningEmulator) -> None:
        template = Declaration(
            self.parents["plan"].kind, {**self.parents["plan"].arguments, "subtype": "solution-template"}
        )
        pricing = {
            "plan": Ref("plan"),
            "visibility": "Private",
            "tenants": [CONTOSO],
            "subtype": "solution-template",
        }
        program = {**self.parents, "plan": template, SUBJECT: Declaration(PlanPricing, pricing)}
        stack.up({**self.parents, "plan": template})
        emulator.clear()
        before = emulator.state()[self.collection]
        stack.up(program)
        document = self.document(emulator, stack)
        (fresh_document,) = [row for row in before if row["id"] == document["id"]]
        assert [audience["ID"] for audience in document["tenantAudiences"]] == [CONTOSO]
        assert [document[name] for name in ("marketStates", "priceSchedules", "trial")] == [
            fresh_document[name] for name in ("marketStates", "priceSchedules", "trial")
        ]
        assert stack.refresh() == {}
        assert stack.up(program) == {}

    @pytest.mark.parametrize(
        ("change", "member"),
        [
            ({"markets": ["US", "DE", "FR"]}, "MarketStates"),
            ({"prices": [{"amount": 50}, EURO]}, "PriceSchedules"),
            ({"visibility": "Private"}, "Visibility"),
        ],
    )
    def test_a_change_locked_by_publishing_is_refused_with_the_reason(
        self, change: dict[str, Any], member: str, stack: Stack, emulator: RunningEmulator
    ) -> None:
        stack.up(self.program(visibility="Public"))
        emulator.publish(stack.state["offer"].id)
        with pytest.raises(Invalid, match=rf"(?s){member}.*\n  next: .*published") as refusal:
            stack.up(self.program(**{"visibility": "Public"} | change))
        assert_readable(refusal.value)
        assert stack.refresh() == {}
        assert stack.up(self.program(visibility="Public", is_hidden=False)) == {SUBJECT: "update"}
