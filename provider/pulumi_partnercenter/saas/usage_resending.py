"""Usage that the marketplace did not take, brought to it again when the publisher asks for it.

A refused hour is sent again as it is: the marketplace takes an hour once, so that it cannot be charged twice. An hour
that is too old for it is charged later: its reports move to the next open hour. That is a new hour for the
marketplace, so it is first asked whether it has the old one after all, whose answer may have been lost.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from .service import Service
from .subscriptions import add_history
from .tables import Subscription, UsageRecord, UsageReport, UsageState
from .usage import SENDABLE, Report, add_to_hours, list_plans_in_hour
from .usage_sending import SETTLED_STATES

__all__ = ["Resent", "Way", "choose_way", "resend"]

DAY = timedelta(days=1)


class Way(StrEnum):
    """How an hour comes to the marketplace again."""

    AGAIN = "again"
    """The same hour is sent once more."""
    LATER = "later"
    """Its reports are charged in the next open hour."""


class Resent(StrEnum):
    """What became of a request to resend an hour."""

    DONE = "done"
    UNCHANGED = "unchanged"
    """It is not in this state any more: somebody else was faster, or it is too old meanwhile."""
    CHARGED = "charged"
    """The marketplace has usage of that day that no hour here accounts for: this one may be charged already."""


def choose_way(record: UsageRecord, now: datetime) -> Way | None:
    """Return how an hour can be resent; None for one that is charged, or that is still being sent."""
    if record.state == UsageState.REFUSED and now - record.hour < SENDABLE:
        return Way.AGAIN
    return Way.LATER if record.state in {UsageState.REFUSED, UsageState.EXPIRED} else None


def resend(service: Service, record_id: int, way: Way, actor: str) -> Resent:
    """Resend an hour in this way, once, however often it is asked for. `actor` is that of the history.

    Raises: PartnerCenterError if the marketplace has to be asked and does not answer.
    """
    if way is Way.LATER and _may_be_charged(service, record_id):
        return Resent.CHARGED
    result = None
    while result is None:
        with service.database.transaction() as session:
            result = _resend(session, record_id, way, actor, service.now())
            if result is None:
                session.rollback()
    return result


def _resend(session: Session, record_id: int, way: Way, actor: str, now: datetime) -> Resent | None:
    """Return None if the hour that reports move to was frozen meanwhile: everything is to be done again."""
    record = session.get(UsageRecord, record_id, with_for_update=True)
    if record is None or choose_way(record, now) is not way:
        return Resent.UNCHANGED
    if way is Way.LATER:
        if not add_to_hours(session, _read_reports(session, record), now):
            return None
        record.state, record.settled_at = UsageState.MOVED, now
    else:
        subscription = session.get_one(Subscription, record.subscription_id)
        record.plan_id = list_plans_in_hour(session, subscription, record.hour)[0]
        record.state, record.settled_at, record.leased_until = UsageState.SENDING, None, None
    details = {
        "dimension": record.dimension,
        "hour": record.hour.isoformat(),
        "quantity": record.quantity,
        "error": record.error,
    }
    action = "usage moved" if way is Way.LATER else "usage resent"
    add_history(session, record.subscription_id, actor, action, now=now, details=details)
    return Resent.DONE


def _read_reports(session: Session, record: UsageRecord) -> list[Report]:
    rows = session.scalars(
        select(UsageReport).where(
            UsageReport.subscription_id == record.subscription_id,
            UsageReport.dimension == record.dimension,
            UsageReport.hour == record.hour,
        )
    )
    return [Report(**{name: getattr(row, name) for name in Report.model_fields}) for row in rows]


def _may_be_charged(service: Service, record_id: int) -> bool:
    """Return whether the marketplace has more of a record's day and dimension than it has confirmed.

    Raises: PartnerCenterError if it cannot be asked.
    """
    with service.database.reading() as session:
        record = session.get_one(UsageRecord, record_id)
        start = record.hour.replace(hour=0)
        confirmed = session.scalar(
            select(func.sum(UsageRecord.accepted_quantity)).where(
                UsageRecord.subscription_id == record.subscription_id,
                UsageRecord.dimension == record.dimension,
                UsageRecord.hour >= start,
                UsageRecord.hour < start + DAY,
                UsageRecord.state.in_(SETTLED_STATES),
            )
        )
    submitted = math.fsum(
        usage.submitted_quantity
        for usage in service.client.list_usage(start, start + DAY, dimension=record.dimension)
        if usage.resource_id.lower() == record.subscription_id
        and usage.date is not None
        and start <= usage.date < start + DAY
    )
    return not math.isclose(submitted, confirmed or 0.0, rel_tol=1e-9) and submitted > (confirmed or 0.0)
