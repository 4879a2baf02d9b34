"""Prices of virtual machine plans: what is complete, and what may not change after publication."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

__all__ = [
    "CURRENCIES",
    "PRICING_MEMBERS",
    "describe_price",
    "find_incomplete_prices",
    "find_price_changes",
    "is_byol",
]

REGIONS = {
    "CHF": "CH LI",
    "EUR": "AE AT BE CY DE EE ES FI FR GR IE IT LT LU LV ME MT NL PT SI SK",
    "RUB": "BY RU",
    "USD": "BR DO EC LK PA PR SV US VE",
    # Currencies of a single region.
    "ARS": "AR",
    "AUD": "AU",
    "BGN": "BG",
    "BHD": "BH",
    "CAD": "CA",
    "CLP": "CL",
    "COP": "CO",
    "CRC": "CR",
    "CZK": "CZ",
    "DKK": "DK",
    "DZD": "DZ",
    "EGP": "EG",
    "GBP": "GB",
    "GTQ": "GT",
    "HKD": "HK",
    "HRK": "HR",
    "HUF": "HU",
    "IDR": "ID",
    "ILS": "IL",
    "INR": "IN",
    "ISK": "IS",
    "JOD": "JO",
    "JPY": "JP",
    "KES": "KE",
    "KRW": "KR",
    "KWD": "KW",
    "KZT": "KZ",
    "MAD": "MA",
    "MKD": "MK",
    "MXN": "MX",
    "MYR": "MY",
    "NGN": "NG",
    "NOK": "NO",
    "NZD": "NZ",
    "OMR": "OM",
    "PEN": "PE",
    "PHP": "PH",
    "PKR": "PK",
    "PLN": "PL",
    "PYG": "PY",
    "QAR": "QA",
    "RON": "RO",
    "RSD": "RS",
    "SAR": "SA",
    "SEK": "SE",
    "SGD": "SG",
    "THB": "TH",
    "TND": "TN",
    "TRY": "TR",
    "TTD": "TT",
    "TWD": "TW",
    "UAH": "UA",
    "UYU": "UY",
    "ZAR": "ZA",
}
"""Regions with prices of their own, by their currency, as documented."""
CURRENCIES = {region: currency for currency, regions in REGIONS.items() for region in regions.split()}
PRICING_MEMBERS = ("virtualMachinePricingV2", "virtualMachinePricing")
"""The newer member of a plan, and its older twin."""
CORES = (1, 2, 4, 6, 8, 10, 12, 16, 20, 24, 32, 36, 40, 44, 48, 60, 64, 72, 80, 96, 120, 128, 208, 416)
BASE = ""
"""Stands for the region of prices in US dollars, from which the service derives the others."""


def _read_pricing(plan: Mapping[str, Any]) -> Mapping[str, Any]:
    pricing: Any = next((plan[name] for name in PRICING_MEMBERS if plan.get(name)), {})
    return pricing if isinstance(pricing, dict) else {}


def is_byol(plan: Mapping[str, Any]) -> bool:
    return _read_pricing(plan).get("isByol") is True


def describe_price(plan: Mapping[str, Any]) -> str:
    """Return the price of a plan in words. Pricing of other offer types may have any form."""
    pricing = _read_pricing(plan)
    multiplier, regional = pricing.get("coreMultiplier"), pricing.get("regionPrices")
    if is_byol(plan):
        return "bring your own licence"
    if "spreadSheetPricing" in pricing:
        return "by spreadsheet"
    if isinstance(multiplier, dict) and multiplier.get("single") is not None:
        single = multiplier["single"]
        return f"{multiplier.get('currency', '')} {single} per core and hour" if single else "free"
    if isinstance(multiplier, dict) and multiplier.get("individually"):
        return "by core size"
    return "by region" if isinstance(regional, dict) and regional else "–"


def find_incomplete_prices(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is missing or contradictory in the pricing of a plan."""
    pricing = _read_pricing(plan)
    multiplier, regional = pricing.get("coreMultiplier") or {}, pricing.get("regionPrices") or {}
    if not pricing:
        yield "has no pricing"
    elif not is_byol(plan) and not (
        "regionPrices" in pricing or multiplier or "spreadSheetPricing" in pricing
    ):
        yield "has no price"
    if "single" in multiplier and "individually" in multiplier:
        yield "has a price per core and prices per core size"
    if any(price < 0 for price in (*_list_prices(multiplier), *_list_prices(regional))):
        yield "has a price below 0"
    if not regional:
        return
    regions = [str(region).upper() for region in plan.get("regions", [])]
    priced = {region.upper() for region, entry in regional.items() if _is_enabled(entry)}
    if missing := [region for region in regions if region not in priced]:
        yield f"has no price in {', '.join(missing)}"
    for region, entry in regional.items():
        expected = CURRENCIES.get(region.upper()) if _is_enabled(entry) else None
        actual = entry.get("currency") if isinstance(entry, dict) else None
        if expected and actual and actual != expected:
            yield f"has prices in {actual} in {region}, whose currency is {expected}"


