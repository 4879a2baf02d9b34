"""Sending usage to the marketplace's metering service: every hour once, whatever fails in between.

An hour that is over is frozen: its quantity is the sum of its reports, and never changes again. Only then is it sent.
After a crash or a lost answer it is sent again, unchanged, and the service answers with the event that it has.
"""

from __future__ import annotations

import hashlib
import logging
import math
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from ..errors import Forbidden, InputError, Invalid, PartnerCenterError
from ..fulfillment import DailyUsage, SubscriptionStatus, UsageEvent, UsageResult, UsageStatus, reconcile
from . import leases
from .events import emit
from .service import Service
from .subscriptions import add_history
from .tables import Job, Subscription, UsageRecord, UsageReport, UsageState
from .usage import HOUR, list_plans_in_hour
from .worker import JobKind, compute_pause

__all__ = ["KINDS", "SETTLED_STATES", "freeze_hours", "reconcile_usage", "send_usage"]

logger = logging.getLogger(__name__)

GRACE = timedelta(minutes=15)
"""Time after an hour in which reports are still added to it."""
LEASE = timedelta(minutes=5)
"""Longer than a request takes, with all its attempts."""
EXPIRY = timedelta(hours=25)
"""Age of the start of an hour that the service takes no longer, whatever it answers."""
BATCH_SIZE = 25
FROZEN_AT_ONCE = 200
RECONCILED_DAYS = 3
BAD_STATES = (UsageState.CONFLICT, UsageState.EXPIRED, UsageState.REFUSED)
"""What the publisher has to look at."""
SETTLED_STATES = (UsageState.ACCEPTED, UsageState.DUPLICATE, UsageState.CONFLICT)
"""The service has a quantity for the hour."""


def send_usage(service: Service, _job: Job) -> None:
    """Freeze the hours that are over, and send what is due: the periodic job `send_usage`.

    Raises: PartnerCenterError if the service cannot be reached; everything is sent again by the next run.
    """
    freeze_hours(service)
    start = service.now()
    while service.now() - start < LEASE:
        owner = secrets.token_hex(16)
        records = _claim(service, owner)
        if not records:
            return
        try:
            results = _report(service, records)
        except PartnerCenterError as error:
            _release(service, owner, str(error))
            raise
        _settle(service, owner, records, results)


def freeze_hours(service: Service) -> int:
    """Fix the quantity of every hour that is over. Return how many there were."""
    count = 0
    while frozen := _freeze_some(service):
        count += frozen
    return count


