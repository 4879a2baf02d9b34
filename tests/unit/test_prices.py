"""Pricing of a plan: rules, canonical order, and the mapping to the service's schedules and back."""

from __future__ import annotations

from typing import Any

import pytest

from pulumi_partnercenter.api.submission.pricing_models import FeatureAvailability
from pulumi_partnercenter.kinds.plan_pricing import PlanPricingArguments, PlanPricingKind
from pulumi_partnercenter.values import UNKNOWN

PLAN = "11111111-2222-4333-8444-555555555555/22222222-3333-4444-8555-666666666666"
TENANT = "33333333-4444-4555-8666-777777777777"
SOLD = ["CA", "DE", "FR", "JP", "US"]
KIND = PlanPricingKind()


def problems(**arguments: Any) -> list[str]:
    return PlanPricingArguments.problems({"plan": PLAN, "markets": SOLD, **arguments})


def canonical_prices(*prices: dict[str, Any]) -> list[dict[str, Any]]:
    prices_in_state: list[dict[str, Any]] = PlanPricingArguments.canonical(
        {"plan": PLAN, "prices": [*prices]}
    )["prices"]
    return prices_in_state


def build(draft: FeatureAvailability | None = None, **arguments: Any) -> dict[str, Any]:
    """Build the document that is written over a draft."""
    desired = PlanPricingArguments.parse({"plan": PLAN, "markets": SOLD, **arguments})
    return KIND.build_document(desired, draft or FeatureAvailability()).to_json()


def read(document: dict[str, Any]) -> dict[str, Any]:
    return KIND.current(PLAN, FeatureAvailability.from_json({"id": "draft", **document}, "read")).arguments


