"""Usage that the publisher's application reports: kept once, and added to the hour that it is charged in.

An hour takes reports until it is sent (`usage_sending`). A report for an hour that was sent, or that the marketplace
would not take any more, is charged in the next hour that is open.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError
from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from ..fulfillment import SubscriptionStatus
from .database import insert_missing
from .service import Service
from .tables import HistoryEntry, Subscription, UsageRecord, UsageReport, UsageState

__all__ = [
    "SENDABLE",
    "Outcome",
    "Report",
    "ReportResult",
    "add_reports",
    "add_to_hours",
    "list_plans_in_hour",
    "read_report",
]

HOUR = timedelta(hours=1)
SENDABLE = timedelta(hours=22)
"""Age of the start of an hour that may still be charged. The marketplace takes 24 hours: two are left for sending."""
OLDEST = timedelta(days=7)
"""Age of a report that is taken."""
CLOCK_SKEW = timedelta(minutes=5)
"""The application's clock may be ahead by so much."""
PLAN_SLACK = timedelta(minutes=10)
"""The marketplace changes a plan so much earlier than the service reads it, at most."""
MOST_UNITS = 1e12

Key = tuple[str, str, datetime]
"""Subscription, dimension and hour: what a record is of."""


def _refuse_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("is a number")  # noqa: TRY004 - pydantic's protocol
    return value


def _parse_time(value: object) -> object:
    """Parse an ISO 8601 text with a time zone; numbers could be seconds or milliseconds."""
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    try:
        time = datetime.fromisoformat(str(value).strip())
        if time.tzinfo is not None:
            return time.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise ValueError("is a time with its zone, such as 2026-05-18T08:30:00Z")


class Report(BaseModel):
    """Use of one dimension by one subscription at a time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[!-~]{1,255}$")]
    """The application's own, unique for all time: a report that is repeated with its id counts once."""
    subscription_id: Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.-]{1,64}$", to_lower=True)]
    dimension: Annotated[str, StringConstraints(pattern=r"^[^\s\x00-\x1f\x7f]{1,255}$")]
    """Id of the plan's dimension."""
    quantity: Annotated[
        float, BeforeValidator(_refuse_boolean), Field(gt=0, le=MOST_UNITS, allow_inf_nan=False)
    ]
    """Units beyond those that the plan includes."""
    used_at: Annotated[datetime, BeforeValidator(_parse_time)]
    """Time of the use, with its time zone. The marketplace charges by the hour."""

    @property
    def hour(self) -> datetime:
        return self.used_at.replace(minute=0, second=0, microsecond=0)


