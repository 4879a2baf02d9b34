"""The connection webhook: the marketplace says here that something happened to a subscription.

A notification proves nothing. Its token shows who calls, the operation that is read back shows what happened; then a
job reads the subscription. A change of plan or seats is decided in the answer: 200 accepts, 400 refuses. Every other
trouble is answered 503, and the marketplace sends it again: a 4xx would refuse a customer's change.

    POST /webhook ─► size, JSON ─► token ─► inbox ─► operation ─► decision ─► row and jobs, one transaction ─► answer
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import anyio
from anyio import CapacityLimiter, to_thread
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ..api.http.hardening import parse_json
from ..errors import ContractError, Invalid, NotFound, PartnerCenterError, Unavailable
from ..fulfillment import (
    Action,
    Operation,
    OperationSource,
    OperationStatus,
    SubscriptionStatus,
    WebhookEvent,
)
from . import changes, events, jobs, subscriptions, tables
from .database import insert_missing
from .handlers import Decision, Refused
from .service import Service
from .signing_keys import open_signing_keys
from .webhook_tokens import InvalidToken, validate

__all__ = ["MOST_BYTES", "list_routes"]

logger = logging.getLogger(__name__)
MOST_BYTES = 256 * 1024
READ_SECONDS = 5.0
"""Time in which a request has to arrive."""
LOOK_BACK_SECONDS = 3.0
"""Deadline of what is read from the marketplace before the answer, which has to come within ten seconds."""
VISIBLE_SECONDS = 1.0
"""Pause before an operation that the marketplace does not show is looked up once more."""
DECISION_SECONDS = 3.0
THREADS = 40
RETRY_SECONDS = 10
CHANGES = {Action.CHANGE_PLAN: "plan change", Action.CHANGE_QUANTITY: "quantity change"}
NOTICES = (Action.RENEW, Action.SUSPEND, Action.UNSUBSCRIBE, Action.SUBSCRIBE, Action.TRANSFER)
EXPECTED: Mapping[str, Mapping[str, Any]] = {
    Action.SUSPEND: {"status": SubscriptionStatus.SUSPENDED},
    Action.UNSUBSCRIBE: {"status": SubscriptionStatus.UNSUBSCRIBED},
    Action.SUBSCRIBE: {"status": SubscriptionStatus.SUBSCRIBED},
}
"""What a subscription shows after a notice, at once or some seconds later."""
MINIMAL = ("id", "subscriptionid", "action", "operationtype", "timestamp")
T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """An answer and its reason. `decision` is that of the table; empty if nothing is kept of the notification."""

    status: int
    decision: str = ""
    reason: str = ""
    label: str = ""
    """Word for the metric of refusals."""
    operation: Operation | None = None
    """The operation, as the marketplace has it."""


class TryAgain(Exception):
    """Something that is needed for an answer is away: the marketplace should come back."""


def list_routes(service: Service) -> list[Route]:
    """Return the route of the webhook."""
    return [Route("/webhook", Receiver(service).handle, methods=["POST"], name="webhook")]


class Receiver:
    """Answers webhooks, in threads of its own."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._keys = open_signing_keys(service.settings.fulfillment, service.settings.tenant_id)
        self._limiter: CapacityLimiter | None = None
        self._marketplace = ThreadPoolExecutor(THREADS, "webhook")
        self._questions = ThreadPoolExecutor(THREADS, "decision")

    async def handle(self, request: Request) -> Response:
        self._limiter = self._limiter or CapacityLimiter(THREADS)
        body = b""
        try:
            with anyio.fail_after(READ_SECONDS):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > MOST_BYTES:
                        return self._respond("other", Answer(400, reason="too large", label="size"))
        except TimeoutError:
            return self._respond("other", Answer(503, reason="the request did not arrive in time"))
        authorization = request.headers.get("authorization", "")
        return await to_thread.run_sync(self._receive, authorization, body, limiter=self._limiter)

    def _receive(self, authorization: str, body: bytes) -> Response:
        start = time.monotonic()
        action = "other"
        try:
            document = _parse(body)
            self._authenticate(authorization)
            event = _read_event(document)
            action = event.action if event.action in [*Action] else "other"
            answer, key = self._process(event, document)
        except _Malformed as error:
            return self._respond(action, Answer(400, reason=str(error), label="malformed"))
        except InvalidToken as error:
            reason = f"the bearer token is not the marketplace's: {error.reason}"
            return self._respond(action, Answer(401, reason=reason, label=f"token_{error.reason}"))
        except (TryAgain, SQLAlchemyError) as error:
            logger.warning("webhook: not answered, the marketplace sends it again: %s", type(error).__name__)
            return self._respond(action, Answer(503, reason="try again later"))
        finally:
            self._service.metrics.webhook_seconds.labels(action).observe(time.monotonic() - start)
        return self._respond(action, answer, key)

    def _respond(self, action: str, answer: Answer, key: str = "") -> Response:
        """Count an answer, and return its response. Jobs that must not run before it was sent run then."""
        metrics = self._service.metrics
        metrics.webhooks.labels(action, answer.decision or f"{answer.status}").inc()
        if 400 <= answer.status < 500:
            metrics.webhook_refusals.labels(answer.label or answer.decision).inc()
            logger.warning("webhook: answered %s: %s", answer.status, answer.label or answer.decision)
        headers = {}
        if answer.status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        if answer.status == 503:
            headers["Retry-After"] = str(RETRY_SECONDS)
        task = BackgroundTask(self._hasten, key) if key else None
        return PlainTextResponse(f"{answer.reason or 'received'}\n", answer.status, headers, background=task)

    def _hasten(self, key: str) -> None:
        with self._service.database.transaction() as session:
            jobs.hasten(session, key, now=self._service.now())

    def _authenticate(self, authorization: str) -> None:
        """Raises: InvalidToken; TryAgain if the keys cannot be read, and so nothing is known about the token."""
        if not self._service.settings.requires_webhook_tokens:
            return
        try:
            validate(authorization, self._service.settings, self._keys, self._service.now())
        except Unavailable as error:
            raise TryAgain from error

    def _process(self, event: WebhookEvent, document: Mapping[str, Any]) -> tuple[Answer, str]:
        """Return the answer to a notification, and the key of a job that waits for it to be sent."""
        operation_id = event.id.lower() or self._find_key(event, document)
        answer = self._repeat(operation_id)
        if answer is not None:
            return answer, ""
        answer = self._decide(event)
        if not answer.decision:
            return answer, ""
        return self._keep(event, operation_id, document, answer)

    def _find_key(self, event: WebhookEvent, document: Mapping[str, Any]) -> str:
        """Return a key for a notification without an id: the same for one that is repeated soon."""
        hour = "" if event.time else self._service.now().strftime("%Y-%m-%dT%H")
        text = json.dumps([document, hour], sort_keys=True)
        return f"digest-{hashlib.sha256(text.encode()).hexdigest()[:40]}"

    def _repeat(self, operation_id: str) -> Answer | None:
        """Return the answer that an earlier delivery got, and count this one."""
        with self._service.database.reading() as session:
            row = session.get(tables.Webhook, operation_id)
        if row is None:
            return None
        with self._service.database.transaction() as session:
            statement = update(tables.Webhook).where(tables.Webhook.operation_id == operation_id)
            session.execute(statement.values(deliveries=tables.Webhook.deliveries + 1))
        return Answer(row.http_status, row.decision, row.reason, "repeated")

    # --- Decisions

    def _decide(self, event: WebhookEvent) -> Answer:
        if event.action in CHANGES:
            return self._decide_change(event)
        if event.action == Action.REINSTATE:
            return Answer(200, "accepted")
        return Answer(200, "noted" if event.action in NOTICES else "unknown")

    def _decide_change(self, event: WebhookEvent) -> Answer:
        """Decide on a change of plan or seats, of which the marketplace's own operation is believed."""
        deadline = time.monotonic() + LOOK_BACK_SECONDS
        operation = self._wait(lambda: self._look_back(event, deadline), LOOK_BACK_SECONDS)
        if operation is None:
            return self._decide_unseen(event)
        if operation.action != event.action or not _is_of(operation, event.subscription_id):
            return Answer(400, reason="the marketplace's operation is another one", label="operation")
        with self._service.database.reading() as session:
            row = subscriptions.find(session, event.subscription_id)
        if operation.is_ended or operation.source == OperationSource.PARTNER:
            decision = "reverted" if _is_revert(operation, row, event) else "noted"
            return Answer(200, decision, operation=operation)
        if row is None:
            reason = "this service does not have the subscription"
            return Answer(400, "refused", reason, "unknown_subscription", operation)
        return self._apply_policy(operation, row, deadline)

    def _decide_unseen(self, event: WebhookEvent) -> Answer:
        """Decide on a change whose operation the marketplace does not show: nothing of it is believed."""
        with self._service.database.reading() as session:
            is_own = changes.is_under_way(session, event.subscription_id.lower())
        is_nameless = not event.id and self._service.settings.changes == "accept"
        if is_own or is_nameless:
            return Answer(200, "noted")
        return Answer(400, reason="the marketplace has no such operation", label="operation")

    def _apply_policy(self, operation: Operation, row: tables.Subscription, deadline: float) -> Answer:
        """Decide as the publisher has set it. What sets back a refused change is always accepted."""
        policy = self._service.settings.changes
        if policy == "accept":
            return Answer(200, "accepted", operation=operation)
        remaining = deadline - time.monotonic()
        if self._wait(lambda: self._is_current(operation, row.id, deadline), remaining):
            return Answer(200, "reverted", operation=operation)
        decision = (
            Decision(accepted=False, reason="the publisher refuses all changes")
            if policy == "refuse"
            else self._ask(operation, row)
        )
        if decision.accepted:
            return Answer(200, "accepted", decision.reason, operation=operation)
        return Answer(400, "refused", decision.reason or "the publisher refuses it", policy, operation)

    def _wait(self, work: Callable[[], T], seconds: float) -> T:
        """Return the result of something that asks the marketplace. Raises: TryAgain if that fails or takes long."""
        try:
            return self._marketplace.submit(work).result(max(seconds, 0.0))
        except (TimeoutError, PartnerCenterError) as error:
            raise TryAgain from error

    def _look_back(self, event: WebhookEvent, deadline: float) -> Operation | None:
        """Return the marketplace's operation; None if it has none. A fresh one may show a moment late."""
        operation = self._read_operation(event, deadline)
        if operation is None and deadline - time.monotonic() > VISIBLE_SECONDS:
            time.sleep(VISIBLE_SECONDS)
            operation = self._read_operation(event, deadline)
        return operation

    def _read_operation(self, event: WebhookEvent, deadline: float) -> Operation | None:
        client = self._service.client
        try:
            if event.id:
                return client.get_operation(
                    event.subscription_id, event.id, timeout_seconds=max(deadline - time.monotonic(), 0.1)
                )
            outstanding = client.list_operations(event.subscription_id)
        except (Invalid, NotFound):
            return None
        return next((operation for operation in outstanding if operation.action == event.action), None)

    def _is_current(self, operation: Operation, subscription_id: str, deadline: float) -> bool:
        """Return whether an operation asks for what the subscription has: it sets back a refused change."""
        subscription = self._service.client.get_subscription(
            subscription_id, timeout_seconds=max(deadline - time.monotonic(), 0.1)
        )
        if operation.action == Action.CHANGE_PLAN:
            return operation.plan_id == subscription.plan_id
        return operation.quantity == subscription.quantity

    def _ask(self, operation: Operation, row: tables.Subscription) -> Decision:
        """Return the decision of the publisher's handler. Raises: TryAgain if it has none in time."""
        event = events.build_event(
            "subscription.change_requested",
            row,
            now=self._service.now(),
            key=operation.id,
            data={"action": operation.action, **changes.describe_target(operation, row)},
        )
        question = self._questions.submit(self._service.handlers.decide, event)
        try:
            error = question.exception(DECISION_SECONDS)
        except TimeoutError as late:
            raise TryAgain from late
        if isinstance(error, Refused):
            return Decision(accepted=False, reason=str(error))
        if error is not None:
            logger.warning("webhook: the handler failed to decide: %s", type(error).__name__)
            raise TryAgain from error
        return question.result()

    # --- Inbox

    def _keep(
        self, event: WebhookEvent, operation_id: str, document: Mapping[str, Any], answer: Answer
    ) -> tuple[Answer, str]:
        """Write a notification and its answer, with the jobs that follow from it.

        A second delivery that arrived at the same time may have been first: then its answer is the answer.
        """
        now, subscription_id = self._service.now(), event.subscription_id.lower()
        operation = answer.operation
        row = {
            "operation_id": operation_id,
            "subscription_id": subscription_id,
            "action": _clean(event.action),
            "source": _clean((operation.source if operation else "") or event.source),
            "payload": {**document},
            "received_at": now,
            "deliveries": 1,
            "http_status": answer.status,
            "decision": answer.decision,
            "reason": answer.reason,
        }
        with self._service.database.transaction() as session:
            insert = insert_missing(session, tables.Webhook, row, "operation_id")
            is_first = session.scalar(insert.returning(tables.Webhook.operation_id)) is not None
            key = self._add_consequences(session, event, operation_id, answer) if is_first else ""
        if is_first:
            return answer, key
        return self._repeat(operation_id) or answer, ""

    def _add_consequences(
        self, session: Session, event: WebhookEvent, operation_id: str, answer: Answer
    ) -> str:
        """Add the jobs, history and events of a notification. Return the key of a job that waits for the answer."""
        now, subscription_id, operation = self._service.now(), event.subscription_id.lower(), answer.operation
        row = subscriptions.find(session, subscription_id)
        if operation is not None and row is not None and answer.decision in ("accepted", "refused"):
            details = {**changes.describe_target(operation, row), "operation_id": operation_id}
            details |= {"reason": answer.reason} if answer.reason else {}
            action = f"{CHANGES[Action(operation.action)]} {answer.decision}"
            subscriptions.add_history(session, subscription_id, "service", action, now=now, details=details)
        if answer.decision == "unknown":
            logger.warning("webhook: an unknown action was kept", extra={"operation_id": operation_id})
            data = {"action": _clean(event.action), "operation_id": operation_id}
            events.emit(session, "subscription.unknown_action", row, now=now, key=operation_id, data=data)
        waits = operation is not None and operation.status == OperationStatus.IN_PROGRESS
        if event.action == Action.REINSTATE or (waits and answer.status == 200):
            is_own = operation is not None and operation.source == OperationSource.PARTNER
            if is_own:
                return changes.follow(session, subscription_id, operation_id, now=now)
            target = operation.id if operation else event.id
            return changes.acknowledge(session, subscription_id, target, webhook=operation_id, now=now)
        expected = EXPECTED.get(event.action, {})
        term = event.subscription.term if event.subscription else None
        if event.action == Action.RENEW and term is not None and term.start is not None:
            expected = {"term_start": term.start.isoformat()}
        changes.add_convergence(session, subscription_id, operation_id, now=now, expected=expected)
        return ""


