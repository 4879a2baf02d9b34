"""The customer's and the marketplace's side: purchases, tokens for the landing page, changes.

Every function about a subscription first brings it up to the clock. It runs inside a transaction of its caller.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ..control_input import BadInput, Parameters
from ..state import Document, Store
from ..users import CUSTOMER_OBJECT, CUSTOMER_TENANT, RESELLER_OBJECT, RESELLER_TENANT
from . import events, operations, subscriptions
from .catalog import require_offer
from .offers import Guid, Offer, Plan
from .operations import AZURE
from .subscriptions import ACTIVE, PENDING, SUSPENDED
from .times import DAY, timestamp

__all__ = [
    "Identity",
    "Purchase",
    "cancel",
    "change",
    "find_by_token",
    "new_token",
    "purchase",
    "reinstate",
    "renew",
    "require_subscription",
    "suspend",
]

TOKEN_KIND, TOKEN_SECONDS = "saastoken", DAY


class Identity(Parameters):
    """A person in a tenant."""

    email: str = "dana@fabrikam.example"
    object_id: Guid = CUSTOMER_OBJECT
    tenant_id: Guid = CUSTOMER_TENANT
    puid: str = "1003200112233445"

    def describe(self) -> dict[str, str]:
        return {
            "emailId": self.email,
            "objectId": self.object_id,
            "tenantId": self.tenant_id,
            "puid": self.puid,
        }


RESELLER = Identity(
    email="orders@reseller.example",
    object_id=RESELLER_OBJECT,
    tenant_id=RESELLER_TENANT,
    puid="1003200199887766",
)


@dataclass(frozen=True)
class Purchase:
    """A purchased subscription, its token, and the address that the customer's browser is sent to."""

    subscription: Document
    token: str
    landing_page: str


def purchase(
    store: Store,
    offer_id: str,
    plan_id: str,
    *,
    quantity: int | None = None,
    name: str = "",
    term_unit: str = "",
    beneficiary: Identity | None = None,
    purchaser: Identity | None = None,
    csp: bool = False,
    free_trial: bool = False,
    auto_renew: bool = True,
) -> Purchase:
    """Buy a plan. With `csp` a reseller buys it for the customer. Raises: BadInput."""
    offer = require_offer(store, offer_id)
    plan = _require_plan(offer, plan_id)
    customer = beneficiary or Identity()
    buyer = purchaser or (RESELLER if csp else customer)
    if not plan.is_for(customer.tenant_id):
        raise BadInput(f"plan_id: {plan_id} is private, and not for the tenant {customer.tenant_id}")
    units = [term.term_unit for term in plan.terms]
    if term_unit and term_unit not in units:
        raise BadInput(f"term_unit: must be one of {', '.join(units)}, not {term_unit!r}")
    if free_trial and not plan.has_free_trial:
        raise BadInput(f"free_trial: plan {plan_id} has none")
    seats = _check_seats(plan, quantity)
    fresh = _build_subscription(store, offer, plan, term_unit or units[0])
    fresh.body |= {
        "name": name or f"{offer.display_name or offer.offer_id} - {plan.display_name or plan.plan_id}",
        "beneficiary": customer.describe(),
        "purchaser": buyer.describe(),
        **({} if seats is None else {"quantity": seats}),
        "autoRenew": auto_renew,
        "isFreeTrial": free_trial,
        "allowedCustomerOperations": ["Read"] if csp else ["Read", "Update", "Delete"],
    }
    now = store.clock()
    subscription = subscriptions.enter(store, fresh, ACTIVE if plan.auto_activation else PENDING, now)
    if plan.auto_activation:
        operations.notify(store, subscription, "Subscribe", now)
    token = _create_token(store, subscription)
    return Purchase(subscription, token, _landing_page(offer, token))


def _build_subscription(store: Store, offer: Offer, plan: Plan, term_unit: str) -> Document:
    """A document without what the customer decides; members of the wire in the service's order."""
    now, id = store.clock(), store.ids.guid()
    body: dict[str, Any] = {
        "id": id,
        "publisherId": offer.publisher_id,
        "offerId": offer.offer_id,
        "name": "",
        "saasSubscriptionStatus": "",
        "beneficiary": {},
        "purchaser": {},
        "planId": plan.plan_id,
        "term": {"termUnit": term_unit},
        "autoRenew": True,
        "isTest": False,
        "isFreeTrial": False,
        "allowedCustomerOperations": [],
        "sandboxType": "None",
        "sessionMode": "None",
        "created": timestamp(now),
        "lastModified": timestamp(now),
        "term_unit": term_unit,
        "trial_unit": plan.trial_unit,
        "plans": [[plan.plan_id, now]],
    }
    return Document(subscriptions.KIND, id, body, stage="")


def new_token(store: Store, subscription_id: str) -> tuple[str, str]:
    """A fresh token and landing page address of a subscription, as for *manage account*. Raises: BadInput."""
    subscription = require_subscription(store, subscription_id)
    token = _create_token(store, subscription)
    return token, _landing_page(require_offer(store, subscription.body["offerId"]), token)


