"""Parts of a plan's pricing, translated to and from the service's price schedules.

A schedule with `isBaseSchedule` holds the prices of every market. A schedule with `marketCodes` replaces them in those
markets. Prices are compared by market, not by schedule.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Annotated, Any, Literal

from annotated_types import Ge, MinLen

from ..api.submission import pricing_models as wire
from ..api.wire import merge_lists
from ..markers import Boolean, Integer, ListRule, Meaning, Wire
from ..model import NotKnownYetError, Part
from ._drafts import build_attributes, read_arguments
from ._rules import Markets, Moment, Money, Word, once_by, trimmed
from ._vocabularies import CURRENCIES, decimals_of

__all__ = [
    "NO_TRIAL",
    "Meter",
    "Price",
    "Prices",
    "Trial",
    "build_price_schedules",
    "price_arguments",
]


def _ends_above_its_start(unit: Unit) -> str | None:
    if unit.is_unlimited or not unit.upper or unit.upper >= unit.lower:
        return None
    return f"upper: {unit.upper} — has to be at least the lower one, {unit.lower}"


class Unit(Part):
    """Counted unit of a price, such as cores."""

    rules = (_ends_above_its_start,)

    name: Annotated[str, MinLen(1), trimmed]
    """`sharedcore` or `transactions`. Whether a plan per user has a unit, and its word for users, is not public: export
    a plan that was made in Partner Center, and take what it has."""
    unit_type: str = ""
    """Type of the unit, in the service's words."""
    is_unlimited: Annotated[Boolean, Wire("is_unlimited_unit")] = False
    lower: Annotated[Integer, Ge(0), Wire("lower_unit")] = 0
    """Lowest number of units at this price."""
    upper: Annotated[Integer, Ge(0), Wire("upper_unit")] = 0
    """Highest number of units at this price, unless unlimited."""


def _currency(value: str) -> str:
    if not re.fullmatch("[A-Z]{3}", value):
        raise ValueError("must be a currency code such as USD")
    return value


MOST_EVERY = {"month": 1, "year": 5}
BASE = "the base schedule"


def _has_the_decimals_of_its_currency(price: Price) -> str | None:
    """A price has the decimals of its currency. A price per use may have more, because it is multiplied."""
    decimals = decimals_of(price.currency)
    exponent = price.amount.normalize().as_tuple().exponent
    if price.per == "use" or decimals is None or not isinstance(exponent, int) or -exponent <= decimals:
        return None
    return f"amount: {price.amount} — has more decimals than {price.currency} ({decimals})"


def _has_a_period_of_the_service(price: Price) -> str | None:
    """Billing terms are a month or 1 to 5 years ("Plans and pricing for commercial marketplace offers")."""
    if price.per in ("once", "use") and price.every != 1:
        return f"every: {price.every} — only a price per month or year has a period: leave out every"
    if price.every > MOST_EVERY.get(price.per, price.every):
        periods = "one month; for years say per: year" if price.per == "month" else "1 to 5 years"
        return f"every: {price.every} — a price per {price.per} has a period of {periods}"
    return None


def _ends_after_its_start(price: Price) -> str | None:
    if price.starts_at and price.ends_at and price.ends_at <= price.starts_at:
        return f"ends_at: {price.ends_at!r} — a price that starts at {price.starts_at} has to end later"
    return None


class Price(Part):
    """A price; without `markets` it is the base price."""

    rules = (_has_the_decimals_of_its_currency, _has_a_period_of_the_service, _ends_after_its_start)

    amount: Money
    currency: Annotated[str, Meaning(_currency), CURRENCIES] = "USD"
    per: Literal["month", "year", "once", "use"] = "month"
    """The paid period or event: a month, a year, the purchase, or each use."""
    every: Annotated[Integer, Ge(1)] = 1
    """Length of a period, in months or years."""
    markets: Markets = []
    """Markets in which it replaces the base prices. A set."""
    units: list[Unit] = []
    starts_at: Moment = ""
    """A time without a zone is in UTC."""
    ends_at: Moment = ""
    """Later than its start."""

    def terms(self) -> str:
        """All members except the markets, as text for comparison and order."""
        return json.dumps(
            [self.per, self.every, self.starts_at, self.currency, self.replace(markets=[]).to_json()]
        )


def _one_for_a_period_in_a_market(prices: Sequence[Price]) -> Iterator[str]:
    first: dict[tuple[str, str], int] = {}
    for number, price in enumerate(prices):
        with suppress(NotKnownYetError):
            period = repr(_period_of(price))
            keys = [(period, market) for market in price.markets or [BASE]]
            if twice := [key for key in keys if first.setdefault(key, number) != number]:
                markets, other = ", ".join(market for _, market in twice), first[twice[0]]
                yield f"[{number}]: two prices for the same period in {markets}, this and [{other}]"