class TestRules:
    @pytest.mark.parametrize(
        ("price", "problem"),
        [
            ({"amount": 1.234}, "amount: 1.234 — has more decimals than USD (2)"),
            ({"amount": 1.5, "currency": "JPY"}, "amount: 1.5 — has more decimals than JPY (0)"),
            (
                {"amount": 1, "per": "month", "every": 2},
                "every: 2 — a price per month has a period of one month; for years say per: year",
            ),
            (
                {"amount": 1, "per": "year", "every": 6},
                "every: 6 — a price per year has a period of 1 to 5 years",
            ),
            (
                {"amount": 1, "per": "once", "every": 2},
                "every: 2 — only a price per month or year has a period: leave out every",
            ),
            (
                {"amount": 1, "per": "use", "every": 2},
                "every: 2 — only a price per month or year has a period: leave out every",
            ),
            (
                {"amount": 1, "starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"},
                "ends_at: '2026-01-01T00:00:00Z' — a price that starts at 2026-02-01T00:00:00Z has to end later",
            ),
            (
                {"amount": 1, "starts_at": "2026-02-01T00:00:00Z", "ends_at": "2026-02-01T00:00:00Z"},
                "ends_at: '2026-02-01T00:00:00Z' — a price that starts at 2026-02-01T00:00:00Z has to end later",
            ),
            (
                {"amount": 1, "per": "use", "units": [{"name": "sharedcore", "lower": 3, "upper": 2}]},
                "units[0].upper: 2 — has to be at least the lower one, 3",
            ),
            (
                {"amount": 1, "currency": "usd"},
                "currency: 'usd' — Value error, must be a currency code such as USD",
            ),
            (
                {"amount": 1, "currency": "USDX"},
                "currency: 'USDX' — Value error, must be a currency code such as USD",
            ),
            ({"amount": 1, "every": 0}, "every: 0 — must be greater than or equal to 1"),
            (
                {"amount": 1, "units": [{"name": "sharedcore", "lower": -1}]},
                "units[0].lower: -1 — must be greater",
            ),
        ],
    )
    def test_a_price_that_breaks_a_rule_is_named(self, price: dict[str, Any], problem: str) -> None:
        (sentence,) = problems(prices=[price])
        assert sentence.replace("Value error, ", "").startswith(
            f"prices[0].{problem}".replace("Value error, ", "")
        )

    @pytest.mark.parametrize(
        "price",
        [
            {"amount": 1.23},
            {"amount": "1.230"},
            {"amount": 100},
            {"amount": "1e3"},
            {"amount": 0.000123, "per": "use"},
            {"amount": 1.234, "currency": "XTS"},
            {"amount": 1, "per": "year", "every": 5},
            {"amount": 1, "per": "once"},
            {"amount": 1, "starts_at": "2026-01-01T00:00:00Z"},
            {"amount": 1, "ends_at": "2026-01-01T00:00:00Z"},
            {"amount": 1, "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2026-01-02T00:00:00Z"},
            {"amount": 1, "per": "use", "units": [{"name": "sharedcore", "lower": 2, "upper": 2}]},
            {"amount": 1, "per": "use", "units": [{"name": "sharedcore", "lower": 2}]},
            {
                "amount": 5,
                "per": "month",
                "units": [{"name": "a word of the service", "lower": 1, "upper": 50}],
            },
            {
                "amount": 1,
                "per": "use",
                "units": [{"name": "sharedcore", "lower": 3, "upper": 2, "is_unlimited": True}],
            },
        ],
    )
    def test_a_price_within_the_rules_has_no_problem(self, price: dict[str, Any]) -> None:
        assert problems(prices=[price]) == []

    @pytest.mark.parametrize(
        ("second", "problem"),
        [
            ({"amount": 2}, "two prices for the same period in the base schedule, this and [0]"),
            (
                {"amount": 2, "currency": "EUR"},
                "two prices for the same period in the base schedule, this and [0]",
            ),
            ({"amount": 2, "per": "year"}, ""),
            ({"amount": 2, "starts_at": "2026-01-01T00:00:00Z"}, ""),
            ({"amount": 2, "markets": ["DE"]}, ""),
        ],
    )
    def test_a_period_has_one_price_in_the_base_schedule(self, second: dict[str, Any], problem: str) -> None:
        assert problems(prices=[{"amount": 1}, second]) == ([f"prices[1]: {problem}"] if problem else [])

    def test_a_period_has_one_price_in_each_market(self) -> None:
        prices = [
            {"amount": 1, "markets": ["CA", "DE", "FR"]},
            {"amount": 2, "per": "year", "markets": ["FR"]},
            {"amount": 3, "markets": ["FR", "DE", "US"]},
        ]
        assert problems(prices=prices) == [
            "prices[2]: two prices for the same period in DE, FR, this and [0]"
        ]

    def test_prices_of_different_units_are_different(self) -> None:
        units = [
            {"amount": 1, "per": "use", "units": [{"name": name}]} for name in ("sharedcore", "transactions")
        ]
        assert problems(prices=units) == []

    def test_an_unknown_price_defers_its_own_rules_alone(self) -> None:
        assert problems(prices=[{"amount": UNKNOWN}, {"amount": 2, "per": UNKNOWN}]) == []
        prices = [{"amount": UNKNOWN, "per": UNKNOWN}, {"amount": 2}, {"amount": 3}]
        assert problems(prices=prices) == [
            "prices[2]: two prices for the same period in the base schedule, this and [1]"
        ]

    @pytest.mark.parametrize(
        ("trial", "wrong"),
        [
            ({"type": "TimedAccess"}, "duration, unit"),
            ({"type": "TimedUsage", "duration": 1}, "unit"),
            ({"type": "TimedAccess", "unit": "Days"}, "duration"),
            ({"type": "NoTrial", "duration": 1}, "duration"),
            ({"type": "Unlimited", "unit": "Days"}, "unit"),
            ({"duration": 1, "unit": "Days"}, "duration, unit"),
            ({"type": "TimedAccess", "duration": UNKNOWN}, "unit"),
        ],
    )
    def test_only_a_timed_trial_has_a_duration_and_a_unit(self, trial: dict[str, Any], wrong: str) -> None:
        assert problems(trial=trial) == [
            f"trial.{wrong}: TimedAccess and TimedUsage have a duration and a unit, the others have none"
        ]

    @pytest.mark.parametrize(
        "trial",
        [
            {},
            {"type": "Unlimited"},
            {"type": "TimedUsage", "duration": 30, "unit": "Minute"},
            {"type": "TimedAccess", "duration": UNKNOWN, "unit": "Days"},
            {"type": "TimedAccess", "duration": 1, "unit": UNKNOWN},
        ],
    )
    def test_a_trial_within_the_rules_has_no_problem(self, trial: dict[str, Any]) -> None:
        assert problems(trial=trial) == []

    def test_an_infinite_quantity_has_no_number(self) -> None:
        meter = {"id": "gb", "name": "Stored", "unit": "GB", "price_in_usd": 0.1}
        quantity = {"per": "month", "quantity": 5}
        assert problems(meters=[meter | {"included": [quantity]}]) == []
        assert problems(meters=[meter | {"included": [quantity | {"is_infinite": True}]}]) == [
            "meters[0].included[0].quantity: 5 — an infinite quantity has no number"
        ]


