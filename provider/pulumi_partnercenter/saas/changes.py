"""Changes of subscriptions: the answer to those that a customer began, and those that the publisher begins.

    webhook ─► acknowledge ─┐
                            ├─► follow, until the operation has ended ─► converge
    request_change ─► change┘

A changed plan is believed when the subscription has it, not when it was asked for.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from ..api.fulfillment.service import check_quantity, check_text
from ..errors import Conflict, InputError, Invalid, NotFound
from ..fulfillment import Action, AvailablePlan, Operation, SubscriptionStatus
from . import convergence, jobs, subscriptions, tables
from .service import Service
from .tables import Job, JobState
from .worker import JobKind, Later

__all__ = [
    "KINDS",
    "acknowledge",
    "add_convergence",
    "describe_target",
    "follow",
    "is_under_way",
    "list_plans",
    "request_change",
]

logger = logging.getLogger(__name__)
ANSWER_PAUSE = timedelta(seconds=1)
"""Before an operation is acknowledged, the webhook's answer has to be sent; it hastens the job."""
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=2), timedelta(minutes=5)
VISIBLE_TIME = timedelta(minutes=10)
"""Time after which an operation that is not shown counts as one that never will be."""
SHOWN_TIME = timedelta(minutes=30)
"""Time within which a subscription shows what has happened to it."""
LONGEST_WAIT = timedelta(hours=24)
"""An operation that has not ended by then is left to the reconciliation."""
LEASE = timedelta(minutes=5)
WORDS = {
    Action.CHANGE_PLAN: "plan change",
    Action.CHANGE_QUANTITY: "quantity change",
    Action.UNSUBSCRIBE: "cancellation",
}


# --- For pages and the webhook


def request_change(
    service: Service,
    subscription_id: str,
    actor: str,
    *,
    plan_id: str | None = None,
    quantity: int | None = None,
    cancel: bool = False,
) -> bool:
    """Begin another plan, another number of seats, or the cancellation. **The customer must have agreed.**

    A job does it and follows the operation; its outcome stands in the history. `actor` is that of the history. Return
    False, and begin nothing, if a change of this subscription is under way already: the marketplace takes one at a
    time.

    Raises: InputError unless exactly one change is given, and for a quantity below 1.
    """
    if [plan_id is not None, quantity is not None, cancel].count(True) != 1:
        raise InputError("change of a subscription: give a plan, a quantity or the cancellation")
    target: dict[str, Any] = {}
    if plan_id is not None:
        action, target = Action.CHANGE_PLAN, {"plan_id": check_text("plan_id", plan_id)}
    elif quantity is not None:
        action, target = Action.CHANGE_QUANTITY, {"quantity": check_quantity(quantity)}
    else:
        action = Action.UNSUBSCRIBE
    now, key = service.now(), f"change:{secrets.token_hex(16)}"
    with service.database.transaction() as session:
        subscriptions.find(session, subscription_id, lock=True)
        if is_under_way(session, subscription_id.lower()):
            return False
        subscriptions.add_history(
            session, subscription_id.lower(), actor, f"{WORDS[action]} requested", now=now, details=target
        )
        return jobs.add(
            session,
            "change",
            key,
            now=now,
            subscription_id=subscription_id.lower(),
            ordering_key=f"operation:{subscription_id.lower()}",
            payload={"action": action, "actor": actor, **target},
        )


def list_plans(service: Service, subscription_id: str) -> list[AvailablePlan]:
    """Return the plans that a subscription may change to, its own included. Raises: PartnerCenterError."""
    return service.client.list_available_plans(subscription_id)


def acknowledge(
    session: Session, subscription_id: str, operation_id: str, *, webhook: str, now: datetime
) -> str:
    """Add the job that accepts an operation of the customer's, once the webhook was answered. Return its key.

    `webhook` is the key of the notification. An operation without an id is looked for among the outstanding ones.
    """
    key = f"acknowledge:{webhook}"
    jobs.add(
        session,
        "acknowledge",
        key,
        now=now,
        due_at=now + ANSWER_PAUSE,
        subscription_id=subscription_id,
        ordering_key=f"operation:{subscription_id}",
        payload={"operation_id": operation_id, "status": "Success", "webhook": webhook},
    )
    return key


def follow(
    session: Session,
    subscription_id: str,
    operation_id: str,
    *,
    now: datetime,
    webhook: str = "",
    actor: str = convergence.MARKETPLACE,
) -> str:
    """Add the job that waits for the end of an operation, then converges. Return its key."""
    key = f"follow:{operation_id}"
    payload = {"operation_id": operation_id, "webhook": webhook or operation_id, "actor": actor}
    jobs.add(session, "follow", key, now=now, subscription_id=subscription_id, payload=payload)
    return key


