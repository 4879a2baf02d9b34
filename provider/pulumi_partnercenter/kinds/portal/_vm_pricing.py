"""Prices of a virtual machine, per hour and core, and their form in a plan of the Cloud Partner Portal API.

The service has the same prices in two members, `virtualMachinePricing` and `virtualMachinePricingV2`. Its documentation
has no sample of prices by market; their form follows the prices of other types of offers.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from annotated_types import Ge

from ...markers import Boolean, Integer, Meaning
from ...model import Part
from .._rules import Money, PublicAddress
from .._signed_addresses import comparable_address
from ._members import as_mapping
from ._portal_markets import CURRENCY_BY_MARKET, Currency, PortalMarket

__all__ = [
    "CORE_SIZES",
    "PRICE_MEMBERS",
    "Pricing",
    "read_pricing",
    "refused_prices",
    "remember_pricing",
    "write_pricing",
]

CORE_SIZES = (  # noqa: SIM905 - a line a size would hide the rest
    "sharedcore 1core 2core 4core 6core 8core 10core 12core 16core 20core 24core 32core 36core 40core 44core 48core"
    " 60core 64core 72core 80core 96core 120core 128core 208core 416core"
).split()
"""Sizes of virtual machines, by their number of cores. The service may add sizes."""
MODELS = ("free", "byol", "per_core", "per_size", "per_market", "spreadsheet")
PRICE_MEMBERS = ("virtualMachinePricingV2", "virtualMachinePricing")
"""The members with prices. The first is read, both are written."""
_OF_MODELS = ("coreMultiplier", "regionPrices", "spreadSheetPricing")


def _plain_amount(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


OptionalMoney = Annotated[
    Money | None, Meaning(accept=lambda value: None if value == "" else value, dump=_plain_amount)
]
"""An exact amount; an empty string in state when absent, because arguments in state are never None."""


def _core_size(value: str) -> str:
    if not re.fullmatch(r"sharedcore|[1-9][0-9]{0,3}core", value):
        raise ValueError("must be a size such as 4core, or sharedcore")
    return value


Amounts = dict[Annotated[str, Meaning(_core_size)], Money]


def _refuse_doubles(value: object) -> object:
    """Refuse a market that is there twice, in different spellings."""
    if isinstance(value, Mapping):
        markets = [str(market).upper() for market in value]
        if doubles := sorted({market for market in markets if markets.count(market) > 1}):
            raise ValueError(f"{', '.join(doubles)} is there twice")
    return value


def _one_model(pricing: Pricing) -> str | None:
    unknown = [name for name in MODELS if not hasattr(pricing, name)]
    given = [name for name in MODELS if _is_given(getattr(pricing, name, None))]
    if len(given) == 1 or (unknown and not given):
        return None
    names = ", ".join(given or MODELS)
    return f"{names}: a plan has one kind of price; " + (
        "keep one of them" if given else "one of these is required"
    )


def _is_given(value: object) -> bool:
    return value is not None and value is not False and value not in ("", {})


def _a_price_per_core_is_above_zero(pricing: Pricing) -> str | None:
    return "per_core: 0 — is free: write free=True" if pricing.per_core == 0 else None


def _each_market_has_a_currency(pricing: Pricing) -> str | None:
    given = {**CURRENCY_BY_MARKET, **pricing.currencies}
    if missing := sorted(set(pricing.per_market) - set(given)):
        return (
            f"per_market: {', '.join(missing)} has no currency in the service's table;"
            ' name it: currencies={"' + missing[0] + '": "USD"}'
        )
    return None


def _currencies_belong_to_markets(pricing: Pricing) -> str | None:
    if without := sorted(set(pricing.currencies) - set(pricing.per_market)):
        return f"currencies: {', '.join(without)} has no price in per_market"
    return None


def _each_market_has_a_price(pricing: Pricing) -> str | None:
    if empty := sorted(market for market, amounts in pricing.per_market.items() if not amounts):
        return f"per_market: {', '.join(empty)} has no price of any size"
    return None


def _differing_currencies(currencies: dict[str, str]) -> dict[str, str]:
    return {
        market: currencies[market]
        for market in sorted(currencies)
        if CURRENCY_BY_MARKET.get(market) != currencies[market]
    }


class Pricing(Part):
    """Prices per hour: exactly one of `free`, `byol`, `per_core`, `per_size`, `per_market`, `spreadsheet`."""

    rules = (
        _one_model,
        _a_price_per_core_is_above_zero,
        _each_market_has_a_currency,
        _currencies_belong_to_markets,
        _each_market_has_a_price,
    )

    free: Boolean = False
    byol: Boolean = False
    """Bring your own licence. Fixed once the plan is live."""
    per_core: OptionalMoney = None
    """Price of a core in US dollars, above 0; the service derives the prices of all sizes and markets."""
    per_size: Amounts = {}
    """Prices by size in US dollars: `{"1core": 0.05, "2core": 0.1}`. Other sizes that the service has stay."""
    per_market: Annotated[dict[PortalMarket, Amounts], Meaning(accept=_refuse_doubles)] = {}
    """Prices by market and size, in the market's currency: `{"DE": {"1core": 0.05}}`."""
    currencies: Annotated[
        dict[PortalMarket, Currency], Meaning(_differing_currencies, accept=_refuse_doubles)
    ] = {}
    """Currencies of markets in `per_market`: required for the 54 markets without one in the service's table."""
    spreadsheet: PublicAddress = ""
    """Address of a spreadsheet in the portal's form, which the service downloads once."""
    trial_months: Annotated[Integer, Ge(0)] = 0
    """Free months before the first payment."""