def _period_of(price: Price) -> list[Any]:
    return [price.per, price.every, price.starts_at, [unit.to_json() for unit in price.units]]


def _resolved(prices: list[Price]) -> list[Price]:
    """Canonical order: base prices, then prices of markets; markets with equal prices share them.

    Prices of a market that equal the base prices are dropped.
    """
    by_market: dict[str, dict[str, Price]] = defaultdict(dict)
    for price in prices:
        terms, bare = price.terms(), price.replace(markets=[])
        for market in price.markets or [""]:
            by_market[market][terms] = bare
    base = by_market.pop("", {})
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for market in sorted(by_market):
        if by_market[market].keys() != base.keys():
            groups[tuple(sorted(by_market[market]))].append(market)
    overrides = [
        by_market[markets[0]][terms].replace(markets=markets)
        for keys, markets in groups.items()
        for terms in keys
    ]
    return [*(base[terms] for terms in sorted(base)), *overrides]


def _dumped(prices: list[Price]) -> list[dict[str, Any]]:
    return [price.to_json() for price in _resolved(prices)]


Prices = Annotated[list[Price], Meaning(dump=_dumped), ListRule(_one_for_a_period_in_a_market)]
"""Prices as the program gives them. State and requests hold them in canonical order."""


def _has_a_period_when_timed(trial: Trial) -> str | None:
    is_timed = trial.type.startswith("Timed")
    wrong = [name for name in ("duration", "unit") if is_timed != bool(getattr(trial, name, is_timed))]
    if not wrong:
        return None
    return f"{', '.join(wrong)}: TimedAccess and TimedUsage have a duration and a unit, the others have none"


class Trial(Part):
    """A free period before the first payment."""

    rules = (_has_a_period_when_timed,)

    type: Literal["NoTrial", "TimedAccess", "TimedUsage", "Unlimited"] = "NoTrial"
    duration: Annotated[Integer, Ge(0)] = 0
    """In units; required with `TimedAccess` and `TimedUsage`."""
    unit: Literal["Minute", "Days", "Months", ""] = ""

    @staticmethod
    def arguments_of(trial: wire.Trial | None) -> dict[str, Any]:
        if trial is None:
            return {}
        return {"type": trial.type, "duration": trial.duration or 0, "unit": trial.duration_type}

    def to_wire(self, draft: wire.Trial | None) -> wire.Trial:
        """Convert to the service's form, with a duration only if the trial or the draft has one."""
        if self.type == "NoTrial" and not (draft and draft.duration_type):
            return wire.Trial(type=self.type)
        return wire.Trial(type=self.type, duration=self.duration or None, duration_type=self.unit)


NO_TRIAL: Any = {"type": "NoTrial"}


def _is_counted_or_infinite(included: Included) -> str | None:
    if included.is_infinite and included.quantity:
        return f"quantity: {included.quantity} — an infinite quantity has no number"
    return None


class Included(Part):
    """Quantity of a meter in the base price of a month or year."""

    rules = (_is_counted_or_infinite,)

    per: Literal["month", "year"]
    quantity: Money = Decimal(0)
    """Number of units; 0 if infinite."""
    is_infinite: Boolean = False


def _by_period(included: list[Included]) -> list[dict[str, Any]]:
    return [quantity.to_json() for quantity in sorted(included, key=lambda quantity: quantity.per)]


class Meter(Part):
    """A custom meter: usage beyond the included quantities is billed per unit, in US dollars."""

    id: Annotated[Word, MinLen(1)]
    name: Annotated[str, MinLen(1), trimmed]
    unit: Annotated[str, MinLen(1), trimmed]
    price_in_usd: Money
    included: Annotated[list[Included], Meaning(dump=_by_period), once_by("per")] = []
    is_enabled: Boolean = True

    @staticmethod
    def arguments_of(meter: wire.CustomMeter) -> dict[str, Any]:
        return {
            "id": meter.id,
            "name": meter.display_name,
            "unit": meter.unit_of_measure,
            "price_in_usd": meter.price_in_usd or 0,
            "included": [
                {
                    "per": _PERIODS.get(included.recurring_unit, included.recurring_unit),
                    "quantity": included.quantity or 0,
                    "is_infinite": included.is_infinite,
                }
                for included in meter.included_base_quantities
            ],
            "is_enabled": meter.is_enabled,
        }

    def to_wire(self) -> wire.CustomMeter:
        return wire.CustomMeter(
            id=self.id,
            is_enabled=self.is_enabled,
            display_name=self.name,
            unit_of_measure=self.unit,
            price_in_usd=self.price_in_usd,
            included_base_quantities=[
                wire.IncludedQuantity(
                    recurring_unit=_RECURRING[included.per],
                    is_infinite=included.is_infinite,
                    quantity=None if included.is_infinite else included.quantity,
                )
                for included in self.included
            ],
        )


