"""The metering service: usage events, single and in batches, and what was reported.

An event is of a clock hour, a dimension and a subscription; a second one of the same is a duplicate. `included` units
are the publisher's to subtract: what is reported is charged.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..binding import Scalar, Schema
from ..service import Answer, Call
from ..state import Document
from . import catalog, events, metering_errors, subscriptions
from .api import require_known_application, versioned
from .subscriptions import ACTIVE, CANCELLED, NEVER
from .times import DAY, HOUR, day_of, timestamp

__all__ = ["KIND", "OPERATIONS"]

KIND = "usageevent"
MOST_EVENTS = 25
MOST_UNITS = 1e15
EVENT: Mapping[str, Schema] = {
    "resourceId": Scalar.STRING,
    "resourceUri": Scalar.STRING,
    "quantity": Scalar.NUMBER,
    "dimension": Scalar.STRING,
    "effectiveStartTime": Scalar.STRING,
    "planId": Scalar.STRING,
}
FILTERS = ("offerId", "planId", "dimension", "azureSubscriptionId", "reconStatus")


@dataclass(frozen=True)
class Problem:
    """Why an event is not accepted. `status` is the service's word for it."""

    status: str
    target: str
    message: str

    def describe(self) -> dict[str, str]:
        return {"message": self.message, "target": self.target, "code": self.status}


def report_event(call: Call) -> Answer:
    event = call.bind(EVENT)
    problem, subscription = _check(call, event)
    if problem is not None and problem.status == "ResourceNotAuthorized":
        raise metering_errors.forbidden()
    if problem is not None or subscription is None:
        raise metering_errors.bad_argument([problem.describe()] if problem else [])
    if accepted := _find_accepted(call, subscription, event):
        raise metering_errors.conflict(accepted.body)
    return Answer(200, _accept(call, subscription, event))


def report_batch(call: Call) -> Answer:
    """Every event has a status of its own; one of the batch can be the duplicate of another."""
    require_known_application(call)
    batch = call.bind({"request": [EVENT]}).get("request", [])
    if not 1 <= len(batch) <= MOST_EVENTS:
        problem = Problem("BadArgument", "request", f"A batch has 1 to {MOST_EVENTS} events.")
        raise metering_errors.bad_argument([problem.describe()])
    results = [_report(call, event) for event in batch]
    return Answer(200, {"count": len(results), "result": results})


def _report(call: Call, event: dict[str, Any]) -> dict[str, Any]:
    problem, subscription = _check(call, event)
    if problem is None and subscription is not None:
        accepted = _find_accepted(call, subscription, event)
        if accepted is None:
            return _accept(call, subscription, event)
        error = metering_errors.describe_conflict(accepted.body)
        return {"status": "Duplicate", "messageTime": NEVER, "error": error, **event}
    assert problem is not None
    return {"status": problem.status, "messageTime": NEVER, "error": problem.describe(), **event}


def _check(call: Call, event: dict[str, Any]) -> tuple[Problem | None, Document | None]:
    """Return what is wrong with an event, or the subscription that it is of."""
    problem = _check_members(event)
    if problem is not None:
        return problem, None
    subscription = events.settle(call.store, event.get("resourceId", ""))
    if subscription is None:
        target = "ResourceId" if "resourceId" in event else "ResourceUri"
        return Problem("ResourceNotFound", target, "The resource was not found."), None
    if not subscriptions.is_owned_by(call.store, subscription, call.caller):
        return Problem("ResourceNotAuthorized", "ResourceId", "The resource is not yours."), None
    problem = _check_time(call, subscription, event) or _check_plan(call, subscription, event)
    return problem, None if problem else subscription


def _check_members(event: dict[str, Any]) -> Problem | None:
    if bool(event.get("resourceId")) is bool(event.get("resourceUri")):
        return Problem("BadArgument", "ResourceId", "Exactly one of resourceId and resourceUri is required.")
    for name in ("dimension", "effectiveStartTime", "planId"):
        if not event.get(name):
            return Problem("BadArgument", name[0].upper() + name[1:], f"The {name} is required.")
    if not 0 < event.get("quantity", 0) <= MOST_UNITS:
        return Problem("InvalidQuantity", "Quantity", "The quantity must be greater than 0.")
    if _parse_time(event["effectiveStartTime"]) is None:
        return Problem("BadArgument", "EffectiveStartTime", "The effectiveStartTime is no time.")
    return None


def _parse_time(text: str) -> float | None:
    """Seconds since 1970 of an ISO 8601 time, in UTC where it has no offset; None for another text."""
    try:
        time = dt.datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=dt.UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _time_of(event: Mapping[str, Any]) -> float:
    time = _parse_time(event["effectiveStartTime"])
    assert time is not None, "checked before"
    return time


def _check_time(call: Call, subscription: Document, event: dict[str, Any]) -> Problem | None:
    time, now = _time_of(event), call.store.clock()
    if time < now - DAY:
        return Problem("Expired", "EffectiveStartTime", "The effectiveStartTime is more than 24 hours ago.")
    if time > now:
        return Problem("BadArgument", "EffectiveStartTime", "The effectiveStartTime is in the future.")
    was_active = subscription.stage == CANCELLED and time < subscription.body.get("active_until", 0)
    if subscription.stage != ACTIVE and not was_active:
        return Problem("ResourceNotActive", "ResourceId", f"The subscription is {subscription.stage}.")
    return None