def read_pricing(plan: Mapping[str, Any]) -> dict[str, Any]:
    """Return the canonical prices of a plan; empty for none, and for prices in a form without a model."""
    document = next((plan[name] for name in PRICE_MEMBERS if isinstance(plan.get(name), Mapping)), None)
    if document is None:
        return {}
    try:
        model, months = _read_model(document), document.get("freeTrialDurationInMonths") or 0
        default = {name: Pricing.default(name) for name in Pricing.names()}
        return {**default, **model, "trial_months": int(months)} if model else {}
    except (AttributeError, LookupError, TypeError, ValueError):
        return {}


def _read_model(document: Mapping[str, Any]) -> dict[str, Any]:
    """Raises AttributeError, LookupError, TypeError, ValueError for a form without a model."""
    if document.get("isByol") is True:
        return {"byol": True}
    if spreadsheet := document.get("spreadSheetPricing"):
        return {"spreadsheet": comparable_address(str(spreadsheet["uri"]))}
    multiplier = document.get("coreMultiplier") or {}
    if multiplier and multiplier.get("currency", "USD") != "USD":
        raise ValueError("prices per core are in US dollars")
    if multiplier.get("individually"):
        return {"per_size": _read_amounts(multiplier["individually"])}
    if multiplier.get("single") is not None:
        amount = _read_amount(multiplier["single"])
        return {"free": True} if amount == "0" else {"per_core": amount}
    regions = {
        market.upper(): region
        for market, region in dict(document.get("regionPrices") or {}).items()
        if _is_enabled(region)
    }
    if not regions:
        return {}
    currencies = {market: str(region["currency"]) for market, region in regions.items()}
    return {
        "per_market": {market: _read_amounts(region["price"]) for market, region in regions.items()},
        "currencies": _differing_currencies(currencies),
    }


def _is_enabled(region: object) -> bool:
    return as_mapping(region).get("enabled") is not False


def _read_amounts(sizes: Mapping[str, Any]) -> dict[str, str]:
    return {_core_size(size): _read_amount(amount) for size, amount in dict(sizes).items()}


def _read_amount(value: object) -> str:
    if isinstance(value, bool):
        raise TypeError("is no amount")
    try:
        return _plain_amount(Decimal(str(value)))
    except InvalidOperation:
        raise ValueError("is no amount") from None