def _list_prices(value: Any) -> list[Decimal]:
    """Return all numbers in a JSON value."""
    if isinstance(value, dict):
        return [price for item in value.values() for price in _list_prices(item)]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return []
    return [Decimal(str(value))]


def find_price_changes(plan: Mapping[str, Any], published: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the first refused change of prices in each region.

    `published` are the plan's live versions, oldest first.
    """
    prices, present = _price_table(plan), {region for region, _ in _price_table(published[-1])}
    if "spreadSheetPricing" in _read_pricing(published[-1]) and "spreadSheetPricing" not in _read_pricing(
        plan
    ):
        yield "has prices of a spreadsheet, which only a spreadsheet can change"
        return
    reported: set[str] = set()
    for (region, size), price in prices.items():
        before = _latest_price(published, region, size)
        if before is None or region in reported:
            continue
        place = f" in {region}" if region else ""
        if price > before:
            reported.add(region)
            yield f"raises the price for {size}{place} from {before} to {price}"
        elif price != before and region and region not in present:
            reported.add(region)
            yield f"changes the price for {size}{place}, where it was sold before"
    if not reported:
        yield from _find_dollar_rises(prices, _price_table(published[-1]))


def _find_dollar_rises(
    prices: Mapping[tuple[str, str], Decimal], before: Mapping[tuple[str, str], Decimal]
) -> Iterator[str]:
    """Yield the first higher price in US dollars where prices by region take the place of base prices, or the reverse.

    Inferred: no page says whether the service compares them.
    """
    for (region, size), price in prices.items():
        if region == BASE and (BASE, size) not in before:
            regions = [name for name, priced in before if priced == size and CURRENCIES.get(name) == "USD"]
        else:
            is_new = CURRENCIES.get(region) == "USD" and (region, size) not in before
            regions = [region] if is_new and (BASE, size) in before else []
        for name in regions:
            former = before[name if region == BASE else BASE, size]
            if price > former:
                yield f"raises the price for {size} in {name} from {former} to {price}"
                return


def _latest_price(published: Sequence[Mapping[str, Any]], region: str, size: str) -> Decimal | None:
    for plan in reversed(published):
        price = _price_table(plan).get((region, size))
        if price is not None:
            return price
    return None


def _price_table(plan: Mapping[str, Any]) -> dict[tuple[str, str], Decimal]:
    """Return prices by region and core size. The price per core stands for the sizes whose names say their cores."""
    if is_byol(plan):
        return {}
    pricing = _read_pricing(plan)
    multiplier, regional = pricing.get("coreMultiplier") or {}, pricing.get("regionPrices") or {}
    table: dict[tuple[str, str], Decimal] = {}
    if "single" in multiplier:
        single = Decimal(str(multiplier["single"]))
        table |= {(BASE, f"{cores}core"): cores * single for cores in CORES}
    for size, price in (multiplier.get("individually") or {}).items():
        table[BASE, size] = Decimal(str(price))
    for region, entry in regional.items():
        table |= {(region.upper(), size): price for size, price in _regional_prices(entry).items()}
    return table


def _is_enabled(entry: Any) -> bool:
    """Whether a region is sold in. The member is from the contract of another offer type."""
    return not isinstance(entry, dict) or entry.get("enabled") is not False


def _regional_prices(entry: Any) -> dict[str, Decimal]:
    """Return the prices of a region. The shape is undocumented: a map of sizes, or one below a member `price`."""
    if not _is_enabled(entry):
        return {}
    prices = entry.get("price", entry) if isinstance(entry, dict) else entry
    by_size = prices if isinstance(prices, dict) else {"any size": prices}
    return {
        size: Decimal(str(price))
        for size, price in by_size.items()
        if isinstance(price, int | float) and not isinstance(price, bool)
    }