class TestRulesOfAPlan:
    @pytest.mark.parametrize(
        ("arguments", "problem"),
        [
            (
                {"visibility": "Private"},
                "subscriptions: a private plan needs an audience; name its subscriptions or tenants",
            ),
            (
                {"subtype": "solution-template", "prices": [{"amount": 1}]},
                "prices: a solution template has no prices",
            ),
            (
                {
                    "subtype": "solution-template",
                    "prices": [{"amount": 1}],
                    "trial": {"type": "Unlimited"},
                    "meters": [{"id": "gb", "name": "Stored", "unit": "GB", "price_in_usd": 1}],
                },
                "prices, trial, meters: a solution template has no prices",
            ),
            (
                {"subtype": "solution-template", "prices": UNKNOWN, "trial": {"type": "Unlimited"}},
                "trial: a solution template has no prices",
            ),
            (
                {"prices": [{"amount": 1}, {"amount": 2, "markets": ["SE", "DE", "GB"]}]},
                "prices[1].markets: GB, SE is not among the plan's markets",
            ),
        ],
    )
    def test_a_broken_rule_is_named(self, arguments: dict[str, Any], problem: str) -> None:
        assert problems(**arguments) == [problem]

    @pytest.mark.parametrize(
        "arguments",
        [
            {"visibility": "Private", "tenants": [TENANT]},
            {"visibility": "Private", "subscriptions": [TENANT]},
            {"visibility": "Private", "subscriptions": UNKNOWN},
            {"subtype": "solution-template"},
            {"subtype": "managed-application", "prices": [{"amount": 1}]},
            {"subtype": "solution-template", "prices": UNKNOWN, "trial": UNKNOWN, "meters": UNKNOWN},
            {"prices": [{"amount": 2, "markets": UNKNOWN}]},
            {"prices": [{"amount": 2, "markets": ["SE"]}], "markets": UNKNOWN},
        ],
    )
    def test_valid_and_unknown_prices_have_no_problem(self, arguments: dict[str, Any]) -> None:
        assert problems(**arguments) == []


class TestLockedChanges:
    WAS: Any = {"plan": PLAN, "visibility": "Public", "markets": ["DE", "US"], "prices": [{"amount": 1}]}

    @pytest.mark.parametrize(
        ("change", "names"),
        [
            ({"prices": [{"amount": 2}]}, "prices"),
            ({"trial": {"type": "Unlimited"}}, "trial"),
            ({"markets": ["US", "FR"]}, "markets"),
            ({"visibility": "Private", "tenants": [TENANT]}, "visibility"),
            ({"prices": [], "markets": [], "visibility": "Private"}, "prices, markets, visibility"),
        ],
    )
    def test_a_change_that_publishing_locks_has_a_warning(self, change: dict[str, Any], names: str) -> None:
        was = PlanPricingArguments.canonical(self.WAS)
        (warning,) = KIND.locked_changes(was, PlanPricingArguments.canonical({**self.WAS, **change}))
        assert warning == (
            f"warning: plan {PLAN} was published, which fixes its {names}: Partner Center will refuse this change;"
            " create another plan for other terms"
        )

    @pytest.mark.parametrize(
        "change", [{}, {"markets": ["DE", "FR", "US"]}, {"is_hidden": True}, {"markets": UNKNOWN}]
    )
    def test_changes_that_publishing_does_not_lock_have_no_warning(self, change: dict[str, Any]) -> None:
        was = PlanPricingArguments.canonical(self.WAS)
        assert KIND.locked_changes(was, PlanPricingArguments.canonical({**self.WAS, **change})) == []

    def test_a_private_plan_may_become_public(self) -> None:
        private = PlanPricingArguments.canonical({**self.WAS, "visibility": "Private", "tenants": [TENANT]})
        assert KIND.locked_changes(private, {**private, "visibility": "Public"}) == []
        assert KIND.locked_changes(private, {**private, "is_hidden": True}) == []


