"""Activation: the publisher's handler prepares the product, then the marketplace is told, and billing starts.

    landing page, converge, publisher ─► request_activation ─► job `activate`: provision ─► activate ─► converge

The job is repeated until it succeeds; the handler gets the same event each time. There is one for a subscription at a
time, however often it is asked for.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from ..errors import Conflict, Invalid, NotFound
from ..fulfillment import SubscriptionStatus
from . import convergence, events, subscriptions, tables
from .handlers import Refused
from .service import Service
from .tables import Access, Job
from .worker import JobKind, Later

__all__ = ["KINDS", "request_activation"]

logger = logging.getLogger(__name__)
LAG = timedelta(seconds=5)
"""After the activation the marketplace can show the former status for minutes."""
LONGEST_LAG = timedelta(minutes=10)
LOST = timedelta(hours=1)
"""Time after which an activation that the marketplace took and does not show is sent again."""
STARTABLE = (Access.NONE, Access.FAILED)
ENDED = (SubscriptionStatus.SUSPENDED, SubscriptionStatus.UNSUBSCRIBED)
DECIDED = (SubscriptionStatus.SUBSCRIBED, *ENDED)
"""There is nothing to activate any more."""


def request_activation(
    service: Service, subscription_id: str, actor: str, *, contact: Mapping[str, str] | None = None
) -> bool:
    """Begin the activation of a subscription, or begin it again after it failed. A second request changes nothing.

    `actor` is that of the history, `contact` what the customer entered. Return False if there is nothing to activate.
    """
    now = service.now()
    with service.database.transaction() as session:
        row = subscriptions.find(session, subscription_id, lock=True)
        if row is None or row.access not in STARTABLE or row.status in ENDED:
            return False
        row.access = Access.PROVISIONING
        if contact is not None:
            row.contact = {**contact}
        subscriptions.add_history(session, row.id, actor, "activation requested", now=now, details={})
        convergence.add_activation(session, row.id, actor, now=now)
    return True


def run_activate(service: Service, job: Job) -> None:
    """Run the job `activate`."""
    with service.database.reading() as session:
        row = subscriptions.find(session, job.subscription_id)
    if row is None or row.access != Access.PROVISIONING:
        return
    if not job.payload.get("is_provisioned"):
        # The id of the event belongs to the subscription: an attempt after a crash shows the handler the same one.
        event = events.build_event("subscription.provisioning", row, now=service.now(), key=row.id)
        try:
            service.handlers.provision(event)
        except Refused as refused:
            _refuse(service, job, str(refused))
            return
        _remember(service, job, is_provisioned=True)
    if row.status not in DECIDED and not _is_sent(service, job):
        _activate(service, row)
        _remember(service, job, activated_at=service.now().isoformat())
    actor = job.payload.get("actor", convergence.MARKETPLACE)
    current = convergence.converge(service, row.id, actor=actor, is_provisioned=True)
    if current is not None and current.access == Access.PROVISIONING:
        age = service.now() - job.created_at
        raise Later(service.now() + min(max(age, LAG), LONGEST_LAG))
    service.metrics.activations.labels("activated").inc()


def _activate(service: Service, row: tables.Subscription) -> None:
    """Tell the marketplace. A subscription that is active or cancelled already shows itself when it is read next."""
    try:
        service.client.activate(row.id, row.plan_id, row.quantity)
    except (Conflict, Invalid, NotFound):
        if not _is_decided(service, row.id):
            raise


def _is_decided(service: Service, subscription_id: str) -> bool:
    """Whether the marketplace has activated the subscription or ended it, e.g. before a worker died."""
    return service.client.get_subscription(subscription_id).status in DECIDED


def _is_sent(service: Service, job: Job) -> bool:
    """Whether the marketplace has taken the activation a while ago, or has it from an attempt that died."""
    activated_at = job.payload.get("activated_at")
    if activated_at is not None:
        return service.now() - datetime.fromisoformat(activated_at) < LOST
    return job.attempts > 1 and _is_decided(service, job.subscription_id)


def _remember(service: Service, job: Job, **members: Any) -> None:
    """Keep what is done, so that the marketplace's delays do not repeat it."""
    job.payload = {**job.payload, **members}
    with service.database.transaction() as session:
        kept = session.get(Job, job.id)
        if kept is not None:
            kept.payload = job.payload


def _refuse(service: Service, job: Job, reason: str) -> None:
    logger.warning("activation: refused by the handler", extra={"subscription_id": job.subscription_id})
    service.metrics.activations.labels("refused").inc()
    with service.database.transaction() as session:
        _fail(session, job, "activation refused", {"reason": reason}, now=service.now())


def bury_activation(session: Session, job: Job, now: datetime) -> None:
    """Say that the activation failed for good: the publisher and the customer can begin it again."""
    _fail(session, job, "activation failed", {"error": job.last_error}, now=now)


def _fail(session: Session, job: Job, action: str, details: Mapping[str, Any], *, now: datetime) -> None:
    row = subscriptions.find(session, job.subscription_id, lock=True)
    if row is None or row.access != Access.PROVISIONING:
        return
    row.access = Access.FAILED
    subscriptions.add_history(session, row.id, "service", action, now=now, details={**details})
    session.flush()
    key = f"{row.id}:{row.version}"
    events.emit(session, "subscription.activation_failed", row, now=now, key=key, data=details)


LEASE = timedelta(minutes=10)
KINDS = (JobKind("activate", run_activate, lease=LEASE, runs_handlers=True, on_death=bury_activation),)