def _freeze_some(service: Service) -> int:
    last = service.now() - HOUR - GRACE
    with service.database.transaction() as session:
        records = session.scalars(
            select(UsageRecord)
            .where(UsageRecord.state == UsageState.OPEN, UsageRecord.hour <= last)
            .order_by(UsageRecord.hour, UsageRecord.id)
            .limit(FROZEN_AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        quantities = _read_quantities(session, [record.id for record in records])
        subscriptions = _read_subscriptions(session, records)
        for record in records:
            record.quantity = math.fsum(quantities[record.id])
            record.plan_id = list_plans_in_hour(session, subscriptions[record.subscription_id], record.hour)[
                0
            ]
            record.state = UsageState.SENDING
    return len(records)


def _read_quantities(session: Session, ids: Collection[int]) -> Mapping[int, list[float]]:
    """Return the quantities of all reports of records."""
    quantities: dict[int, list[float]] = defaultdict(list)
    is_of = (
        (UsageReport.subscription_id == UsageRecord.subscription_id)
        & (UsageReport.dimension == UsageRecord.dimension)
        & (UsageReport.hour == UsageRecord.hour)
    )
    statement = select(UsageRecord.id, UsageReport.quantity).join(UsageReport, is_of)
    for id, quantity in session.execute(statement.where(UsageRecord.id.in_(ids))):
        quantities[id].append(quantity)
    return quantities


def _read_subscriptions(session: Session, records: Sequence[UsageRecord]) -> Mapping[str, Subscription]:
    ids = {record.subscription_id for record in records}
    return {row.id: row for row in session.scalars(select(Subscription).where(Subscription.id.in_(ids)))}


def _claim(service: Service, owner: str) -> list[UsageRecord]:
    """Lease a batch of frozen hours, oldest first. `leased_until` is also the pause before the next attempt."""
    now = service.now()
    pick = (
        select(UsageRecord.id)
        .where(
            UsageRecord.state == UsageState.SENDING,
            (UsageRecord.leased_until.is_(None)) | (UsageRecord.leased_until <= now),
        )
        .order_by(UsageRecord.hour, UsageRecord.id)
        .limit(BATCH_SIZE)
    )
    with service.database.transaction() as session:
        return leases.lease(session, UsageRecord, pick, owner, now + LEASE)


def _release(service: Service, owner: str, error: str) -> None:
    """Let hours that were not sent be claimed again at once."""
    with service.database.transaction() as session:
        session.execute(
            update(UsageRecord)
            .where(UsageRecord.state == UsageState.SENDING, UsageRecord.lease_owner == owner)
            .values(leased_until=None, lease_owner="", error=error)
        )


def _report(
    service: Service, records: Sequence[UsageRecord]
) -> list[UsageResult | Invalid | Forbidden | InputError]:
    """Send records in one request; one by one if the service refuses them as a whole. Return a result for each.

    Raises: PartnerCenterError if the request did not succeed for another reason.
    """
    try:
        events = [
            UsageEvent(
                resource_id=record.subscription_id,
                dimension=record.dimension,
                quantity=record.quantity,
                effective_start_time=record.hour,
                plan_id=record.plan_id,
            )
            for record in records
        ]
        return [*service.client.report_usage_batch(events)]
    except (Invalid, Forbidden, InputError) as error:
        if len(records) == 1:
            return [error]
        return [result for record in records for result in _report(service, [record])]


def _settle(
    service: Service,
    owner: str,
    records: Sequence[UsageRecord],
    results: Sequence[UsageResult | Invalid | Forbidden | InputError],
) -> None:
    """Write the results of records that are still leased by `owner`, with history and events of the bad ones."""
    now = service.now()
    states = []
    with service.database.transaction() as session:
        subscriptions = _read_subscriptions(session, records)
        for record, result in zip(records, results, strict=True):
            subscription = subscriptions[record.subscription_id]
            plans = list_plans_in_hour(session, subscription, record.hour)
            values = judge(record, result, subscription.status, plans, now)
            if not leases.settle(session, record, owner, values):
                continue  # the lease ended, and another worker has sent it since
            state = values.get("state", "retried")
            states.append(state)
            if state in BAD_STATES:
                _announce(session, subscription, record, values, now)
    for state in states:
        service.metrics.usage_results.labels(state).inc()


def judge(
    record: UsageRecord,
    result: UsageResult | Invalid | Forbidden | InputError,
    subscription_status: str,
    plans: Sequence[str],
    now: datetime,
) -> dict[str, Any]:
    """Return the columns of a record that change with a result; without `state` it is sent again.

    `plans` are those of the hour. An event that is refused for its plan or dimension is sent with the next of them:
    where the plan changed in the hour, the marketplace may know it for another.
    """
    if isinstance(result, UsageResult):
        status, text = result.status, _describe_problem(result)
    else:
        status = "Forbidden" if isinstance(result, Forbidden) else UsageStatus.BAD_ARGUMENT
        text = str(result)
    settled = {"settled_at": now, "error": text}
    waiting = {"leased_until": now + compute_pause(record.attempts), "error": text}
    if now - record.hour > EXPIRY:
        waiting = {"state": UsageState.EXPIRED, **settled}
    match status:
        case UsageStatus.ACCEPTED | UsageStatus.DUPLICATE:
            assert isinstance(result, UsageResult)
            return {**settled, **_accept(record, result)}
        case UsageStatus.EXPIRED:
            return {"state": UsageState.EXPIRED, **settled}
        case UsageStatus.BAD_ARGUMENT | UsageStatus.INVALID_DIMENSION:
            others = [*plans[plans.index(record.plan_id) + 1 :]] if record.plan_id in plans else []
            return (
                {"plan_id": others[0], "error": text} if others else {"state": UsageState.REFUSED, **settled}
            )
        case UsageStatus.RESOURCE_NOT_ACTIVE if subscription_status == SubscriptionStatus.SUSPENDED:
            return waiting  # it may be reinstated in time
        case (
            UsageStatus.RESOURCE_NOT_ACTIVE
            | UsageStatus.RESOURCE_NOT_FOUND
            | UsageStatus.RESOURCE_NOT_AUTHORIZED
            | UsageStatus.INVALID_QUANTITY
        ):
            return {"state": UsageState.REFUSED, **settled}
    return waiting  # `Error`, a new status, or a credential that will be mended


def _accept(record: UsageRecord, result: UsageResult) -> dict[str, Any]:
    """Return the columns of a record for which the service has an event."""
    quantity = record.quantity if result.accepted_quantity is None else result.accepted_quantity
    event = {"usage_event_id": result.usage_event_id, "accepted_quantity": quantity}
    if result.status == UsageStatus.ACCEPTED:
        return {"state": UsageState.ACCEPTED, "error": "", **event}
    if math.isclose(quantity, record.quantity, rel_tol=1e-9):
        return {"state": UsageState.DUPLICATE, "error": "", **event}
    error = f"the service has {quantity:g} for this hour, and keeps it"
    return {"state": UsageState.CONFLICT, "error": error, **event}


def _describe_problem(result: UsageResult) -> str:
    return ": ".join(filter(None, (result.status, result.error_message)))[:1000]


def _announce(
    session: Session,
    subscription: Subscription,
    record: UsageRecord,
    values: Mapping[str, Any],
    now: datetime,
) -> None:
    """Tell the publisher about an hour that is not charged as it was reported."""
    data = {
        "dimension": record.dimension,
        "hour": record.hour.isoformat(),
        "plan_id": record.plan_id,
        "quantity": record.quantity,
        "accepted_quantity": values.get("accepted_quantity"),
        "state": values["state"],
        "error": values["error"],
    }
    key = f"{record.id}:{record.attempts}"
    emit(session, "usage.refused", subscription, now=now, key=key, data=data)
    action = f"usage {values['state']}"
    add_history(session, subscription.id, "service", action, now=now, details=data)
    logger.warning("usage was not accepted", extra={"subscription_id": subscription.id, "outcome": action})


def reconcile_usage(service: Service, _job: Job) -> None:
    """Compare the usage of the last days with what the marketplace has: the periodic job `reconcile_usage`.

    Days with hours that are not settled wait. A difference is written to the history, once, and is an event.

    Raises: PartnerCenterError if the marketplace cannot be asked.
    """
    today = service.now().astimezone(UTC).date()
    for days in range(1, RECONCILED_DAYS + 1):
        day = today - timedelta(days=days)
        events = _read_day(service, day)
        if not events:
            continue
        start = datetime.combine(day, time(), UTC)
        usage = reconcile(events, service.client.list_usage(start, start + timedelta(days=1)))
        with service.database.transaction() as session:
            differences = [
                daily
                for daily in usage
                if not daily.is_well and _record_difference(session, daily, service.now())
            ]
        for daily in differences:
            service.metrics.usage_differences.labels(daily.state).inc()


def _read_day(service: Service, day: date) -> list[UsageEvent]:
    """Return the sums of a day, as events; nothing if there are hours that are not settled."""
    start = datetime.combine(day, time(), UTC)
    is_in_day = (UsageRecord.hour >= start) & (UsageRecord.hour < start + timedelta(days=1))
    is_unsettled = UsageRecord.state.in_([UsageState.OPEN, UsageState.SENDING])
    quantity = func.sum(func.coalesce(UsageRecord.accepted_quantity, UsageRecord.quantity))
    keys = (UsageRecord.subscription_id, UsageRecord.dimension, UsageRecord.plan_id)
    statement = (
        select(*keys, quantity).where(is_in_day, UsageRecord.state.in_(SETTLED_STATES)).group_by(*keys)
    )
    with service.database.reading() as session:
        if session.scalar(select(UsageRecord.id).where(is_in_day, is_unsettled).limit(1)) is not None:
            return []
        rows = session.execute(statement).all()
    return [
        UsageEvent(
            resource_id=subscription_id,
            dimension=dimension,
            plan_id=plan_id,
            quantity=total,
            effective_start_time=start,
        )
        for subscription_id, dimension, plan_id, total in rows
    ]


def _record_difference(session: Session, daily: DailyUsage, now: datetime) -> bool:
    """Write a difference to the history and emit an event, if that was not done before."""
    subscription = session.get(Subscription, daily.resource.lower())
    if subscription is None:
        return False
    data = daily.to_json()
    name = f"{daily.day}/{daily.dimension}/{daily.plan}/{daily.state}"
    key = f"{subscription.id}:{hashlib.sha256(name.encode()).hexdigest()[:32]}"
    if not emit(session, "usage.differs", subscription, now=now, key=key, data=data):
        return False
    add_history(session, subscription.id, "service", "usage differs", now=now, details=data)
    logger.warning("usage differs at the marketplace", extra={"subscription_id": subscription.id})
    return True


KINDS = (
    JobKind("send_usage", send_usage, lease=timedelta(minutes=15), every=timedelta(minutes=1)),
    JobKind("reconcile_usage", reconcile_usage, lease=timedelta(minutes=15), every=timedelta(hours=6)),
)