class TestMarkets:
    def test_markets_are_sold_in_or_not_and_states_of_the_portal_stay(self) -> None:
        states = {"DE": "Enabled", "FR": "StopSelling", "XK": "Preview", "US": "Disabled"}
        entries = [{"marketCode": code, "state": state, "portal": code} for code, state in states.items()]
        draft = FeatureAvailability.from_json({"id": "draft", "marketStates": entries}, "read")
        written = {entry["marketCode"]: entry for entry in build(draft, markets=["US"])["marketStates"]}
        assert {code: written[code]["state"] for code in states} == {
            "DE": "Disabled",
            "FR": "StopSelling",
            "XK": "Preview",
            "US": "Enabled",
        }
        assert written["FR"]["portal"] == "FR"
        assert {entry["state"] for code, entry in written.items() if code not in states} == {"Disabled"}
        assert len(written) == 142

    def test_a_solution_template_writes_visibility_and_audience_alone(self) -> None:
        document = build(subtype="solution-template", markets=[], tenants=[TENANT], is_hidden=True)
        assert document == {
            "resourceType": "FeatureAvailability",
            "visibility": "Public",
            "isHidden": True,
            "subscriptionAudiences": [],
            "tenantAudiences": [{"ID": TENANT, "description": ""}],
        }
        assert "marketStates" in build(subtype="solution-template", markets=["US"])

    def test_only_markets_that_are_sold_in_are_read(self) -> None:
        states = [{"marketCode": "US", "state": "Enabled"}, {"marketCode": "DE", "state": "StopSelling"}]
        assert read({"marketStates": states})["markets"] == ["US"]


class TestCanonicalPrices:
    def test_every_member_has_its_default(self) -> None:
        assert canonical_prices({"amount": 49.50}) == [
            {
                "amount": "49.5",
                "currency": "USD",
                "per": "month",
                "every": 1,
                "markets": [],
                "units": [],
                "starts_at": "",
                "ends_at": "",
            }
        ]

    def test_base_prices_come_first_in_the_order_of_their_terms(self) -> None:
        prices = [
            {"amount": 4, "per": "year", "every": 2},
            {"amount": 2, "markets": ["DE"]},
            {"amount": 3, "per": "year"},
            {"amount": 1},
        ]
        expected = [("month", 1, "1"), ("year", 1, "3"), ("year", 2, "4"), ("month", 1, "2")]
        for order in (prices, prices[::-1], prices[1:] + prices[:1]):
            in_state = canonical_prices(*order)
            assert [(price["per"], price["every"], price["amount"]) for price in in_state] == expected

    def test_markets_of_equal_prices_share_them(self) -> None:
        in_state = canonical_prices(
            {"amount": 1},
            {"amount": 2, "markets": ["FR"]},
            {"amount": 3, "markets": ["JP"]},
            {"amount": 2, "markets": ["DE"]},
        )
        assert [(price["amount"], price["markets"]) for price in in_state] == [
            ("1", []),
            ("2", ["DE", "FR"]),
            ("3", ["JP"]),
        ]

    def test_a_market_with_other_prices_of_one_period_is_a_group_of_its_own(self) -> None:
        both = [{"amount": 2, "markets": ["DE", "FR"]}, {"amount": 20, "per": "year", "markets": ["DE"]}]
        in_state = canonical_prices(*both)
        assert [(price["amount"], price["markets"]) for price in in_state] == [
            ("2", ["DE"]),
            ("20", ["DE"]),
            ("2", ["FR"]),
        ]

    def test_prices_of_a_market_that_equal_the_base_prices_go(self) -> None:
        in_state = canonical_prices({"amount": 1}, {"amount": "1.0", "markets": ["DE", "FR"]})
        assert [(price["amount"], price["markets"]) for price in in_state] == [("1", [])]

    def test_a_part_of_the_base_prices_is_an_override(self) -> None:
        in_state = canonical_prices(
            {"amount": 1}, {"amount": 9, "per": "year"}, {"amount": 1, "markets": ["DE"]}
        )
        assert [(price["amount"], price["markets"]) for price in in_state] == [
            ("1", []),
            ("9", []),
            ("1", ["DE"]),
        ]


