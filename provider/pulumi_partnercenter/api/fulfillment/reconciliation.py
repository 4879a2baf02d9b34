"""Comparison of usage events that were sent with the records of the metering service, which are daily sums."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .usage import UsageEvent, UsageRecord

__all__ = ["DailyUsage", "reconcile", "usage_days"]

TOLERANCE = 1e-9
"""Relative difference of floating-point sums that count as equal."""
PROCESSED, WAITING = "Accepted", "Submitted"


@dataclass
class DailyUsage:
    """Usage of a resource in a dimension and plan on a day in UTC. `sent` is 0 if the file has no such event."""

    day: dt.date
    resource: str
    dimension: str
    plan: str
    sent: float = 0.0
    submitted: float = 0.0
    processed: float = 0.0
    statuses: list[str] = field(default_factory=list)

    @property
    def state(self) -> str:
        """`accepted`, `pending` (not processed yet), `missing`, `different`, `rejected` or `not in file`."""
        if not self.sent:
            return "not in file"
        if not self.statuses:
            return "missing"
        if not math.isclose(self.sent, self.submitted, rel_tol=TOLERANCE):
            return "different"
        if not set(self.statuses) <= {PROCESSED, WAITING}:
            return "rejected"
        if WAITING in self.statuses:
            return "pending"
        return "accepted" if math.isclose(self.sent, self.processed, rel_tol=TOLERANCE) else "different"

    @property
    def is_well(self) -> bool:
        return self.state in ("accepted", "pending")

    def to_json(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "day": self.day.isoformat(),
            "resource": self.resource,
            "dimension": self.dimension,
            "plan": self.plan,
            "sent": self.sent,
            "submitted": self.submitted,
            "processed": self.processed,
            "statuses": self.statuses,
        }


def usage_days(events: Iterable[UsageEvent]) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of the events, in UTC."""
    days = [_day(event.effective_start_time) for event in events]
    return min(days), max(days)


def reconcile(events: Iterable[UsageEvent], records: Iterable[UsageRecord]) -> list[DailyUsage]:
    """Compare sums by day, resource, dimension and plan. Records of other resources and days are left out."""
    events = list(events)
    first, last = usage_days(events)
    resources = {_resource_key(event.resource_id or event.resource_uri) for event in events}
    sums: dict[tuple[Any, ...], DailyUsage] = {}
    for event in events:
        resource = event.resource_id or event.resource_uri
        daily = _sum_of(sums, _day(event.effective_start_time), resource, event.dimension, event.plan_id)
        daily.sent += event.quantity
    for record in _of_resources(records, resources):
        day = _day(record.date) if record.date else None
        if day is None or not first <= day <= last:
            continue
        daily = _sum_of(sums, day, record.resource_id, record.dimension, record.plan_id)
        daily.submitted += record.submitted_quantity
        daily.processed += record.processed_quantity
        if record.status not in daily.statuses:
            daily.statuses.append(record.status)
    return sorted(sums.values(), key=lambda daily: (daily.day, daily.resource, daily.dimension, daily.plan))


def _of_resources(records: Iterable[UsageRecord], resources: set[str]) -> Iterator[UsageRecord]:
    return (record for record in records if _resource_key(record.resource_id) in resources)


def _sum_of(
    sums: dict[tuple[Any, ...], DailyUsage], day: dt.date, resource: str, dimension: str, plan: str
) -> DailyUsage:
    key = (day, _resource_key(resource), dimension.casefold(), plan.casefold())
    return sums.setdefault(key, DailyUsage(day, resource, dimension, plan))


def _resource_key(resource: str) -> str:
    return resource.strip("/").casefold()


def _day(time: dt.datetime) -> dt.date:
    return time.astimezone(dt.UTC).date()
