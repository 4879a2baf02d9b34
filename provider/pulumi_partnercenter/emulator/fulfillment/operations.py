"""Operations: changes that wait for the publisher, changes of its own, and notifications.

The stage of a document is its status. A subscription has one operation in progress at most: it locks the others out.
`due` is when one in progress ends by itself, in seconds of the emulator's clock; None: when its webhook is answered.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from ..state import Document, Store
from . import behaviour, subscriptions, webhooks
from .catalog import find_offer
from .times import timestamp

__all__ = [
    "CHANGES",
    "KIND",
    "Outcome",
    "begin",
    "conclude",
    "describe",
    "find_pending",
    "finish",
    "is_visible",
    "list_of",
    "notify",
    "record",
    "revoke",
]

KIND = "saasoperation"
Outcome = Literal["delivered", "refused", "undelivered"]
CHANGES = ("ChangePlan", "ChangeQuantity")
IN_PROGRESS, SUCCEEDED, FAILED = "InProgress", "Succeeded", "Failed"
AZURE, PARTNER = "Azure", "Partner"
DECISION_SECONDS = 10.0
INTERNAL = ("due", "listed_at", "source")


def list_of(store: Store, subscription: str) -> list[Document]:
    """Return the operations of a subscription, oldest first."""
    return store.select(KIND, scope=subscription)


def find_pending(store: Store, subscription: str) -> Document | None:
    """Return the operation in progress of a subscription."""
    return next(iter(store.select(KIND, scope=subscription, stage=IN_PROGRESS)), None)


def begin(
    store: Store,
    subscription: Document,
    action: str,
    source: str,
    at: float,
    *,
    plan_id: str = "",
    quantity: int | None = None,
) -> Document:
    """Begin an operation that ends later. The publisher's own ends by itself, without delay at once."""
    delay = behaviour.read(store).delay_seconds
    operation = _save_new(store, subscription, action, source, IN_PROGRESS, at, plan_id, quantity)
    operation.body["due"] = at + delay if source == PARTNER else None
    store.save(operation)
    if source == PARTNER:
        if action in CHANGES and behaviour.is_so(store, "partner_webhook", "sent"):
            webhooks.enqueue(store, operation, build_payload(store, operation, subscription))
        return finish(store, operation, SUCCEEDED, at) if not delay else operation
    if not webhooks.enqueue(store, operation, build_payload(store, operation, subscription)):
        conclude(store, operation.id, "delivered")
    return _require(store, operation.id)


def notify(
    store: Store,
    subscription: Document,
    action: str,
    at: float,
    source: str = AZURE,
    *,
    snapshot: Document | None = None,
) -> Document:
    """Tell the publisher what has happened. `snapshot` is the subscription that the payload shows."""
    operation = _save_new(store, subscription, action, source, SUCCEEDED, at, "", None)
    webhooks.enqueue(store, operation, build_payload(store, operation, snapshot or subscription))
    return operation


def record(store: Store, subscription: Document, action: str, source: str, at: float) -> Document:
    """Record an operation that has succeeded and changed nothing."""
    return _save_new(store, subscription, action, source, SUCCEEDED, at, "", None)


def conclude(store: Store, operation_id: str, outcome: Outcome) -> None:
    """Go on with an operation whose webhook was answered, refused, or given up. The publisher's own go on anyway."""
    operation = store.find(KIND, operation_id)
    if operation is None or operation.stage != IN_PROGRESS or operation.body["source"] == PARTNER:
        return
    if outcome == "undelivered":
        _fail(store, operation, "Undelivered", "The webhook could not be delivered.", store.clock())
    elif outcome == "refused" and operation.body["action"] in CHANGES:
        ended = _fail(store, operation, "Refused", "The publisher refused the change.", store.clock())
        _notify_of_revert(store, ended)
    elif operation.body["due"] is None:
        operation.body["due"] = store.clock() + DECISION_SECONDS
        store.save(operation)


def _notify_of_revert(store: Store, operation: Document) -> None:
    """Tell the publisher that the old plan or quantity stays: top and nested value are the same."""
    if operation.body["action"] in CHANGES and behaviour.is_so(store, "revert", "notified"):
        subscription = _require_subscription(store, operation)
        notify(store, subscription, operation.body["action"], store.clock())