class Outcome(StrEnum):
    """What became of a report."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    """Its id was reported before, with the same content."""
    CONFLICTING = "conflicting"
    """Its id was reported before, with other content, which counts."""
    INVALID = "invalid"


@dataclass(frozen=True)
class ReportResult:
    """Answer to one report."""

    id: str
    outcome: Outcome
    hour: datetime | None = None
    """Hour that it is charged in."""
    is_moved: bool = False
    """Whether that is a later hour than the one of the use."""
    message: str = ""


def read_report(members: object) -> Report:
    """Read a report from an object of JSON or a line of CSV. Raises ValueError that says what is wrong."""
    if not isinstance(members, Mapping):
        raise ValueError("a report is an object")  # noqa: TRY004 - of the caller's data, not of the program
    try:
        return Report.model_validate(members)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in problem["loc"])
        message = _MESSAGES.get(problem["type"], problem["msg"].removeprefix("Value error, "))
        raise ValueError(f"{name}: {message}") from None


_MESSAGES = {
    "missing": "is required",
    "extra_forbidden": "is no member of a report",
    "string_pattern_mismatch": "has characters that are not allowed, or is empty or too long",
    "greater_than": "is above zero",
    "less_than_equal": f"is at most {MOST_UNITS:g}",
    "finite_number": "is a number above zero",
    "float_parsing": "is a number",
    "float_type": "is a number",
}


def add_reports(service: Service, reports: Sequence[Report], source: str) -> list[ReportResult]:
    """Keep reports and add them to their hours, in one transaction. Return a result for each, in their order."""
    results = None
    while results is None:
        with service.database.transaction() as session:
            results = _add_reports(session, reports, source, service.now())
            if results is None:
                session.rollback()
    for result in results:
        service.metrics.usage_reports.labels(source, result.outcome).inc()
    return results


def _add_reports(
    session: Session, reports: Sequence[Report], source: str, now: datetime
) -> list[ReportResult] | None:
    """Return None if an hour was frozen meanwhile: everything is to be done again."""
    subscriptions = {
        row.id: row
        for row in session.scalars(
            select(Subscription).where(Subscription.id.in_({report.subscription_id for report in reports}))
        )
    }
    problems = [_find_problem(report, subscriptions.get(report.subscription_id), now) for report in reports]
    valid = {
        report.id: report
        for report, problem in reversed([*zip(reports, problems, strict=True)])
        if not problem
    }
    added = _insert_reports(session, valid, source, now)
    if not add_to_hours(session, [valid[id] for id in sorted(added)], now):
        return None
    statement = select(UsageReport).where(UsageReport.id.in_({report.id for report in reports}))
    kept = {row.id: row for row in session.scalars(statement.execution_options(populate_existing=True))}
    results = []
    for report, problem in zip(reports, problems, strict=True):
        is_new = report.id in added and valid[report.id] is report
        results.append(_describe(report, problem, kept.get(report.id), is_new=is_new))
    return results


def _find_problem(report: Report, subscription: Subscription | None, now: datetime) -> str:
    """Return why a report cannot be charged; empty if it can."""
    if report.used_at > now + CLOCK_SKEW:
        return "used_at: is in the future"
    if report.used_at < now - OLDEST:
        return f"used_at: is more than {OLDEST.days} days ago"
    if subscription is None:
        return "subscription_id: no such subscription"
    if subscription.status == SubscriptionStatus.PENDING:
        return "subscription_id: the subscription is not activated"
    ends = {"cancelled": subscription.unsubscribed_at, "suspended": subscription.suspended_at}
    for word, end in ends.items():
        if end is not None and report.used_at >= end:
            return f"used_at: the subscription was {word} at {end.isoformat()}"
    return ""


def _insert_reports(session: Session, reports: Mapping[str, Report], source: str, now: datetime) -> set[str]:
    """Insert the reports whose ids are new, in the order of their ids. Return these ids."""
    rows = [
        {
            "id": report.id,
            "subscription_id": report.subscription_id,
            "dimension": report.dimension,
            "quantity": report.quantity,
            "used_at": report.used_at,
            "hour": report.hour,
            "source": source,
            "received_at": now,
        }
        for _, report in sorted(reports.items())
    ]
    if not rows:
        return set()
    return set(session.scalars(insert_missing(session, UsageReport, rows, "id").returning(UsageReport.id)))


def add_to_hours(session: Session, reports: Sequence[Report], now: datetime) -> bool:
    """Add reports to records that are open, at the hour of their use or the next open one.

    All records are locked at once, in one order: transactions that wait for each other would end in a deadlock. Return
    False if one of them is not open any more.
    """
    earliest = (now - SENDABLE).replace(minute=0, second=0, microsecond=0) + HOUR
    closed = _read_closed_hours(session, reports, earliest)
    groups: dict[Key, list[Report]] = defaultdict(list)
    for report in reports:
        hour = max(report.hour, earliest)
        while (report.subscription_id, report.dimension, hour) in closed:
            hour += HOUR
        groups[report.subscription_id, report.dimension, hour].append(report)
    records = _lock_records(session, [*groups])
    if any(record.state != UsageState.OPEN for record in records.values()):
        return False
    for key, group in groups.items():
        record = records[key]
        record.quantity = math.fsum([record.quantity, *(report.quantity for report in group)])
        late = [report.id for report in group if report.hour != record.hour]
        if late:
            session.execute(update(UsageReport).where(UsageReport.id.in_(late)).values(hour=record.hour))
    session.flush()
    return True


def _read_closed_hours(session: Session, reports: Sequence[Report], earliest: datetime) -> set[Key]:
    """Return the hours that take no more reports, of the subscriptions of `reports`."""
    rows = session.execute(
        select(UsageRecord.subscription_id, UsageRecord.dimension, UsageRecord.hour).where(
            UsageRecord.subscription_id.in_({report.subscription_id for report in reports}),
            UsageRecord.hour >= earliest,
            UsageRecord.state != UsageState.OPEN,
        )
    )
    return {(subscription_id, dimension, hour) for subscription_id, dimension, hour in rows}


def _lock_records(session: Session, keys: Sequence[Key]) -> dict[Key, UsageRecord]:
    """Return the records of these hours, made where they are missing and locked, in the order of their keys."""
    if not keys:
        return {}
    rows = [
        {
            "subscription_id": subscription_id,
            "dimension": dimension,
            "hour": hour,
            "plan_id": "",
            "quantity": 0.0,
            "state": UsageState.OPEN,
            "lease_owner": "",
            "attempts": 0,
            "usage_event_id": "",
            "error": "",
        }
        for subscription_id, dimension, hour in sorted(keys)
    ]
    columns = (UsageRecord.subscription_id, UsageRecord.dimension, UsageRecord.hour)
    session.execute(insert_missing(session, UsageRecord, rows, "subscription_id", "dimension", "hour"))
    records = session.scalars(
        select(UsageRecord)
        .where(tuple_(*columns).in_(sorted(keys)))
        .order_by(*columns)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {(record.subscription_id, record.dimension, record.hour): record for record in records}


def _describe(report: Report, problem: str, row: UsageReport | None, *, is_new: bool) -> ReportResult:
    """Return the result of a report. One that was accepted before stays so, whatever happened since."""
    if row is None:
        return ReportResult(report.id, Outcome.INVALID, message=problem)
    content = (row.subscription_id, row.dimension, row.quantity, row.used_at)
    if content != (report.subscription_id, report.dimension, report.quantity, report.used_at):
        message = "id: another report has this id; that one counts"
        return ReportResult(report.id, Outcome.CONFLICTING, row.hour, message=message)
    outcome = Outcome.ACCEPTED if is_new else Outcome.REPEATED
    is_moved = row.hour != report.hour
    message = (
        f"charged in the hour {row.hour.isoformat()}: its own was sent, or is too old" if is_moved else ""
    )
    return ReportResult(report.id, outcome, row.hour, is_moved, message)


def list_plans_in_hour(session: Session, subscription: Subscription, hour: datetime) -> list[str]:
    """Return the plans that a subscription had in an hour, the one of its start first.

    A change is in the history only when the service has read it: plans of the minutes around the hour come last.
    """
    changes = session.scalars(
        select(HistoryEntry)
        .where(
            HistoryEntry.subscription_id == subscription.id,
            HistoryEntry.action == "plan changed",
            HistoryEntry.at > hour,
        )
        .order_by(HistoryEntry.at, HistoryEntry.id)
    ).all()
    plans = [
        change.details["former_plan_id"] for change in changes if change.details.get("former_plan_id")
    ] + [subscription.plan_id]
    ends = [change.at for change in changes if change.details.get("former_plan_id")]
    starts = [hour, *ends]
    return [
        *dict.fromkeys(
            plan for plan, start in zip(plans, starts, strict=True) if start < hour + HOUR + PLAN_SLACK
        )
    ]