def find_by_token(store: Store, token: str) -> Document | None:
    """Return the subscription of a token that has not expired."""
    document = store.find(TOKEN_KIND, _digest(token))
    if document is None or document.body["expires_at"] <= store.clock():
        return None
    return subscriptions.find(store, document.scope)


def _create_token(store: Store, subscription: Document) -> str:
    """Create an opaque token with `+`, `/` and `=`, and forget the expired ones. Only its digest is kept."""
    token = ""
    while "+" not in token or "/" not in token:
        token = base64.b64encode(b"".join(store.ids.digest() for _ in range(8))).decode()
    for document in store.select(TOKEN_KIND, scope=subscription.id):
        if document.body["expires_at"] <= store.clock():
            store.delete(kind=TOKEN_KIND, id=document.id)
    body = {"expires_at": store.clock() + TOKEN_SECONDS}
    store.save(Document(TOKEN_KIND, _digest(token), body, scope=subscription.id, stage=""))
    return token


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _landing_page(offer: Offer, token: str) -> str:
    separator = "&" if "?" in offer.landing_page_url else "?"
    return f"{offer.landing_page_url}{separator}token={quote(token, safe='')}"


def change(store: Store, subscription_id: str, *, plan_id: str = "", quantity: int | None = None) -> Document:
    """Ask for another plan or quantity as the customer; the publisher may refuse. Raises: BadInput."""
    subscription = _require_state(store, subscription_id, ACTIVE)
    if bool(plan_id) is (quantity is not None):
        raise BadInput("plan_id, quantity: exactly one of them must be given")
    _refuse_lock(store, subscription)
    offer = require_offer(store, subscription.body["offerId"])
    now = store.clock()
    if plan_id:
        plan = _require_plan(offer, plan_id)
        if not plan.is_for(subscription.body["beneficiary"]["tenantId"]):
            raise BadInput(f"plan_id: {plan_id} is private, and not for this customer")
        if plan_id == subscription.body["planId"]:
            raise BadInput(f"plan_id: it is {plan_id} already")
        if plan.is_price_per_seat:
            _check_seats(plan, subscription.body["quantity"])
        return operations.begin(store, subscription, "ChangePlan", AZURE, now, plan_id=plan_id)
    seats = _check_seats(_require_plan(offer, subscription.body["planId"]), quantity)
    if seats == subscription.body.get("quantity"):
        raise BadInput(f"quantity: it is {seats} already")
    return operations.begin(store, subscription, "ChangeQuantity", AZURE, now, quantity=seats)


def suspend(store: Store, subscription_id: str) -> Document:
    """Suspend an active subscription, whose payment failed. Raises: BadInput."""
    return events.suspend(store, _require_state(store, subscription_id, ACTIVE), store.clock())


def reinstate(store: Store, subscription_id: str) -> Document:
    """Reinstate a suspended subscription, which is paid again. Raises: BadInput."""
    subscription = _require_state(store, subscription_id, SUSPENDED)
    _refuse_lock(store, subscription)
    return events.reinstate(store, subscription, store.clock())


def renew(store: Store, subscription_id: str) -> Document:
    """Begin the next term of an active subscription before its time. Raises: BadInput."""
    return events.renew(store, _require_state(store, subscription_id, ACTIVE), store.clock())


def cancel(store: Store, subscription_id: str) -> Document:
    """Cancel a subscription as the customer. Raises: BadInput."""
    return events.cancel(
        store, _require_state(store, subscription_id, PENDING, ACTIVE, SUSPENDED), store.clock()
    )


def require_subscription(store: Store, subscription_id: str) -> Document:
    """Return a subscription as it is now. Raises: BadInput."""
    subscription = events.settle(store, subscription_id)
    if subscription is None:
        raise BadInput(f"subscription: must be the id of a subscription that exists, not {subscription_id!r}")
    return subscription


def _require_state(store: Store, subscription_id: str, *states: str) -> Document:
    subscription = require_subscription(store, subscription_id)
    if subscription.stage not in states:
        raise BadInput(f"subscription: it is {subscription.stage}, and must be {' or '.join(states)}")
    return subscription


def _refuse_lock(store: Store, subscription: Document) -> None:
    if operation := operations.find_pending(store, subscription.id):
        raise BadInput(f"subscription: locked by the pending {operation.body['action']} {operation.id}")


def _require_plan(offer: Offer, plan_id: str) -> Plan:
    plan = offer.find_plan(plan_id)
    if plan is None:
        names = ", ".join(plan.plan_id for plan in offer.plans)
        raise BadInput(f"plan_id: must be one of {names}, not {plan_id!r}")
    return plan


def _check_seats(plan: Plan, quantity: int | None) -> int | None:
    """Return the seats: those asked for, else the least; none for a flat rate. Raises: BadInput."""
    if not plan.is_price_per_seat:
        if quantity is not None:
            raise BadInput(f"quantity: plan {plan.plan_id} has a flat rate")
        return None
    seats = plan.min_quantity if quantity is None else quantity
    if not plan.min_quantity <= seats <= plan.max_quantity:
        raise BadInput(f"quantity: must be from {plan.min_quantity} to {plan.max_quantity}, not {seats}")
    return seats
