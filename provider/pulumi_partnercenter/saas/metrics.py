"""Metrics of the SaaS service in Prometheus' format, at `GET /metrics` for whoever has the metrics key.

Counters and durations are those of this process. Numbers of rows are read from the database for each request: every
replica shows the same ones, so alert on their maximum.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from .database import Database
from .tables import Job, JobState, Subscription, UsageRecord, UsageState

__all__ = ["Metrics"]

logger = logging.getLogger(__name__)

PREFIX = "partnercenter_saas"
SECOND = timedelta(seconds=1)
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """What the parts of the service count, by what happened. Safe to use from several threads.

    Labels have few values: no ids, no texts that others choose.
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = self._durations("request_seconds", "Requests answered", "method", "route", "status")
        self.webhooks = self._counter("webhooks", "Webhooks, by answer and decision", "action", "decision")
        """`action` is one of the marketplace's, or `other`."""
        self.webhook_refusals = self._counter(
            "webhook_refusals", "Webhooks that were answered 4xx: an attack, or a wrong setting", "reason"
        )
        self.webhook_seconds = self._durations(
            "webhook_seconds", "Answers to webhooks, at most 10 s", "action"
        )
        self.landings = self._counter("landings", "Visits of the landing page", "outcome")
        """`resolved`, `expired`, `invalid`, `foreign`, `missing` …"""
        self.sign_ins = self._counter("sign_ins", "Sign-ins", "audience", "outcome")
        """`audience` is `customer` or `publisher`; `outcome` is `accepted` or the reason of a refusal."""
        self.activations = self._counter("activations", "Activations", "outcome")
        """`activated`, `refused` or `failed`."""
        self.limited_requests = self._counter("limited_requests", "Requests over a limit", "limit")
        self.jobs = self._durations("job_seconds", "Attempts of jobs", "kind", "outcome")
        """`outcome` is `done`, `later`, `postponed`, `dead` or `lost` (another worker had taken it over)."""
        self.events = self._counter("events", "Events for the publisher's handlers", "type")
        self.repairs = self._counter("repairs", "Differences to the marketplace that were repaired", "kind")
        self.callbacks = self._durations(
            "callback_seconds", "Requests to the publisher", "purpose", "outcome"
        )
        self.usage_reports = self._counter("usage_reports", "Reports of usage", "source", "outcome")
        """`outcome` is `accepted`, `repeated`, `conflicting` or `invalid`."""
        self.usage_results = self._counter("usage_results", "Results of the metering service", "state")
        self.usage_differences = self._counter(
            "usage_differences", "Days whose usage differs at the marketplace", "state"
        )

    def _counter(self, name: str, description: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}_{name}", description, labels, registry=self.registry)

    def _durations(self, name: str, description: str, *labels: str) -> Histogram:
        return Histogram(f"{PREFIX}_{name}", description, labels, buckets=BUCKETS, registry=self.registry)

    def watch(self, database: Database, now: Callable[[], datetime], expiry: datetime | None) -> None:
        """Show numbers of rows of `database` too, and the seconds until the applications' secrets expire."""
        self.registry.register(_Rows(database, now, expiry))


class _Rows(Collector):
    """Numbers that the database has."""

    def __init__(self, database: Database, now: Callable[[], datetime], expiry: datetime | None) -> None:
        self._database, self._now, self._expiry = database, now, expiry

    def describe(self) -> Iterable[Metric]:
        """Return nothing, so that registering reads nothing."""
        return []

    def collect(self) -> Iterator[Metric]:
        now = self._now()
        if self._expiry is not None:
            yield _gauge(
                "secret_expiry_seconds", "Time until the secrets expire", (self._expiry - now) / SECOND
            )
        try:
            metrics = self._read(now)
        except SQLAlchemyError as error:
            logger.warning("metrics: the database cannot be read: %s", type(error).__name__)
            yield _gauge("database_up", "Whether the database can be read", 0)
            return
        yield _gauge("database_up", "Whether the database can be read", 1)
        yield from metrics

    def _read(self, now: datetime) -> list[Metric]:
        unsettled = [UsageState.OPEN, UsageState.SENDING]
        with self._database.reading() as session:
            statuses = session.execute(
                select(Subscription.status, Subscription.access, func.count()).group_by(
                    Subscription.status, Subscription.access
                )
            ).all()
            jobs = session.execute(
                select(Job.kind, Job.state, func.count())
                .where(Job.state.in_([JobState.WAITING, JobState.LEASED, JobState.DEAD]))
                .group_by(Job.kind, Job.state)
            ).all()
            due = session.scalar(select(func.min(Job.due_at)).where(Job.state == JobState.WAITING))
            usage = session.execute(select(UsageRecord.state, func.count()).group_by(UsageRecord.state)).all()
            hour = session.scalar(select(func.min(UsageRecord.hour)).where(UsageRecord.state.in_(unsettled)))
        late = timedelta(0) if due is None else max(timedelta(0), now - due)
        age = timedelta(0) if hour is None else max(timedelta(0), now - hour)
        return [
            _gauges("subscriptions", "Subscriptions", ("status", "access"), statuses),
            _gauges("jobs", "Jobs that are not done", ("kind", "state"), jobs),
            _gauge("jobs_late_seconds", "Time that the job that waits longest is overdue", late / SECOND),
            _gauges("usage_records", "Hours of usage", ("state",), usage),
            _gauge(
                "usage_age_seconds", "Age of the oldest hour that is not settled; 24 h lose it", age / SECOND
            ),
        ]


def _gauge(name: str, description: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{PREFIX}_{name}", description, value)


def _gauges(name: str, description: str, labels: tuple[str, ...], rows: Iterable[Iterable[object]]) -> Metric:
    family = GaugeMetricFamily(f"{PREFIX}_{name}", description, labels=labels)
    for row in rows:
        *values, count = row
        family.add_metric([str(value) for value in values], float(str(count)))
    return family
