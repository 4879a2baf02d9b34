"""Prices in spreadsheets: the control plane declares what the file at an address says, as the layout is unknown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from ..state import Store
from .price_rules import CURRENCIES, PRICING_MEMBERS

__all__ = ["Prices", "declare", "evaluate", "reset"]

Prices: TypeAlias = dict[str, dict[str, float]]
"""Prices by region and core size."""
_KEPT = "portal.spreadsheets"


def declare(store: Store, address: str, prices: Prices) -> None:
    """Declare the prices in the file at an address, whatever its query."""
    _save(store, {**_read(store), _without_query(address): prices})


def reset(store: Store) -> None:
    store.memory.pop(_KEPT, None)


def evaluate(store: Store, sent: Mapping[str, Any], copied: Mapping[str, Any]) -> None:
    """Add the prices of declared spreadsheets to a definition whose files were copied from those of `sent`."""
    declared = _read(store)
    for before, after in zip(_list_pricing(sent), _list_pricing(copied), strict=True):
        prices = declared.get(_address_of(before))
        if prices is not None:
            declared[_address_of(after)] = prices
            after["regionPrices"] = {
                region: {"currency": CURRENCIES.get(region, "USD"), "enabled": True, "price": by_size}
                for region, by_size in prices.items()
            }
    _save(store, declared)


def _list_pricing(definition: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield each pricing of the plans that names a spreadsheet."""
    for plan in definition.get("plans", []):
        for name in PRICING_MEMBERS:
            if isinstance(plan.get(name), dict) and _address_of(plan[name]):
                yield plan[name]


def _address_of(pricing: Mapping[str, Any]) -> str:
    spreadsheet = pricing.get("spreadSheetPricing")
    address = spreadsheet.get("uri") if isinstance(spreadsheet, dict) else None
    return _without_query(address) if isinstance(address, str) else ""


def _without_query(address: str) -> str:
    return address.partition("?")[0]


def _read(store: Store) -> dict[str, Prices]:
    declared: dict[str, Prices] = json.loads(store.memory.get(_KEPT, "{}"))
    return declared


def _save(store: Store, declared: Mapping[str, Prices]) -> None:
    if declared:
        store.memory[_KEPT] = json.dumps(declared)
