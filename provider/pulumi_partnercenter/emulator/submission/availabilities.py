"""Feature availabilities: markets, prices and audiences of a plan, and markets of a Dynamics 365 offer."""

from __future__ import annotations

from typing import Any

from ..service import Answer, Call
from ..state import Document
from . import errors, schemas
from .entities import bind_replacement, list_in_instance, replace_body, require_entity
from .scopes import product_of, variant_of, within_variant

__all__ = ["get_availability", "list_availabilities", "replace_availability"]

EXPANDABLE = {
    "marketstates": "marketStates",
    "priceschedules": "priceSchedules",
    "priceschedule": "priceSchedules",
    "trial": "trial",
}


def list_availabilities(call: Call) -> Answer:
    documents = list_in_instance(call, "featureavailability", "Availability")
    return Answer(200, {"value": [_expand(call, document.body) for document in documents]})


def get_availability(call: Call) -> Answer:
    return Answer(200, _expand(call, require_entity(call, "featureavailability", "availability").body))


def replace_availability(call: Call) -> Answer:
    """Replace all members, including those that need `$expand`, which the answer shows only when expanded."""
    document = require_entity(call, "featureavailability", "availability")
    body = bind_replacement(call, document, schemas.FEATURE_AVAILABILITY, if_match_required=True)
    _refuse_locked(call, document, body)
    stored = replace_body(call, document, body)
    return Answer(200, _expand(call, stored), etag=stored["@odata.etag"])


def _expand(call: Call, body: dict[str, Any]) -> dict[str, Any]:
    names = [name.strip().lower() for name in call.query.get("$expand", "").split(",") if name.strip()]
    if unknown := [name for name in names if name not in EXPANDABLE]:
        raise errors.not_emulated(f"$expand={','.join(unknown)}")
    hidden = set(EXPANDABLE.values()) - {EXPANDABLE[name] for name in names}
    return {name: value for name, value in body.items() if name not in hidden}


def _refuse_locked(call: Call, document: Document, body: dict[str, Any]) -> None:
    """Refuse (400) changes that publishing has locked (documented; that PUT refuses them is inferred).

    For markets of an offer without plans, no lock is documented.
    """
    if not variant_of(document):
        return
    plan = within_variant(product_of(document), variant_of(document))
    published = call.store.select("featureavailability", **plan, stage="published")
    if not published:
        return
    before, problems = published[-1].body, {}
    sold, now_sold = _sold(before), _sold(body)
    if gone := [market for market in sold if market not in now_sold]:
        problems["MarketStates"] = f"A market cannot be removed after publishing: {', '.join(gone)}."
    if moved := [m for m in sold if m in now_sold and _price(before, m) != _price(body, m)]:
        problems["PriceSchedules"] = f"A price cannot be changed after publishing: {', '.join(moved)}."
    if before.get("visibility") == "Public" and body.get("visibility") == "Private":
        problems["Visibility"] = "A public plan cannot become private after publishing."
    if problems:
        raise errors.invalid(problems)


def _sold(body: dict[str, Any]) -> list[str]:
    states = body.get("marketStates", [])
    return [entry.get("marketCode", "") for entry in states if entry.get("state") == "Enabled"]


def _price(body: dict[str, Any], market: str) -> list[Any]:
    """Return price and model in a market: of its override, or of the base schedule."""
    schedules = body.get("priceSchedules", [])
    own = [
        schedule
        for schedule in schedules
        if not schedule.get("isBaseSchedule") and market in schedule.get("marketCodes", [])
    ]
    valid = own or [schedule for schedule in schedules if schedule.get("isBaseSchedule")]
    return [schedule.get("schedules", []) for schedule in valid]