def _check_plan(call: Call, subscription: Document, event: dict[str, Any]) -> Problem | None:
    hour = _time_of(event) // HOUR * HOUR
    if event["planId"] not in _plans_in(subscription, hour):
        return Problem("BadArgument", "PlanId", "The subscription did not have this plan in that hour.")
    offer = catalog.find_offer(call.store, subscription.body["offerId"])
    plan = offer.find_plan(event["planId"]) if offer else None
    if event["dimension"] not in ([dimension.id for dimension in plan.dimensions] if plan else []):
        return Problem("InvalidDimension", "Dimension", f"The plan has no dimension {event['dimension']}.")
    return None


def _plans_in(subscription: Document, hour: float) -> set[str]:
    """The plans that a subscription had in a clock hour; the first one also before the purchase."""
    history = [(plan_id, since) for plan_id, since in subscription.body["plans"]]
    ends = [since for _, since in history[1:]] + [float("inf")]
    starts = [float("-inf")] + [since for _, since in history[1:]]
    return {
        plan_id
        for (plan_id, _), start, end in zip(history, starts, ends, strict=True)
        if start < hour + HOUR and end > hour
    }


def _key(subscription: Document, event: Mapping[str, Any]) -> str:
    return f"{subscription.id}/{_time_of(event) // HOUR:.0f}/{event['dimension']}"


def _find_accepted(call: Call, subscription: Document, event: dict[str, Any]) -> Document | None:
    accepted = call.store.select(KIND, natural_key=_key(subscription, event))
    return accepted[0] if accepted else None


def _accept(call: Call, subscription: Document, event: dict[str, Any]) -> dict[str, Any]:
    body = {
        "usageEventId": call.store.ids.guid(),
        "status": "Accepted",
        "messageTime": timestamp(call.store.clock()),
        **event,
        "resourceId": subscription.id,
    }
    key = _key(subscription, event)
    call.store.save(Document(KIND, body["usageEventId"], body, subscription.id, key, stage=""))
    return body


def list_usage(call: Call) -> Answer:
    """What was reported, by day, subscription, plan and dimension. A day is processed when it is over."""
    require_known_application(call)
    first, last = _read_days(call)
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for subscription in subscriptions.list_owned(call.store, call.caller):
        for event in call.store.select(KIND, scope=subscription.id):
            day = day_of(_time_of(event.body))
            if first <= day <= last:
                key = (subscription.id, day.isoformat(), event.body["planId"], event.body["dimension"])
                row = rows.get(key) or _describe_row(call, subscription, event, day)
                rows[key] = row
                row["submittedQuantity"] += event.body["quantity"]
                row["submittedCount"] += 1
    for row in rows.values():
        if row["reconStatus"] == "Accepted":
            row["processedQuantity"] = row["submittedQuantity"]
    filters = {name: call.query[name] for name in FILTERS if call.query.get(name)}
    chosen = [row for row in rows.values() if all(row[name] == value for name, value in filters.items())]
    return Answer(200, sorted(chosen, key=lambda row: (row["usageDate"], row["usageResourceId"])))


def _read_days(call: Call) -> tuple[dt.date, dt.date]:
    texts = call.query.get("usageStartDate", ""), call.query.get("usageEndDate", "")
    start, end = _parse_time(texts[0]), _parse_time(texts[1]) if texts[1] else call.store.clock()
    for name, time in (("UsageStartDate", start), ("UsageEndDate", end)):
        if time is None:
            problem = Problem("BadArgument", name, "The date is missing or no ISO 8601 date.")
            raise metering_errors.bad_argument([problem.describe()])
    assert start is not None
    assert end is not None
    try:
        return day_of(start), day_of(end)
    except (ValueError, OverflowError, OSError):
        problem = Problem("BadArgument", "UsageStartDate", "The date is out of range.")
        raise metering_errors.bad_argument([problem.describe()]) from None


def _describe_row(call: Call, subscription: Document, event: Document, day: dt.date) -> dict[str, Any]:
    offer = catalog.find_offer(call.store, subscription.body["offerId"])
    plan = offer.find_plan(event.body["planId"]) if offer else None
    tenant = subscription.body["beneficiary"]["tenantId"]
    return {
        "usageDate": f"{day.isoformat()}T00:00:00Z",
        "usageResourceId": subscription.id,
        "dimension": event.body["dimension"],
        "planId": event.body["planId"],
        "planName": (plan.display_name if plan else "") or event.body["planId"],
        "offerId": subscription.body["offerId"],
        "offerName": (offer.display_name if offer else "") or subscription.body["offerId"],
        "offerType": "SaaS",
        "azureSubscriptionId": str(uuid.uuid5(uuid.NAMESPACE_URL, tenant)),
        "reconStatus": "Accepted" if day < day_of(call.store.clock()) else "Submitted",
        "submittedQuantity": 0.0,
        "processedQuantity": 0.0,
        "submittedCount": 0,
    }


OPERATIONS = (
    versioned("documented", "POST", "/usageEvent", report_event),
    versioned("documented", "POST", "/batchUsageEvent", report_batch),
    versioned("documented", "GET", "/usageEvents", list_usage, ("usageStartDate", "usageEndDate", *FILTERS)),
)
