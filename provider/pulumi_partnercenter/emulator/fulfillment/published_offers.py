"""Live SaaS offers of the emulated submission API, as offers for sale.

The submission API has no prices per seat: plans of these offers have a flat rate.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from ..state import Store
from ..submission.live_offers import LiveOffer, LivePlan, list_live
from .offers import GUID, Dimension, Offer, Plan, Term

__all__ = ["list_published", "move_address"]

OFFER_TYPE = "SoftwareAsAService"
UNITS = {"Month": "M", "Year": "Y"}
DAYS_OF_A_MONTH = 30
_ADDRESSES = "saas.addresses"


def list_published(store: Store) -> Iterator[Offer]:
    """Iterate over the live offers whose documents are complete enough to sell."""
    addresses: dict[str, str] = json.loads(store.memory.get(_ADDRESSES, "{}"))
    for live in list_live(store, OFFER_TYPE):
        try:
            yield _read_offer(live, addresses)
        except ValidationError:
            continue  # the portal may publish an offer without landing page or plans


def move_address(store: Store, address: str, local: str) -> dict[str, str]:
    """Let customers and webhooks go to `local` where published offers name `address`. Return all such pairs."""
    addresses: dict[str, str] = json.loads(store.memory.get(_ADDRESSES, "{}")) | {
        address.rstrip("/"): local.rstrip("/")
    }
    store.memory[_ADDRESSES] = json.dumps(addresses)
    return addresses


def _moved(url: str, addresses: dict[str, str]) -> str:
    for address, local in addresses.items():
        if url == address or url.startswith(f"{address}/"):
            return local + url.removeprefix(address)
    return url


def _read_offer(live: LiveOffer, addresses: dict[str, str]) -> Offer:
    identities = {entry["type"]: entry["value"] for entry in live.product["externalIDs"]}
    configuration = live.configuration
    return Offer(
        offer_id=identities.get("AzureOfferId", ""),
        display_name=live.listing.get("title", ""),
        landing_page_url=_moved(configuration.get("landingPageUri", ""), addresses),
        webhook_url=_moved(configuration.get("connectionWebhook", ""), addresses),
        tenant=configuration.get("azureActiveDirectoryTenantID", ""),
        application=configuration.get("azureActiveDirectoryApplicationID", ""),
        plans=[_read_plan(plan) for plan in live.plans],
    )


def _read_plan(live: LivePlan) -> Plan:
    availability = live.availability
    markets = [
        market["marketCode"]
        for market in availability.get("marketStates", [])
        if market["state"] == "Enabled"
    ]
    trial = availability.get("trial", {})
    tenants = [audience.get("ID", "") for audience in availability.get("tenantAudiences", [])]
    terms = _read_terms(availability)
    return Plan(
        plan_id=live.variant["externalID"],
        display_name=live.listing.get("title", ""),
        description=live.listing.get("description", ""),
        terms=terms or [Term()],
        dimensions=[
            _read_dimension(meter)
            for meter in availability.get("customMeters", [])
            if meter.get("isEnabled", True)
        ],
        has_free_trial=trial.get("type", "NoTrial") != "NoTrial",
        trial_unit=f"P{_trial_months(trial)}M",
        is_private=availability.get("visibility") == "Private",
        tenants=[tenant for tenant in tenants if GUID.fullmatch(tenant)],
        market="US" if "US" in markets or not markets else markets[0],
    )


def _read_terms(availability: dict[str, Any]) -> list[Term]:
    """The base prices, one a billing term."""
    terms: dict[str, Term] = {}
    for schedules in availability.get("priceSchedules", []):
        for schedule in schedules.get("schedules", []) if schedules.get("isBaseSchedule") else []:
            if schedule.get("pricingModel") == "Recurring":
                cadence, price = schedule.get("priceCadence", {}), schedule.get("retailPrice", {})
                unit = f"P{cadence.get('value', 1)}{UNITS.get(cadence.get('type'), 'M')}"
                term = Term(
                    term_unit=unit,
                    price=float(price.get("openPrice", 0)),
                    currency=price.get("currencyCode") or "USD",
                )
                terms.setdefault(unit, term)
    return list(terms.values())


def _read_dimension(meter: dict[str, Any]) -> Dimension:
    included = {entry.get("recurringUnit"): entry for entry in meter.get("includedBaseQuantities", [])}
    base = included.get("Monthly") or included.get("Annual") or {}
    return Dimension(
        id=meter["ID"],
        price_per_unit=float(meter.get("priceInUsd", 0)),
        unit_of_measure=meter.get("unitOfMeasure", ""),
        display_name=meter.get("displayName", ""),
        included=float(base.get("quantity", 0)),
    )


def _trial_months(trial: dict[str, Any]) -> int:
    duration = int(trial.get("duration", 1))
    months = duration if trial.get("durationType") == "Months" else round(duration / DAYS_OF_A_MONTH)
    return max(1, min(months, 99))