class TestWrite:
    def test_a_price_has_the_model_of_its_period(self) -> None:
        prices = [
            {"amount": 1},
            {"amount": 2, "per": "year", "every": 3},
            {"amount": 3, "per": "once"},
            {"amount": 4, "per": "use"},
        ]
        (info,) = build(prices=prices)["priceSchedules"]
        assert info.pop("schedules") == [
            {
                "retailPrice": {"openPrice": 1.0, "currencyCode": "USD"},
                "pricingModel": "Recurring",
                "priceCadence": {"type": "Month", "value": 1},
            },
            {"retailPrice": {"openPrice": 3.0, "currencyCode": "USD"}, "pricingModel": "Flat"},
            {"retailPrice": {"openPrice": 4.0, "currencyCode": "USD"}, "pricingModel": "Usage"},
            {
                "retailPrice": {"openPrice": 2.0, "currencyCode": "USD"},
                "pricingModel": "Recurring",
                "priceCadence": {"type": "Year", "value": 3},
            },
        ]
        assert info == {"isBaseSchedule": True, "friendlyName": "Default"}

    def test_units_and_times_are_written_where_they_are_given(self) -> None:
        unit = {"name": "transactions", "unit_type": "call", "is_unlimited": True, "lower": 1, "upper": 2}
        prices: list[dict[str, Any]] = [
            {"amount": 1, "per": "use", "units": [unit]},
            {"amount": 2, "per": "use", "starts_at": "2026-01-01T00:00:00Z"},
            {"amount": 3, "per": "once", "ends_at": "2026-02-01T00:00:00Z"},
        ]
        (info,) = build(prices=prices)["priceSchedules"]
        schedules = {schedule["retailPrice"]["openPrice"]: schedule for schedule in info["schedules"]}
        assert schedules[1.0]["pricingUnits"] == [
            {
                "name": "transactions",
                "unitType": "call",
                "isUnlimitedUnit": True,
                "lowerUnit": 1,
                "upperUnit": 2,
            }
        ]
        assert "dateTimeRange" not in schedules[1.0]
        assert schedules[2.0]["dateTimeRange"] == {
            "startAt": {"localizePerMarket": False, "dateTimeInUtc": "2026-01-01T00:00:00Z"}
        }
        assert "pricingUnits" not in schedules[2.0]
        assert schedules[3.0]["dateTimeRange"] == {
            "endAt": {"localizePerMarket": False, "dateTimeInUtc": "2026-02-01T00:00:00Z"}
        }

    def test_an_override_is_named_for_its_first_markets(self) -> None:
        prices = [{"amount": 1}, {"amount": 2, "markets": ["US", "FR", "DE", "CA"]}]
        base, override = build(prices=prices)["priceSchedules"]
        assert (base["friendlyName"], base["isBaseSchedule"]) == ("Default", True)
        assert "marketCodes" not in base
        assert (override["friendlyName"], override["isBaseSchedule"]) == ("ca_de_fr_override", False)
        assert override["marketCodes"] == ["CA", "DE", "FR", "US"]

    def test_schedules_of_the_draft_keep_their_names_and_unmodelled_members(self) -> None:
        draft = FeatureAvailability.from_json(
            {
                "id": "draft",
                "priceSchedules": [
                    {
                        "isBaseSchedule": False,
                        "marketCodes": ["FR", "DE"],
                        "friendlyName": "Euro",
                        "portal": "override",
                        "schedules": [],
                    },
                    {
                        "isBaseSchedule": True,
                        "marketCodes": ["US"],
                        "friendlyName": "Base",
                        "portal": "base",
                        "schedules": [
                            {
                                "retailPrice": {"openPrice": 7.0, "currencyCode": "USD", "portal": "price"},
                                "pricingModel": "Recurring",
                                "priceCadence": {"type": "Month", "value": 1},
                                "portal": "schedule",
                            }
                        ],
                    },
                ],
            },
            "read",
        )
        base, override = build(draft, prices=[{"amount": 1}, {"amount": 2, "markets": ["DE", "FR"]}])[
            "priceSchedules"
        ]
        assert (base["friendlyName"], base["portal"]) == ("Base", "base")
        assert base["schedules"][0]["portal"] == "schedule"
        assert base["schedules"][0]["retailPrice"] == {
            "openPrice": 1.0,
            "currencyCode": "USD",
            "portal": "price",
        }
        assert (override["friendlyName"], override["portal"]) == ("Euro", "override")
        (other,) = (
            info for info in build(draft, prices=[{"amount": 2, "markets": ["DE"]}])["priceSchedules"]
        )
        assert (other["friendlyName"], "portal" in other) == ("de_override", False)

    def test_prices_of_a_schedule_keep_their_unmodelled_members_by_period(self) -> None:
        schedules = [
            {
                "retailPrice": {"openPrice": 7.0, "currencyCode": "USD"},
                "pricingModel": "Recurring",
                "priceCadence": {"type": period, "value": 1},
                "portal": period,
            }
            for period in ("Year", "Month")
        ]
        info = {"isBaseSchedule": True, "friendlyName": "Base", "schedules": schedules}
        draft = FeatureAvailability.from_json({"id": "draft", "priceSchedules": [info]}, "read")
        (base,) = build(draft, prices=[{"amount": 1}, {"amount": 2, "per": "year"}])["priceSchedules"]
        assert [(price["portal"], price["retailPrice"]["openPrice"]) for price in base["schedules"]] == [
            ("Month", 1.0),
            ("Year", 2.0),
        ]

    @pytest.mark.parametrize(
        ("trial", "draft", "written"),
        [
            ({}, None, {"type": "NoTrial"}),
            ({}, {"type": "NoTrial", "portal": 1}, {"type": "NoTrial", "portal": 1}),
            (
                {},
                {"type": "TimedAccess", "duration": 1, "durationType": "Days"},
                {"type": "NoTrial", "duration": None, "durationType": ""},
            ),
            ({"type": "Unlimited"}, None, {"type": "Unlimited", "duration": None, "durationType": ""}),
            (
                {"type": "TimedUsage", "duration": 2, "unit": "Months"},
                {"type": "NoTrial", "portal": 1},
                {"type": "TimedUsage", "duration": 2, "durationType": "Months", "portal": 1},
            ),
        ],
    )
    def test_a_trial_is_merged_into_that_of_the_draft(
        self, trial: dict[str, Any], draft: dict[str, Any] | None, written: dict[str, Any]
    ) -> None:
        document = FeatureAvailability.from_json(
            {"id": "draft", **({"trial": draft} if draft else {})}, "read"
        )
        assert build(document, trial=trial)["trial"] == written

    def test_a_meter_is_merged_into_that_of_the_draft(self) -> None:
        meters = [
            {
                "ID": "other",
                "displayName": "Other",
                "unitOfMeasure": "GB",
                "priceInUsd": 1.0,
                "portal": "no",
            },
            {
                "ID": "gb",
                "displayName": "Old",
                "unitOfMeasure": "GB",
                "priceInUsd": 1.0,
                "portal": "kept",
                "includedBaseQuantities": [{"recurringUnit": "Annual", "quantity": 1.0, "portal": "year"}],
            },
        ]
        draft = FeatureAvailability.from_json({"id": "draft", "customMeters": meters}, "read")
        included = [{"per": "year", "is_infinite": True}, {"per": "month", "quantity": 2}]
        meter = {"id": "gb", "name": "New", "unit": "TB", "price_in_usd": 0.5, "included": included}
        (written,) = build(draft, meters=[meter | {"is_enabled": False}])["customMeters"]
        quantities = {
            quantity["recurringUnit"]: quantity for quantity in written.pop("includedBaseQuantities")
        }
        assert written == {
            "ID": "gb",
            "displayName": "New",
            "unitOfMeasure": "TB",
            "priceInUsd": 0.5,
            "isEnabled": False,
            "portal": "kept",
        }
        assert quantities == {
            "Annual": {"recurringUnit": "Annual", "isInfinite": True, "quantity": None, "portal": "year"},
            "Monthly": {"recurringUnit": "Monthly", "isInfinite": False, "quantity": 2.0},
        }