def remember_pricing(current: dict[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    """Complete the service's prices by the spreadsheet's given address. Sizes that were not given are no drift."""
    if not last or not current:
        return current if last else {}
    remembered = dict(current)
    if current["spreadsheet"] and last["spreadsheet"]:
        remembered["spreadsheet"] = last["spreadsheet"]
    if last["per_size"]:
        remembered["per_size"] = _within(current["per_size"], last["per_size"])
    remembered["per_market"] = {
        market: _within(amounts, last["per_market"].get(market) or amounts)
        for market, amounts in current["per_market"].items()
    }
    return remembered


def _within(amounts: Mapping[str, str], last: Mapping[str, str]) -> dict[str, str]:
    """Return the amounts of the sizes that were given: the service adds sizes of its own."""
    return {size: amount for size, amount in amounts.items() if size in last}


def write_pricing(plan: dict[str, Any], desired: Mapping[str, Any], last: Mapping[str, Any]) -> None:
    """Write the desired prices into a plan, if they differ. `last`: the prices of the last run; the desired ones in an
    adoption; empty for a new plan.
    """
    read = read_pricing(plan)
    current = remember_pricing(read, last or desired) if read else {}
    sheets = [comparable_address(str(pricing.get("spreadsheet") or "")) for pricing in (desired, last)]
    is_new_sheet = bool(sheets[0]) and sheets[0] != sheets[1]
    if current == desired and not is_new_sheet:
        return
    base: Mapping[str, Any] = next(
        (plan[name] for name in PRICE_MEMBERS if isinstance(plan.get(name), Mapping)), {}
    )
    document = copy.deepcopy(dict(base))
    if is_new_sheet or _model_of(current) != _model_of(desired):
        _write_model(document, desired, last)
    if not current or current["trial_months"] != desired["trial_months"]:
        document["freeTrialDurationInMonths"] = desired["trial_months"]
    for name in PRICE_MEMBERS:
        plan[name] = copy.deepcopy(document)


def _model_of(pricing: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in pricing.items() if name != "trial_months"}


def _write_model(document: dict[str, Any], desired: Mapping[str, Any], last: Mapping[str, Any]) -> None:
    multiplier, regions = as_mapping(document.get("coreMultiplier")), as_mapping(document.get("regionPrices"))
    for name in _OF_MODELS:
        document.pop(name, None)
    document["isByol"] = desired["byol"]
    if desired["spreadsheet"]:
        document["spreadSheetPricing"] = {"uri": desired["spreadsheet"]}
    elif desired["per_market"]:
        document["regionPrices"] = _build_regions(dict(regions), desired, last)
    elif not desired["byol"]:
        currency = {"currency": "USD"}
        if desired["per_size"]:
            have = dict(as_mapping(multiplier.get("individually")))
            amounts = _build_amounts(have, desired["per_size"], last.get("per_size") or {})
            document["coreMultiplier"] = {**currency, "individually": amounts}
        else:
            document["coreMultiplier"] = {**currency, "single": _number(desired["per_core"] or "0")}


def _build_regions(
    regions: dict[str, Any], desired: Mapping[str, Any], last: Mapping[str, Any]
) -> dict[str, Any]:
    spellings = {market.upper(): market for market in regions}
    built = {market: region for market, region in regions.items() if not _is_enabled(region)}
    for market, amounts in desired["per_market"].items():
        region = {**as_mapping(regions.get(spellings.get(market, market))), "enabled": True}
        region["currency"] = desired["currencies"].get(market) or CURRENCY_BY_MARKET[market]
        have = dict(as_mapping(region.get("price")))
        before = (last.get("per_market") or {}).get(market) or {}
        region["price"] = _build_amounts(have, amounts, before)
        built[spellings.get(market, market)] = region
    return built


def _build_amounts(
    have: dict[str, Any], desired: Mapping[str, str], last: Mapping[str, str]
) -> dict[str, Any]:
    """Return the amounts to write. Equal numbers keep their spelling; sizes that were never given stay."""
    amounts = {size: number for size, number in have.items() if size in desired or size not in last}
    for size, amount in desired.items():
        if size not in amounts or _number(amount) != amounts[size]:
            amounts[size] = _number(amount)
    return amounts


def _number(amount: str) -> int | float:
    value = Decimal(amount)
    return int(value) if value == value.to_integral_value() else float(value)


def refused_prices(live: Mapping[str, Any], desired: Mapping[str, Any]) -> Iterator[str]:
    """Yield each change of a live plan's prices that the service refuses. Both are canonical."""
    if live["byol"] != desired["byol"]:
        yield "byol: a live plan keeps its licence model"
    elif live["spreadsheet"] and not desired["spreadsheet"]:
        yield "spreadsheet: prices that came from a spreadsheet change by a spreadsheet only"
    else:
        before, after = _comparable_prices(live, desired), _comparable_prices(desired, live)
        for place in before:
            if place in after and after[place] > before[place]:
                label = f"{place[0]}{place[1]}"
                yield f"{label}: {before[place]} → {after[place]}: a live price may fall, and not rise"


def _comparable_prices(
    pricing: Mapping[str, Any], other: Mapping[str, Any]
) -> dict[tuple[str, str], Decimal]:
    """Return prices by kind or market and size. Those in US dollars have the kind, markets and sizes of the other."""
    if pricing["per_market"]:
        return {
            (f"per_market.{market}.{_currency_in(pricing, market)}.", size): Decimal(amount)
            for market, amounts in pricing["per_market"].items()
            for size, amount in amounts.items()
        }
    if not (pricing["free"] or pricing["per_core"] or pricing["per_size"]):
        return {}
    if other["per_market"]:
        places = [
            (f"per_market.{market}.{currency}.", size)
            for market, amounts in other["per_market"].items()
            if (currency := _currency_in(other, market)) == "USD" or pricing["free"]
            for size in amounts
        ]
        prices = {place: _dollar_price(pricing, place[1]) for place in places}
    elif pricing["per_size"]:
        prices = {("per_size.", size): _dollar_price(pricing, size) for size in pricing["per_size"]}
    else:
        prices = {("per_size.", size): _dollar_price(pricing, size) for size in other["per_size"]}
    amounts = {place: price for place, price in prices.items() if price is not None}
    return (
        amounts if amounts or pricing["per_size"] else {("per_core", ""): Decimal(pricing["per_core"] or 0)}
    )


def _dollar_price(pricing: Mapping[str, Any], size: str) -> Decimal | None:
    """Return the price of a size in US dollars; None if the prices do not say it."""
    if pricing["per_size"]:
        return Decimal(pricing["per_size"][size]) if size in pricing["per_size"] else None
    single, cores = Decimal(pricing["per_core"] or 0), _cores(size)
    return single * cores if cores or not single else None


def _currency_in(pricing: Mapping[str, Any], market: str) -> str:
    return str(pricing["currencies"].get(market) or CURRENCY_BY_MARKET.get(market, ""))


def _cores(size: str) -> int:
    """Return the number of cores; 0 for a shared core, whose price does not follow from that of a core."""
    return int(size.removesuffix("core")) if size != "sharedcore" else 0