# --- Reading


class _Malformed(Exception):
    """A request that is no notification."""


def _parse(body: bytes) -> dict[str, Any]:
    try:
        document = parse_json(body)
    except (ValueError, RecursionError):
        raise _Malformed("no JSON") from None
    if not isinstance(document, dict):
        raise _Malformed("no JSON object")
    return document


def _read_event(document: Mapping[str, Any]) -> WebhookEvent:
    """Return a notification: its action and subscription are required, what else is odd is left out."""
    minimal = {name: value for name, value in document.items() if str(name).strip().lower() in MINIMAL}
    event = None
    for members in (document, minimal):
        try:
            event = WebhookEvent.from_json(members, "webhook")
            break
        except ContractError:
            continue
    if event is None or not event.action:
        raise _Malformed("subscriptionId and action are required")
    for identifier in filter(None, (event.id, event.subscription_id)):
        if not re.fullmatch(r"[\w-]{1,64}", identifier, re.ASCII):
            raise _Malformed("id and subscriptionId are ids")
    return event


def _clean(text: str) -> str:
    """Return a word of the marketplace's as a column takes it."""
    return re.sub(r"[^\w.-]", "?", text, flags=re.ASCII)[:64]


def _is_of(operation: Operation, subscription_id: str) -> bool:
    return operation.subscription_id.lower() in ("", subscription_id.lower())


def _is_revert(operation: Operation, row: tables.Subscription | None, event: WebhookEvent) -> bool:
    """Return whether an operation sets back a change that was refused: it ends at the value of before."""
    if row is None or operation.source == OperationSource.PARTNER:
        return False
    target, current = (
        (operation.plan_id, row.plan_id)
        if operation.action == Action.CHANGE_PLAN
        else (operation.quantity, row.quantity)
    )
    return target == current and (event.subscription is None or event.is_revert)