def add_convergence(
    session: Session,
    subscription_id: str,
    webhook: str,
    *,
    now: datetime,
    expected: Mapping[str, Any] | None = None,
) -> None:
    """Add the job that reads a subscription after a notification.

    `expected` are columns that it should have then, `term_start` or a later one: the marketplace may show them late.
    """
    jobs.add(
        session,
        "converge",
        f"converge:{webhook}",
        now=now,
        subscription_id=subscription_id,
        payload={"webhook": webhook, "expected": dict(expected or {})},
    )


def describe_target(operation: Operation, row: tables.Subscription) -> dict[str, Any]:
    """Return what an operation changes, and the value before it, as events and history have them."""
    if operation.action == Action.CHANGE_PLAN:
        return {"plan_id": operation.plan_id, "former_plan_id": row.plan_id}
    return {"quantity": operation.quantity, "former_quantity": row.quantity}


def is_under_way(session: Session, subscription_id: str) -> bool:
    """Return whether a change that the publisher began has not ended."""
    unfinished = (
        Job.subscription_id == subscription_id,
        Job.kind.in_(["change", "follow"]),
        Job.state.in_([JobState.WAITING, JobState.LEASED]),
    )
    return bool(session.scalar(select(exists().where(*unfinished))))


# --- Jobs


def run_acknowledge(service: Service, job: Job) -> None:
    """Accept an operation. One that needs no answer, or has one, is good as it is; silence would accept it too."""
    operation_id = job.payload["operation_id"] or _find_outstanding(service, job.subscription_id)
    if operation_id:
        try:
            service.client.update_operation(job.subscription_id, operation_id, job.payload["status"])
        except (Conflict, Invalid, NotFound):
            logger.info("an operation takes no answer", extra={"operation_id": operation_id})
    with service.database.transaction() as session:
        _add_outcome(session, job, operation_id, now=service.now())


def follow_without_answer(session: Session, job: Job, now: datetime) -> None:
    """Read the outcome of an operation all the same, although it could not be acknowledged."""
    _add_outcome(session, job, job.payload["operation_id"], now=now)


def _add_outcome(session: Session, job: Job, operation_id: str, *, now: datetime) -> None:
    webhook = job.payload["webhook"]
    if operation_id:
        follow(session, job.subscription_id, operation_id, now=now, webhook=webhook)
    else:
        add_convergence(session, job.subscription_id, webhook, now=now)


def _find_outstanding(service: Service, subscription_id: str) -> str:
    """Return the id of the reinstatement that waits for an answer; empty if there is none."""
    try:
        outstanding = service.client.list_operations(subscription_id)
    except (Invalid, NotFound):
        return ""
    waiting = (operation.id for operation in outstanding if operation.action == Action.REINSTATE)
    return next(waiting, "")


def run_follow(service: Service, job: Job) -> None:
    """Wait for the end of an operation, and until the subscription shows it."""
    operation_id, operation = job.payload["operation_id"], None
    try:
        operation = service.client.get_operation(job.subscription_id, operation_id)
    except (
        Invalid,
        NotFound,
    ):  # a fresh one shows late, and some are never shown: the subscription says more
        _converge_and_expect(service, job, {"operation": "shown"}, VISIBLE_TIME)
    else:
        if not operation.is_ended:
            _wait(service, job, LONGEST_WAIT)
        expected = _describe_outcome(operation) if operation.has_succeeded else {}
        _converge_and_expect(service, job, expected, SHOWN_TIME)
    with service.database.transaction() as session:
        if operation is not None and operation.is_ended and not operation.has_succeeded:
            details = {"operation_id": operation_id, "error": operation.error_message or operation.status}
            _add_failure(session, job, operation.action, details, now=service.now())
        _mark_processed(session, job.payload["webhook"], now=service.now())


def run_converge(service: Service, job: Job) -> None:
    """Read a subscription after a notification."""
    _converge_and_expect(service, job, job.payload["expected"], SHOWN_TIME)
    with service.database.transaction() as session:
        _mark_processed(session, job.payload["webhook"], now=service.now())


def _converge_and_expect(service: Service, job: Job, expected: Mapping[str, Any], longest: timedelta) -> None:
    """Read a subscription; raise Later until it has the expected values, or has ended, for some time at most."""
    actor = job.payload.get("actor", convergence.MARKETPLACE)
    row = convergence.converge(service, job.subscription_id, actor=actor)
    is_final = row is None or row.status == SubscriptionStatus.UNSUBSCRIBED
    if not is_final and not all(_has(row, name, value) for name, value in expected.items()):
        _wait(service, job, longest)


