"""What happens to subscriptions: from the customer's and the marketplace's side, and by the clock."""

from __future__ import annotations

from dataclasses import replace

from ..state import Document, Store
from . import behaviour, operations, subscriptions
from .operations import AZURE, SUCCEEDED
from .subscriptions import ACTIVE, CANCELLED, SUSPENDED

__all__ = ["cancel", "reinstate", "renew", "settle", "settle_all", "suspend"]


def settle_all(store: Store) -> None:
    for subscription in subscriptions.list_all(store):
        settle(store, subscription.id)


def settle(store: Store, id: str) -> Document | None:
    """Do what became due for a subscription since the last call, each at its time; return it as it is now."""
    while True:
        subscription = subscriptions.find(store, id)
        if subscription is None:
            return None
        operation = operations.find_pending(store, id)
        state_due = subscription.body.get("due")
        operation_due = operation.body["due"] if operation else None
        due = min((time for time in (state_due, operation_due) if time is not None), default=None)
        if due is None or due > store.clock():
            return subscription
        if operation is not None and operation_due == due:
            operations.finish(store, operation, SUCCEEDED, due)
        elif subscription.stage == ACTIVE and subscription.body["autoRenew"]:
            renew(store, subscription, due)
        else:
            cancel(store, subscription, due)


def renew(store: Store, subscription: Document, at: float) -> Document:
    """Begin the next term of an active subscription; the first after a free trial is paid."""
    facts, term = subscriptions.renew_term(subscription.body, store.clock())
    moved = replace(subscription, body={**subscription.body, **facts})
    renewed = subscriptions.change(store, moved, {"term": term, "isFreeTrial": False}, at)
    return operations.notify(store, renewed, "Renew", at)


def suspend(store: Store, subscription: Document, at: float) -> Document:
    """Suspend an active subscription, whose payment failed. The payload still shows it active."""
    operations.revoke(store, subscription.id, at)
    suspended = subscriptions.enter(store, subscription, SUSPENDED, at)
    return operations.notify(store, suspended, "Suspend", at, snapshot=subscription)


def reinstate(store: Store, subscription: Document, at: float) -> Document:
    """Reinstate a suspended subscription, once the publisher has agreed, or has been silent."""
    if behaviour.is_so(store, "reinstate", "InProgress"):
        return operations.begin(store, subscription, "Reinstate", AZURE, at)
    active = subscriptions.enter(store, subscription, ACTIVE, at)
    return operations.notify(store, active, "Reinstate", at, snapshot=subscription)


def cancel(store: Store, subscription: Document, at: float) -> Document:
    """Cancel a subscription, in any state but the last."""
    operations.revoke(store, subscription.id, at)
    cancelled = subscriptions.enter(store, subscription, CANCELLED, at)
    is_documented = behaviour.is_so(store, "webhook_form", "documented")
    snapshot = cancelled if is_documented else subscription
    return operations.notify(store, cancelled, "Unsubscribe", at, snapshot=snapshot)
