"""Subscriptions: their documents, their states, and how reads show them.

    PendingFulfillmentStart → Subscribed ⇄ Suspended
              ↓                   ↓            ↓
                        Unsubscribed

The stage of a document is its state. Beside the members of the wire it has those of `INTERNAL`: `due` is when the state
or the term ends by itself; `earlier` is what reads show until a time, where changes show late.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..applications import Caller
from ..state import Document, Store
from . import behaviour, catalog
from .times import DAY, add_months, day_of, months_of, seconds_of, timestamp

__all__ = [
    "ACTIVE",
    "CANCELLED",
    "KIND",
    "PENDING",
    "SUSPENDED",
    "begin_term",
    "change",
    "describe",
    "enter",
    "find",
    "is_owned_by",
    "list_all",
    "list_owned",
    "renew_term",
]

KIND = "saassubscription"
PENDING, ACTIVE, SUSPENDED, CANCELLED = "PendingFulfillmentStart", "Subscribed", "Suspended", "Unsubscribed"
TRANSITIONS: Mapping[str, tuple[str, ...]] = {
    "": (PENDING, ACTIVE),
    PENDING: (ACTIVE, CANCELLED),
    ACTIVE: (SUSPENDED, CANCELLED),
    SUSPENDED: (ACTIVE, CANCELLED),
    CANCELLED: (),
}
PENDING_SECONDS, SUSPENDED_SECONDS = 30 * DAY, 30 * DAY
INTERNAL = frozenset(
    {"due", "earlier", "term_unit", "term_began", "term_count", "plans", "active_until", "trial_unit"}
)
NEVER = "0001-01-01T00:00:00"
MOST_RENEWALS = 100
"""Terms that are renewed one by one when the clock jumps; earlier ones pass unnoticed."""


def find(store: Store, id: str) -> Document | None:
    return store.find(KIND, id)


def list_all(store: Store) -> list[Document]:
    """Return every subscription, oldest first."""
    return store.select(KIND)


def list_owned(store: Store, caller: Caller) -> list[Document]:
    """Return the subscriptions of the offers whose technical configuration names an application."""
    offers = {offer.offer_id for offer in catalog.list_offers(store) if offer.owner == caller}
    return [subscription for subscription in list_all(store) if subscription.body["offerId"] in offers]


def is_owned_by(store: Store, subscription: Document, caller: Caller) -> bool:
    offer = catalog.find_offer(store, subscription.body["offerId"])
    return offer is not None and offer.owner == caller


def change(store: Store, subscription: Document, members: Mapping[str, Any], at: float) -> Document:
    """Save changed members of the wire; None removes. Reads show them after the delay of the settings."""
    body = subscription.body
    delay = behaviour.read(store).delay_seconds
    earlier = body.get("earlier")
    before = {name: body.get(name) for name in members}
    if earlier and earlier["until"] > at:
        before |= earlier["members"]
    changed = {name: value for name, value in {**body, **members}.items() if value is not None}
    changed["lastModified"] = timestamp(at)
    changed.pop("earlier", None)
    if delay and subscription.stage:
        changed["earlier"] = {"until": at + delay, "members": before}
    stage = changed["saasSubscriptionStatus"]
    changed_document = replace(subscription, body=changed, stage=stage)
    store.save(changed_document)
    return changed_document


def enter(store: Store, subscription: Document, status: str, at: float, **members: Any) -> Document:
    """Put a subscription into a state from a time on, with further changed members of the wire."""
    assert status in TRANSITIONS[subscription.stage], f"{subscription.stage} → {status}"
    body = {**subscription.body}
    if subscription.stage == ACTIVE:
        body["active_until"] = at
    if status == PENDING:
        body["due"] = at + PENDING_SECONDS
    elif status == SUSPENDED:
        body["due"] = at + SUSPENDED_SECONDS
    elif status == CANCELLED:
        body.pop("due", None)
    else:
        body, members = _enter_term(body, members, at)
    moved = replace(subscription, body=body)
    return change(store, moved, {"saasSubscriptionStatus": status, **members}, at)


def _enter_term(
    body: dict[str, Any], members: dict[str, Any], at: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Begin the first term of a subscription, or go on with the present one."""
    if "term_began" not in body:
        trial = body["isFreeTrial"]
        facts, term = begin_term(body["trial_unit"] if trial else body["term_unit"], at)
        return {**body, **facts}, {**members, "term": term}
    return {**body, "due": _end_of(body)}, members


def begin_term(term_unit: str, at: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Internal members and `term` of a first term that begins on the day of `at`."""
    began = day_of(at)
    facts = {"term_began": began.isoformat(), "term_count": 0}
    return _place_term(facts, term_unit)


def renew_term(body: Mapping[str, Any], now: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Internal members and `term` of the next term; the first paid one after a trial starts a new count."""
    ended, unit = dt.date.fromisoformat(_next_start(body)), body["term_unit"]
    if body["isFreeTrial"] or unit != body["term"]["termUnit"]:
        return _place_term({"term_began": ended.isoformat(), "term_count": 0}, unit)
    today, months = day_of(now), months_of(unit)
    behind = ((today.year - ended.year) * 12 + today.month - ended.month) // months
    count = body["term_count"] + 1 + max(0, behind - MOST_RENEWALS)
    return _place_term({"term_began": body["term_began"], "term_count": count}, unit)


def _place_term(facts: dict[str, Any], term_unit: str) -> tuple[dict[str, Any], dict[str, Any]]:
    began, months = dt.date.fromisoformat(facts["term_began"]), months_of(term_unit)
    start = add_months(began, months * facts["term_count"])
    after = add_months(began, months * (facts["term_count"] + 1))
    last = after - dt.timedelta(days=1) if start < after < dt.date.max else dt.date.max
    term = {
        "startDate": f"{start.isoformat()}T00:00:00Z",
        "endDate": f"{last.isoformat()}T00:00:00Z",
        "termUnit": term_unit,
    }
    return {**facts, "due": seconds_of(last) + DAY}, term


def _next_start(body: Mapping[str, Any]) -> str:
    last = dt.date.fromisoformat(body["term"]["endDate"][:10])
    return (last + dt.timedelta(days=1) if last < dt.date.max else last).isoformat()


def _end_of(body: Mapping[str, Any]) -> float:
    return seconds_of(dt.date.fromisoformat(body["term"]["endDate"][:10])) + DAY


def describe(store: Store, subscription: Document, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The subscription as a read shows it now, without some members."""
    body, earlier = subscription.body, subscription.body.get("earlier")
    if earlier and earlier["until"] > store.clock():
        body = {**body, **earlier["members"]}
    hidden = (*INTERNAL, *without)
    if behaviour.is_so(store, "created_member", "omitted"):
        hidden += ("created",)
    return {name: value for name, value in body.items() if name not in hidden and value is not None}