def _has(row: tables.Subscription | None, name: str, value: Any) -> bool:
    current = getattr(row, name, None)
    if isinstance(current, datetime):
        return current >= datetime.fromisoformat(value)
    return bool(current == value)


def _wait(service: Service, job: Job, longest: timedelta) -> None:
    """Raise Later, after pauses that grow; return once the job is older than `longest`."""
    now = service.now()
    age = now - job.created_at
    if age < longest:
        raise Later(now + min(max(age / 2, SHORTEST_PAUSE), LONGEST_PAUSE))


def _describe_outcome(operation: Operation) -> dict[str, Any]:
    """Return columns that a subscription has after an operation that has succeeded."""
    match operation.action:
        case Action.CHANGE_PLAN:
            return {"plan_id": operation.plan_id}
        case Action.CHANGE_QUANTITY:
            return {"quantity": operation.quantity}
        case Action.REINSTATE:
            return {"status": SubscriptionStatus.SUBSCRIBED}
        case Action.UNSUBSCRIBE:
            return {"status": SubscriptionStatus.UNSUBSCRIBED}
    return {}


def run_change(service: Service, job: Job) -> None:
    """Begin a change of the publisher's, and have its operation followed. A refusal stands in the history."""
    try:
        operation = _begin_change(service, job)
    except (Conflict, Invalid, NotFound) as error:
        details = {"error": error.said or type(error).__name__}
        with service.database.transaction() as session:
            _add_failure(session, job, job.payload["action"], details, now=service.now())
        convergence.converge(service, job.subscription_id)
        return
    if not operation.id:
        convergence.converge(service, job.subscription_id, actor=job.payload["actor"])
        return
    with service.database.transaction() as session:
        follow(session, job.subscription_id, operation.id, now=service.now(), actor=job.payload["actor"])


def _begin_change(service: Service, job: Job) -> Operation:
    """Send a change; one that an attempt before this has sent already is not sent again."""
    client, subscription_id, target = service.client, job.subscription_id, job.payload
    was_tried = job.attempts > 1 or job.last_error  # the second: a dead job that is tried again
    if was_tried and (operation := _find_begun(service, job)) is not None:
        return operation
    if target["action"] == Action.CHANGE_PLAN:
        return client.change_plan(subscription_id, target["plan_id"])
    if target["action"] == Action.CHANGE_QUANTITY:
        return client.change_quantity(subscription_id, target["quantity"])
    return client.cancel(subscription_id)


def _find_begun(service: Service, job: Job) -> Operation | None:
    """Return the operation of this change if it is under way, one without id if it is through."""
    subscription_id, target = job.subscription_id, job.payload
    for operation in service.client.list_operations(subscription_id):
        current = {"plan_id": operation.plan_id, "quantity": operation.quantity}
        if (
            operation.action == target["action"]
            and target.items() >= {name: value for name, value in current.items() if name in target}.items()
        ):
            return operation
    subscription = service.client.get_subscription(subscription_id)
    is_through = {
        Action.CHANGE_PLAN: subscription.plan_id == target.get("plan_id"),
        Action.CHANGE_QUANTITY: subscription.quantity == target.get("quantity"),
        Action.UNSUBSCRIBE: subscription.status == SubscriptionStatus.UNSUBSCRIBED,
    }[Action(target["action"])]
    return Operation(subscription_id=subscription_id, action=target["action"]) if is_through else None


def _add_failure(
    session: Session, job: Job, action: str, details: Mapping[str, Any], *, now: datetime
) -> None:
    word = WORDS.get(Action(action), "operation") if action in [*Action] else "operation"
    actor = job.payload.get("actor", convergence.MARKETPLACE)
    subscriptions.add_history(
        session, job.subscription_id, actor, f"{word} failed", now=now, details={**details}
    )


def _mark_processed(session: Session, webhook: str, *, now: datetime) -> None:
    statement = update(tables.Webhook).where(tables.Webhook.operation_id == webhook)
    session.execute(statement.values(processed_at=now))


def add_dead_change(session: Session, job: Job, now: datetime) -> None:
    """Say in the history that a change could not be sent."""
    _add_failure(session, job, job.payload["action"], {"error": "the marketplace did not answer"}, now=now)


KINDS = (
    JobKind("acknowledge", run_acknowledge, attempts=6, lease=LEASE, on_death=follow_without_answer),
    JobKind("follow", run_follow, lease=LEASE),
    JobKind("converge", run_converge, lease=LEASE),
    JobKind("change", run_change, attempts=6, lease=LEASE, on_death=add_dead_change),
)
