"""Every kind of job that a worker runs."""

from __future__ import annotations

from datetime import timedelta

from . import activation, changes, events, reconciliation, reminders, usage_sending
from .worker import JobKind

__all__ = ["JOB_KINDS"]

JOB_KINDS: tuple[JobKind, ...] = (
    JobKind("event", events.deliver, attempts=24, lease=timedelta(minutes=10), runs_handlers=True),
    *activation.KINDS,
    *changes.KINDS,
    *reconciliation.KINDS,
    *reminders.KINDS,
    *usage_sending.KINDS,
)
"""Each part of the service adds its own."""