_PERIODS = {"Monthly": "month", "Annual": "year", "Month": "month", "Year": "year"}
_RECURRING = {"month": "Monthly", "year": "Annual"}
_CADENCES = {"month": "Month", "year": "Year"}


def price_arguments(schedules: list[wire.ScheduleInfo]) -> list[dict[str, Any]]:
    """Return the argument `prices` of the service's schedules."""
    prices = []
    for info in schedules:
        markets = [] if info.is_base_schedule else info.market_codes
        prices += [_price_arguments(schedule) | {"markets": markets} for schedule in info.schedules]
    return prices


def _price_arguments(schedule: wire.PriceSchedule) -> dict[str, Any]:
    cadence, range_ = schedule.price_cadence, schedule.date_time_range
    per = {"Flat": "once", "Usage": "use"}.get(schedule.pricing_model) or _PERIODS.get(
        cadence.type if cadence else "", ""
    )
    return {
        "amount": schedule.retail_price.open_price,
        "currency": schedule.retail_price.currency_code or "USD",
        "per": per,
        "every": cadence.value if cadence else 1,
        "units": [read_arguments(Unit, unit) for unit in schedule.pricing_units],
        "starts_at": _moment_text(range_.start_at) if range_ else "",
        "ends_at": _moment_text(range_.end_at) if range_ else "",
    }


def _moment_text(moment: wire.Moment | None) -> str:
    """Return a time in UTC; "" for the years 1 and 1601, which the service uses for never."""
    text = moment.date_time_in_utc if moment else ""
    return "" if text.startswith(("0001", "1601")) else text


def build_price_schedules(prices: list[Price], have: list[wire.ScheduleInfo]) -> list[wire.ScheduleInfo]:
    """Return the schedules of prices: a base schedule, and one for each set of markets. Existing names stay."""
    by_markets: dict[tuple[str, ...], list[Price]] = defaultdict(list)
    for price in _resolved(prices):
        by_markets[tuple(price.markets)].append(price)
    infos = []
    for markets, terms in by_markets.items():
        info = wire.ScheduleInfo(
            is_base_schedule=not markets, schedules=[_build_price_schedule(price) for price in terms]
        )
        if markets:
            info.market_codes = list(markets)
        existing = next((schedule for schedule in have if _covers(schedule) == markets), None)
        if existing:
            info.schedules = merge_lists(existing.schedules, info.schedules, key=_period)
            info = existing.merge(info)
        else:
            info.friendly_name = "Default" if not markets else f"{'_'.join(markets[:3]).lower()}_override"
        infos.append(info)
    return infos


def _period(schedule: wire.PriceSchedule) -> str:
    """Return the key of a price: period, units and times. A new amount replaces the old one of the same key."""
    arguments = _price_arguments(schedule)
    return repr([arguments[name] for name in ("per", "every", "units", "starts_at", "ends_at")])


def _covers(info: wire.ScheduleInfo) -> tuple[str, ...]:
    return () if info.is_base_schedule else tuple(sorted(info.market_codes))


def _build_price_schedule(price: Price) -> wire.PriceSchedule:
    schedule = wire.PriceSchedule(
        retail_price=wire.Price(open_price=price.amount, currency_code=price.currency),
        pricing_model={"once": "Flat", "use": "Usage"}.get(price.per, "Recurring"),
    )
    if price.per in _CADENCES:
        schedule.price_cadence = wire.Cadence(type=_CADENCES[price.per], value=price.every)
    if price.units:
        schedule.pricing_units = [wire.PricingUnit(**build_attributes(unit)) for unit in price.units]
    if price.starts_at or price.ends_at:
        schedule.date_time_range = wire.DateRange()
        if price.starts_at:
            schedule.date_time_range.start_at = wire.Moment(
                localize_per_market=False, date_time_in_utc=price.starts_at
            )
        if price.ends_at:
            schedule.date_time_range.end_at = wire.Moment(
                localize_per_market=False, date_time_in_utc=price.ends_at
            )
    return schedule