def finish(store: Store, operation: Document, status: str, at: float) -> Document:
    """End an operation in progress. Success changes the subscription; after a failure its old value is sent."""
    if status == FAILED:
        ended = _fail(store, operation, "Rejected", "The publisher rejected the operation.", at)
        _notify_of_revert(store, ended)
        return ended
    ended = _end(store, operation, SUCCEEDED, at)
    subscription, body = _require_subscription(store, operation), operation.body
    if body["action"] == "ChangePlan":
        _change_plan(store, subscription, body["planId"], at)
    elif body["action"] == "ChangeQuantity":
        subscriptions.change(store, subscription, {"quantity": body["quantity"]}, at)
    elif body["action"] == "Reinstate":
        subscriptions.enter(store, subscription, subscriptions.ACTIVE, at)
    elif body["action"] == "Unsubscribe":
        cancelled = subscriptions.enter(store, subscription, subscriptions.CANCELLED, at)
        if behaviour.is_so(store, "partner_webhook", "sent"):
            webhooks.enqueue(store, ended, build_payload(store, ended, cancelled))
    return ended


def revoke(store: Store, subscription: str, at: float) -> None:
    """Fail what is in progress: the subscription changes its state, so that no update can follow."""
    if operation := find_pending(store, subscription):
        _fail(store, operation, "Revoked", "The state of the subscription has changed.", at)


def _change_plan(store: Store, subscription: Document, plan_id: str, at: float) -> None:
    body = subscription.body
    offer = find_offer(store, body["offerId"])
    plan = offer.find_plan(plan_id) if offer else None
    units = [term.term_unit for term in plan.terms] if plan else []
    if units and body["term_unit"] not in units:
        body = {**body, "term_unit": units[0]}
    history = [*body["plans"], [plan_id, at]]
    changed = replace(subscription, body={**body, "plans": history})
    subscriptions.change(store, changed, {"planId": plan_id}, at)


def _fail(store: Store, operation: Document, code: str, message: str, at: float) -> Document:
    operation.body.update(errorStatusCode=code, errorMessage=message)
    return _end(store, operation, FAILED, at)


def _end(store: Store, operation: Document, status: str, _at: float) -> Document:
    ended = replace(operation, stage=status, body={**operation.body, "status": status, "due": None})
    store.save(ended)
    return ended


def _save_new(
    store: Store,
    subscription: Document,
    action: str,
    source: str,
    status: str,
    at: float,
    plan_id: str,
    quantity: int | None,
) -> Document:
    body, wire = subscription.body, {}
    seats = quantity if quantity is not None else body.get("quantity")
    if seats is not None:
        wire["quantity"] = seats
    settings = behaviour.read(store)
    operation = {
        "id": store.ids.guid(),
        "activityId": store.ids.guid(),
        "subscriptionId": subscription.id,
        "offerId": body["offerId"],
        "publisherId": body["publisherId"],
        "planId": plan_id or body["planId"],
        **wire,
        "action": action,
        "timeStamp": timestamp(at),
        "status": status,
        "errorStatusCode": "",
        "errorMessage": "",
        "source": source,
        "due": None,
        "listed_at": at + settings.delay_seconds,
    }
    document = Document(KIND, operation["id"], operation, scope=subscription.id, stage=status)
    store.save(document)
    return document


def is_visible(store: Store, operation: Document) -> bool:
    """Whether reads show an operation yet: fresh ones take a while where changes show late."""
    is_late = behaviour.is_so(store, "fresh_operations", "late")
    return not is_late or bool(operation.body["listed_at"] <= store.clock())


def describe(store: Store, operation: Document) -> dict[str, Any]:
    """The operation as a read shows it."""
    wire = {name: value for name, value in operation.body.items() if name not in INTERNAL}
    source = "operationRequestedSource" if _is_misspelled(store) else "operationRequestSource"
    return {**wire, source: operation.body["source"]}


def _is_misspelled(store: Store) -> bool:
    return behaviour.is_so(store, "source_member", "operationRequestedSource")


def build_payload(store: Store, operation: Document, snapshot: Document) -> dict[str, Any]:
    """The body of a webhook. `snapshot` is the subscription before the change, or as the action says."""
    body = {**snapshot.body, "earlier": None}
    subscription = subscriptions.describe(store, replace(snapshot, body=body))
    if behaviour.is_so(store, "webhook_form", "operation"):
        wire = describe(store, operation)
        if operation.body["action"] != "ChangeQuantity":
            wire.pop("quantity", None)
        return {**wire, "subscription": subscription, "purchaseToken": None}
    subscription.setdefault("quantity", None)
    subscription["term"] = {**subscription.get("term", {}), "chargeDuration": None}
    wire = describe(store, operation)
    for member in ("errorStatusCode", "errorMessage"):
        wire.pop(member)
    return {"quantity": 1, **wire, "subscription": subscription, "purchaseToken": None}


def _require(store: Store, id: str) -> Document:
    operation = store.find(KIND, id)
    assert operation is not None, "operations are never deleted one by one"
    return operation


def _require_subscription(store: Store, operation: Document) -> Document:
    subscription = subscriptions.find(store, operation.scope)
    assert subscription is not None, "subscriptions are never deleted one by one"
    return subscription