class TestRead:
    def test_written_pricing_is_read_as_it_was_given(self) -> None:
        unit = {"name": "transactions", "unit_type": "call", "is_unlimited": False, "lower": 1, "upper": 2}
        arguments = {
            "plan": PLAN,
            "markets": SOLD,
            "visibility": "Private",
            "is_hidden": True,
            "prices": [
                {"amount": 1},
                {"amount": 2, "per": "year", "every": 3, "currency": "EUR", "markets": ["DE"]},
                {
                    "amount": 3,
                    "per": "once",
                    "starts_at": "2026-01-01T00:00:00Z",
                    "ends_at": "2026-02-01T00:00:00Z",
                },
                {"amount": 4, "per": "use", "units": [unit]},
            ],
            "trial": {"type": "TimedAccess", "duration": 3, "unit": "Days"},
            "meters": [
                {
                    "id": "gb",
                    "name": "Stored",
                    "unit": "GB",
                    "price_in_usd": 0.1,
                    "is_enabled": False,
                    "included": [{"per": "month", "quantity": 3}, {"per": "year", "is_infinite": True}],
                }
            ],
            "subscriptions": ["11111111-2222-4333-8444-555555555555"],
        }
        assert read(build(**arguments)) == PlanPricingArguments.canonical(arguments)

    def test_a_document_without_members_has_the_defaults(self) -> None:
        assert read({}) == PlanPricingArguments.canonical({"plan": PLAN})

    @pytest.mark.parametrize(
        ("schedule", "argument", "value"),
        [
            ({}, "currency", "USD"),
            ({}, "every", 1),
            ({}, "per", ""),
            ({"priceCadence": {"type": "Monthly"}}, "per", "month"),
            ({"priceCadence": {"type": "Annual", "value": 2}}, "per", "year"),
            ({"priceCadence": {"type": "Year", "value": 2}}, "every", 2),
            ({"pricingModel": "Flat", "priceCadence": {"type": "Month"}}, "per", "once"),
            ({"pricingModel": "Usage"}, "per", "use"),
            ({"dateTimeRange": {}}, "starts_at", ""),
            ({"dateTimeRange": {"startAt": {"dateTimeInUtc": "0001-01-01T00:00:00Z"}}}, "starts_at", ""),
            ({"dateTimeRange": {"endAt": {"dateTimeInUtc": "1601-01-01T00:00:00Z"}}}, "ends_at", ""),
        ],
    )
    def test_a_schedule_is_read_member_by_member(
        self, schedule: dict[str, Any], argument: str, value: Any
    ) -> None:
        document = {
            "priceSchedules": [
                {
                    "isBaseSchedule": True,
                    "marketCodes": ["US"],
                    "schedules": [{"retailPrice": {"openPrice": 1.0}, **schedule}],
                }
            ]
        }
        (price,) = read(document)["prices"]
        assert price[argument] == value
        assert price["markets"] == []

    @pytest.mark.parametrize(
        ("recurring_unit", "per"),
        [
            ("Month", "month"),
            ("Year", "year"),
            ("Annual", "year"),
            ("Monthly", "month"),
        ],
    )
    def test_an_included_quantity_has_either_spelling_of_its_period(
        self, recurring_unit: str, per: str
    ) -> None:
        meter = {"ID": "gb", "displayName": "Stored", "unitOfMeasure": "GB", "priceInUsd": 0.1}
        quantities = [{"recurringUnit": recurring_unit}]
        (read_meter,) = read({"customMeters": [{**meter, "includedBaseQuantities": quantities}]})["meters"]
        assert read_meter["included"] == [{"per": per, "quantity": "0", "is_infinite": False}]

    def test_a_period_without_a_name_of_ours_is_read_as_it_is(self) -> None:
        quantities = [{"recurringUnit": "Weekly"}]
        (meter,) = read({"customMeters": [{"ID": "gb", "includedBaseQuantities": quantities}]})["meters"]
        assert meter["included"][0]["per"] == "Weekly"

    def test_a_meter_without_members_is_read(self) -> None:
        (meter,) = read({"customMeters": [{"ID": "gb"}]})["meters"]
        assert (meter["id"], meter["included"], meter["is_enabled"]) == ("gb", [], True)
        assert float(meter["price_in_usd"]) == 0

    @pytest.mark.parametrize(
        ("trial", "arguments"),
        [
            ({"type": "NoTrial"}, {"type": "NoTrial", "duration": 0, "unit": ""}),
            (
                {"type": "TimedUsage", "duration": 1, "durationType": "Months"},
                {"type": "TimedUsage", "duration": 1, "unit": "Months"},
            ),
        ],
    )
    def test_a_trial_is_read(self, trial: dict[str, Any], arguments: dict[str, Any]) -> None:
        assert read({"trial": trial})["trial"] == arguments
