"""`check` and `diff` accept any value of a program without an exception, and canonical forms are stable."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.resources.harness import UNKNOWN, CheckFailed, Plugin, Record, kind_of, payload_of
from tests.resources.test_bad_input import MINIMAL

from pulumi_partnercenter import PlanPricing
from pulumi_partnercenter.hosts.dynamic import value_from_engine
from pulumi_partnercenter.values import holds_unknown

KINDS = list(MINIMAL)
"""All kinds. Some messages of a submission compare arguments that `check` has accepted, as in the engine."""
PLUGIN = Plugin({})
SETTINGS = settings(
    max_examples=2 * settings().max_examples,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(
        ["US", "all", "month", "NaN", "1e400", "Private", "https://a.example.com", "2026-12-01"]
    )
    | st.builds(lambda: UNKNOWN)
)
MEMBERS = st.sampled_from(
    ["amount", "markets", "per", "type", "uri", "id", "every", "duration", "units", "starts_at", "title", "x"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=4),
    max_leaves=8,
)


def check_and_diff(kind: Any, news: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return arguments and failures of `check`. What it accepts is compared with the state of the minimal program."""
    provider = PLUGIN.provider(payload_of(kind))
    result = provider.check({}, {**news, "__provider": payload_of(kind)})
    if not result.failures:  # otherwise the engine ends the run
        old = PLUGIN.check(kind, {}, MINIMAL[kind])
        provider.diff("0b6b7f5c-0000-4000-8000-000000000000", {**old, "fingerprint": ""}, result.inputs)
        if not holds_unknown(value_from_engine(result.inputs)):  # a state has no unknowns
            provider.diff("0b6b7f5c-0000-4000-8000-000000000000", {**result.inputs, "fingerprint": ""}, old)
    return result.inputs, [failure.reason for failure in result.failures]


@pytest.mark.sample(5)
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@SETTINGS
def test_check_and_diff_accept_any_value_in_any_argument(kind: Any, data: st.DataObject) -> None:
    names = kind_of(kind).arguments.names()
    changes = data.draw(st.dictionaries(st.sampled_from([*names, "no_such"]), VALUES, min_size=1, max_size=3))
    inputs, reasons = check_and_diff(kind, {**MINIMAL[kind], **changes})
    assert all(reasons)
    if not reasons:
        model = kind_of(kind).arguments
        canonical = value_from_engine(inputs)
        assert model.differing(canonical, model.canonical(canonical)) == [] or holds_unknown(canonical)


AMOUNTS = st.decimals(min_value=0, max_value=10**6, places=2).map(str)
MARKETS = ["US", "CA", "DE", "FR", "JP"]
TERMS = st.dictionaries(st.sampled_from(["month", "year", "once"]), AMOUNTS, min_size=1, max_size=2)


@given(base=TERMS, overrides=st.dictionaries(st.sampled_from(MARKETS), TERMS), random=st.randoms())
@SETTINGS
def test_prices_split_by_market_equal_prices_with_several_markets(
    base: dict[str, str], overrides: dict[str, dict[str, str]], random: Any
) -> None:
    def entries(*, is_joined: bool) -> list[dict[str, Any]]:
        prices: list[dict[str, Any]] = [{"amount": amount, "per": per} for per, amount in base.items()]
        groups: dict[str, list[str]] = {}
        for market, terms in overrides.items():
            groups.setdefault(json.dumps(terms, sort_keys=True), []).append(market)
        for key, markets in groups.items():
            for market_list in [markets] if is_joined else [[market] for market in markets]:
                prices += [
                    {"amount": amount, "per": per, "markets": market_list}
                    for per, amount in json.loads(key).items()
                ]
        random.shuffle(prices)
        return prices

    arguments = {**MINIMAL[PlanPricing], "markets": MARKETS}
    joined = PLUGIN.check(PlanPricing, {}, {**arguments, "prices": entries(is_joined=True)})
    split = PLUGIN.check(PlanPricing, {}, {**arguments, "prices": entries(is_joined=False)})
    assert joined == split
    amounts_by_market = {market: dict[str, Decimal]() for market in MARKETS}
    for price in joined["prices"]:
        for market in price["markets"]:
            amounts_by_market[market][price["per"]] = Decimal(price["amount"])
    base_amounts = {
        price["per"]: Decimal(price["amount"]) for price in joined["prices"] if not price["markets"]
    }
    expected = {
        market: {per: Decimal(amount) for per, amount in overrides.get(market, base).items()}
        for market in MARKETS
    }
    assert {market: terms or base_amounts for market, terms in amounts_by_market.items()} == expected


@given(data=st.data())
@SETTINGS
def test_canonical_pricing_is_stable(data: st.DataObject) -> None:
    prices = st.fixed_dictionaries(
        {"amount": AMOUNTS | st.floats(0, 1e6)},
        optional={
            "per": st.sampled_from(["month", "year", "once", "use"]),
            "every": st.integers(1, 3).map(float),
            "currency": st.sampled_from(["USD", "EUR"]),
            "markets": st.lists(st.sampled_from([*MARKETS, "us"]), max_size=3),
            "starts_at": st.datetimes().map(lambda moment: moment.isoformat()),
        },
    )
    arguments = {"markets": "all", "prices": data.draw(st.lists(prices, max_size=5))}
    try:
        canonical = PLUGIN.check(PlanPricing, {}, {**MINIMAL[PlanPricing], **arguments})
    except CheckFailed as error:
        expected_reasons = ("two prices", "leave out every", "has a period of", "more decimals than")
        if not all(any(words in reason for words in expected_reasons) for reason in error.reasons):
            raise
        return
    assert PLUGIN.check(PlanPricing, canonical, canonical) == canonical
    record = Record(PlanPricing, "a/b", canonical, {**canonical, "fingerprint": ""})
    assert not PLUGIN.diff(record, canonical).changes


@pytest.mark.sample(5)
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
@SETTINGS
def test_canonical_arguments_do_not_depend_on_an_unknown_beside_them(kind: Any, data: st.DataObject) -> None:
    """The canonical form is the same with an unknown argument, which is checked alone, and without."""
    model = kind_of(kind).arguments
    changes = data.draw(st.dictionaries(st.sampled_from(model.arguments()), VALUES, max_size=3))
    arguments = {**MINIMAL[kind], **changes, "adopt": True}
    arguments = value_from_engine(arguments)
    canonical = model.canonical({**arguments, "adopt": value_from_engine(UNKNOWN)})
    assert repr({**canonical, "adopt": True}) == repr(model.canonical(arguments))
